//! Wycheproof on the way that signatures take inside Envoy: the filter's own checks, then Envoy's `verify_signature`, which
//! the probe asks in the filter's place because what the vectors sign is no token.

use crate::vectors;
use serde_json::json;
use std::cell::Cell;
use testkit::{Body, Gateway, GatewaySpec, Link, ListenerSpec, RequestSpec};

#[test]
fn envoys_crypto_gives_the_same_verdicts() {
    let config = json!({"attachment": "full", "request": {"body": "whole", "verify_signature": true}});
    let gateway = Gateway::start(&GatewaySpec {
        listeners: vec![ListenerSpec {
            name: "main".into(),
            chain: vec![Link::probe(config)],
            ..ListenerSpec::default()
        }],
        ..GatewaySpec::default()
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let asked = Cell::new(0);
    let host = |hash: &str, key: &[u8], signature: &[u8], text: &[u8]| {
        asked.set(asked.get() + 1);
        let body = [hash.to_owned(), hex(key), hex(signature), hex(text)].join("\n");
        let spec = RequestSpec { body: Some(Body::Text(body)), ..RequestSpec::default() };
        let outcome = runtime.block_on(testkit::client::send(gateway.addr("main"), &spec, ""));
        match outcome.body.as_slice() {
            b"true" => Some(true),
            b"false" => Some(false),
            other => panic!("the host has no say: {} {}", outcome.status, String::from_utf8_lossy(other)),
        }
    };
    let vectors = vectors::all();
    vectors::judge(&vectors, |vector| {
        auth::decide::verifies(vector.alg, &vector.jwk, &vector.text, &vector.signature, &host)
    });
    eprintln!("of {} signatures Envoy was asked about {}", vectors.len(), asked.get());
    assert!(asked.get() > vectors.len() / 2, "most signatures are Envoy's to judge");
    assert_eq!(gateway.vm_failures(), 0);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
