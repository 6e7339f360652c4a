//! The filter's cases, natively.

mod mint;

#[test]
fn natively() {
    let folder = mint::render(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"), "auth-cases");
    testkit::native::<auth::Auth>(folder);
}
