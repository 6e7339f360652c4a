//! Configurations that are refused, with all their faults and each key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use plugin::Plugin;
use semantic_cache::SemanticCache;
use serde_json::{Value, json};

fn faults(config: &Value) -> String {
    match SemanticCache::configure(config.to_string().as_bytes()) {
        Ok(_) => String::new(),
        Err(faults) => faults.to_string(),
    }
}

#[test]
fn the_least_is_enough() {
    let least = json!({"service": {"cluster": "modelgate-cache"}, "policies": {"p": {}}, "default_policy": "p"});
    assert_eq!(faults(&least), "");
}

#[test]
fn all_faults_come_at_once() {
    let found = faults(&json!({
        "service": {"cluster": "c", "timeout_ms": 0},
        "policies": {"p": {
            "threshold": 0, "max_wrong_hits": 1.0, "ttl_secs": 0, "max_answer_bytes": 0, "semantic": false,
            "bypass": {"max_messages": 0, "max_temperature": -1, "max_choices": 0},
            "vary_headers": ["x y"], "ignore_members": ["user", "messages"],
        }},
        "default_policy": "q",
    }));
    for key in [
        "service.timeout_ms",
        "policies.p.threshold",
        "policies.p.max_wrong_hits",
        "policies.p.ttl_secs",
        "policies.p.max_answer_bytes",
        "policies.p.semantic",
        "policies.p.bypass.max_messages",
        "policies.p.bypass.max_temperature",
        "policies.p.bypass.max_choices",
        "policies.p.vary_headers[0]",
        "policies.p.ignore_members[1]",
        "default_policy",
    ] {
        assert!(found.lines().any(|line| line.starts_with(key)), "{key} in:\n{found}");
    }
}

#[test]
fn unknown_keys_and_empty_clusters_are_refused() {
    for (config, key) in [
        (json!({"service": {"cluster": ""}, "policies": {"p": {}}, "default_policy": "p"}), "service.cluster"),
        (json!({"policies": {"p": {}}, "default_policy": "p"}), "service"),
        (json!({"service": {"cluster": "c"}, "policies": {"p": {"tll": 1}}, "default_policy": "p"}), "tll"),
        (json!({"service": {"cluster": "c"}, "policies": {"p": {"scope": "all"}}, "default_policy": "p"}), "scope"),
    ] {
        assert!(faults(&config).contains(key), "{key} in {}", faults(&config));
    }
}
