//! Background work: one fetch for many waiting requests, shared data that is exact across workers.

use crate::bench::{ATTACHMENTS, MOMENT, assert_well, attached, block_on, dependency, listener, post, send};
use demo_upstream::grpc::{EchoAnswer, start_echo};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use testkit::{Gateway, GatewaySpec, Link, client};

fn start(config: &Value, services: Vec<(String, SocketAddr)>, concurrency: u32) -> Gateway {
    let listeners = ATTACHMENTS
        .map(|attachment| listener(attachment, vec![Link::probe(attached(attachment, config.clone()))]))
        .to_vec();
    Gateway::start(&GatewaySpec { listeners, services, concurrency, ..GatewaySpec::default() })
}

async fn many(address: SocketAddr, case: &'static str, count: usize) -> Vec<u16> {
    let mut open = tokio::task::JoinSet::new();
    for _ in 0..count {
        open.spawn(async move { client::send(address, &post("abc"), case).await.status });
    }
    open.join_all().await
}

#[test]
fn one_fetch_serves_all_that_wait() {
    let service = start_echo().unwrap();
    service.set_delay(MOMENT);
    let config =
        json!({"fetch": dependency("fetched", 5000, "deny"), "request": {"body": "whole", "edit": {"append": "!"}}});
    let mut gateway = start(&config, vec![("fetched".into(), service.addr())], 1);
    gateway.upstream.script("many", demo_upstream::Script::default());
    for (round, attachment) in ATTACHMENTS.iter().enumerate() {
        let statuses = block_on(many(gateway.addr(attachment), "many", 100));
        assert!(statuses.iter().all(|status| *status == 200), "{attachment}: {statuses:?}\n{}", gateway.log());
        assert_eq!(service.count(), round as u64 + 1, "{attachment}: one fetch for each configured plugin");
    }
    assert!(gateway.upstream.received("many").iter().all(|received| received.body == b"abc!"));
    assert_well(&mut gateway, "full", &post("x"));
}

/// Background work that comes to nothing: the parked are told, and the next request tries again.
#[test]
fn a_fetch_that_fails_or_hangs() {
    let service = start_echo().unwrap();
    let config = json!({"fetch": dependency("fetched", 400, "deny")});
    let gateway = start(&config, vec![("fetched".into(), service.addr())], 1);
    service.set_answer(EchoAnswer::Status(14, "later".into()));
    assert_eq!(send(&gateway, "full", &post("abc"), "failed").status, 503);
    service.set_answer(EchoAnswer::Echo);
    service.set_delay(Duration::from_secs(3));
    assert_eq!(send(&gateway, "full", &post("abc"), "slow").status, 503);
    service.set_delay(Duration::ZERO);
    assert_eq!(send(&gateway, "full", &post("abc"), "fine").status, 200);

    let mut nowhere = start(&json!({"fetch": dependency("nowhere", 400, "deny")}), Vec::new(), 1);
    assert_eq!(send(&nowhere, "full", &post("abc"), "nowhere").status, 503);
    assert_well(&mut nowhere, "full", &post("x"));
}

/// A client that leaves while it is parked: nobody is woken in its place.
#[test]
fn a_parked_client_that_leaves() {
    let service = start_echo().unwrap();
    service.set_delay(MOMENT * 2);
    let mut gateway =
        start(&json!({"fetch": dependency("fetched", 5000, "deny")}), vec![("fetched".into(), service.addr())], 1);
    let address = gateway.addr("full");
    block_on(async {
        for _ in 0..10 {
            let sending = tokio::spawn(async move { client::send(address, &post("abc"), "leaver").await });
            tokio::time::sleep(MOMENT / 20).await;
            sending.abort();
        }
    });
    assert_well(&mut gateway, "full", &post("x"));
    assert!(gateway.upstream.received("leaver").is_empty());
}

/// Compare-and-swap loses no count on two workers. (The first value of a key is written without one: two workers that begin
/// at once could overwrite each other, so one request goes first.)
#[test]
fn shared_data_is_exact_across_workers() {
    let mut gateway = start(&json!({"count": "probe.count"}), Vec::new(), 2);
    gateway.upstream.script("many", demo_upstream::Script::default());
    let address = gateway.addr("full");
    block_on(async {
        many(address, "many", 1).await;
        for _ in 0..4 {
            many(address, "many", 100).await;
        }
        many(address, "many", 99).await;
    });
    assert_eq!(gateway.count("reason=.=counted_all"), 1, "a count was lost");
    assert_well(&mut gateway, "full", &post("x"));
}
