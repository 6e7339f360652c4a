//! `modelgate up`: a whole gateway on this machine, until it is told to stop.

mod checkout;
mod client;
mod error;
mod progress;
mod round;
mod service;
mod start;
mod steps;
mod tally;

pub use error::Error;
pub use start::{Gateway, Keys, start};

use crate::gateway::TRIAL_CALLS;
use crate::upstream::Upstream;
use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What `modelgate up` is told.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// A server that speaks the OpenAI API, as URL or NAME=URL. Several are versions that share the traffic equally. A path
    /// that ends with /v1 is a base URL as clients know it
    #[arg(long, value_name = "[NAME=]URL")]
    pub upstream: Vec<Upstream>,
    /// A model that clients may ask for, with --upstream; may be repeated. Without it every model goes through
    #[arg(long, value_name = "NAME")]
    pub model: Vec<String>,
    /// Start a demo server in two versions, v1 and v2, behind the gateway
    #[arg(long)]
    pub demo: bool,
    /// Send a scripted round of requests, print what came of them, and end: with 0 if all was as expected
    #[arg(long)]
    pub once: bool,
    /// Where the gateway listens; port 0 is any free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:10000")]
    pub listen: SocketAddr,
    /// A folder of built modules, to be used in place of building them
    #[arg(long, value_name = "DIR")]
    pub dist: Option<PathBuf>,
    /// Worker threads of Envoy
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub concurrency: u32,
    /// Do not try to reach the upstreams first
    #[arg(long)]
    pub no_check: bool,
}

/// Runs the gateway until it is told to stop, or through one round. `true` is success.
///
/// # Errors
/// [`Error`] says what is wrong and what to do.
pub fn run(options: &Options) -> Result<bool, Error> {
    let stop = Stop::listen()?;
    let mut gateway = start(options, &stop)?;
    let address = gateway.address();
    println!(
        "Modelgate is ready on http://{address} (Envoy {}, ready after {:.1} s)",
        gateway.version(),
        gateway.ready_secs()
    );
    if options.once {
        return Ok(round::run(&gateway, options));
    }
    let curl = steps::curl_line(address, steps::first_model(options));
    println!("Try: {curl}");
    if let Some(Keys { trial, client }) = gateway.keys() {
        println!("As a caller with {TRIAL_CALLS} calls a day: {curl} -H 'authorization: Bearer {trial}'");
        println!("For clients: export OPENAI_BASE_URL=http://{address}/v1 OPENAI_API_KEY={client}");
        println!("             export ANTHROPIC_BASE_URL=http://{address} ANTHROPIC_API_KEY={client}");
    }
    println!("Metrics: http://{}/stats/prometheus   Log: {}", gateway.admin(), gateway.log_path().display());
    println!("Ctrl-C ends it.");
    while !stop.is_told() {
        if let Some(log) = gateway.ended() {
            return Err(Error::Ended(log));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    eprintln!("stopping");
    Ok(true)
}

/// Whether Ctrl-C or SIGTERM told this process to stop. Told twice, it ends at once.
#[derive(Debug, Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// The system refused.
    pub fn listen() -> std::io::Result<Self> {
        let told = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down.
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, told.clone())?;
            signal_hook::flag::register(signal, told.clone())?;
        }
        Ok(Self(told))
    }

    /// Whether it was told.
    pub fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
