//! Why a gateway does not run, and what to do about it.

use crate::gateway::FillError;
use envoy::{FindError, StartError};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The gateway does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing to stand in front of.
    #[error("nothing to stand in front of; give --demo, or --upstream URL of a server that speaks the OpenAI API")]
    NoUpstream,
    /// Both kinds.
    #[error("--demo and --upstream exclude each other; give one of them")]
    Both,
    /// One name for two upstreams.
    #[error("two upstreams are named `{0}`; give each --upstream its own NAME=URL")]
    SameName(String),
    /// Models without upstreams.
    #[error("--model belongs to --upstream; the demo's models are in envoy/envoy.yaml")]
    DemoModels,
    /// A round without a model.
    #[error("--once needs --model NAME: it must know a model that the upstream serves")]
    NoModel,
    /// The address is in use.
    #[error("{0} is taken by another process; stop that one, or choose another address with --listen")]
    Taken(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Listen(SocketAddr, io::Error),
    /// An upstream does not accept connections.
    #[error(
        "upstream {name} ({authority}) cannot be reached: {source}; start it, correct the URL, or skip this check with --no-check"
    )]
    Unreachable {
        /// Its name.
        name: String,
        /// Its host and port.
        authority: String,
        /// Why.
        source: io::Error,
    },
    /// Not inside the repository.
    #[error("this is no checkout of Modelgate; run the command somewhere inside one")]
    NoCheckout,
    /// A module could not be built.
    #[error("the filters could not be built ({0}); ./wasm-build.sh shows why")]
    Build(String),
    /// The cache service does not run.
    #[error("the service modelgate-cache does not run: {0}")]
    Service(#[from] modelgate_cache::server::StartError),
    /// It has no configuration to run with.
    #[error("the service modelgate-cache cannot be configured: {0}")]
    Configure(#[from] modelgate_cache::server::config::ConfigError),
    /// A module is missing.
    #[error("{} has no {missing}; build with ./wasm-build.sh, or leave --dist out", folder.display())]
    NoModules {
        /// Where they were looked for.
        folder: PathBuf,
        /// Which.
        missing: String,
    },
    /// The configuration cannot be filled in.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// No Envoy.
    #[error(transparent)]
    Find(#[from] FindError),
    /// Envoy did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Envoy ended.
    #[error("Envoy ended; the end of its log:\n{0}")]
    Ended(String),
    /// Told to stop before it was ready.
    #[error("stopped before it was ready")]
    Stopped,
    /// Something of the system.
    #[error(transparent)]
    Io(#[from] io::Error),
}
