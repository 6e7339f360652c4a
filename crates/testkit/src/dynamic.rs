//! A gateway whose listener lies in a file, so that a test can change it while it serves (LDS by a file), or whose filters do
//! (ECDS, as Istio delivers them).

use crate::{Gateway, GatewaySpec, envoy_binary};
use demo_upstream::DemoUpstream;
use envoy::{Envoy, Options};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A running gateway with one listener that can change. Its folder goes with it.
pub struct Dynamic {
    /// The gateway.
    pub gateway: Gateway,
    folder: PathBuf,
    by: Delivery,
}

/// How a changed configuration of a filter comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As a part of its listener.
    Listener,
    /// By itself.
    Filter,
}

impl Dynamic {
    /// Starts it, with the first listener of `spec`.
    ///
    /// # Panics
    /// Where it does not start, with Envoy's log.
    pub fn start(spec: &GatewaySpec) -> Self {
        Self::start_by(Delivery::Listener, spec)
    }

    /// Starts it, with the first listener of `spec`, and its filters as said.
    ///
    /// # Panics
    /// Where it does not start, with Envoy's log.
    pub fn start_by(by: Delivery, spec: &GatewaySpec) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("modelgate-lds-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let upstream = DemoUpstream::start(demo_upstream::Options::default()).unwrap();
        let (mut bootstrap, listener) = parted(spec, &upstream);
        bootstrap["node"] = json!({"id": "test", "cluster": "test"});
        bootstrap["dynamic_resources"] = json!({"lds_config": {"path_config_source": {"path": folder.join("lds.yaml")}, "resource_api_version": "V3"}});
        deliver(&folder, by, listener);
        let options = Options {
            concurrency: spec.concurrency.max(1),
            log_level: spec.log_level.clone().unwrap_or_else(|| "warning".into()),
            ..Options::default()
        };
        let envoy =
            Envoy::start(&envoy_binary(), &bootstrap.to_string(), &options).unwrap_or_else(|error| panic!("{error}"));
        let gateway = Gateway { envoy, upstream };
        let name = spec.listeners[0].name.clone();
        gateway.wait(|| gateway.envoy.listener(&name), "the listener");
        Self { gateway, folder, by }
    }

    /// Puts the first listener of `spec` in the place of the one that there is. Envoy takes it up a little later.
    ///
    /// # Panics
    /// Where its file cannot be written.
    pub fn update(&self, spec: &GatewaySpec) {
        deliver(&self.folder, self.by, parted(spec, &self.gateway.upstream).1);
    }
}

impl Drop for Dynamic {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A bootstrap without its listener, and that.
fn parted(spec: &GatewaySpec, upstream: &DemoUpstream) -> (Value, Value) {
    let mut bootstrap: Value = serde_json::from_str(&spec.bootstrap(upstream.addr())).unwrap();
    let mut listener = bootstrap["static_resources"]["listeners"][0].take();
    listener["@type"] = "type.googleapis.com/envoy.config.listener.v3.Listener".into();
    bootstrap["static_resources"]["listeners"] = json!([]);
    (bootstrap, listener)
}

/// Writes what Envoy takes up: the listener, and its filters where they come by themselves.
fn deliver(folder: &Path, by: Delivery, mut listener: Value) {
    let filters = listener["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"].as_array_mut().unwrap();
    for filter in filters.iter_mut().filter(|_| by == Delivery::Filter) {
        let (name, config) = (filter["name"].clone(), filter["typed_config"].take());
        if config["@type"] != WASM {
            filter["typed_config"] = config;
            continue;
        }
        let file = format!("{}.yaml", name.as_str().unwrap());
        let source = json!({"path_config_source": {"path": folder.join(&file)}, "resource_api_version": "V3"});
        *filter = json!({"name": name, "config_discovery": {"config_source": source, "type_urls": [WASM]}});
        let kind = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";
        write(folder, &file, &json!({"@type": kind, "name": name, "typed_config": config}));
    }
    write(folder, "lds.yaml", &listener);
}

const WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";

/// Envoy watches for a move into place.
fn write(folder: &Path, file: &str, resource: &Value) {
    let new = folder.join(format!("{file}.new"));
    std::fs::write(&new, json!({"resources": [resource]}).to_string()).unwrap();
    std::fs::rename(new, folder.join(file)).unwrap();
}
