//! K3: a held body that grows past a limit of Envoy's which the module cannot read. Envoy answers by itself, in three of four
//! places from inside the host call, and re-enters the module. The proxy lives, and the next request is served.

use crate::bench::{ATTACHMENTS, assert_well, attached, dependency, listener, post, send_scripted};
use demo_upstream::Script;
use demo_upstream::grpc::start_echo;
use serde_json::{Value, json};
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// A gateway with a limit of 32 KiB, as the edge profile of Istio sets it, and a body limit of the filter far above.
fn grow(config: &Value) -> (Gateway, demo_upstream::grpc::GrpcEcho) {
    let service = start_echo().unwrap();
    let listeners = ATTACHMENTS
        .map(|attachment| ListenerSpec {
            buffer_limit: Some(32 << 10),
            // A filter on either side: their callbacks run inside the host call too.
            ..listener(
                attachment,
                vec![
                    Link::probe(attached(
                        attachment,
                        json!({"request": {"body": "whole"}, "response": {"set": {"x-first": "1"}}}),
                    )),
                    Link::probe(attached(attachment, config.clone())),
                    Link::probe(attached(
                        attachment,
                        json!({"request": {"body": "whole"}, "response": {"set": {"x-last": "1"}}}),
                    )),
                ],
            )
        })
        .to_vec();
    let services = vec![("asked".into(), service.addr()), ("told".into(), service.addr())];
    (Gateway::start(&GatewaySpec { listeners, services, ..GatewaySpec::default() }), service)
}

fn survives(config: &Value, status_full: u16) {
    let (mut gateway, _service) = grow(config);
    let small = Script {
        headers: vec![("content-length".into(), b"5".to_vec())],
        chunks: vec![b"small".to_vec()],
        ..Script::default()
    };
    gateway.upstream.script("grow", small);
    for attachment in ATTACHMENTS {
        for _ in 0..5 {
            let outcome = send_scripted(&gateway, attachment, &post("small"), "grow");
            let fine = if attachment == "full" {
                outcome.status == status_full
            } else {
                outcome.status == status_full || outcome.cut || outcome.status == 200
            };
            assert!(fine, "{attachment}: {outcome:?}\n{}", gateway.log());
        }
        assert_well(&mut gateway, attachment, &post("small"));
    }
}

#[test]
fn a_request_grows_in_its_body_callback() {
    survives(&json!({"request": {"body": "whole", "edit": {"grow": 100_000}}}), 413);
}

#[test]
fn a_request_grows_in_an_answer() {
    let request = json!({"body": "whole", "edit": {"grow": 100_000}, "ask_at_body": dependency("asked", 1000, "deny")});
    survives(&json!({"request": request, "tell_end": dependency("told", 1000, "allow")}), 413);
}

#[test]
fn a_response_grows_in_its_body_callback() {
    let response = json!({"body": "whole", "edit": {"grow": 100_000}});
    survives(&json!({"response": response, "tell_end": dependency("told", 1000, "allow")}), 500);
}

#[test]
fn a_response_grows_in_an_answer() {
    let response =
        json!({"body": "whole", "edit": {"grow": 100_000}, "ask_at_body": dependency("asked", 1000, "deny")});
    survives(&json!({"response": response, "tell_end": dependency("told", 1000, "allow")}), 500);
}

/// The end of a stream that Envoy ended inside a host call is told all the same, once.
#[test]
fn the_end_is_told_of_a_stream_that_ended_inside_a_host_call() {
    let config = json!({"response": {"body": "whole", "edit": {"grow": 100_000}}, "tell_end": dependency("told", 1000, "allow")});
    let (gateway, service) = grow(&config);
    gateway.upstream.script("grow", Script { chunks: vec![b"small".to_vec()], ..Script::default() });
    for _ in 0..3 {
        assert_eq!(send_scripted(&gateway, "full", &post("small"), "grow").status, 500);
    }
    gateway.wait(|| (service.count() == 3).then_some(()), "the end of three streams");
    std::thread::sleep(crate::bench::MOMENT);
    assert_eq!(service.count(), 3);
}
