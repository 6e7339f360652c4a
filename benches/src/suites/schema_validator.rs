//! What a schema costs: the built-in ones in both profiles, and the same rules as a schema of the operator's own.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use serde_json::{Value, json};
use testkit::Link;

/// The suite.
pub fn suite() -> Suite {
    let cases = [2, 32, 120].map(|kilobytes| Case {
        name: format!("{kilobytes} KB"),
        request: Request::chat("demo-small", kilobytes << 10),
        noop: Noop::HoldsRequest,
        chains: vec![
            Chain::new("parse", [Link::probe(parse())]),
            Chain::new("compatible", [Link::filter("schema_validator", config("compatible"))]),
            Chain::new("strict", [Link::filter("schema_validator", config("strict"))]),
            Chain::new("custom", [Link::filter("schema_validator_custom", custom())]),
        ],
    });
    Suite {
        name: "schema_validator",
        about: "schemas, beside a filter that holds as much",
        work: Work::Requests(cases.into()),
    }
}

/// A filter that parses the request's body and drops the value: what a schema is compared with.
fn parse() -> Value {
    json!({"attachment": "full", "request": {"body": "whole", "parse": true}})
}

/// A configuration with the built-in schemas alone.
pub fn config(profile: &str) -> Value {
    json!({
        "attachment": "full",
        "policies": {"default": {"profile": profile}},
        "default_policy": "default",
    })
}

/// A configuration in which a schema of the operator's own judges chat completions: the built-in document itself.
fn custom() -> Value {
    let file = testkit::repository().join("filters/schema_validator/schemas/openai.chat.json");
    let schema = std::fs::read_to_string(file).unwrap_or_default();
    json!({
        "attachment": "full",
        "schemas": {"chat": {"json_schema": schema}},
        "policies": {"default": {"schemas": [{"match": {"api": ["chat"]}, "request": "chat"}]}},
        "default_policy": "default",
    })
}
