//! The README: its reference is made from the comments of `src/config.rs`, and every configuration in it is loaded.
//! `UPDATE=1 cargo test -p modelgate-semantic-cache --test readme` writes the reference anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use plugin::Plugin;
use semantic_cache::SemanticCache;
use serde_json::Value;
use std::fs;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config.rs");
const START: &str = "<!-- made from src/config.rs -->\n";
const END: &str = "<!-- end -->\n";

/// The structs of the configuration and the path at which each stands.
const PATHS: [(&str, &str); 4] =
    [("Config", ""), ("Service", "service."), ("Policy", "policies.<name>."), ("Bypass", "….bypass.")];

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
    for block in readme.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap()) {
        let config: Value = serde_yaml_ng::from_str(block).unwrap();
        SemanticCache::configure(config.to_string().as_bytes())
            .unwrap_or_else(|faults| panic!("{faults}\nin:\n{block}"));
    }
}

/// Every reason of the code stands in the README.
#[test]
fn every_reason_is_listed() {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/question/mod.rs")).unwrap();
    let readme = fs::read_to_string(README).unwrap();
    for name in source.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split('"').nth(1)) {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
