//! Tokens that are bound to a key (`cnf`): of RFC 8705 to a client certificate, else to a key that no request proves here.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod course;
mod mint;

use auth::Auth;
use course::{exchange, filter};
use mint::{base64url, claims, mint};
use plugin::Answer;
use serde_json::{Value, json};
use std::rc::Rc;
use testkit::Memory;

const NOW: u64 = 1_790_000_000;

fn auth(policy: Value, mtls: Option<Value>) -> Rc<Auth> {
    let mut config = json!({
        "providers": {"main": {"issuers": ["https://issuer.test"], "audiences": ["models"], "algorithms": ["RS256"],
            "keys": {"inline": mint().jwks_of(&[("RS256", "k1")])}}},
        "introspection": {"service": {"cluster": "idp", "timeout_ms": 9, "failure_mode": "deny"}, "host": "idp.test",
            "path": "/p", "client_id": "gw"},
        "policies": {"default": policy}, "default_policy": "default",
    });
    if let Some(mtls) = mtls {
        config["mtls"] = mtls;
    }
    filter(&config)
}

/// The status for a token with this `cnf`, on a connection with a certificate of this digest.
fn ask(auth: &Rc<Auth>, cnf: &Value, certificate: Option<&str>, more: &[(&str, &str)]) -> u16 {
    let token = mint().token("RS256", "k1", &claims(json!({ "cnf": cnf })));
    status(auth, &token, certificate, more, &Answer::Failed(None))
}

fn status(auth: &Rc<Auth>, token: &str, certificate: Option<&str>, more: &[(&str, &str)], answer: &Answer) -> u16 {
    let mut host = Memory { now: NOW * 1_000_000_000, ..Memory::default() };
    if let Some(digest) = certificate {
        host.attributes.insert("connection|mtls".into(), vec![1]);
        host.attributes.insert("connection|sha256_peer_certificate_digest".into(), digest.into());
    }
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(more);
    exchange(auth, host, &headers, answer).status
}

fn of_certificate(byte: u8) -> (Value, String) {
    (json!({"x5t#S256": base64url([byte; 32])}), format!("{byte:02x}").repeat(32))
}

#[test]
fn a_token_of_a_certificate_comes_with_it_alone() {
    let auth = auth(json!({}), None);
    let (cnf, own) = of_certificate(0xa1);
    let (_, other) = of_certificate(0xb2);
    // It is remembered from its second time on, but not the proof.
    for round in 0..4 {
        assert_eq!(ask(&auth, &cnf, Some(&own), &[]), 200, "{round}");
        assert_eq!(ask(&auth, &cnf, Some(&own.to_uppercase()), &[]), 200, "{round}");
        for shown in [None, Some(other.as_str()), Some(""), Some("zz")] {
            assert_eq!(ask(&auth, &cnf, shown, &[]), 401, "{round} {shown:?}");
        }
    }
    let forwarded = format!("Hash={own}");
    assert_eq!(ask(&auth, &cnf, None, &[("x-forwarded-client-cert", &forwarded)]), 401, "nobody vouches for that");
}

#[test]
fn the_nearest_proxy_may_show_it() {
    let vouched = json!({"trusted_xfcc": true, "callers": [{"name": "spiffe://acme/*"}]});
    let auth = auth(json!({}), Some(vouched));
    let (cnf, own) = of_certificate(0xa1);
    let (_, other) = of_certificate(0xb2);
    for (header, status) in [
        (format!("Hash={own}"), 200),
        (format!("Hash={other};URI=a,By=b;Hash={own}"), 200),
        (format!("Hash={own},Hash={other}"), 401),
        (format!("URI=\"{own}\""), 401),
    ] {
        assert_eq!(ask(&auth, &cnf, None, &[("x-forwarded-client-cert", &header)]), status, "{header}");
    }
    assert_eq!(ask(&auth, &cnf, Some(&own), &[]), 401, "the connection is that of the proxy");
}

#[test]
fn a_token_of_another_key_is_no_bearer_token() {
    let (certificate, own) = of_certificate(0xa1);
    let mut two = certificate.clone();
    two["jkt"] = "a".into();
    let strict = auth(json!({}), None);
    let lenient = auth(json!({"bound_tokens": "bearer"}), None);
    for cnf in [json!({"jkt": "a"}), json!({"jwk": {"kty": "EC"}}), json!({"kid": "a"}), json!({"x5t#S256": 7}), two] {
        assert_eq!(ask(&strict, &cnf, Some(&own), &[]), 401, "{cnf}");
        assert_eq!(ask(&lenient, &cnf, None, &[]), 200, "{cnf}");
    }
    assert_eq!(ask(&lenient, &certificate, None, &[]), 200);
    for cnf in [json!({}), json!("a"), json!([]), json!({"x5t#S256": "a"}), json!({"x5t#S256": base64url([1; 20])})] {
        assert_eq!(ask(&strict, &cnf, Some(&own), &[]), 401, "{cnf}");
        assert_eq!(ask(&lenient, &cnf, None, &[]), 401, "it says nothing: {cnf}");
    }
}

/// RFC 9449 section 7.1: it comes under a scheme of its own, and is not taken for no credential.
#[test]
fn the_scheme_of_a_proof_is_read() {
    let token = mint().token("RS256", "k1", &claims(json!({"cnf": {"jkt": "a"}})));
    let guest = json!({"consumer": "guest"});
    for (policy, status) in [(json!({"anonymous": guest}), 401), (json!({"bound_tokens": "bearer"}), 200)] {
        let host = Memory { now: NOW * 1_000_000_000, ..Memory::default() };
        let headers = [("authorization", format!("DPoP {token}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(exchange(&auth(policy, None), host, &headers, &Answer::Failed(None)).status, status);
    }
}

/// RFC 8705 section 3.2: an introspection tells it as well.
#[test]
fn so_is_one_that_a_service_knows() {
    let auth = auth(json!({}), None);
    let (cnf, own) = of_certificate(0xa1);
    let said = json!({"active": true, "sub": "alice", "cnf": cnf}).to_string();
    let answer = Answer::Http { status: 200, body: said.into_bytes() };
    for _ in 0..3 {
        assert_eq!(status(&auth, "opaque", Some(&own), &[], &answer), 200);
        assert_eq!(status(&auth, "opaque", None, &[], &answer), 401);
    }
}
