//! The filter's cases, natively.

#[test]
fn cases() {
    testkit::native::<pii_guard::PiiGuard>(testkit::repository().join("filters/pii_guard/cases"));
}
