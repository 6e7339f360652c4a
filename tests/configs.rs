//! Every YAML that operators are given is loaded here: strictly by its type, the plugins' configuration by the filters
//! themselves, and all that is Envoy's by Envoy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use envoy::Envoy;
use modelgate::check::kinds::{ApplyTo, ConfigPatch, Manifest, Operation};
use modelgate::check::{check_text, documents};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

const MANAGER: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config";

fn text(path: &str) -> String {
    std::fs::read_to_string(testkit::repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The YAML files of a folder, as paths from the root.
fn yaml_in(folder: &str) -> Vec<String> {
    let mut paths: Vec<String> = std::fs::read_dir(testkit::repository().join(folder))
        .unwrap()
        .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap()))
        .filter(|path| path.ends_with(".yaml"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder}");
    paths
}

fn bootstrap() -> Value {
    documents(&text("envoy/envoy.yaml")).unwrap().remove(0)
}

#[test]
fn every_file_is_as_its_readers_want_it() {
    let mut findings = Vec::new();
    for path in yaml_in("envoy").into_iter().chain(yaml_in("istio")) {
        findings.extend(check_text(&text(&path), None).into_iter().map(|finding| format!("{path}: {finding}")));
    }
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// A compose file, as far as ours goes (Compose Specification).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Compose {
    services: BTreeMap<String, Service>,
    /// By name; none of ours has settings.
    volumes: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    image: Option<String>,
    build: Option<Build>,
    #[serde(default)]
    command: Vec<String>,
    network_mode: Option<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    ports: Vec<String>,
    #[serde(default)]
    volumes: Vec<String>,
    #[serde(default)]
    depends_on: Vec<String>,
    /// One that has some is only started by name.
    #[serde(default)]
    profiles: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    context: PathBuf,
    dockerfile: PathBuf,
    /// The stage that is built; the last one where it is left out.
    target: Option<String>,
}

#[test]
fn the_compose_file_holds_together() {
    let compose: Compose = serde_yaml_ng::from_str(&text("docker-compose.yml")).unwrap();
    let gateway = &compose.services["gateway"];
    assert_eq!(gateway.image.as_deref(), Some(format!("envoyproxy/envoy:v{}", envoy::VERSION).as_str()));
    assert!(gateway.command.ends_with(&["-c".into(), "/etc/modelgate/envoy.yaml".into()]));
    for service in compose.services.values() {
        assert!(service.image.is_some() != service.build.is_some());
        assert!(service.depends_on.iter().all(|name| compose.services.contains_key(name)));
        if let Some(build) = &service.build {
            let file = build.context.join(&build.dockerfile);
            let stages = text(&file.to_string_lossy());
            let stage = |target: &String| stages.lines().any(|line| line.ends_with(&format!(" AS {target}")));
            assert!(build.target.iter().all(stage), "{}: {:?}", file.display(), build.target);
        }
    }
    let named =
        compose.services.values().flat_map(|service| &service.volumes).filter_map(|volume| volume.split(':').next());
    let named: Vec<&str> = named.filter(|volume| !volume.starts_with('.')).collect();
    assert!(named.iter().all(|volume| compose.volumes.contains_key(*volume)), "{named:?}");
    // What Envoy opens is mounted, and whom it calls is there.
    let mounts: Vec<&str> = gateway.volumes.iter().filter_map(|volume| volume.split(':').nth(1)).collect();
    let tree = bootstrap();
    for filter in tree.pointer(&format!("{MANAGER}/http_filters")).unwrap().as_array().unwrap() {
        if let Some(file) = filter.pointer("/typed_config/config/vm_config/code/local/filename") {
            assert!(mounts.iter().any(|mount| file.as_str().unwrap().starts_with(mount)), "{file}");
        }
    }
    for cluster in tree.pointer("/static_resources/clusters").unwrap().as_array().unwrap() {
        let socket = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
        let socket = cluster.pointer(socket).unwrap();
        let (host, port) = (socket["address"].as_str().unwrap(), &socket["port_value"]);
        // What is on loopback shares the gateway's network, and is told to listen there.
        let listens = |service: &Service| {
            let there = service.environment.values().any(|value| *value == format!("{host}:{port}"));
            there && service.network_mode.as_deref() == Some("service:gateway")
        };
        assert!(compose.services.contains_key(host) || compose.services.values().any(listens), "{host}:{port}");
    }
    for (name, value) in &compose.services["cache"].environment {
        let set = [(name.clone(), value.clone())];
        let shipped = text("services/cache/container.yaml");
        modelgate_cache::server::Config::parse(&shipped, set).unwrap_or_else(|error| panic!("{error}"));
    }
    // The model that one service fetches is where the other one looks for it.
    let shipped: Value = serde_yaml_ng::from_str(&text("services/cache/container.yaml")).unwrap();
    let folder = shipped.pointer("/cache/embedder/local/folder").and_then(Value::as_str).unwrap();
    let mounts = |name: &str, mount: String| compose.services[name].volumes.contains(&mount);
    assert!(mounts("cache", format!("model:{folder}:ro")) && mounts("model", format!("model:{folder}")));
    assert!(text("docker/cache.Dockerfile").contains(&format!(r#""fetch-model", "--model", "{folder}""#)));
    assert_eq!(compose.services["model"].profiles, ["model"], "it is not started with the others");
    assert!(gateway.ports.iter().all(|port| port.starts_with("127.0.0.1:")));
}

/// Every module that is loaded from a file or an image is taken from this machine's `dist`.
fn with_local_modules(tree: &mut Value) {
    match tree {
        Value::Object(fields) => {
            if let Some(config) = fields.get_mut("config").filter(|config| config.get("vm_config").is_some()) {
                let name = config["name"].as_str().unwrap().to_owned();
                config["vm_config"]["code"] = json!({"local": {"filename": testkit::module(&name)}});
            }
            fields.values_mut().for_each(with_local_modules);
        }
        Value::Array(items) => items.iter_mut().for_each(with_local_modules),
        _ => {}
    }
}

fn validate(mut tree: Value) {
    with_local_modules(&mut tree);
    for binary in [testkit::envoy_binary(), testkit::envoy_of("1.36.2")] {
        if let Err(error) = Envoy::validate(&binary, &tree.to_string()) {
            panic!("{}: {error}", binary.version().unwrap_or_default());
        }
    }
}

#[test]
fn envoy_takes_the_gateway() {
    validate(bootstrap());
}

/// What Istio makes of our patches, in small: a listener with a router, patched.
#[test]
fn envoy_takes_what_istio_is_told() {
    let mut tree = bootstrap();
    let manager = tree.pointer_mut(MANAGER).unwrap();
    let router = manager["http_filters"].as_array_mut().unwrap().pop().unwrap();
    manager["http_filters"] = json!([router]);
    for field in
        ["early_header_mutation_extensions", "request_headers_timeout", "request_timeout", "stream_idle_timeout"]
    {
        manager.as_object_mut().unwrap().remove(field);
    }
    tree["static_resources"]["listeners"][0].as_object_mut().unwrap().remove("per_connection_buffer_limit_bytes");
    let mut extensions = BTreeMap::new();
    let mut patches = Vec::new();
    for path in yaml_in("istio") {
        for document in documents(&text(&path)).unwrap() {
            if let Ok(Manifest::EnvoyFilter(filter)) = Manifest::deserialize(document) {
                patches.push((filter.spec.priority, filter.spec.config_patches));
            }
        }
    }
    patches.sort_by_key(|(priority, _)| *priority);
    for patch in patches.into_iter().flat_map(|(_, patches)| patches) {
        apply(&mut tree, &mut extensions, patch);
    }
    let filters = tree.pointer(&format!("{MANAGER}/http_filters")).unwrap().as_array().unwrap();
    assert!(filters.len() > 3 && filters.last().unwrap()["name"] == "envoy.filters.http.router");
    assert!(tree.pointer(&format!("{MANAGER}/early_header_mutation_extensions")).is_some());
    validate(tree);
}

fn apply(tree: &mut Value, extensions: &mut BTreeMap<String, Value>, patch: ConfigPatch) {
    let value = patch.patch.value.unwrap();
    let name = value["name"].as_str().unwrap_or_default().to_owned();
    match (patch.apply_to, patch.patch.operation) {
        (ApplyTo::ExtensionConfig, Operation::Add) => {
            extensions.insert(name, value["typed_config"].clone());
        }
        (ApplyTo::Listener, Operation::Merge) => merge(&mut tree["static_resources"]["listeners"][0], value),
        (ApplyTo::NetworkFilter, Operation::Merge) => {
            merge(tree.pointer_mut(MANAGER).unwrap(), value["typed_config"].clone());
        }
        (ApplyTo::HttpFilter, operation) => {
            let filters = tree.pointer_mut(&format!("{MANAGER}/http_filters")).unwrap().as_array_mut().unwrap();
            let at = if operation == Operation::InsertFirst { 0 } else { filters.len() - 1 };
            // Discovery is checked by what it discovers.
            let found =
                value.get("config_discovery").map(|_| extensions.get(&name).expect("an extension of this name"));
            filters.insert(at, found.map_or(value.clone(), |config| json!({"name": name, "typed_config": config})));
        }
        other => panic!("no way to try {other:?} yet"),
    }
}

fn merge(into: &mut Value, from: Value) {
    let fields = into.as_object_mut().unwrap();
    for (name, value) in from.as_object().unwrap() {
        fields.insert(name.clone(), value.clone());
    }
}
