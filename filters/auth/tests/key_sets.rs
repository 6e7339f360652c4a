//! Key sets from the network, step by step: when they are fetched, what is taken, and what stays. Through real servers and two
//! workers: `tests/auth/rotation.rs` of the whole.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod course;
mod mint;

use auth::Auth;
use mint::{claims, mint};
use plugin::{Answer, Background, Call, HttpCall, Plugin, RootCx};
use serde_json::{Value, json};
use std::rc::Rc;
use testkit::Memory;

const NOW: u64 = 1_790_000_000;

/// A worker with its filter and its host.
struct Worker {
    auth: Rc<Auth>,
    host: Memory,
}

impl Worker {
    fn new(kind: &str) -> Self {
        let remote = json!({"cluster": "keys", "host": "issuer.test", "path": "/doc", "timeout_ms": 1000, "refresh_secs": 600,
            "retry_secs": 5, "min_refetch_secs": 30});
        Self::with(kind, remote)
    }

    fn with(kind: &str, remote: Value) -> Self {
        let config = json!({
            "providers": {"main": {"issuers": ["https://issuer.test"], "audiences": ["models"], "algorithms": ["RS256"],
                "keys": {kind: remote}}},
            "policies": {"default": {}}, "default_policy": "default",
        });
        let host = Memory { now: NOW * 1_000_000_000, ..Memory::default() };
        let mut worker = Self { auth: course::filter(&config), host };
        // The first to look finds nothing, and writes that.
        assert_eq!(worker.tick(), []);
        worker
    }

    fn at(&mut self, secs: u64) -> &mut Self {
        self.host.now = (NOW + secs) * 1_000_000_000;
        self
    }

    /// The calls that are due.
    fn tick(&mut self) -> Vec<HttpCall> {
        calls(self.auth.on_tick(&mut RootCx::new(&mut self.host)))
    }

    /// The calls that follow from an answer.
    fn answer(&mut self, call: &HttpCall, status: u16, body: impl Into<Vec<u8>>) -> Vec<HttpCall> {
        let answer = Answer::Http { status, body: body.into() };
        calls(self.auth.on_background_answer(&mut RootCx::new(&mut self.host), call.tag, answer))
    }

    /// The call that an exchange asked for.
    fn asked_for(&mut self) -> HttpCall {
        calls(Background { calls: vec![self.host.background.pop().unwrap()], wake: false }).remove(0)
    }

    /// Fetches what is due and answers with a set of these keys.
    fn fetch(&mut self, keys: Value) {
        let call = self.tick().pop().unwrap();
        assert_eq!(self.answer(&call, 200, json!({ "keys": keys }).to_string()), []);
    }

    /// The status for a token of this key, where nothing comes of waiting.
    fn status(&mut self, kid: &str) -> u16 {
        self.status_of(&mint().token("RS256", kid, &claims(json!({}))))
    }

    /// The same for any token.
    fn status_of(&mut self, token: &str) -> u16 {
        let shared = std::mem::take(&mut self.host.shared);
        let host = Memory { now: self.host.now, shared, ..Memory::default() };
        let token = format!("Bearer {token}");
        let answer = Answer::Failed(None);
        let (outcome, host) = course::exchange_on(&self.auth, host, &[("authorization", &token)], &answer);
        self.host.shared = host.shared;
        self.host.background.extend(host.background);
        outcome.status
    }
}

fn calls(background: Background) -> Vec<HttpCall> {
    let http = |call| match call {
        Call::Http(call) => call,
        other => panic!("{other:?}"),
    };
    background.calls.into_iter().map(http).collect()
}

fn key(kid: &str) -> Value {
    mint().jwk("RS256", kid)
}

#[test]
fn a_set_is_fetched_when_it_is_due_and_stays_while_none_comes() {
    let mut worker = Worker::new("remote");
    assert_eq!(worker.status("a"), 503);
    let call = worker.asked_for();
    assert_eq!(worker.tick(), [], "who needs it fetched it already");
    worker.answer(&call, 200, json!({"keys": [key("a")]}).to_string());
    assert_eq!([worker.status("a"), worker.status("b")], [200, 401]);
    assert_eq!(worker.at(500).tick(), [], "not yet");
    for (round, (status, body)) in [
        (500, String::new()),
        (304, String::new()),
        (200, "no JSON".to_owned()),
        (200, r#"{"keys":[]}"#.to_owned()),
        (200, r#"{"keys":[],"keys":[]}"#.to_owned()),
        (200, json!({"keys": [key("b"), mint().jwk("other", "b")]}).to_string()),
        (200, json!({"keys": [key("b"), {"kty": "oct", "k": "AAAA"}]}).to_string()),
        (200, json!({"keys": vec![json!({}); 101]}).to_string()),
        (200, format!("{}{}", json!({"keys": [key("b")]}), " ".repeat(1 << 20))),
    ]
    .into_iter()
    .enumerate()
    {
        let at = 700 + 10 * round as u64;
        let call = worker.at(at).tick().pop().unwrap();
        assert_eq!(worker.tick(), [], "one fetch at a time");
        worker.answer(&call, status, body.clone());
        assert_eq!(worker.at(at + 4).tick(), [], "it waits before it tries again");
        assert_eq!([worker.status("a"), worker.status("b")], [200, 401], "{status} {body:.60}");
    }
    worker.at(900).fetch(json!([key("b")]));
    assert_eq!([worker.status("a"), worker.status("b")], [401, 200]);
}

#[test]
fn an_unknown_key_is_asked_for_once_in_a_while() {
    let mut worker = Worker::new("remote");
    worker.fetch(json!([key("a")]));
    assert_eq!(worker.at(29).status("b"), 401);
    assert_eq!(worker.host.background, [], "too early");
    worker.at(30).status("b");
    let call = worker.asked_for();
    worker.status("c");
    assert_eq!(worker.host.background, [], "one fetch for all");
    worker.answer(&call, 200, json!({"keys": [key("a"), key("b")]}).to_string());
    assert_eq!([worker.status("b"), worker.status("c")], [200, 401]);
    assert_eq!(worker.host.background, []);
}

/// A key without a name may be the one that a token names, but a token of another is no reason to think that it is.
#[test]
fn a_nameless_key_hides_no_rotation() {
    let mut nameless = mint().jwk("other", "x");
    nameless.as_object_mut().unwrap().remove("kid");
    let mut worker = Worker::new("remote");
    worker.fetch(json!([nameless]));
    worker.at(30).status("a");
    let call = worker.asked_for();
    worker.answer(&call, 200, json!({"keys": [nameless, key("a")]}).to_string());
    assert_eq!(worker.status("a"), 200);
}

/// Keys without a name are rotated like others, and a signature that is none of theirs asks as seldom as an unknown name.
#[test]
fn a_token_without_a_name_asks_for_its_key() {
    let nameless = |alg: &str| {
        let mut key = mint().jwk(alg, "x");
        key.as_object_mut().unwrap().remove("kid");
        key
    };
    let token = mint().sign("RS256", r#"{"alg":"RS256"}"#, &claims(json!({})).to_string());
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    for old in [nameless("other"), mint().jwk("other", "x")] {
        let mut worker = Worker::new("remote");
        worker.fetch(json!([old]));
        assert_eq!(worker.at(29).status_of(&token), 401);
        assert_eq!(worker.host.background, [], "too early");
        worker.at(30).status_of(&token);
        let call = worker.asked_for();
        worker.status_of(&forged);
        assert_eq!(worker.host.background, [], "one fetch for all");
        worker.answer(&call, 200, json!({"keys": [old, nameless("RS256")]}).to_string());
        assert_eq!(worker.status_of(&token), 200);
        assert_eq!(worker.at(59).status_of(&forged), 401);
        assert_eq!(worker.host.background, [], "and not again before it may");
    }
}

#[test]
fn a_clock_that_goes_back_stops_nothing() {
    let mut worker = Worker::new("remote");
    worker.at(100_000).fetch(json!([key("a")]));
    worker.at(0).fetch(json!([key("b")]));
    assert_eq!(worker.status("b"), 200);
    // A worker that took the lease and is gone.
    assert_eq!(worker.at(100_000).tick().len(), 1);
    assert_eq!(worker.at(1).tick().len(), 1);
}

#[test]
fn what_an_issuer_should_not_publish_is_left_out() {
    let mut private = key("a");
    private["d"] = "AQAB".into();
    let mut worker = Worker::new("remote");
    worker.fetch(json!([private, key("b"), {"kty": "RSA", "kid": "c", "n": "AQAB", "e": "AQ"}, 7, null]));
    assert_eq!([worker.status("a"), worker.status("b")], [401, 200]);
    assert!(worker.host.lines.iter().any(|line| line.ends_with("4 keys left out")), "{:?}", worker.host.lines);
}

#[test]
fn one_key_twice_is_one_key() {
    let mut worker = Worker::new("remote");
    worker.fetch(json!([key("a"), key("b"), key("a")]));
    assert_eq!([worker.status("a"), worker.status("b")], [200, 200]);
}

#[test]
fn a_bundle_of_spiffe_holds_keys_of_tokens_and_others() {
    let of_use = |kid: &str, usage: &str| {
        let mut key = key(kid);
        key["use"] = usage.into();
        key
    };
    let mut worker = Worker::new("remote");
    worker.fetch(json!([of_use("a", "jwt-svid"), of_use("b", "x509-svid")]));
    assert_eq!([worker.status("a"), worker.status("b")], [200, 401]);
}

#[test]
fn an_issuers_document_leads_to_its_own_host_alone() {
    let document = |issuer: &str, uri: &str| json!({"issuer": issuer, "jwks_uri": uri}).to_string();
    let ours = "https://issuer.test";
    let mut worker = Worker::new("discovery");
    for (round, body) in [
        document("https://evil.test", "https://issuer.test/keys"),
        document("https://issuer.test/", "https://issuer.test/keys"),
        document(ours, "https://evil.test/keys"),
        document(ours, "https://issuer.test@evil.test/keys"),
        document(ours, "https://issuer.test.evil.test/keys"),
        document(ours, "https://issuer.test"),
        document(ours, "//issuer.test/keys"),
        document(ours, "file://issuer.test/keys"),
        document(ours, "https://issuer.test/keys#a"),
        document(ours, "https://issuer.test/a b"),
        document(ours, "https://issuer.test/a\r\nhost: evil.test"),
        json!({"issuer": [ours], "jwks_uri": "https://issuer.test/keys"}).to_string(),
        r#"{"issuer":"https://issuer.test","jwks_uri":"https://issuer.test/a","jwks_uri":"https://issuer.test/b"}"#
            .into(),
    ]
    .into_iter()
    .enumerate()
    {
        let call = worker.at(10 * round as u64).tick().pop().unwrap();
        assert_eq!(worker.answer(&call, 200, body.clone()), [], "{body}");
    }
    let call = worker.at(1000).tick().pop().unwrap();
    let next = worker.answer(&call, 200, document(ours, "https://ISSUER.test/keys?a=b")).pop().unwrap();
    let sent = |name: &str| next.headers.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!([sent(":authority"), sent(":path")], [b"issuer.test".to_vec(), b"/keys?a=b".to_vec()]);
    assert_eq!(worker.tick(), [], "both legs are one fetch");
    worker.answer(&next, 200, json!({"keys": [key("a")]}).to_string());
    assert_eq!(worker.status("a"), 200);
}

/// Google's keys are on another host than its document.
#[test]
fn the_keys_may_be_on_a_host_that_is_configured() {
    let mut worker = Worker::with(
        "discovery",
        json!({"cluster": "issuer", "host": "issuer.test", "keys_at": {"cluster": "keys", "host": "keys.test:8443"}}),
    );
    let document = |uri: &str| json!({"issuer": "https://issuer.test", "jwks_uri": uri}).to_string();
    for (at, uri, host) in [
        (0, "https://keys.test:8443/certs", Some("keys.test:8443")),
        (1000, "https://issuer.test:443/certs", Some("issuer.test")),
        (2000, "https://keys.test/certs", None),
        (3000, "https://issuer.test:80/certs", None),
        (4000, "https://evil.test/certs", None),
    ] {
        let call = worker.at(at).tick().pop().unwrap();
        assert_eq!(call.target.cluster(), "issuer");
        let next = worker.answer(&call, 200, document(uri)).pop();
        let sent =
            next.as_ref().map(|next| next.headers.iter().find(|(name, _)| name == ":authority").unwrap().1.clone());
        assert_eq!(sent, host.map(|host| host.as_bytes().to_vec()), "{uri}");
        if let Some(next) = next {
            assert_eq!(next.target.cluster(), if at == 0 { "keys" } else { "issuer" });
            worker.answer(&next, 200, json!({"keys": [key("a")]}).to_string());
            assert_eq!(worker.status("a"), 200);
        }
    }
    let said = worker.host.lines.join("\n");
    assert!(said.contains("jwks_uri is on another host: say in `keys_at`"), "{said}");
}
