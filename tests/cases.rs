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
