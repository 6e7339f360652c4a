//! What is checked of our modules wherever a configuration of Envoy loads them: the configuration of each, and that the
//! place gives it what it needs.

use super::{Findings, check_filter, named};
use crate::places::{Place, places};
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks a configuration of Envoy, whole or in parts.
pub fn check_bootstrap(tree: &Value) -> Findings {
    let mut findings = Findings::new();
    let mut vm_ids = BTreeSet::new();
    for place in places(tree) {
        findings.extend(check_place(place));
        if !place.vm_id().is_empty() && !vm_ids.insert(place.vm_id()) {
            findings.push(format!(
                "{}: the vm_id {} is used twice; filters would share their keys",
                place.name(),
                place.vm_id()
            ));
        }
    }
    each_manager(tree, &mut |manager| findings.extend(check_early_removal(manager)));
    findings
}

fn each_manager(tree: &Value, visit: &mut dyn FnMut(&Value)) {
    match tree {
        Value::Object(fields) if fields.contains_key("http_filters") => visit(tree),
        Value::Object(fields) => fields.values().for_each(|value| each_manager(value, visit)),
        Value::Array(items) => items.iter().for_each(|item| each_manager(item, visit)),
        _ => {}
    }
}

/// Headers that are ours must go before the first route lookup: a client that sets one would choose the route, and with it
/// the policy.
fn check_early_removal(manager: &Value) -> Findings {
    let mut removed: Vec<&Value> =
        manager.pointer("/route_config/internal_only_headers").into_iter().flat_map(items).collect();
    for extension in manager.get("early_header_mutation_extensions").into_iter().flat_map(items) {
        let mutations = extension.pointer("/typed_config/mutations").into_iter().flat_map(items);
        removed.extend(mutations.filter_map(|mutation| mutation.get("remove")));
    }
    let mut findings = Findings::new();
    for place in places(manager) {
        let (Ok(filter), Some(json)) = (named(place.name()), place.configuration()) else { continue };
        for header in filter.owned_headers(json) {
            if !removed.iter().any(|name| **name == header) {
                findings.push(format!(
                    "{}: {header} is its own, but not removed early from what clients send",
                    filter.name
                ));
            }
        }
    }
    findings
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn check_place(place: Place<'_>) -> Findings {
    let name = place.name();
    let filter = match named(name) {
        Ok(filter) => filter,
        // Somebody else's module in the chain is none of our business.
        Err(_) if place.module().is_empty() || place.module().strip_suffix(".wasm") != Some(name) => return Vec::new(),
        Err(unknown) => return vec![unknown.to_string()],
    };
    let mut findings = Findings::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            findings.push(format!("{name}: {what}"));
        }
    };
    demand(!place.vm_id().is_empty(), "no vm_config.vm_id; filters without one share their keys");
    demand(
        place.failure_policy() == "FAIL_RELOAD",
        "failure_policy is not FAIL_RELOAD; one failure would leave a worker without the filter, or refusing all",
    );
    let Some(json) = place.configuration() else {
        demand(false, "configuration is not a google.protobuf.StringValue of JSON");
        return findings;
    };
    demand(
        place.holds_heads() || !is_full(json),
        "attachment: full needs allow_on_headers_stop_iteration: true at its place",
    );
    findings.extend(check_filter(filter, json));
    findings
}

/// Whether the filter expects to hold heads.
pub(super) fn is_full(json: &str) -> bool {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    value.get("attachment").is_some_and(|attachment| attachment == "full")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filters::FILTERS;
    use serde_json::json;

    #[test]
    fn the_shipped_chain_has_no_fault_and_every_filter() {
        let tree: Value = serde_yaml_ng::from_str(include_str!("../../../envoy/envoy.yaml")).unwrap();
        assert_eq!(check_bootstrap(&tree), Findings::new());
        for filter in FILTERS {
            assert!(places(&tree).iter().any(|place| place.name() == filter.name), "{}", filter.name);
        }
    }

    #[test]
    fn a_filter_in_a_file_of_its_own_is_checked_as_well() {
        let filter = |configuration: &str| {
            json!({"resources": [{"name": "auth", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
                "config": {
                    "name": "auth", "root_id": "auth", "failure_policy": "FAIL_RELOAD",
                    "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": configuration},
                    "vm_config": {"vm_id": "auth", "code": {"local": {"filename": "/filters/auth.wasm"}}},
                },
            }}]})
        };
        let check = |configuration| crate::check::check_text(&filter(configuration).to_string(), None);
        let good =
            r#"{"attachment": "plain", "policies": {"default": {"anonymous": {}}}, "default_policy": "default"}"#;
        assert_eq!(check(good), Findings::new());
        assert!(check(&good.replace("plain", "ful")).concat().contains("ful"));
    }

    #[test]
    fn a_header_of_ours_that_clients_may_set_is_found() {
        let mut tree: Value = serde_yaml_ng::from_str(include_str!("../../../envoy/envoy.yaml")).unwrap();
        let mutations = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/early_header_mutation_extensions/0/typed_config/mutations";
        *tree.pointer_mut(mutations).unwrap() = json!([{"remove": "x-model"}]);
        let findings: Findings =
            check_bootstrap(&tree).into_iter().filter(|finding| finding.contains("early")).collect();
        assert_eq!(
            findings.len(),
            usize::from(FILTERS.iter().any(|filter| filter.name == "model_router")),
            "{findings:?}"
        );
    }

    #[test]
    fn a_place_that_takes_away_what_the_filter_needs_is_found() {
        let mut tree: Value = serde_yaml_ng::from_str(include_str!("../../../envoy/envoy.yaml")).unwrap();
        let filters = tree
            .pointer_mut("/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters")
            .and_then(Value::as_array_mut)
            .unwrap();
        let mut ours = 0;
        for filter in filters.iter_mut().filter(|filter| FILTERS.iter().any(|known| filter["name"] == known.name)) {
            filter["typed_config"]["config"]["allow_on_headers_stop_iteration"] = json!(false);
            filter["typed_config"]["config"]["failure_policy"] = json!("FAIL_OPEN");
            filter["typed_config"]["config"]["vm_config"]["vm_id"] = json!("one");
            ours += 1;
        }
        let findings = check_bootstrap(&tree).join("\n");
        assert_eq!(findings.matches("FAIL_RELOAD").count(), ours);
        assert_eq!(findings.matches("allow_on_headers_stop_iteration").count(), ours);
        assert_eq!(findings.matches("used twice").count(), ours.saturating_sub(1));
    }
}
