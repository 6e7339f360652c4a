//! Ten thousand malformed requests: no VM fails.

use crate::bench::{ATTACHMENTS, assert_well, attached, block_on, listener, post};
use demo_upstream::Script;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use testkit::{Gateway, GatewaySpec, Link};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const REQUESTS: u32 = 10_000;

/// A request that is wrong in one of many ways, and how many of its bytes are sent before the connection is reset, if it is.
fn malformed(number: u32) -> (Vec<u8>, bool) {
    let odd = 0x80 + (number % 0x80) as u8;
    let broken_json: &[&[u8]] = &[
        b"{",
        b"{\"model\":",
        b"{\"model\":\"a\",\"model\":\"b\"}",
        b"[[[[[[",
        b"\xff\xfe{}",
        b"{\"model\":1}",
        b"nul",
        b"\"",
        b"{\"messages\":[{]}",
    ];
    let body = broken_json[(number / 7) as usize % broken_json.len()];
    let mut out = Vec::new();
    let case = if number.is_multiple_of(2) { "broken-sse" } else { "broken-json" };
    out.extend_from_slice(
        format!("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-case: {case}\r\nx-odd: a").as_bytes(),
    );
    out.push(odd);
    out.extend_from_slice(b"b\r\n");
    match number % 5 {
        // With trailers, and bytes above 0x7f in them.
        0 => {
            out.extend_from_slice(b"te: trailers\r\ntransfer-encoding: chunked\r\n\r\n");
            out.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\r\n0\r\nx-trailer: ");
            out.push(odd);
            out.extend_from_slice(b"\r\n\r\n");
        }
        // A body that never comes whole.
        1 => {
            out.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len() + 10).as_bytes());
            out.extend_from_slice(body);
            return (out, true);
        }
        // A chunk size that is none.
        2 => {
            out.extend_from_slice(b"transfer-encoding: chunked\r\n\r\nzz\r\n");
            out.extend_from_slice(body);
        }
        _ => {
            out.extend_from_slice(
                format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(),
            );
            out.extend_from_slice(body);
        }
    }
    (out, false)
}

async fn send_malformed(address: SocketAddr, number: u32) {
    let (bytes, reset) = malformed(number);
    let Ok(mut stream) = TcpStream::connect(address).await else { return };
    let _ = stream.write_all(&bytes).await;
    if reset {
        // A reset instead of an orderly end.
        let _ = stream.set_zero_linger();
        return;
    }
    let mut answer = [0; 4096];
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut answer)).await;
}

#[test]
fn ten_thousand_malformed_requests_fail_no_vm() {
    let config = json!({
        "request": {"body": "whole", "edit": {"append": " "}, "set": {"x-seen": "1"}},
        "response": {"body": "chunks", "edit": "upper", "set": {"x-seen": "1"}},
    });
    let listeners = ATTACHMENTS
        .map(|attachment| {
            let probe = Link::probe(attached(attachment, config.clone()));
            listener(attachment, vec![probe, Link::filter("model_router", router(attachment))])
        })
        .to_vec();
    let mut gateway = Gateway::start(&GatewaySpec { listeners, ..GatewaySpec::default() });
    let sse = |chunks: &[&[u8]], abort| Script {
        headers: vec![("content-type".into(), b"text/event-stream".to_vec()), ("x-odd".into(), b"\x80\xff".to_vec())],
        chunks: chunks.iter().map(|chunk| chunk.to_vec()).collect(),
        abort,
        ..Script::default()
    };
    gateway.upstream.script(
        "broken-sse",
        sse(&[b"data: {\"a\"", b":\xff\xfe}\n", b"\ndata\r\revent:\n: \xf0\x9f", b"\n\ndata: {"], true),
    );
    gateway.upstream.script("broken-json", sse(&[b"{\"choices\":[", b"\xff"], false));
    let addresses = ATTACHMENTS.map(|attachment| gateway.addr(attachment));
    block_on(async {
        let mut open = tokio::task::JoinSet::new();
        for number in 0..REQUESTS {
            if open.len() >= 32 {
                open.join_next().await;
            }
            open.spawn(send_malformed(addresses[(number / 5 % 2) as usize], number));
        }
        while open.join_next().await.is_some() {}
    });
    let routed =
        gateway.count("modelgate_routed") + gateway.count("modelgate_unrouted") + gateway.count("modelgate_refusals");
    assert!(routed >= u64::from(REQUESTS) / 5, "only {routed} of {REQUESTS} were decided by the router");
    let seen = gateway.count("modelgate_probereason=.=requests");
    assert!(seen >= u64::from(REQUESTS) / 2, "only {seen} of {REQUESTS} reached the filter");
    eprintln!("{seen} of {REQUESTS} malformed requests reached the filter");
    for attachment in ATTACHMENTS {
        assert_well(&mut gateway, attachment, &post("{}"));
    }
}

fn router(attachment: &str) -> serde_json::Value {
    let sources = if attachment == "full" { json!(["path", "body"]) } else { json!(["path"]) };
    let models = json!([{"name": "m", "versions": [{"name": "v1", "weight": 1_000_000}]}]);
    json!({
        "attachment": attachment, "sources": sources, "default_policy": "all",
        "policies": {"all": {"unknown_model": "pass", "models": models}},
    })
}
