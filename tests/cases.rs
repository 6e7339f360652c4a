//! Every case of every filter, through a real Envoy with the real module.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

fn folder(crate_path: &str) -> PathBuf {
    testkit::repository().join(crate_path).join("cases")
}

#[test]
fn probe() {
    testkit::live("tests/probe", folder("tests/probe"));
}

#[path = "../filters/auth/tests/mint/mod.rs"]
mod auth_mint;

#[test]
fn auth() {
    testkit::live("auth", auth_mint::render(folder("filters/auth"), "auth-cases-live"));
}

#[test]
fn model_router() {
    testkit::live("model_router", folder("filters/model_router"));
}

#[test]
fn schema_validator() {
    testkit::live("schema_validator", folder("filters/schema_validator"));
}

/// The same source with the operator's own schemas passes the same cases, and more.
#[test]
fn schema_validator_custom() {
    testkit::live("schema_validator_custom", folder("filters/schema_validator"));
    testkit::live("schema_validator_custom", folder("filters/schema_validator").join("custom"));
}

#[test]
fn pii_guard() {
    testkit::live("pii_guard", folder("filters/pii_guard"));
}

#[test]
fn token_budget() {
    testkit::live("token_budget", folder("filters/token_budget"));
}

#[test]
fn semantic_cache() {
    testkit::live("semantic_cache", folder("filters/semantic_cache"));
}
