//! K6: upgrades are never held: refused, or passed in both directions, and never before a pending decision.

use crate::bench::{ATTACHMENTS, MOMENT, assert_well, attached, block_on, dependency, listener, post};
use demo_upstream::grpc::{EchoAnswer, start_echo};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn start(config: &Value, services: Vec<(String, SocketAddr)>) -> Gateway {
    let listeners = ATTACHMENTS
        .map(|attachment| ListenerSpec {
            manager: BTreeMap::from([("upgrade_configs".to_owned(), json!([{"upgrade_type": "websocket"}]))]),
            ..listener(attachment, vec![Link::probe(attached(attachment, config.clone()))])
        })
        .to_vec();
    Gateway::start(&GatewaySpec { listeners, services, ..GatewaySpec::default() })
}

/// Asks for a WebSocket and sends a frame at once. Returns what came back within the patience of a test.
async fn upgrade(address: SocketAddr, case: &str, patience: Duration) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET /v1/realtime HTTP/1.1\r\nhost: a\r\nx-case: {case}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nFRAME1"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut out = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(Ok(size)) = tokio::time::timeout(patience, stream.read(&mut buffer)).await {
        if size == 0 {
            break;
        }
        out.extend_from_slice(&buffer[..size]);
        if String::from_utf8_lossy(&out).ends_with("FRAME1") {
            break;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn an_upgrade_is_refused_where_its_body_would_be_read() {
    let mut gateway = start(&json!({"request": {"body": "whole"}, "response": {"body": "whole"}}), Vec::new());
    for attachment in ATTACHMENTS {
        let answer = block_on(upgrade(gateway.addr(attachment), attachment, Duration::from_secs(2)));
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("upgrade_refused"), "{attachment}: {answer}");
        assert!(gateway.upstream.received(attachment).is_empty());
    }
    assert_well(&mut gateway, "full", &post("x"));
}

#[test]
fn an_upgrade_passes_both_ways_where_the_configuration_says_so() {
    let config = json!({"bodies": {"upgrade": "pass"}, "request": {"body": "whole", "edit": {"append": "!"}}, "response": {"body": "whole", "edit": "upper"}});
    let mut gateway = start(&config, Vec::new());
    for attachment in ATTACHMENTS {
        let answer = block_on(upgrade(gateway.addr(attachment), attachment, Duration::from_secs(5)));
        assert!(answer.starts_with("HTTP/1.1 101") && answer.ends_with("FRAME1"), "{attachment}: {answer}");
    }
    assert_well(&mut gateway, "full", &post("x"));
}

/// An upgrade that waits for an answer: neither its head nor its first frame goes on before.
#[test]
fn an_upgrade_waits_for_an_answer() {
    for (answer, passes) in [(EchoAnswer::Echo, true), (EchoAnswer::Message(b"no".to_vec()), false)] {
        let service = start_echo().unwrap();
        service.set_delay(MOMENT * 2);
        service.set_answer(answer);
        let mut gateway = start(
            &json!({"request": {"ask": dependency("asked", 5000, "deny")}}),
            vec![("asked".into(), service.addr())],
        );
        for attachment in ATTACHMENTS {
            let address = gateway.addr(attachment);
            let (early, answer) = block_on(async {
                let asking = tokio::spawn(async move { upgrade(address, attachment, Duration::from_secs(5)).await });
                tokio::time::sleep(MOMENT).await;
                let early = !gateway.upstream.received(attachment).is_empty();
                (early, asking.await.unwrap())
            });
            assert!(!early, "{attachment}: the upstream saw the upgrade before the answer");
            if passes {
                assert!(answer.starts_with("HTTP/1.1 101") && answer.ends_with("FRAME1"), "{attachment}: {answer}");
            } else {
                assert!(answer.starts_with("HTTP/1.1 503"), "{attachment}: {answer}");
                assert!(gateway.upstream.received(attachment).is_empty());
            }
        }
        assert_well(&mut gateway, "full", &post("x"));
    }
}
