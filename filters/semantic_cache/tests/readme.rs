//! The README: its reference is made from the comments of `src/config.rs`, and every configuration in it is loaded.
//! `UPDATE=1 cargo test -p modelgate-semantic-cache --test readme` writes the reference anew.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use plugin::Plugin;
use semantic_cache::SemanticCache;
use std::fs;
use std::path::Path;
use testkit::readme::{Reference, hold_reference, yaml_blocks};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config.rs");

/// The structs of the configuration and the path at which each stands.
const PATHS: [(&str, &str); 4] =
    [("Config", ""), ("Service", "service."), ("Policy", "policies.<name>."), ("Bypass", "….bypass.")];

#[test]
fn the_reference_is_that_of_the_types() {
    let shared =
        ["crates/plugin/src/settings.rs", "crates/policy/src/raw.rs"].map(|file| testkit::repository().join(file));
    let files = [&[CONFIG.into()], shared.as_slice()].concat();
    hold_reference(Path::new(README), &Reference::new(&files).table(&PATHS));
}

#[test]
fn every_configuration_loads() {
    for block in yaml_blocks(Path::new(README)) {
        SemanticCache::configure(block.to_string().as_bytes())
            .unwrap_or_else(|faults| panic!("{faults}\nin:\n{block:#}"));
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
