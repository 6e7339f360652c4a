//! What these tests share: a gateway with the cache in its chain, and ways to ask it.

use serde_json::{Value, json};
use std::net::SocketAddr;
use testkit::{Body, Gateway, GatewaySpec, Link, ListenerSpec, Outcome, RequestSpec, client};

/// Both attachments.
pub const ATTACHMENTS: [&str; 2] = ["full", "plain"];

/// The filter with this policy.
pub fn cache(attachment: &str, policy: Value) -> Link {
    let service = json!({"cluster": "modelgate-cache", "timeout_ms": 1_000});
    Link::filter(
        "semantic_cache",
        json!({"attachment": attachment, "service": service, "policies": {"p": policy}, "default_policy": "p"}),
    )
}

/// What an authenticator in front writes.
pub fn who(state: Value) -> Link {
    Link::probe(json!({"attachment": "full", "request": {"state": state}}))
}

pub fn alice() -> Link {
    who(json!({"modelgate.tenant": "acme", "modelgate.consumer": "alice"}))
}

pub fn listener(name: &str, chain: Vec<Link>) -> ListenerSpec {
    ListenerSpec { name: name.into(), chain, buffer_limit: Some(32 << 20), ..ListenerSpec::default() }
}

pub fn gateway(listeners: Vec<ListenerSpec>, service: SocketAddr) -> Gateway {
    let services = vec![("modelgate-cache".into(), service)];
    let state = vec!["modelgate.cache".to_owned()];
    Gateway::start(&GatewaySpec { listeners, services, state, ..GatewaySpec::default() })
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// A call of an API, with these members beside model and question.
pub fn call(path: &str, text: &str, more: Value) -> RequestSpec {
    let mut body = match path {
        "/v1/completions" => json!({"model": "demo-small", "prompt": text}),
        "/v1/responses" => json!({"model": "demo-small", "input": text}),
        _ => json!({"model": "demo-small", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}),
    };
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    RequestSpec { path: path.into(), body: Some(Body::Json(body)), ..RequestSpec::default() }
}

pub fn chat(text: &str) -> RequestSpec {
    call("/v1/chat/completions", text, json!({}))
}

pub fn with(mut request: RequestSpec, name: &str, value: &str) -> RequestSpec {
    request.headers.insert(name.into(), value.into());
    request
}

/// Sends a request, which the demo upstream answers.
pub fn send(gateway: &Gateway, listener: &str, request: &RequestSpec, case: &str) -> Outcome {
    let outcome = block_on(client::send(gateway.addr(listener), request, case));
    assert_ne!(outcome.details, "hung", "{case} hung; Envoy says:\n{}", gateway.log());
    outcome
}

pub fn field(outcome: &Outcome, name: &str) -> String {
    let found = outcome.headers.iter().find(|(field, _)| field == name);
    found.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}

pub fn status(outcome: &Outcome) -> String {
    field(outcome, "x-cache-status")
}

pub fn text(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.body).into_owned()
}
