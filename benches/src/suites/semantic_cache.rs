//! What asking the cache costs, with a service that answers at once: a hit, whole and as a stream, a miss, and a request that is
//! never asked about. How long the service itself takes is measured in its own room.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use cache_api::Message;
use cache_api::cache::{Answer, Hit, LookupResponse, Miss, Step, lookup_response::Outcome};
use demo_upstream::grpc::{EchoAnswer, GrpcEcho, start_echo};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::OnceLock;
use testkit::Link;

/// The suite.
pub fn suite() -> Suite {
    let case = |name: &str, answer: Option<fn() -> Outcome>, noop| Case {
        name: name.into(),
        request: Request::chat("demo-small", 1 << 10),
        noop,
        chains: vec![chain(answer)],
    };
    let cases = vec![
        case("exact hit", Some(hit), Noop::HoldsRequest),
        case("hit, JSON from a stream", Some(hit_from_stream), Noop::HoldsRequest),
        case("miss", Some(miss), Noop::HoldsRequestSeesPieces),
        case("bypass", None, Noop::HoldsRequest),
    ];
    Suite {
        name: "semantic_cache",
        about: "asking the cache, beside a filter that holds as much",
        work: Work::Requests(cases),
    }
}

/// The filter in front of a service that answers each lookup like this; nobody is known where it is never asked.
fn chain(answer: Option<fn() -> Outcome>) -> Chain {
    let scope = if answer.is_some() { "public" } else { "tenant" };
    let chain = Chain::new("semantic_cache", [Link::filter("semantic_cache", config(scope))]).showing("x-cache-status");
    match answer.and_then(|answer| service(answer())) {
        Some(address) => chain.calling("modelgate-cache", address),
        None => chain,
    }
}

/// A configuration of this scope.
pub fn config(scope: &str) -> Value {
    json!({
        "attachment": "full",
        "service": {"cluster": "modelgate-cache", "timeout_ms": 1000},
        "policies": {"default": {"scope": scope}},
        "default_policy": "default",
    })
}

/// A service that gives this answer to whatever it is asked. It runs as long as this process.
fn service(outcome: Outcome) -> Option<SocketAddr> {
    static RUNNING: OnceLock<std::sync::Mutex<Vec<GrpcEcho>>> = OnceLock::new();
    let echo = start_echo().ok()?;
    echo.set_answer(EchoAnswer::Message(LookupResponse { outcome: Some(outcome) }.encode_to_vec()));
    let address = echo.addr();
    RUNNING.get_or_init(Default::default).lock().ok()?.push(echo);
    Some(address)
}

fn hit() -> Outcome {
    let whole = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "demo-small",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "word ".repeat(200)}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 200, "total_tokens": 201},
    });
    hit_of("application/json", whole.to_string())
}

fn hit_from_stream() -> Outcome {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "demo-small",
            "choices": choices, "usage": usage});
        format!("data: {chunk}\n\n")
    };
    let word = chunk(json!([{"index": 0, "delta": {"content": "word "}, "finish_reason": null}]), Value::Null);
    let end = chunk(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]), Value::Null);
    let usage = chunk(json!([]), json!({"prompt_tokens": 1, "completion_tokens": 200, "total_tokens": 201}));
    hit_of("text/event-stream", word.repeat(200) + &end + &usage + "data: [DONE]\n\n")
}

fn hit_of(content_type: &str, body: String) -> Outcome {
    let answer = Answer { content_type: content_type.into(), body: body.into_bytes() };
    Outcome::Hit(Hit {
        answer: Some(answer),
        step: Step::Exact.into(),
        similarity: 1.0,
        age_ms: 1000,
        entry: "e".into(),
    })
}

fn miss() -> Outcome {
    Outcome::Miss(Miss { step: Step::Similarity.into(), similarity: 0.1, ticket: Vec::new(), leader: false })
}
