//! A service that is down, slow, wrong or killed; an upstream and a client that break off. No request suffers.

use crate::bench::{ATTACHMENTS, alice, block_on, cache, call, chat, gateway, listener, send, status, text, with};
use crate::stub::{Entries, Mood};
use serde_json::json;
use std::io::{Read, Write};
use std::time::{Duration, Instant};
use testkit::{Gateway, client};

fn both(service: std::net::SocketAddr) -> Gateway {
    gateway(ATTACHMENTS.map(|name| listener(name, vec![alice(), cache(name, json!({}))])).to_vec(), service)
}

#[test]
fn a_service_that_misbehaves() {
    let entries = Entries::default();
    let service = entries.serve(None);
    for (mood, expected) in [
        (Mood::Refuses, "bypass"),
        (Mood::Slow(Duration::from_secs(5)), "bypass"),
        // What cannot be given is asked for anew, and the answer of the model passes.
        (Mood::Lies, "miss"),
    ] {
        let mut gateway = both(service.addr);
        entries.mood(mood.clone());
        for attachment in ATTACHMENTS {
            let began = Instant::now();
            let outcome = send(&gateway, attachment, &chat("q"), attachment);
            assert_eq!((outcome.status, status(&outcome).as_str()), (200, expected), "{mood:?} {attachment}");
            assert!(text(&outcome).contains("You said: q") && began.elapsed() < Duration::from_secs(4), "{mood:?}");
        }
        assert!(gateway.envoy.is_alive() && gateway.vm_failures() == 0, "{}", gateway.log());
    }
    entries.mood(Mood::Well);
}

#[test]
fn a_service_that_is_down() {
    let service = Entries::default().serve(None);
    let address = service.addr;
    drop(service);
    let gateway = both(address);
    for attachment in ATTACHMENTS {
        for n in 0..20 {
            let outcome = send(&gateway, attachment, &chat("q"), &format!("{attachment} {n}"));
            assert_eq!((outcome.status, status(&outcome).as_str()), (200, "bypass"));
        }
    }
    assert!(gateway.count("service_resting") > 0, "it is left alone after some failures");
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
}

/// Under load the service is killed and comes back: no client sees it, and hits come again.
#[test]
fn a_service_that_is_killed_under_load() {
    let entries = Entries::default();
    let service = entries.serve(None);
    let address = service.addr;
    let gateway = both(address);
    let targets = ATTACHMENTS.map(|name| gateway.addr(name));
    let (statuses, hits) = block_on(async {
        let mut service = Some(service);
        let mut sent = tokio::task::JoinSet::new();
        let (mut statuses, mut hits) = (Vec::new(), [0_u32; 3]);
        for n in 0..600_usize {
            if n == 200 {
                tokio::task::block_in_place(|| drop(service.take()));
            }
            if n == 400 {
                tokio::time::sleep(Duration::from_millis(1_200)).await;
                service = Some(tokio::task::block_in_place(|| entries.serve(Some(address))));
                tokio::time::sleep(Duration::from_millis(1_500)).await;
            }
            let target = targets[n % 2];
            sent.spawn(async move { (n, client::send(target, &chat(&format!("q{}", n % 10)), "load").await) });
            if sent.len() >= 8 {
                let (n, outcome) = sent.join_next().await.unwrap().unwrap();
                hits[n / 200] += u32::from(status(&outcome) == "hit");
                statuses.push((outcome.status, outcome.cut));
            }
        }
        while let Some(result) = sent.join_next().await {
            let (n, outcome) = result.unwrap();
            hits[n / 200] += u32::from(status(&outcome) == "hit");
            statuses.push((outcome.status, outcome.cut));
        }
        drop(tokio::task::block_in_place(|| service.take()));
        (statuses, hits)
    });
    assert_eq!(statuses.len(), 600);
    assert!(statuses.iter().all(|seen| *seen == (200, false)), "{statuses:?}\n{}", gateway.log());
    assert!(hits[0] > 100 && hits[2] > 100, "{hits:?}");
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
}

/// A stream that breaks off upstream is not stored, and those who wait for it are let go.
#[test]
fn an_upstream_that_breaks_off() {
    let entries = Entries::default();
    let service = entries.serve(None);
    let gateway = both(service.addr);
    let mut abandons = 0;
    for (at, attachment) in ATTACHMENTS.into_iter().enumerate() {
        for (setting, value) in
            [("x-demo-abort", "120"), ("x-demo-cut", "half"), ("x-demo-status", "500"), ("x-demo-usage", "none")]
        {
            let stream = json!({"stream": true});
            let question =
                with(call("/v1/chat/completions", &format!("{attachment} {setting}"), stream), setting, value);
            send(&gateway, attachment, &question, setting);
            if setting == "x-demo-usage" {
                gateway.wait(|| (entries.counts().1 > at as u64).then_some(()), "the whole stream to be stored");
            } else {
                abandons += 1;
                gateway.wait(|| (entries.counts().2 == abandons).then_some(()), "the leader to give up");
            }
        }
    }
    assert_eq!(entries.counts().1, 2);
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
}

/// A client that leaves in the middle of a stream: nothing is stored, and those who wait are let go.
#[test]
fn a_client_that_leaves() {
    let entries = Entries::default();
    let service = entries.serve(None);
    let gateway = both(service.addr);
    for (at, attachment) in ATTACHMENTS.into_iter().enumerate() {
        let body = json!({"model": "demo-small", "stream": true, "messages": [{"role": "user", "content": "a b c d e f g h"}]}).to_string();
        let mut socket = std::net::TcpStream::connect(gateway.addr(attachment)).unwrap();
        write!(
            socket,
            "POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\nx-demo-chunk-delay-ms: 100\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut some = [0; 200];
        socket.read_exact(&mut some).unwrap();
        drop(socket);
        gateway.wait(|| (entries.counts().2 == at as u64 + 1).then_some(()), "the leader to give up");
    }
    assert_eq!(entries.counts().1, 0);
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
}
