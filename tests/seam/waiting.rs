//! No bypass while a decision is pending: body, trailers and upgrades wait too; a reply and a resumption never meet.

use crate::bench::{ATTACHMENTS, MOMENT, assert_well, block_on, dependency, gateway, post, send, send_scripted};
use demo_upstream::grpc::{EchoAnswer, GrpcEcho, start_echo};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use testkit::{Body, Gateway, RequestSpec, client};

fn service(delay: Duration, answer: EchoAnswer) -> GrpcEcho {
    let service = start_echo().unwrap();
    service.set_delay(delay);
    service.set_answer(answer);
    service
}

fn asking(point: &str, service: &GrpcEcho, mode: &str) -> Gateway {
    let mut request = json!({"body": "whole", "edit": {"append": "!"}});
    request[point] = dependency("asked", 5000, mode);
    gateway(&json!({"request": request}), vec![("asked".into(), service.addr())])
}

fn in_pieces() -> RequestSpec {
    RequestSpec {
        http: 2,
        body: Some(Body::Chunks(vec!["ab".into(), "cd".into(), "ef".into()])),
        trailers: BTreeMap::from([("x-sum".into(), "1".into())]),
        ..RequestSpec::default()
    }
}

/// The whole request arrives while the answer is still awaited; nothing of it goes on before, and all of it after.
#[test]
fn a_request_waits_for_an_answer() {
    for point in ["ask", "ask_at_body"] {
        let service = service(MOMENT * 2, EchoAnswer::Echo);
        let mut gateway = asking(point, &service, "deny");
        for attachment in ATTACHMENTS {
            for (kind, request) in
                [("text", post("abcdef")), ("pieces", in_pieces()), ("empty", RequestSpec::default())]
            {
                let case = format!("{point} {attachment} {kind}");
                let address = gateway.addr(attachment);
                gateway.upstream.script(&case, demo_upstream::Script::default());
                let early = block_on(async {
                    let sending = tokio::spawn({
                        let (request, case) = (request.clone(), case.clone());
                        async move { client::send(address, &request, &case).await }
                    });
                    tokio::time::sleep(MOMENT).await;
                    let early = gateway
                        .upstream
                        .received(&case)
                        .into_iter()
                        .any(|received| !received.body.is_empty() || received.complete);
                    let outcome = sending.await.unwrap();
                    assert_eq!(outcome.status, 200, "{case}: {outcome:?}\n{}", gateway.log());
                    early
                });
                assert!(!early, "{case}: the upstream saw it before the answer");
                let arrived = gateway.upstream.received(&case).pop().unwrap();
                let body = if kind == "empty" { "" } else { "abcdef!" };
                assert_eq!(String::from_utf8_lossy(&arrived.body), body, "{case}");
                assert!(arrived.complete, "{case}");
            }
        }
        assert_well(&mut gateway, "full", &post("x"));
    }
}

/// A response waits for an answer too, with its trailers, and comes whole.
#[test]
fn a_response_waits_for_an_answer() {
    for point in ["ask", "ask_at_body"] {
        let service = service(MOMENT / 3, EchoAnswer::Echo);
        let mut response = json!({"body": "whole", "edit": "upper"});
        response[point] = dependency("asked", 5000, "deny");
        let mut gateway = gateway(&json!({"response": response}), vec![("asked".into(), service.addr())]);
        for trailers in [vec![], vec![("x-sum".to_owned(), b"1".to_vec())]] {
            for chunks in [vec![b"abcdef".to_vec()], vec![b"ab".to_vec(), b"cd".to_vec(), b"ef".to_vec()]] {
                for attachment in ATTACHMENTS {
                    let case = format!("{point} {attachment} {} {}", trailers.len(), chunks.len());
                    let script = demo_upstream::Script {
                        chunks: chunks.clone(),
                        trailers: trailers.clone(),
                        ..Default::default()
                    };
                    gateway.upstream.script(&case, script);
                    for http in [1, 2] {
                        let outcome = send_scripted(&gateway, attachment, &RequestSpec { http, ..post("x") }, &case);
                        assert_eq!(String::from_utf8_lossy(&outcome.body), "ABCDEF", "{case} {http}: {outcome:?}");
                    }
                }
            }
        }
        service.set_answer(EchoAnswer::Message(b"no".to_vec()));
        for attachment in ATTACHMENTS {
            let script = demo_upstream::Script { chunks: vec![b"secret".to_vec()], ..Default::default() };
            gateway.upstream.script("secret", script);
            let outcome = send_scripted(&gateway, attachment, &post("x"), "secret");
            assert!(outcome.status == 503 || outcome.cut, "{outcome:?}");
            assert!(!String::from_utf8_lossy(&outcome.body).contains("secret"), "{outcome:?}");
        }
        service.set_answer(EchoAnswer::Echo);
        assert_well(&mut gateway, "full", &post("x"));
    }
}

/// A response that waits in its head and then flows in pieces: the pieces that came meanwhile are shown too.
#[test]
fn a_response_that_waited_flows_in_pieces() {
    let service = service(MOMENT / 2, EchoAnswer::Echo);
    let response = json!({"ask": dependency("asked", 5000, "deny"), "body": "chunks", "edit": "upper"});
    let mut gateway = gateway(&json!({"response": response}), vec![("asked".into(), service.addr())]);
    let pieces = vec![b"ab".to_vec(), b"cd".to_vec(), b"ef".to_vec()];
    for (case, delay) in [("before", 0), ("during", 40), ("whole", 0)] {
        let chunks = if case == "whole" { vec![b"abcdef".to_vec()] } else { pieces.clone() };
        let script = demo_upstream::Script { chunks, chunk_delay: Duration::from_millis(delay), ..Default::default() };
        gateway.upstream.script(case, script);
        for attachment in ATTACHMENTS {
            let outcome = send_scripted(&gateway, attachment, &post("x"), case);
            assert_eq!(String::from_utf8_lossy(&outcome.body), "ABCDEF", "{case} {attachment}");
        }
    }
    assert_well(&mut gateway, "full", &post("x"));
}

/// K4: a refusal in the callback of an answer. Nothing may reach the upstream, in any of many tries.
#[test]
fn a_refusal_in_an_answer_lets_nothing_pass() {
    for point in ["ask", "ask_at_body"] {
        let service = service(Duration::from_millis(2), EchoAnswer::Message(b"no".to_vec()));
        let mut gateway = asking(point, &service, "deny");
        for attachment in ATTACHMENTS {
            for attempt in 0..20 {
                let case = format!("{point} {attachment} {attempt}");
                let outcome = send(&gateway, attachment, &in_pieces(), &case);
                assert_eq!(outcome.status, 503, "{case}: {outcome:?}");
                let whole = gateway
                    .upstream
                    .received(&case)
                    .into_iter()
                    .any(|received| received.complete || !received.body.is_empty());
                assert!(!whole, "{case}: the upstream was reached");
            }
        }
        assert_well(&mut gateway, "full", &post("x"));
    }
}

/// Several calls at once: one terminal action, and the answers that come later are ignored.
#[test]
fn of_several_answers_the_first_refusal_ends_it() {
    let service = service(Duration::from_millis(5), EchoAnswer::Message(b"no".to_vec()));
    let config = json!({"request": {"ask": dependency("asked", 1000, "deny"), "ask_times": 3, "body": "whole"}});
    let mut gateway = gateway(&config, vec![("asked".into(), service.addr())]);
    for attachment in ATTACHMENTS {
        let outcome = send(&gateway, attachment, &post("abc"), attachment);
        assert_eq!(outcome.status, 503);
    }
    service.set_answer(EchoAnswer::Echo);
    for attachment in ATTACHMENTS {
        assert_eq!(send(&gateway, attachment, &post("abc"), "all three").status, 200);
    }
    assert_eq!(service.count(), 12);
    assert_well(&mut gateway, "full", &post("x"));
}

/// A client that leaves while a call is pending: the late answer finds nobody, and the end is told exactly once.
#[test]
fn a_client_that_leaves_while_a_call_is_pending() {
    let service = Arc::new(service(MOMENT, EchoAnswer::Echo));
    let told = start_echo().unwrap();
    let config = json!({
        "request": {"ask": dependency("asked", 5000, "deny"), "body": "whole"},
        "tell_end": dependency("told", 1000, "allow"),
    });
    let services = vec![("asked".into(), service.addr()), ("told".into(), told.addr())];
    let mut gateway = gateway(&config, services);
    for attachment in ATTACHMENTS {
        let address = gateway.addr(attachment);
        block_on(async {
            for _ in 0..10 {
                let sending = tokio::spawn(async move { client::send(address, &post("abc"), "leaver").await });
                tokio::time::sleep(MOMENT / 5).await;
                sending.abort();
            }
        });
    }
    gateway.wait(|| (told.count() == 20).then_some(()), "the end of twenty streams");
    std::thread::sleep(MOMENT * 2);
    assert_eq!(told.count(), 20, "an end is told once");
    assert!(gateway.upstream.received("leaver").is_empty());
    assert_well(&mut gateway, "full", &post("x"));
}

/// A client that leaves in the middle of a stream: the end is told although only the log callback comes.
#[test]
fn a_client_that_leaves_in_mid_stream() {
    let told = start_echo().unwrap();
    let config =
        json!({"response": {"body": "chunks", "edit": "upper"}, "tell_end": dependency("told", 1000, "allow")});
    let mut gateway = gateway(&config, vec![("told".into(), told.addr())]);
    gateway.upstream.script(
        "slow",
        demo_upstream::Script {
            chunks: vec![b"data: x\n\n".to_vec(); 200],
            chunk_delay: Duration::from_millis(20),
            ..demo_upstream::Script::default()
        },
    );
    for attachment in ATTACHMENTS {
        let address = gateway.addr(attachment);
        block_on(async {
            let sending = tokio::spawn(async move { client::send(address, &post("abc"), "slow").await });
            tokio::time::sleep(MOMENT).await;
            sending.abort();
        });
    }
    gateway.wait(|| (told.count() == 2).then_some(()), "the end of two streams");
    for call in told.calls() {
        assert_eq!(call.message, b"200 false", "{call:?}");
    }
    assert_well(&mut gateway, "full", &post("x"));
}

/// A body that comes late is no reason for the watchdog; without the flag it is, and at once.
#[test]
fn a_late_body_and_a_missing_flag() {
    let config = json!({"attachment": "full", "bodies": {"watchdog_secs": 1}, "request": {"body": "whole"}, "response": {"body": "whole"}});
    let with = |flag| testkit::Link::Wasm { module: "tests/probe".into(), config: config.clone(), flag };
    let spec = testkit::GatewaySpec {
        listeners: vec![
            crate::bench::listener("with", vec![with(true)]),
            crate::bench::listener("without", vec![with(false)]),
        ],
        ..testkit::GatewaySpec::default()
    };
    let mut gateway = Gateway::start(&spec);
    let late = |address| async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"POST / HTTP/1.1\r\nhost: a\r\nx-case: late\r\ncontent-length: 2\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(2500)).await;
        stream.write_all(b"ab").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    gateway.upstream.script("late", demo_upstream::Script::default());
    let (with, without) = (gateway.addr("with"), gateway.addr("without"));
    let answer = block_on(late(with));
    assert!(answer.starts_with("HTTP/1.1 200"), "a slow client is not a missing flag: {answer}");
    let answer = block_on(late(without));
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("allow_on_headers_stop_iteration"), "{answer}");
    // A request without a body goes, and then the response's head is held for ever: there the time decides.
    gateway.upstream.script("get", demo_upstream::Script { chunks: vec![b"abc".to_vec()], ..Default::default() });
    let outcome =
        send_scripted(&gateway, "without", &RequestSpec { method: "GET".into(), ..RequestSpec::default() }, "get");
    assert_eq!(outcome.status, 503, "{outcome:?}");
    assert!(String::from_utf8_lossy(&outcome.body).contains("allow_on_headers_stop_iteration"));
    assert_well(&mut gateway, "with", &post("x"));
}

/// K5: one filter waits, a later one holds the body, and more comes than fits: a 413, not a hang.
#[test]
fn a_large_body_during_a_wait_is_refused_at_once() {
    let service = service(MOMENT, EchoAnswer::Echo);
    let listeners = ATTACHMENTS
        .map(|attachment| {
            let asks = json!({"attachment": attachment, "request": {"ask": dependency("asked", 5000, "deny")}});
            let holds = json!({"attachment": attachment, "request": {"body": "whole"}});
            testkit::ListenerSpec {
                buffer_limit: Some(32 << 10),
                ..crate::bench::listener(attachment, vec![testkit::Link::probe(asks), testkit::Link::probe(holds)])
            }
        })
        .to_vec();
    let services = vec![("asked".into(), service.addr())];
    let mut gateway = Gateway::start(&testkit::GatewaySpec { listeners, services, ..testkit::GatewaySpec::default() });
    for attachment in ATTACHMENTS {
        let large = RequestSpec { body: Some(Body::Repeat("x".into(), 200_000)), ..RequestSpec::default() };
        let outcome = send(&gateway, attachment, &large, attachment);
        assert!(outcome.status == 413 || outcome.cut, "{attachment}: {outcome:?}");
        assert!(gateway.upstream.received(attachment).is_empty());
    }
    assert_well(&mut gateway, "full", &post("x"));
}

/// `Expect: 100-continue`: the client is told to go on, or refused, with an answer either way.
#[test]
fn expect_100_continue() {
    let mut gateway = gateway(&json!({"request": {"body": "whole", "refuse_body_with": "bad"}}), Vec::new());
    for attachment in ATTACHMENTS {
        for (body, status) in [("good", 200), ("bad!", 403)] {
            let request =
                RequestSpec { headers: BTreeMap::from([("expect".into(), "100-continue".into())]), ..post(body) };
            assert_eq!(send(&gateway, attachment, &request, "expect").status, status, "{attachment} {body}");
        }
    }
    assert_well(&mut gateway, "full", &post("x"));
}
