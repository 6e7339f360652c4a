//! What a budget costs: reserved and settled for each call, beside a filter that sees as much, and beside Envoy's own limit,
//! which counts requests and reads nothing.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use serde_json::{Value, json};
use testkit::Link;

/// The suite.
pub fn suite() -> Suite {
    let cases = [2, 32].map(|kilobytes| Case {
        name: format!("{kilobytes} KB"),
        request: Request::chat("demo-small", kilobytes << 10),
        noop: Noop::HoldsRequestSeesPieces,
        chains: vec![
            Chain::new("meter", [Link::filter("token_budget", with_limits(&json!([])))]),
            Chain::new("local", [Link::filter("token_budget", config())]).showing("x-ratelimit-limit-tokens"),
            Chain::new("local_ratelimit", [native()]).showing("x-ratelimit-limit"),
        ],
    });
    Suite {
        name: "token_budget",
        about: "two limits of each caller, beside a filter that sees as much and Envoy's own local_ratelimit",
        work: Work::Requests(cases.into()),
    }
}

/// A limit of requests and one of tokens that never refuse.
pub fn config() -> Value {
    with_limits(&json!([
        {"name": "requests", "unit": "requests", "amount": 1_000_000_000, "window": {"token_bucket": {"period_secs": 60}}},
        {"name": "tokens", "unit": "tokens", "amount": 1_000_000_000_000_u64, "window": {"calendar": {"unit": "day"}}},
    ]))
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
