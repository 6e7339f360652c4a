//! `envoy/envoy.yaml`, filled in for one machine. What is not named in [`Plan`] stays as the file has it.

mod cluster;

use crate::upstream::Upstream;
use cluster::{cluster_name, filled_cluster, socket_address};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The shares of a model's versions add up to this.
const ALL: usize = 1_000_000;

/// The name, tenant and tier of the demo's caller with a key and few calls a day.
const TRIAL: &str = "trial";

/// The name, tenant and tier of the demo's caller with a key and no limits of its own: clients of model APIs insist on a key.
const CLIENT: &str = "client";

/// How many calls a day the caller [`TRIAL`] has.
pub const TRIAL_CALLS: usize = 2;

/// The name of the model that stands for every model.
pub const ANY_MODEL: &str = "any";

/// What is put into the file.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the gateway listens.
    pub listen: SocketAddr,
    /// The folder of the modules. Absolute: Envoy may run elsewhere.
    pub dist: PathBuf,
    /// Where the versions are served; the first is the stable one. Never empty, and all named.
    pub upstreams: Vec<Upstream>,
    /// What the router is told of models.
    pub models: Models,
    /// Where the cache service is.
    pub cache: SocketAddr,
    /// What a demo shows. Without it clients send the keys of the servers behind, which `auth` does not know: it is `off`.
    pub demo: Option<Demo>,
}

/// What a demo is told beside the file: its callers share the cache's answers and need no tenant for that, personal data are
/// replaced and restored, and two callers have keys, one of them two calls a day.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The digest of the key with two calls a day.
    pub trial_digest: String,
    /// The digest of the other key.
    pub client_digest: String,
}

/// What the router is told of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Models {
    /// What the file says.
    AsInFile,
    /// These, each in all versions in equal shares. None: whatever model a client asks for.
    Named(Vec<String>),
}

/// The file is not as it was shipped.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// It is no YAML.
    #[error("envoy/envoy.yaml cannot be read: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A part that is to be replaced is missing.
    #[error("envoy/envoy.yaml has no {0}, which is to be filled in; compare the file with the one in the repository")]
    Missing(&'static str),
    /// A filter's configuration is no JSON.
    #[error("the configuration of a filter in envoy/envoy.yaml is no JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The configuration for Envoy, as JSON (which YAML readers read): the admin interface on a free port, all else as planned.
///
/// # Errors
/// [`FillError`], where the file is not as it was shipped.
pub fn fill(yaml: &str, plan: &Plan) -> Result<String, FillError> {
    let mut config: Value = serde_yaml_ng::from_str(yaml)?;
    *part(&mut config, "/admin/address/socket_address/port_value", "admin port")? = json!(0);
    let listener = part(&mut config, "/static_resources/listeners/0", "listener")?;
    *part(listener, "/address", "listener address")? =
        socket_address(&plan.listen.ip().to_string(), plan.listen.port());
    let manager = part(listener, "/filter_chains/0/filters/0/typed_config", "connection manager")?;
    let filters = part(manager, "/http_filters", "HTTP filters")?;
    for filter in filters.as_array_mut().into_iter().flatten() {
        fill_filter(filter, plan)?;
    }
    let routes = part(manager, "/route_config/virtual_hosts/0/routes", "routes")?;
    *routes = filled_routes(routes, plan)?;
    let clusters = part(&mut config, "/static_resources/clusters", "clusters")?;
    let template = clusters.get(0).ok_or(FillError::Missing("cluster"))?;
    let mut filled: Vec<Value> = plan.upstreams.iter().map(|upstream| filled_cluster(template, upstream)).collect();
    filled.push(filled_service(clusters, plan)?);
    *clusters = Value::Array(filled);
    Ok(config.to_string())
}

fn part<'a>(value: &'a mut Value, pointer: &str, name: &'static str) -> Result<&'a mut Value, FillError> {
    value.pointer_mut(pointer).ok_or(FillError::Missing(name))
}

fn fill_filter(filter: &mut Value, plan: &Plan) -> Result<(), FillError> {
    let name = filter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(config) = filter.pointer_mut("/typed_config/config") else { return Ok(()) };
    if let Some(Value::String(file)) = config.pointer_mut("/vm_config/code/local/filename") {
        let module = file.rsplit('/').next().unwrap_or_default();
        *file = plan.dist.join(module).to_string_lossy().into_owned();
    }
    if let (true, Models::Named(names)) = (name == "model_router", &plan.models) {
        let models = models(names, &plan.upstreams);
        set_configured(config, "/policies/default/models", "models of model_router", models)?;
    }
    match &plan.demo {
        Some(demo) => fill_demo(config, &name, demo),
        None if name == "auth" => set_configured(config, "/default_policy", "default policy of auth", json!("off")),
        None => Ok(()),
    }
}

fn fill_demo(config: &mut Value, filter: &str, demo: &Demo) -> Result<(), FillError> {
    match filter {
        "auth" => {
            let key =
                |digest: &str, name: &str| json!({"digests": [digest], "consumer": name, "tenant": name, "tier": name});
            let keys = json!([key(&demo.trial_digest, TRIAL), key(&demo.client_digest, CLIENT)]);
            set_configured(config, "/api_keys/keys", "keys of auth", keys)
        }
        "pii_guard" => {
            let rule = json!({"entities": ["secrets", "cards", "contact"], "action": "restore"});
            set_configured(config, "/policies/default/request", "request rules of pii_guard", json!([rule]))
        }
        "token_budget" => {
            let limit = json!({"name": TRIAL, "unit": "requests", "amount": TRIAL_CALLS, "per": ["consumer"],
                "window": {"calendar": {"unit": "day"}}});
            let rule = json!({"match": {"tier": TRIAL}, "policy": TRIAL});
            set_configured(config, "/policies/trial", "policies of token_budget", json!({"limits": [limit]}))?;
            set_configured(config, "/rules", "rules of token_budget", json!([rule]))
        }
        "semantic_cache" => {
            set_configured(config, "/policies/default/scope", "scope of semantic_cache", json!("public"))
        }
        _ => Ok(()),
    }
}

/// Replaces a member of a filter's own configuration, or adds it to the object where it belongs.
fn set_configured(config: &mut Value, pointer: &str, name: &'static str, value: Value) -> Result<(), FillError> {
    let text = part(config, "/configuration/value", "configuration of a filter")?;
    let mut own: Value = serde_json::from_str(text.as_str().unwrap_or_default())?;
    let (holder, key) = pointer.rsplit_once('/').ok_or(FillError::Missing(name))?;
    let holder = part(&mut own, holder, name)?.as_object_mut().ok_or(FillError::Missing(name))?;
    holder.insert(key.to_owned(), value);
    *text = Value::String(own.to_string());
    Ok(())
}

/// The shipped cluster of the cache service, leading to this one.
fn filled_service(clusters: &Value, plan: &Plan) -> Result<Value, FillError> {
    let mut named = clusters.as_array().into_iter().flatten();
    let is_it = |cluster: &&Value| cluster.get("name").is_some_and(|name| name == "modelgate-cache");
    let mut cluster = named.find(is_it).cloned().ok_or(FillError::Missing("cluster modelgate-cache"))?;
    let address = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address";
    *part(&mut cluster, address, "address of modelgate-cache")? =
        socket_address(&plan.cache.ip().to_string(), plan.cache.port());
    Ok(cluster)
}

fn models(names: &[String], upstreams: &[Upstream]) -> Value {
    let share = ALL / upstreams.len().max(1);
    let first = ALL - share * upstreams.len().saturating_sub(1);
    let versions: Value = upstreams
        .iter()
        .enumerate()
        .map(|(at, upstream)| json!({"name": upstream.name, "weight": if at == 0 { first } else { share }}))
        .collect();
    let model = |name: &str, aliases: &[&str]| {
        json!({
            "name": name,
            "aliases": aliases,
            "versions": versions,
            "sticky": {"by": ["consumer", {"header": "x-user-id"}, "source_address"], "salt": "up"},
        })
    };
    if names.is_empty() {
        json!([model(ANY_MODEL, &["*"])])
    } else {
        names.iter().map(|name| model(name, &[])).collect()
    }
}

/// The first route, once for each version; then the last one, for what has no version, to the stable one.
fn filled_routes(shipped: &Value, plan: &Plan) -> Result<Value, FillError> {
    let shipped = shipped.as_array().ok_or(FillError::Missing("routes"))?;
    let (Some(versioned), Some(unversioned)) = (shipped.first(), shipped.last()) else {
        return Err(FillError::Missing("route"));
    };
    let mut routes = Vec::new();
    for upstream in &plan.upstreams {
        let mut route = versioned.clone();
        *part(&mut route, "/name", "route name")? = json!(upstream.name);
        *part(&mut route, "/match/headers/0/string_match/exact", "version to match")? = json!(upstream.name);
        lead_to(&mut route, upstream)?;
        routes.push(route);
    }
    if let Some(stable) = plan.upstreams.first() {
        let mut route = unversioned.clone();
        lead_to(&mut route, stable)?;
        routes.push(route);
    }
    Ok(Value::Array(routes))
}

fn lead_to(route: &mut Value, upstream: &Upstream) -> Result<(), FillError> {
    let action = part(route, "/route", "route action")?.as_object_mut().ok_or(FillError::Missing("route action"))?;
    action.insert("cluster".into(), json!(cluster_name(upstream)));
    action.insert("host_rewrite_literal".into(), json!(upstream.authority()));
    if !upstream.prefix.is_empty() {
        action.insert("prefix_rewrite".into(), json!(format!("{}/", upstream.prefix)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../envoy/envoy.yaml");

    fn filled(upstreams: &[&str], models: Models) -> Value {
        let upstreams = upstreams.iter().map(|text| text.parse().unwrap()).collect();
        let demo = (models == Models::AsInFile)
            .then(|| Demo { trial_digest: "sha256:00".into(), client_digest: "sha256:01".into() });
        let cache = ([127, 0, 0, 1], 8).into();
        let plan = Plan { listen: ([127, 0, 0, 1], 7).into(), dist: "/d".into(), upstreams, models, cache, demo };
        serde_json::from_str(&fill(SHIPPED, &plan).unwrap()).unwrap()
    }

    fn router(config: &Value) -> Value {
        configured(config, "model_router")
    }

    fn configured(config: &Value, name: &str) -> Value {
        let filters = config
            .pointer("/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters")
            .and_then(Value::as_array)
            .unwrap();
        let filter = filters.iter().find(|filter| filter["name"] == name).unwrap();
        let module = format!("/d/{name}.wasm");
        assert_eq!(filter["typed_config"]["config"]["vm_config"]["code"]["local"]["filename"], module);
        let text = filter["typed_config"]["config"]["configuration"]["value"].as_str().unwrap();
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_cache_is_where_it_runs_and_a_demo_has_more_to_show() {
        for (models, scope) in [(Models::AsInFile, "public"), (Models::Named(vec![]), "tenant")] {
            let config = filled(&["v1=http://x"], models);
            let cluster = &config["static_resources"]["clusters"][1];
            let address =
                cluster.pointer("/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address");
            assert_eq!(
                (&cluster["name"], address),
                (&json!("modelgate-cache"), Some(&json!({"address": "127.0.0.1", "port_value": 8})))
            );
            assert!(cluster["typed_extension_protocol_options"].is_object(), "the rest is the file's");
            assert_eq!(configured(&config, "semantic_cache")["policies"]["default"]["scope"], scope);
            let judges = configured(&config, "auth")["default_policy"] != "off";
            assert_eq!(judges, scope == "public", "the keys of real servers are theirs to judge");
            let keys = configured(&config, "auth")["api_keys"]["keys"].as_array().map(Vec::len);
            assert_eq!(keys, Some(if scope == "public" { 2 } else { 0 }));
        }
    }

    fn shares(config: &Value, model: usize) -> Vec<u64> {
        let versions = router(config)["policies"]["default"]["models"][model]["versions"].clone();
        versions.as_array().unwrap().iter().map(|version| version["weight"].as_u64().unwrap()).collect()
    }

    #[test]
    fn upstreams_become_clusters_routes_and_versions() {
        let config = filled(
            &["a=https://h.example/api/v1", "b=http://127.0.0.1:9000", "c=http://x"],
            Models::Named(vec!["one".into(), "two".into()]),
        );
        assert_eq!(shares(&config, 1), [333_334, 333_333, 333_333]);
        let cluster = &config["static_resources"]["clusters"][0];
        assert_eq!(cluster["name"], "model-a");
        assert_eq!(cluster["transport_socket"]["typed_config"]["sni"], "h.example");
        assert!(cluster["circuit_breakers"].is_object(), "the rest of the cluster is the file's");
        assert!(config["static_resources"]["clusters"][1]["transport_socket"].is_null());
        let routes = config
            .pointer("/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/route_config/virtual_hosts/0/routes")
            .unwrap();
        assert_eq!(routes.as_array().unwrap().len(), 4);
        assert_eq!(routes[0]["route"]["prefix_rewrite"], "/api/");
        assert_eq!(routes[1]["route"]["host_rewrite_literal"], "127.0.0.1:9000");
        assert_eq!(routes[1]["match"]["headers"][0]["string_match"]["exact"], "b");
        assert_eq!((&routes[3]["name"], &routes[3]["route"]["cluster"]), (&json!("unversioned"), &json!("model-a")));
    }

    #[test]
    fn without_names_every_model_is_taken() {
        let config = filled(&["a=http://x"], Models::Named(vec![]));
        assert_eq!(router(&config)["policies"]["default"]["models"][0]["aliases"][0], "*");
        assert_eq!(shares(&config, 0), [1_000_000]);
    }

    #[test]
    fn the_file_keeps_its_models_where_it_shall() {
        assert_eq!(shares(&filled(&["v1=http://x", "v2=http://y"], Models::AsInFile), 0), [900_000, 100_000]);
    }

    #[test]
    fn a_file_without_a_part_says_which() {
        let plan = Plan {
            listen: ([127, 0, 0, 1], 7).into(),
            dist: "/d".into(),
            upstreams: vec!["a=http://x".parse().unwrap()],
            models: Models::AsInFile,
            cache: ([127, 0, 0, 1], 8).into(),
            demo: None,
        };
        let error = fill("admin: {address: {socket_address: {port_value: 1}}}", &plan).unwrap_err();
        assert!(error.to_string().contains("no listener"), "{error}");
    }
}
