//! Callers by what Envoy says of the connection's certificate. Through a real TLS connection: `tests/auth` of the whole.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod course;

use course::{exchange, filter};
use plugin::Answer;
use serde_json::json;
use testkit::Memory;

/// Status and consumer for a connection with these attributes, by one part of its certificate.
fn call(by: &str, attributes: &[(&str, &[u8])]) -> (u16, Option<String>) {
    let callers = match by {
        "digest" => json!([{"name": "00ff", "consumer": "digest"}]),
        _ => json!([{"name": "spiffe://acme/*"}, {"name": "*.acme.test", "consumer": "host"},
            {"name": "CN=web,O=acme", "consumer": "subject"}]),
    };
    let auth = filter(&json!({
        "mtls": {"name": by, "callers": callers},
        "policies": {"default": {}}, "default_policy": "default",
    }));
    let attributes = attributes.iter().map(|(name, value)| (format!("connection|{name}"), value.to_vec()));
    let host = Memory { attributes: attributes.collect(), ..Memory::default() };
    let forged = [("x-forwarded-client-cert", "URI=spiffe://acme/forged;DNS=forged.acme.test")];
    let outcome = exchange(&auth, host, &forged, &Answer::Failed(None));
    (outcome.status, outcome.consumer)
}

#[test]
fn each_part_names_a_caller() {
    for (by, attribute, value, consumer) in [
        ("uri", "uri_san_peer_certificate", "spiffe://acme/web", "spiffe://acme/web"),
        ("dns", "dns_san_peer_certificate", "w.acme.test", "host"),
        ("subject", "subject_peer_certificate", "CN=web,O=acme", "subject"),
        ("digest", "sha256_peer_certificate_digest", "00ff", "digest"),
    ] {
        let verified: [(&str, &[u8]); 2] = [("mtls", &[1]), (attribute, value.as_bytes())];
        assert_eq!(call(by, &verified), (200, Some(consumer.into())), "{by}");
        let plain: [(&str, &[u8]); 2] = [("mtls", &[0]), (attribute, value.as_bytes())];
        assert_eq!(call(by, &plain), (401, None), "{by} without mTLS");
        assert_eq!(call(by, &verified[1..]), (401, None), "{by} without a word about mTLS");
        assert_eq!(call(by, &verified[..1]), (401, None), "{by} is not in the certificate");
    }
}

#[test]
fn names_that_two_readers_see_differently_name_nobody() {
    for value in
        [&b"spiffe://acme/web\0.evil.test"[..], b"spiffe://acme/\xff", b"spiffe://acme/a\r\nb", b"", b"spiffe://evil/x"]
    {
        let attributes: [(&str, &[u8]); 2] = [("mtls", &[1]), ("uri_san_peer_certificate", value)];
        assert_eq!(call("uri", &attributes), (401, None), "{value:?}");
    }
}
