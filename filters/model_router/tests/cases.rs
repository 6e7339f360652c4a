//! The router's cases, natively.

#[test]
fn natively() {
    testkit::native::<model_router::ModelRouter>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}
