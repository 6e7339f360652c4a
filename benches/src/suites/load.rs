//! What a module costs before the first request: the time until Envoy is ready, and memory.

use super::{auth, model_router, pii_guard, schema_validator, semantic_cache, token_budget};
use crate::suite::{Chain, Suite, Work};
use serde_json::{Value, json};
use testkit::Link;

/// Every filter, as `testkit::module` names it, with a configuration that it takes.
fn filters() -> Vec<(&'static str, Value)> {
    vec![
        ("auth", auth::config(10_000)),
        ("schema_validator", schema_validator::config("compatible")),
        ("pii_guard", pii_guard::config()),
        ("token_budget", token_budget::config()),
        ("model_router", model_router::config(&["body"], 1)),
        ("semantic_cache", semantic_cache::config("tenant")),
    ]
}

/// The suite.
pub fn suite() -> Suite {
    let mut chains = vec![Chain::bare(), Chain::new("probe", [Link::probe(json!({}))])];
    let links: Vec<(&str, Link)> =
        filters().into_iter().map(|(name, config)| (name, Link::filter(name, config))).collect();
    chains.extend(links.iter().map(|(name, link)| Chain::new(name, [link.clone()])));
    chains.push(Chain::new("all filters", links.into_iter().map(|(_, link)| link)));
    Suite { name: "load", about: "time until Envoy is ready, with each module", work: Work::Starts(chains) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_measured() {
        let Ok(folder) = std::fs::read_dir(testkit::repository().join("filters")) else { return };
        let mut there: Vec<String> = folder
            .filter_map(Result::ok)
            .filter(|entry| entry.path().join("Cargo.toml").exists())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        there.sort();
        let mut measured: Vec<&str> = filters().iter().map(|(name, _)| *name).collect();
        measured.sort_unstable();
        assert_eq!(there, measured, "benches/src/suites/load.rs lists the filters");
    }
}
