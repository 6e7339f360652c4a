//! A real Envoy with filters in front of a real upstream, for tests.

use crate::{envoy_binary, module};
use demo_upstream::DemoUpstream;
use envoy::{Binary, Envoy, Options};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What a test gateway is made of.
#[derive(Debug, Clone, Default)]
pub struct GatewaySpec {
    /// The listeners, each with its chain.
    pub listeners: Vec<ListenerSpec>,
    /// Further clusters: name and address, spoken to in HTTP/2.
    pub services: Vec<(String, SocketAddr)>,
    /// Worker threads, 1 where it is 0.
    pub concurrency: u32,
    /// Filter state that the access log shows.
    pub state: Vec<String>,
    /// The level of Envoy's log.
    pub log_level: Option<String>,
}

/// A listener and what is behind it.
#[derive(Debug, Clone, Default)]
pub struct ListenerSpec {
    /// Its name.
    pub name: String,
    /// The filters, in order.
    pub chain: Vec<Link>,
    /// The routes; all to the upstream where there are none.
    pub routes: Vec<Value>,
    /// The upstream is spoken to in HTTP/2.
    pub http2: bool,
    /// The buffer limit in bytes, Envoy's own where there is none.
    pub buffer_limit: Option<u32>,
    /// Members of the HTTP connection manager in place of the usual ones.
    pub manager: BTreeMap<String, Value>,
}

/// A filter in a chain.
#[derive(Debug, Clone)]
pub enum Link {
    /// A module with its configuration.
    Wasm {
        /// As in [`module`].
        module: String,
        /// The plugin's configuration.
        config: Value,
        /// `allow_on_headers_stop_iteration`.
        flag: bool,
    },
    /// A filter of Envoy's own.
    Native(Value),
}

impl Link {
    /// The probe with this configuration; the flag is set where the attachment is `full`.
    pub fn probe(config: Value) -> Self {
        Self::filter("tests/probe", config)
    }

    /// A filter with this configuration; the flag is set where the attachment is `full`.
    pub fn filter(module: &str, config: Value) -> Self {
        let flag = config.get("attachment").is_some_and(|attachment| attachment == "full");
        Self::Wasm { module: module.into(), config, flag }
    }

    /// The empty native filter that makes Envoy look the route up anew.
    pub fn refresh() -> Self {
        Self::Native(json!({"name": "refresh", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config"}}))
    }
}

/// A running gateway.
pub struct Gateway {
    /// The Envoy.
    pub envoy: Envoy,
    /// The upstream.
    pub upstream: DemoUpstream,
}

impl Gateway {
    /// Starts it with the usual Envoy.
    ///
    /// # Panics
    /// Where it does not start, with Envoy's log.
    pub fn start(spec: &GatewaySpec) -> Self {
        Self::start_with(&envoy_binary(), spec)
    }

    /// Starts it with this Envoy.
    ///
    /// # Panics
    /// Where it does not start, with Envoy's log.
    pub fn start_with(binary: &Binary, spec: &GatewaySpec) -> Self {
        let upstream = demo_upstream();
        let options = Options {
            concurrency: spec.concurrency.max(1),
            log_level: spec.log_level.clone().unwrap_or_else(|| "warning".into()),
            ..Options::default()
        };
        let envoy =
            Envoy::start(binary, &bootstrap(spec, upstream.addr()), &options).unwrap_or_else(|error| panic!("{error}"));
        Self { envoy, upstream }
    }

    /// The address of a listener.
    ///
    /// # Panics
    /// Where there is no such listener.
    pub fn addr(&self, listener: &str) -> SocketAddr {
        self.envoy.listener(listener).unwrap_or_else(|| panic!("no listener {listener}"))
    }

    /// A counter of a filter: all metrics whose name holds this part, summed up.
    pub fn count(&self, part: &str) -> u64 {
        self.envoy.stats(part).values().sum()
    }

    /// How often a VM failed or was loaded anew, over all plugins.
    pub fn vm_failures(&self) -> u64 {
        let stats = self.envoy.stats("wasm.");
        stats
            .iter()
            .filter(|(name, _)| {
                name.contains("vm_reload") || name.contains("vm_failed") || name.contains("runtime_error")
            })
            .map(|(_, value)| value)
            .sum()
    }

    /// The access log line of a case, once it is written.
    ///
    /// # Panics
    /// Where none comes.
    pub fn access(&self, case: &str) -> Value {
        self.wait(
            || self.accesses().into_iter().find(|line| line["case"] == case),
            &format!("an access log line of {case}"),
        )
    }

    /// All access log lines so far.
    pub fn accesses(&self) -> Vec<Value> {
        // The lines go where Envoy's own log goes.
        self.envoy
            .log()
            .lines()
            .filter(|line| line.starts_with("{\""))
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// What Envoy logged, without the access log.
    pub fn log(&self) -> String {
        self.envoy.log().lines().filter(|line| !line.starts_with("{\"")).collect::<Vec<_>>().join("\n")
    }

    /// Waits until something is there.
    ///
    /// # Panics
    /// Where it does not come within 20 seconds, with Envoy's log.
    pub fn wait<T>(&self, mut what: impl FnMut() -> Option<T>, name: &str) -> T {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            if let Some(found) = what() {
                return found;
            }
            assert!(std::time::Instant::now() < deadline, "{name} did not come; Envoy says:\n{}", self.log());
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

fn demo_upstream() -> DemoUpstream {
    DemoUpstream::start(demo_upstream::Options { keep_received: 20_000, ..demo_upstream::Options::default() })
        .expect("a free port")
}

fn socket(address: SocketAddr) -> Value {
    json!({"socket_address": {"address": address.ip().to_string(), "port_value": address.port()}})
}

fn cluster(name: &str, address: SocketAddr, http2: bool) -> Value {
    let protocol = if http2 {
        json!({"http2_protocol_options": {}})
    } else {
        json!({"http_protocol_options": {"enable_trailers": true}})
    };
    json!({
        "name": name, "type": "STATIC", "connect_timeout": "5s",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": protocol}},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": socket(address)}}]}]}
    })
}

/// The configuration as Envoy reads it. JSON is YAML.
fn bootstrap(spec: &GatewaySpec, upstream: SocketAddr) -> String {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut clusters = vec![cluster("upstream", upstream, false), cluster("upstream-h2", upstream, true)];
    clusters.extend(spec.services.iter().map(|(name, address)| cluster(name, *address, true)));
    json!({
        "admin": {"address": socket(local)},
        "static_resources": {
            "listeners": spec.listeners.iter().map(|listener| listener_json(spec, listener)).collect::<Vec<_>>(),
            "clusters": clusters,
        },
        "overload_manager": {"resource_monitors": [{"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
            "max_active_downstream_connections": 50_000}}]},
    })
    .to_string()
}

fn listener_json(spec: &GatewaySpec, listener: &ListenerSpec) -> Value {
    let mut filters: Vec<Value> = listener.chain.iter().enumerate().map(|(at, link)| link_json(at, link)).collect();
    filters.push(json!({"name": "router", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}));
    let target = if listener.http2 { "upstream-h2" } else { "upstream" };
    let routes = if listener.routes.is_empty() {
        vec![json!({"match": {"prefix": "/"}, "route": {"cluster": target}})]
    } else {
        listener.routes.clone()
    };
    let mut manager = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": listener.name,
        "codec_type": "AUTO",
        "http_protocol_options": {"enable_trailers": true},
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": filters,
        "access_log": [access_log(&spec.state)],
    });
    for (key, value) in &listener.manager {
        manager[key] = value.clone();
    }
    let mut out = json!({
        "name": listener.name,
        "address": socket(SocketAddr::from(([127, 0, 0, 1], 0))),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    });
    if let Some(limit) = listener.buffer_limit {
        out["per_connection_buffer_limit_bytes"] = limit.into();
    }
    out
}

fn access_log(state: &[String]) -> Value {
    let mut format = json!({
        "case": "%REQ(X-CASE)%",
        "code": "%RESPONSE_CODE%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "route": "%ROUTE_NAME%",
        "cluster": "%UPSTREAM_CLUSTER%",
        "flags": "%RESPONSE_FLAGS%",
    });
    for key in state {
        format[format!("state {key}")] = format!("%FILTER_STATE(wasm.{key}:PLAIN)%").into();
    }
    json!({"name": "stdout", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
        "log_format": {"json_format": format}}})
}

fn link_json(at: usize, link: &Link) -> Value {
    let (name, config, flag) = match link {
        Link::Native(filter) => return filter.clone(),
        Link::Wasm { module, config, flag } => (module, config, *flag),
    };
    let file = module(name);
    let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
    let mut plugin = json!({
        "name": format!("{stem}-{at}-{flag}"),
        "root_id": stem,
        "failure_policy": "FAIL_RELOAD",
        "vm_config": {"vm_id": format!("{stem}-{at}"), "runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": file}}},
        "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": config.to_string()},
    });
    if flag {
        plugin["allow_on_headers_stop_iteration"] = true.into();
    }
    json!({"name": format!("{stem}-{at}"), "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm", "config": plugin}})
}

impl GatewaySpec {
    /// The Envoy configuration with the upstream at this address, for tests that change it.
    pub fn bootstrap(&self, upstream: SocketAddr) -> String {
        bootstrap(self, upstream)
    }
}
