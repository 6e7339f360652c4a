//! What a server is started with.

use std::net::{Ipv4Addr, SocketAddr};

use crate::behaviour::Behaviour;

/// What a [`crate::DemoUpstream`] is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names this version of the model: in the default answer, in `system_fingerprint` and in `x-demo-version`.
    pub version_label: String,
    /// What `GET /v1/models` lists. Calls to other models are answered too.
    pub models: Vec<String>,
    /// How requests are answered that carry no `x-demo-*` header of their own.
    pub behaviour: Behaviour,
    /// Threads that serve. One is cheapest, and enough for a benchmark on a few cores.
    pub threads: usize,
    /// How many requests with an `x-case` header are remembered, the oldest forgotten first.
    pub keep_received: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            version_label: "v1".to_owned(),
            models: vec!["demo-small".to_owned(), "demo-large".to_owned()],
            behaviour: Behaviour::default(),
            threads: 1,
            keep_received: 1_000,
        }
    }
}
