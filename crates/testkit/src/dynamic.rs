//! A gateway whose listener lies in a file, so that a test can change it while it serves (LDS by a file).

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
}

impl Dynamic {
    /// Starts it, with the first listener of `spec`.
    ///
    /// # Panics
    /// Where it does not start, with Envoy's log.
    pub fn start(spec: &GatewaySpec) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("modelgate-lds-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let upstream = DemoUpstream::start(demo_upstream::Options::default()).unwrap();
        let (mut bootstrap, listener) = parted(spec, &upstream);
        bootstrap["node"] = json!({"id": "test", "cluster": "test"});
        bootstrap["dynamic_resources"] = json!({"lds_config": {"path_config_source": {"path": folder.join("lds.yaml")}, "resource_api_version": "V3"}});
        write(&folder, &listener);
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
        Self { gateway, folder }
    }

    /// Puts the first listener of `spec` in the place of the one that there is. Envoy takes it up a little later.
    ///
    /// # Panics
    /// Where its file cannot be written.
    pub fn update(&self, spec: &GatewaySpec) {
        write(&self.folder, &parted(spec, &self.gateway.upstream).1);
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

/// Envoy watches for a move into place.
fn write(folder: &Path, listener: &Value) {
    let new = folder.join("lds.new");
    std::fs::write(&new, json!({"resources": [listener]}).to_string()).unwrap();
    std::fs::rename(new, folder.join("lds.yaml")).unwrap();
}
