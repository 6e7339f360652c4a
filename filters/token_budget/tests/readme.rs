//! The README: its reference is made from the comments of `src/config.rs`, and every configuration in it is loaded.
//! `UPDATE=1 cargo test -p modelgate-token-budget --test readme` writes the reference anew.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use plugin::Plugin;
use std::fs;
use std::path::Path;
use testkit::readme::{Reference, hold_reference, yaml_blocks};
use token_budget::TokenBudget;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config.rs");

/// The structs of the configuration and the path at which each stands.
const PATHS: [(&str, &str); 7] = [
    ("Config", ""),
    ("LocalStore", "local."),
    ("SharedStore", "shared."),
    ("Price", "prices.<model>."),
    ("Estimate", "estimate."),
    ("Policy", "policies.<name>."),
    ("Limit", "….limits[]."),
];

#[test]
fn the_reference_is_that_of_the_types() {
    let shared =
        ["crates/plugin/src/settings.rs", "crates/policy/src/raw.rs"].map(|file| testkit::repository().join(file));
    let files = [&[CONFIG.into()], shared.as_slice()].concat();
    hold_reference(Path::new(README), &Reference::new(&files).table(&PATHS));
}

#[test]
fn every_configuration_loads() {
    let blocks = yaml_blocks(Path::new(README));
    assert!(blocks.len() >= 3, "the README has examples");
    for block in blocks {
        if let Err(faults) = TokenBudget::configure(block.to_string().as_bytes()) {
            panic!("{faults}\nin:\n{block:#}");
        }
    }
}

/// Every code that the filter refuses with stands in the README.
#[test]
fn every_refusal_is_listed() {
    let source = ["/src/refusal.rs", "/src/asked.rs"]
        .map(|file| fs::read_to_string(format!("{}{file}", env!("CARGO_MANIFEST_DIR"))).unwrap())
        .concat();
    let readme = fs::read_to_string(README).unwrap();
    for code in source.split("with_code(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(readme.contains(&format!("| `{code}` |")), "{code} is not in the table of answers");
    }
}
