//! One chain in an Envoy of its own, ready to be loaded.
//!
//! Each chain has its own process, so that CPU time and memory are of that chain alone. While one is loaded the others sleep.

use crate::generator::{Generator, Load};
use crate::request::Request;
use crate::suite::{Chain, Plan};
use crate::usage;
use anyhow::{Context, bail, ensure};
use envoy::{Binary, Envoy, Options};
use serde_json::json;
use std::net::SocketAddr;
use testkit::{GatewaySpec, ListenerSpec};

/// The name of the only listener, and the prefix of its statistics.
const LISTENER: &str = "gateway";

/// A running chain.
pub struct Contender {
    chain: Chain,
    envoy: Envoy,
    address: SocketAddr,
}

/// What one turn of a chain was measured at.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Responses per second.
    pub rate: f64,
    /// CPU time of Envoy per response, in microseconds.
    pub cpu_us: f64,
    /// Median latency in microseconds.
    pub p50_us: f64,
    /// 99th percentile of the latency in microseconds.
    pub p99_us: f64,
}

impl Contender {
    /// Starts an Envoy with one worker and this chain.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(binary: &Binary, chain: &Chain, upstream: SocketAddr) -> anyhow::Result<Self> {
        let options = Options { concurrency: 1, ..Options::default() };
        let envoy = Envoy::start(binary, &bootstrap(chain, upstream), &options)?;
        let address = envoy.listener(LISTENER).context("Envoy has no listener")?;
        Ok(Self { chain: chain.clone(), envoy, address })
    }

    /// The Envoy.
    pub fn envoy(&self) -> &Envoy {
        &self.envoy
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Sends the request once and looks at what comes back.
    ///
    /// # Errors
    /// It is not a 200 with a body and the header that the chain must show.
    pub fn prove(&self, request: &Request) -> anyhow::Result<()> {
        let mut ask = ureq::http::Request::builder()
            .method(request.method)
            .uri(format!("http://{}{}", self.address, request.path));
        for (name, value) in &request.headers {
            ask = ask.header(name, value);
        }
        let mut response = ureq::run(ask.body(request.body.clone())?)
            .with_context(|| format!("one request through {}", self.name()))?;
        let body = response.body_mut().read_to_vec().context("the response breaks off")?;
        ensure!(response.status() == 200, "{}: a {} instead of a 200", self.name(), response.status());
        ensure!(!body.is_empty(), "{}: a response without a body", self.name());
        if let Some(header) = self.chain.shows {
            ensure!(response.headers().contains_key(header), "{}: the response has no {header}", self.name());
        }
        Ok(())
    }

    /// Loads the chain for so many seconds.
    ///
    /// # Errors
    /// A connection failed, or a response was not a 2xx: such a measure is worth nothing.
    pub fn measure(&self, generator: &Generator, request: &Request, plan: &Plan) -> anyhow::Result<Sample> {
        let (before, cpu) = (self.responses(), usage::cpu(self.envoy.pid())?);
        let load = generator.run(self.address, request, plan.connections, plan.seconds)?;
        let (cpu, after) = (usage::cpu(self.envoy.pid())?.saturating_sub(cpu), self.responses());
        let (good, bad) = (after.good - before.good, after.bad - before.bad);
        if load.errors != crate::generator::Errors::default() || bad > 0 {
            bail!(
                "{}: {bad} responses were not 2xx, {:?}; Envoy says:\n{}",
                self.name(),
                load.errors,
                self.envoy.log()
            );
        }
        // What was on its way at the end is counted by one of the two.
        let uncounted = u64::from(plan.connections) + load.requests / 100;
        ensure!(
            good.abs_diff(load.requests) <= uncounted,
            "{}: {good} responses by Envoy's count, {} by the generator's",
            self.name(),
            load.requests
        );
        Ok(sample(&load, cpu.as_secs_f64() * 1e6 / good as f64))
    }

    /// Memory in RAM, in MiB.
    ///
    /// # Errors
    /// Envoy is gone.
    pub fn resident_mib(&self) -> anyhow::Result<f64> {
        Ok(usage::resident(self.envoy.pid())? as f64 / f64::from(1 << 20))
    }

    fn name(&self) -> &str {
        &self.chain.name
    }

    fn responses(&self) -> Responses {
        count(self.envoy.stats("downstream_rq_").iter())
    }
}

fn sample(load: &Load, cpu_us: f64) -> Sample {
    Sample { rate: load.rate(), cpu_us, p50_us: load.p50_us, p99_us: load.p99_us }
}

/// Responses by Envoy's own count: the generator does not count a 3xx as an error.
#[derive(Debug, PartialEq, Eq)]
struct Responses {
    good: u64,
    bad: u64,
}

fn count<'a>(stats: impl Iterator<Item = (&'a String, &'a u64)>) -> Responses {
    let mut responses = Responses { good: 0, bad: 0 };
    // Each is there a second time as `listener.<address>.http.…`, and the admin interface has its own.
    let prefix = format!("http.{LISTENER}.downstream_rq_");
    for (name, value) in stats {
        match name.strip_prefix(&prefix) {
            Some("2xx") => responses.good += value,
            Some("1xx" | "3xx" | "4xx" | "5xx") => responses.bad += value,
            _ => {}
        }
    }
    responses
}

/// The gateway of the tests, without its access log.
fn bootstrap(chain: &Chain, upstream: SocketAddr) -> String {
    let listener = ListenerSpec {
        name: LISTENER.into(),
        chain: chain.links.clone(),
        manager: [("access_log".to_string(), json!([]))].into(),
        ..ListenerSpec::default()
    };
    let services = chain.services.clone();
    GatewaySpec { listeners: vec![listener], services, ..GatewaySpec::default() }.bootstrap(upstream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_2xx_is_bad_and_nothing_counts_twice() {
        let kinds = ["1xx", "2xx", "3xx", "4xx", "5xx", "total", "active", "completed"];
        let scopes = ["http.gateway", "http.admin", "listener.127.0.0.1_1.http.gateway"];
        let stats: Vec<(String, u64)> =
            scopes.iter().flat_map(|scope| kinds.map(|kind| (format!("{scope}.downstream_rq_{kind}"), 1))).collect();
        let counted = count(stats.iter().map(|(name, value)| (name, value)));
        assert_eq!(counted, Responses { good: 1, bad: 4 });
    }
}
