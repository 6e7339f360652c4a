//! What looking for personal data costs: secrets and cards, and everything, beside a filter that holds as much.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use serde_json::{Value, json};
use testkit::Link;

/// The suite.
pub fn suite() -> Suite {
    let cases = [1, 8, 64].map(|kilobytes| Case {
        name: format!("{kilobytes} KB"),
        request: Request::chat("demo-small", kilobytes << 10),
        noop: Noop::HoldsRequest,
        chains: vec![
            Chain::new("secrets and cards", [Link::filter("pii_guard", config_of(&["secrets", "cards"]))]),
            Chain::new("everything", [Link::filter("pii_guard", config_of(&["*"]))]),
        ],
    });
    Suite {
        name: "pii_guard",
        about: "recognizers, beside a filter that holds as much",
        work: Work::Requests(cases.into()),
    }
}

/// A configuration that masks everything.
pub fn config() -> Value {
    config_of(&["*"])
}

fn config_of(entities: &[&str]) -> Value {
    json!({
        "attachment": "full",
        "default_policy": "default",
        "policies": {"default": {"request": [{"entities": entities, "action": "mask"}]}},
    })
}
