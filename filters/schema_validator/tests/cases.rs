//! The validator's cases, natively.

use schema_validator::SchemaValidator;

#[test]
fn natively() {
    testkit::native::<SchemaValidator>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

#[cfg(feature = "custom")]
#[test]
fn with_schemas_of_the_operators_own() {
    testkit::native::<SchemaValidator>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases/custom"));
}
