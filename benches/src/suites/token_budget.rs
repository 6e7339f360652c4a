//! What a budget costs: reserved and settled for each call, beside a filter that sees as much, and beside Envoy's own limit,
//! which counts requests and reads nothing. Leases are taken from a service that answers at once.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use cache_api::Message;
use cache_api::budget::{ReserveResponse, Standing};
use demo_upstream::grpc::{EchoAnswer, GrpcEcho, start_echo};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::OnceLock;
use testkit::Link;

/// The cluster of the service.
const SERVICE: &str = "modelgate-cache";

/// What the service gives at a time: enough for all calls until a lease's time is over.
const SLICE: u64 = 10_000_000_000;

/// The suite.
pub fn suite() -> Suite {
    let cases = [2, 32].map(|kilobytes| Case {
        name: format!("{kilobytes} KB"),
        request: Request::chat("demo-small", kilobytes << 10),
        noop: Noop::HoldsRequestSeesPieces,
        chains: vec![
            Chain::new("meter", [Link::filter("token_budget", with_limits(&json!([])))]),
            Chain::new("local", [Link::filter("token_budget", config())]).showing("x-ratelimit-limit-tokens"),
            leased(),
            Chain::new("local_ratelimit", [native()]).showing("x-ratelimit-limit"),
        ],
    });
    Suite {
        name: "token_budget",
        about: "two limits of each caller, kept here or leased, beside a filter that sees as much and Envoy's own local_ratelimit",
        work: Work::Requests(cases.into()),
    }
}

/// A limit of requests and one of tokens that never refuse.
pub fn config() -> Value {
    with_limits(&limits("local"))
}

fn limits(store: &str) -> Value {
    json!([
        {"name": "requests", "unit": "requests", "amount": 1_000_000_000, "store": store,
         "window": {"token_bucket": {"period_secs": 60}}},
        {"name": "tokens", "unit": "tokens", "amount": 1_000_000_000_000_u64, "store": store,
         "window": {"calendar": {"unit": "day"}}},
    ])
}

/// The same limits, in slices of a service that gives each slice at once.
fn leased() -> Chain {
    let mut config = with_limits(&limits("leased"));
    config["shared"] = json!({"cluster": SERVICE, "timeout_ms": 1000});
    let chain = Chain::new("leased", [Link::filter("token_budget", config)]).showing("x-ratelimit-limit-tokens");
    match service() {
        Some(address) => chain.calling(SERVICE, address),
        None => chain,
    }
}

/// It runs as long as this process.
fn service() -> Option<SocketAddr> {
    static RUNNING: OnceLock<Option<GrpcEcho>> = OnceLock::new();
    let echo = RUNNING.get_or_init(|| {
        let echo = start_echo().ok()?;
        let standings = vec![Standing { limit: SLICE, remaining: 0, reset_ms: 0 }];
        let given = ReserveResponse { admitted: true, granted: vec![SLICE], standings, ..ReserveResponse::default() };
        echo.set_answer(EchoAnswer::Message(given.encode_to_vec()));
        Some(echo)
    });
    echo.as_ref().map(GrpcEcho::addr)
}

fn with_limits(limits: &Value) -> Value {
    json!({
        "attachment": "full",
        "prices": {"demo-*": {"input": 150_000, "output": 600_000}},
        "default_policy": "default",
        "policies": {"default": {"limits": limits}},
    })
}

/// Envoy's own filter, which takes one token for each request, whoever calls.
fn native() -> Link {
    let always = json!({"default_value": {"numerator": 100, "denominator": "HUNDRED"}});
    Link::Native(json!({"name": "local_ratelimit", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": "bench",
        "token_bucket": {"max_tokens": 1_000_000_000, "tokens_per_fill": 1_000_000_000, "fill_interval": "60s"},
        "filter_enabled": always,
        "filter_enforced": always,
        "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
    }}))
}
