//! The filter's cases, natively.

#[test]
fn natively() {
    testkit::native::<semantic_cache::SemanticCache>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}
