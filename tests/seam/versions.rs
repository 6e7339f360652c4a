//! A smoke round on the oldest Envoy that has the flag for waiting in heads and that the project supports.

use crate::bench::{ATTACHMENTS, assert_well, attached, dependency, listener, post, send_scripted};
use demo_upstream::grpc::start_echo;
use serde_json::json;
use testkit::{Gateway, GatewaySpec, Link, envoy_of};

const OLDEST: &str = "1.36.2";

#[test]
fn a_smoke_round_on_the_oldest_envoy() {
    let service = start_echo().unwrap();
    let config = json!({
        "reads_responses": true,
        "vouched_state": ["modelgate.consumer"],
        "request": {"ask": dependency("model", 1000, "deny"), "body": "whole", "edit": {"append": " and more"}, "state": {"modelgate.consumer": "alice"}},
        "response": {"body": "whole", "edit": "upper"},
        "tell_end": dependency("model", 1000, "allow"),
    });
    let listeners = ATTACHMENTS
        .map(|attachment| listener(attachment, vec![Link::probe(attached(attachment, config.clone()))]))
        .to_vec();
    let spec = GatewaySpec { listeners, services: vec![("model".into(), service.addr())], ..GatewaySpec::default() };
    let mut gateway = Gateway::start_with(&envoy_of(OLDEST), &spec);
    for attachment in ATTACHMENTS {
        gateway
            .upstream
            .script(attachment, demo_upstream::Script { chunks: vec![b"answer".to_vec()], ..Default::default() });
        let outcome = send_scripted(&gateway, attachment, &post("hello"), attachment);
        assert_eq!((outcome.status, outcome.body.as_slice()), (200, &b"ANSWER"[..]), "{attachment}: {}", gateway.log());
        assert_eq!(gateway.upstream.received(attachment).pop().unwrap().body, b"hello and more");
    }
    gateway.wait(|| (service.count() == 4).then_some(()), "two questions and two ends");
    assert_well(&mut gateway, "full", &post("x"));
}
