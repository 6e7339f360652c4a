//! The handle of a running server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::service::service_fn;

use crate::options::Options;
use crate::received::Received;
use crate::script::Script;
use crate::service::{self, Site};
use crate::serving::Serving;

/// A running server. It stops, and cuts its open connections, when this is dropped.
pub struct DemoUpstream {
    serving: Serving,
    site: Arc<Site>,
}

impl DemoUpstream {
    /// Binds the address and serves it on a thread of its own.
    ///
    /// Fails where the address cannot be bound, no thread can be started, or the version's label cannot stand in a
    /// header.
    pub fn start(options: Options) -> io::Result<Self> {
        let (listen, threads) = (options.listen, options.threads);
        let site = Site::new(options).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let site = Arc::new(site);
        let served = Arc::clone(&site);
        let serving =
            Serving::start(listen, threads, service_fn(move |request| service::answer(Arc::clone(&served), request)))?;
        Ok(Self { serving, site })
    }

    /// The address that is served, with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.serving.addr()
    }

    /// From now on, answers each request that carries `x-case: <key>` by exactly this script.
    pub fn script(&self, key: &str, script: Script) {
        self.script_sequence(key, vec![script]);
    }

    /// As [`Self::script`], but the first request gets the first script, and so on; the last one stays.
    /// An empty list removes what was scripted.
    pub fn script_sequence(&self, key: &str, scripts: Vec<Script>) {
        self.site.scripts.set(key, scripts);
    }

    /// What arrived with `x-case: <key>`, oldest first, as far as it arrived up to now.
    pub fn received(&self, key: &str) -> Vec<Received> {
        self.site.recorder.received(key)
    }

    /// Forgets all scripts and all that was received.
    pub fn clear(&self) {
        self.site.clear();
    }
}
