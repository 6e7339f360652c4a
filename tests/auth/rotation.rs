//! One fetch for all, no request wrongly refused or let in, whatever the key server does.

use crate::callers;
use crate::key_server::{Answer, KeyServer, behind};
use crate::mint::{claims, mint};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use testkit::Gateway;

fn provider(more: Value) -> Value {
    let mut remote = json!({"cluster": "keys", "host": "issuer.test", "path": "/jwks", "timeout_ms": 2000,
        "refresh_secs": 600, "retry_secs": 1, "min_refetch_secs": 1});
    for (name, value) in more.as_object().unwrap() {
        remote[name] = value.clone();
    }
    json!({"issuers": ["https://issuer.test"], "audiences": ["models"], "algorithms": ["RS256"], "keys": {"remote": remote}})
}

fn gateway(server: SocketAddr, provider: &Value) -> Gateway {
    behind(server, &json!({"providers": {"main": provider}, "policies": {"default": {}}, "default_policy": "default"}))
}

fn set(kids: &[&str]) -> String {
    json!({"keys": kids.iter().map(|kid| mint().jwk("RS256", kid)).collect::<Vec<_>>()}).to_string()
}

fn token(kid: &str) -> String {
    mint().token("RS256", kid, &claims(json!({})))
}

/// Many callers at once; how many got which status.
fn call(gateway: &Gateway, token: &str, callers: usize) -> Vec<(u16, usize)> {
    callers::call(gateway.addr("main"), &[("authorization", &format!("Bearer {token}"))], callers)
}

fn until(gateway: &Gateway, token: &str, status: u16) {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let got = call(gateway, token, 1);
        if got == [(status, 1)] {
            return;
        }
        assert!(Instant::now() < deadline, "{got:?} and not {status}\n{}", gateway.log());
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_thousand_callers_make_one_fetch() {
    let server = KeyServer::start(Answer::Slow(set(&["k1"]), Duration::from_millis(300)));
    // A machine that stands still for a while makes no second fetch.
    let gateway = gateway(server.address, &provider(json!({"timeout_ms": 20_000})));
    assert_eq!(call(&gateway, &token("k1"), 1000), [(200, 1000)], "at the start\n{}", gateway.log());
    assert_eq!(server.fetches(), 1, "at the start");

    std::thread::sleep(Duration::from_secs(2));
    server.set(Answer::Slow(set(&["k1", "k2"]), Duration::from_millis(300)));
    let begun = Instant::now();
    assert_eq!(call(&gateway, &token("k2"), 1000), [(200, 1000)], "at a rotation\n{}", gateway.log());
    eprintln!("a thousand callers with a new key: {:?}", begun.elapsed());
    assert_eq!(server.fetches(), 2, "at a rotation");

    // The old key is gone: its tokens are refused, remembered or not.
    std::thread::sleep(Duration::from_secs(2));
    server.set(Answer::Document(set(&["k3"])));
    assert_eq!(call(&gateway, &token("k3"), 100), [(200, 100)]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(call(&gateway, &token("k1"), 100), [(401, 100)], "a key that is gone");
    assert_eq!(gateway.vm_failures(), 0);
}

#[test]
fn unknown_kids_are_fetched_for_once_in_a_while() {
    let server = KeyServer::start(Answer::Document(set(&["k1"])));
    let gateway = gateway(server.address, &provider(json!({"min_refetch_secs": 60})));
    assert_eq!(call(&gateway, &token("k1"), 1), [(200, 1)]);
    for number in 0..50 {
        assert_eq!(call(&gateway, &token(&format!("attack-{number}")), 4), [(401, 4)]);
    }
    assert_eq!(server.fetches(), 1);
    assert_eq!(call(&gateway, &token("k1"), 1), [(200, 1)]);
}

#[test]
fn without_keys_nobody_gets_in_and_nothing_breaks() {
    for (what, answer) in [
        ("500", Answer::Status(500)),
        ("redirect", Answer::Redirect("/jwks".into())),
        ("garbage", Answer::Document("<html>\u{0}".into())),
        ("an empty set", Answer::Document(r#"{"keys":[]}"#.into())),
        ("secrets", Answer::Document(r#"{"keys":[{"kty":"oct","k":"AAAA","alg":"HS256"}]}"#.into())),
        ("100 MB", Answer::Huge(100_000_000)),
        ("closed", Answer::Close),
        ("too slow", Answer::Slow(set(&["k1"]), Duration::from_secs(5))),
    ] {
        let server = KeyServer::start(answer);
        let gateway = gateway(server.address, &provider(json!({"timeout_ms": 1000})));
        assert_eq!(call(&gateway, &token("k1"), 50), [(503, 50)], "{what}\n{}", gateway.log());
        server.set(Answer::Document(set(&["k1"])));
        until(&gateway, &token("k1"), 200);
        assert_eq!(gateway.vm_failures(), 0, "{what}");
    }
}

#[test]
fn old_keys_stay_while_a_fetch_fails() {
    let server = KeyServer::start(Answer::Document(set(&["k1"])));
    let gateway = gateway(server.address, &provider(json!({"refresh_secs": 1, "timeout_ms": 500})));
    assert_eq!(call(&gateway, &token("k1"), 10), [(200, 10)]);
    for answer in [
        Answer::Status(500),
        Answer::Close,
        Answer::Document("{}".into()),
        Answer::Document(r#"{"keys":[]}"#.into()),
        Answer::Huge(5_000_000),
        Answer::Slow(set(&["k1"]), Duration::from_secs(3)),
    ] {
        server.set(answer);
        let before = server.fetches();
        std::thread::sleep(Duration::from_millis(2500));
        assert!(server.fetches() > before, "it is tried again");
        assert_eq!(call(&gateway, &token("k1"), 10), [(200, 10)], "{}", gateway.log());
        assert_eq!(call(&gateway, &token("k9"), 10), [(401, 10)]);
    }
    assert_eq!(gateway.vm_failures(), 0);
}

#[test]
fn the_issuers_own_document_names_the_keys() {
    let document = |issuer: &str, keys: &str| {
        let uri = format!("https://issuer.test{keys}");
        ("/.well-known/openid-configuration", json!({"issuer": issuer, "jwks_uri": uri}).to_string())
    };
    let set = json!({"keys": [mint().jwk("RS256", "k1")]}).to_string();
    let own = document("https://issuer.test", "/keys");
    let server = KeyServer::start(Answer::Paths(vec![own.clone()]));
    let mut provider = provider(json!({"path": "/.well-known/openid-configuration"}));
    provider["keys"] = json!({"discovery": provider["keys"]["remote"]});
    let gateway = gateway(server.address, &provider);
    // The document is there, the set is not.
    until(&gateway, &token("k1"), 503);
    server.set(Answer::Paths(vec![document("https://evil.test", "/evil"), ("/evil", set.clone())]));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(call(&gateway, &token("k1"), 1), [(503, 1)], "another issuer's document");
    server.set(Answer::Paths(vec![own, ("/keys", set)]));
    until(&gateway, &token("k1"), 200);
}
