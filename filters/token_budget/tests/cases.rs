//! Every case of this filter on the native core. `tests/cases.rs` of the workspace runs the same through a real Envoy.
#![allow(missing_docs)]

#[test]
fn cases() {
    testkit::native::<token_budget::TokenBudget>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}
