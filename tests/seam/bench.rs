//! What the tests of this crate share: a gateway of probes, and ways to ask it.

use demo_upstream::Script;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use testkit::{Body, Gateway, GatewaySpec, Link, ListenerSpec, Outcome, RequestSpec, client};

/// Both attachments.
pub const ATTACHMENTS: [&str; 2] = ["full", "plain"];

/// A probe's configuration under an attachment.
pub fn attached(attachment: &str, mut config: Value) -> Value {
    config["attachment"] = attachment.into();
    config
}

/// A listener with this chain of probes.
pub fn listener(name: &str, chain: Vec<Link>) -> ListenerSpec {
    ListenerSpec { name: name.into(), chain, ..ListenerSpec::default() }
}

/// A gateway of one listener `all` for each attachment, named by it, with one probe of this configuration.
pub fn gateway(config: &Value, services: Vec<(String, SocketAddr)>) -> Gateway {
    let listeners = ATTACHMENTS
        .map(|attachment| listener(attachment, vec![Link::probe(attached(attachment, config.clone()))]))
        .to_vec();
    Gateway::start(&GatewaySpec { listeners, services, ..GatewaySpec::default() })
}

/// A `POST` of this text.
pub fn post(text: &str) -> RequestSpec {
    RequestSpec { body: Some(Body::Text(text.into())), ..RequestSpec::default() }
}

/// A dependency of the probe.
pub fn dependency(cluster: &str, timeout_ms: u32, failure_mode: &str) -> Value {
    json!({"cluster": cluster, "timeout_ms": timeout_ms, "failure_mode": failure_mode})
}

/// Runs async work on a runtime of its own.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// Sends one request, which the upstream answers with an empty 200.
pub fn send(gateway: &Gateway, listener: &str, request: &RequestSpec, case: &str) -> Outcome {
    gateway.upstream.script(case, Script::default());
    send_scripted(gateway, listener, request, case)
}

/// Sends one request, which the upstream answers as it was told.
pub fn send_scripted(gateway: &Gateway, listener: &str, request: &RequestSpec, case: &str) -> Outcome {
    let outcome = block_on(client::send(gateway.addr(listener), request, case));
    assert_ne!(outcome.details, "hung", "{case} hung; Envoy says:\n{}", gateway.log());
    outcome
}

/// Envoy lives, no VM failed, and the gateway answers.
pub fn assert_well(gateway: &mut Gateway, listener: &str, request: &RequestSpec) {
    assert!(gateway.envoy.is_alive(), "Envoy ended:\n{}", gateway.log());
    let outcome = send(gateway, listener, request, "well");
    assert_ne!(outcome.status, 0, "no answer; Envoy says:\n{}", gateway.log());
    assert_eq!(gateway.vm_failures(), 0, "a VM failed:\n{}", gateway.log());
}

/// Time for something not to happen.
pub const MOMENT: Duration = Duration::from_millis(150);
