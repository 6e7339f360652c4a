//! The README: its reference is made from the comments of `src/config.rs`, and every configuration in it is loaded.
//! `UPDATE=1 cargo test -p modelgate-token-budget --test readme` writes the reference anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use plugin::Plugin;
use serde_json::Value;
use std::fs;
use token_budget::TokenBudget;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config.rs");
const START: &str = "<!-- made from src/config.rs -->\n";
const END: &str = "<!-- end -->\n";

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

/// A table of all keys with the comments of their fields.
fn reference() -> String {
    let source = fs::read_to_string(CONFIG).unwrap();
    let mut table = String::from("| key | |\n|---|---|\n");
    for (name, path) in PATHS {
        let body = source.split(&format!("pub struct {name} {{\n")).nth(1).unwrap().split("\n}\n").next().unwrap();
        let mut comment = Vec::new();
        for line in body.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("///") {
                comment.push(text.trim());
            } else if let Some(field) = line.strip_prefix("pub ") {
                let key = field.split(':').next().unwrap();
                table += &format!("| `{path}{key}` | {} |\n", comment.join(" ").replace('|', "\\|"));
                comment.clear();
            }
        }
    }
    table
}

#[test]
fn the_reference_is_that_of_the_types() {
    let readme = fs::read_to_string(README).unwrap();
    let (before, rest) = readme.split_once(START).expect("the mark where the reference starts");
    let (found, after) = rest.split_once(END).expect("the mark where the reference ends");
    let wanted = reference();
    if found != wanted && std::env::var_os("UPDATE").is_some() {
        fs::write(README, format!("{before}{START}{wanted}{END}{after}")).unwrap();
    } else {
        assert_eq!(found, wanted, "the reference is stale; run this test with UPDATE=1");
    }
}

#[test]
fn every_configuration_loads() {
    let readme = fs::read_to_string(README).unwrap();
    let blocks: Vec<&str> = readme.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 3, "the README has examples");
    for block in blocks {
        let config: Value = serde_yaml_ng::from_str(block).unwrap_or_else(|error| panic!("{error}:\n{block}"));
        if let Err(faults) = TokenBudget::configure(config.to_string().as_bytes()) {
            panic!("{faults}\nin:\n{block}");
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
