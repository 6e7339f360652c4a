//! The probe's cases, natively.

#[test]
fn natively() {
    testkit::native::<probe::Probe>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}
