//! What a suite is: data. The runner knows how to measure it, a suite knows only what.

use crate::request::Request;
use crate::suites::policy::Timing;
use serde_json::{Value, json};
use std::net::SocketAddr;
use testkit::Link;

/// How long and how often is measured, and what of it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Seconds of load per chain and round.
    pub seconds: u64,
    /// Rounds.
    pub rounds: usize,
    /// Connections that ask at the same time.
    pub connections: u32,
    /// Only cases whose name holds this.
    pub case: Option<String>,
}

impl Plan {
    /// Whether a case of this name is wanted.
    pub fn wants(&self, case: &str) -> bool {
        self.case.as_ref().is_none_or(|part| case.contains(part.as_str()))
    }
}

/// Cases that belong together.
pub struct Suite {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it answers, in one line.
    pub about: &'static str,
    /// What is measured.
    pub work: Work,
}

/// What a suite measures.
pub enum Work {
    /// Requests through chains of filters.
    Requests(Vec<Case>),
    /// How long Envoy takes to be ready with a chain. The first is what the others are compared with.
    Starts(Vec<Chain>),
    /// Functions of this process, without Envoy.
    Timings(Vec<Timing>),
}

/// One request through several chains. The runner puts the baselines in front: [`BARE`] and [`NOOP`].
pub struct Case {
    /// Its name.
    pub name: String,
    /// What is sent, always the same.
    pub request: Request,
    /// What the no-op filter does.
    pub noop: Noop,
    /// The chains under test.
    pub chains: Vec<Chain>,
}

/// The name of the chain without a filter.
pub const BARE: &str = "bare";

/// The name of the chain with one filter that only buffers.
pub const NOOP: &str = "noop";

/// What the no-op filter does: as much of the bodies as the filter under test has to see, and nothing with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noop {
    /// Holds the request until its body is whole.
    HoldsRequest,
    /// Holds the request, and sees each piece of the response.
    HoldsRequestSeesPieces,
}

impl Noop {
    /// The chain of it alone.
    pub fn chain(self) -> Chain {
        Chain::new(NOOP, [Link::probe(self.config())])
    }

    /// The probe's configuration.
    pub fn config(self) -> Value {
        match self {
            Self::HoldsRequest => json!({"attachment": "full", "request": {"body": "whole"}}),
            Self::HoldsRequestSeesPieces => {
                json!({"attachment": "full", "request": {"body": "whole"}, "response": {"body": "chunks"}})
            }
        }
    }
}

/// Filters in front of the upstream.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Its name.
    pub name: String,
    /// The filters, in order.
    pub links: Vec<Link>,
    /// A response header that proves that the filters worked.
    pub shows: Option<&'static str>,
    /// Services that the filters call: cluster and address.
    pub services: Vec<(String, SocketAddr)>,
}

impl Chain {
    /// These filters.
    pub fn new(name: &str, links: impl IntoIterator<Item = Link>) -> Self {
        Self { name: name.into(), links: links.into_iter().collect(), shows: None, services: Vec::new() }
    }

    /// No filter.
    pub fn bare() -> Self {
        Self::new(BARE, [])
    }

    /// The filters call this service.
    pub fn calling(mut self, cluster: &str, address: SocketAddr) -> Self {
        self.services.push((cluster.into(), address));
        self
    }

    /// The response must have this header, or the suite fails: nobody measures a filter that did nothing.
    pub fn showing(mut self, header: &'static str) -> Self {
        self.shows = Some(header);
        self
    }
}

impl Case {
    /// The baselines, and behind them the chains under test.
    pub fn contenders(&self) -> Vec<Chain> {
        let mut all = vec![Chain::bare(), self.noop.chain()];
        all.extend(self.chains.iter().cloned());
        all
    }
}

impl Suite {
    /// The suite and its cases, for people.
    pub fn listing(&self) -> String {
        let mut out = format!("{:<18}{}\n", self.name, self.about);
        match &self.work {
            Work::Requests(cases) => {
                for case in cases {
                    let chains: Vec<String> = case.contenders().into_iter().map(|chain| chain.name).collect();
                    out += &format!("{:<18}- {}: {}\n", "", case.name, chains.join(", "));
                }
            }
            Work::Starts(chains) => chains.iter().for_each(|chain| out += &format!("{:<18}- {}\n", "", chain.name)),
            Work::Timings(timings) => {
                timings.iter().for_each(|timing| out += &format!("{:<18}- {}\n", "", timing.name))
            }
        }
        out
    }
}
