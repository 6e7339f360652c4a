//! What the choice of a model version costs: the model from the body, a sticky split, an override by header.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use serde_json::{Value, json};
use testkit::Link;

/// Models of a large configuration.
const MANY: usize = 1_000;

/// The model that is asked for.
const MODEL: &str = "demo-small";

/// The header that the router sets on each response.
const PROOF: &str = "x-model-version";

/// The suite.
pub fn suite() -> Suite {
    let mut cases: Vec<Case> = [1, 8, 64].map(|kilobytes| case(&format!("{kilobytes} KB"), kilobytes << 10)).into();
    cases.push(Case { request: asked(Request::chat_stream(MODEL, 1 << 10)), ..case("SSE", 0) });
    Suite { name: "model_router", about: "the router, beside a filter that holds as much", work: Work::Requests(cases) }
}

fn case(name: &str, bytes: usize) -> Case {
    Case {
        name: name.into(),
        request: asked(Request::chat(MODEL, bytes)),
        noop: Noop::HoldsRequest,
        chains: vec![
            Chain::new("body", [link(&["body"], 1)]).showing(PROOF),
            Chain::new("body, 1000 models", [link(&["body"], MANY)]).showing(PROOF),
            Chain::new("all sources", [link(&["path", "body", "header"], 1)]).showing(PROOF),
        ],
    }
}

/// As a client sends it that a chain with all sources and a sticky split has something to read of.
fn asked(request: Request) -> Request {
    request.header("x-user-id", "user-17").header("x-gateway-model", MODEL)
}

fn link(sources: &[&str], models: usize) -> Link {
    Link::filter("model_router", config(sources, models))
}

/// A configuration of the router with so many models; [`MODEL`] is the last of them.
pub fn config(sources: &[&str], models: usize) -> Value {
    let others = (1..models).map(|at| format!("team-{at}-model"));
    let models: Vec<Value> = others.chain([MODEL.to_string()]).map(|name| model(&name)).collect();
    json!({
        "attachment": "full",
        "sources": sources,
        "policies": {"default": {"models": models}},
        "default_policy": "default",
    })
}

fn model(name: &str) -> Value {
    json!({
        "name": name,
        "aliases": [format!("{name}-latest")],
        "versions": [{"name": "v1", "weight": 900_000}, {"name": "v2", "weight": 100_000}],
        "sticky": {"by": [{"header": "x-user-id"}, "source_address"], "salt": "bench"},
        "override": {"header": "x-model-version-override", "consumers": ["*"]},
    })
}
