//! What is wrong with a configuration, each fault with its key.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use plugin::Plugin;
use schema_validator::SchemaValidator;

/// The faults of a configuration with this policy (JSON); empty where there are none.
fn faults(policy: &str) -> String {
    let config = format!(r#"{{"default_policy": "default", "policies": {{"default": {policy}}}}}"#);
    SchemaValidator::configure(config.as_bytes()).err().map(|faults| faults.to_string()).unwrap_or_default()
}

#[test]
fn a_binding_that_matches_all_is_the_last() {
    assert_eq!(faults(r#"{"schemas": [{"match": {"api": ["chat"]}, "request": "none"}, {"request": "none"}]}"#), "");
    assert_eq!(
        faults(r#"{"schemas": [{"request": "none"}, {"match": {"api": ["chat"]}}]}"#),
        "policies.default.schemas[0].match: is empty, so it matches every call and nothing after it is reached; it must be \
         the last"
    );
}

#[test]
fn each_fault_names_its_key() {
    for (policy, expected) in [
        (r#"{"limits": {"max_body_bytes": 0}}"#, "policies.default.limits.max_body_bytes: must be above 0"),
        (r#"{"limits": {"max_depth": 1000}}"#, "policies.default.limits.max_depth: must be at most 128"),
        (r#"{"mode": "strict"}"#, "policies.default.mode: expected one of `enforce`, `report`, `off`"),
        (
            r#"{"tensors": {"dtype": true}}"#,
            "policies.default.tensors.dtype: unknown key; there are `datatype`, `range`, `shape`",
        ),
        (
            r#"{"schemas": [{"request": "order"}]}"#,
            "policies.default.schemas[0].request: is neither one of `schemas` nor `builtin` nor `none`",
        ),
    ] {
        assert_eq!(faults(policy), expected);
    }
}
