//! Manifests: the strict type of each kind, and our modules' configuration within.

use super::chain::{check_bootstrap, is_full};
use super::kinds::{
    ApplyTo, ConfigPatch, EnvoyFilter, IstiodValues, Manifest, Normalization, PatchContext, WasmPlugin,
};
use super::{Findings, check_filter, named};
use serde::Deserialize;
use serde_json::Value;

/// Checks one manifest.
pub fn check_manifest(document: &Value) -> Findings {
    match Manifest::deserialize(document) {
        Ok(Manifest::WasmPlugin(plugin)) => check_wasm_plugin(&plugin),
        Ok(Manifest::EnvoyFilter(filter)) => check_envoy_filter(&filter),
        Ok(_) => Findings::new(),
        Err(error) => vec![error.to_string()],
    }
}

/// Checks the values of the chart `istiod`: all our labels, and one spelling of paths.
pub fn check_values(document: &Value) -> Findings {
    let mesh = match IstiodValues::deserialize(document) {
        Ok(values) => values.mesh_config,
        Err(error) => return vec![error.to_string()],
    };
    let tags = &mesh.default_config.extra_stat_tags;
    let missing = plugin::LABELS.iter().filter(|label| !tags.iter().any(|tag| tag == *label));
    let mut findings: Findings = missing.map(|label| format!("extraStatTags: no `{label}`")).collect();
    if mesh.path_normalization.normalization != Normalization::DecodeAndMergeSlashes {
        findings
            .push("pathNormalization: not DECODE_AND_MERGE_SLASHES; paths in other spellings walk around rules".into());
    }
    findings
}

fn check_wasm_plugin(plugin: &WasmPlugin) -> Findings {
    let spec = &plugin.spec;
    let Ok(filter) = named(spec.module()) else { return Findings::new() };
    let json = spec.plugin_config.to_string();
    let mut findings = check_filter(filter, &json);
    if is_full(&json) {
        findings.push(format!(
            "{}: a WasmPlugin cannot set allow_on_headers_stop_iteration; use attachment: plain, or an EnvoyFilter",
            filter.name
        ));
    }
    findings
}

fn check_envoy_filter(filter: &EnvoyFilter) -> Findings {
    let patches = &filter.spec.config_patches;
    let values = patches.iter().filter_map(|patch| patch.patch.value.clone()).collect();
    let waypoints = patches.iter().enumerate().filter_map(|(at, patch)| {
        check_waypoint(patch).map(|fault| format!("spec.configPatches[{at}].match: {fault}"))
    });
    waypoints.chain(check_bootstrap(&Value::Array(values))).collect()
}

/// What Istio refuses of a patch for a waypoint (its `validateEnvoyFilter`).
fn check_waypoint(patch: &ConfigPatch) -> Option<&'static str> {
    let matches = &patch.matches;
    let is_waypoint = matches.context == PatchContext::Waypoint;
    let filter = matches.waypoint.as_ref().and_then(|waypoint| waypoint.filter.as_ref());
    match patch.apply_to {
        _ if is_waypoint != matches.waypoint.is_some() => {
            Some("`context: WAYPOINT` and `waypoint` belong together: there is no other match for a waypoint")
        }
        ApplyTo::Listener | ApplyTo::ListenerFilter | ApplyTo::Bootstrap | ApplyTo::ExtensionConfig if is_waypoint => {
            Some("Istio cannot patch this in a waypoint; use a WasmPlugin with `targetRefs`")
        }
        ApplyTo::HttpFilter if is_waypoint && filter.is_none_or(|filter| filter.sub_filter.is_none()) => {
            Some("a filter of a waypoint is placed by `waypoint.filter`, its `name` and `subFilter`")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unknown_key_is_found() {
        let plugin = json!({
            "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin", "metadata": {"name": "x"},
            "spec": {"url": "oci://r/x", "pluginName": "x", "pluginConfigs": {}},
        });
        assert!(check_manifest(&plugin).concat().contains("pluginConfigs"));
        assert!(check_manifest(&json!({"kind": "Nothing"})).concat().contains("Nothing"));
    }

    #[test]
    fn every_key_of_the_references_is_known() {
        let plugin = json!({
            "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin", "metadata": {"name": "x"},
            "spec": {
                "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "models"}],
                "url": "oci://registry.example/modelgate/model_router:0.1.0", "sha256": "", "imagePullPolicy": "IfNotPresent",
                "pluginConfig": {"sources": ["path"]}, "phase": "AUTHN", "priority": 5, "failStrategy": "FAIL_RELOAD",
                "match": [{"mode": "CLIENT", "ports": [{"number": 80}]}], "type": "HTTP",
                "vmConfig": {"env": [{"name": "A", "valueFrom": "HOST"}]},
            },
        });
        let faults = ["model_router: policies: is missing"];
        assert_eq!(check_manifest(&plugin), faults, "the module is known by its image, too");
        let filter = json!({
            "apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter", "metadata": {"name": "x"},
            "spec": {"targetRefs": [{"kind": "Service", "name": "models"}], "configPatches": [
                {"applyTo": "HTTP_ROUTE", "match": {"context": "GATEWAY", "routeConfiguration": {"vhost": {"name": "a:80",
                    "route": {"name": "v1", "action": "ROUTE"}}}}, "patch": {"operation": "MERGE", "value": {}}},
                {"applyTo": "CLUSTER", "match": {"proxy": {"proxyVersion": "^1.28"}, "cluster": {"service": "a"}},
                    "patch": {"operation": "REMOVE"}},
                {"applyTo": "HTTP_FILTER", "match": {"listener": {"portNumber": 80, "filterChain": {"sni": "a"}}},
                    "patch": {"operation": "ADD", "filterClass": "AUTHZ", "value": {}}},
            ]},
        });
        assert_eq!(check_manifest(&filter), Findings::new());
    }

    #[test]
    fn a_patch_of_a_waypoint_is_one_that_istio_takes() {
        let findings = |apply_to: &str, matches: Value| {
            check_manifest(&json!({
                "apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter", "metadata": {"name": "x"},
                "spec": {"targetRefs": [{"kind": "Gateway", "group": "gateway.networking.k8s.io", "name": "w"}], "configPatches": [
                    {"applyTo": apply_to, "match": matches, "patch": {"operation": "INSERT_BEFORE", "value": {}}},
                ]},
            }))
        };
        let hcm = "envoy.filters.network.http_connection_manager";
        let filter = json!({"name": hcm, "subFilter": {"name": "envoy.filters.http.router"}});
        let placed = json!({"context": "WAYPOINT", "waypoint": {"portNumber": 80, "filter": filter}});
        assert_eq!(findings("HTTP_FILTER", placed), Findings::new());
        let route = json!({"context": "WAYPOINT", "waypoint": {"route": {"name": "v1"}}});
        assert_eq!(findings("HTTP_ROUTE", route), Findings::new());
        for (apply_to, matches, fault) in [
            ("CLUSTER", json!({"context": "WAYPOINT"}), "belong together"),
            ("CLUSTER", json!({"context": "GATEWAY", "waypoint": {}}), "belong together"),
            ("CLUSTER", json!({"waypoint": {}}), "belong together"),
            ("EXTENSION_CONFIG", json!({"context": "WAYPOINT", "waypoint": {}}), "WasmPlugin"),
            ("HTTP_FILTER", json!({"context": "WAYPOINT", "waypoint": {"filter": {"name": hcm}}}), "subFilter"),
            ("HTTP_FILTER", json!({"context": "WAYPOINT", "waypoint": {}}), "subFilter"),
        ] {
            let found = findings(apply_to, matches);
            assert!(found.len() == 1 && found[0].contains(fault), "{apply_to}: {found:?}");
        }
    }

    #[test]
    fn values_without_a_label_are_found() {
        let values = json!({"meshConfig": {"defaultConfig": {"extraStatTags": ["filter"]}}});
        let findings = check_values(&values);
        assert_eq!(findings.len(), plugin::LABELS.len(), "{findings:?}");
    }
}
