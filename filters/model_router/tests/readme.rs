//! The README: its reference is made from the comments of `src/config.rs`, and every configuration in it is loaded.
//! `UPDATE=1 cargo test -p modelgate-model-router --test readme` writes the reference anew.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use model_router::ModelRouter;
use plugin::Plugin;
use serde_json::Value;
use std::fs;
use std::path::Path;
use testkit::readme::{Reference, hold_reference, yaml_blocks};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config.rs");

/// The structs of the configuration and the path at which each stands.
const PATHS: [(&str, &str); 7] = [
    ("Config", ""),
    ("OwnedHeaders", "headers."),
    ("Policy", "policies.<name>."),
    ("Model", "….models[]."),
    ("Version", "….versions[]."),
    ("Sticky", "….sticky."),
    ("Override", "….override."),
];

#[test]
fn the_reference_is_that_of_the_types() {
    let shared =
        ["crates/plugin/src/settings.rs", "crates/policy/src/raw.rs"].map(|file| testkit::repository().join(file));
    let files = [&[CONFIG.into()], shared.as_slice()].concat();
    hold_reference(Path::new(README), &Reference::new(&files).table(&PATHS));
}

/// The router's configuration in a manifest: that of Envoy's filter, of a `WasmPlugin`, or the document itself.
fn configuration(document: Value) -> Value {
    let in_envoy = document.pointer("/typed_config/config/configuration/value");
    match in_envoy.or_else(|| document.pointer("/spec/pluginConfig")) {
        Some(Value::String(text)) => serde_yaml_ng::from_str(text).unwrap(),
        Some(config) => config.clone(),
        None => document,
    }
}

#[test]
fn every_configuration_loads() {
    let blocks = yaml_blocks(Path::new(README));
    assert!(blocks.len() >= 3, "the README has examples");
    for block in blocks {
        let config = configuration(block);
        if let Err(faults) = ModelRouter::configure(config.to_string().as_bytes()) {
            panic!("{faults}\nin:\n{config:#}");
        }
    }
}

/// Every code that the router refuses with stands in the README, and no other.
#[test]
fn every_refusal_is_listed() {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/refusal.rs")).unwrap();
    let readme = fs::read_to_string(README).unwrap();
    let codes = source.split("invalid(\"").skip(1).chain(source.split("with_code(\"").skip(1));
    for code in codes.map(|rest| rest.split('"').next().unwrap()) {
        assert!(readme.contains(&format!("| `{code}` |")), "{code} is not in the table of answers");
    }
}
