//! Any credential, header and payload of a token: no panic, and nobody gets in.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

thread_local! {
    static DESK: auth::decide::Desk = desk();
}

fn desk() -> auth::decide::Desk {
    let secret = URL_SAFE_NO_PAD.encode([7; 64]);
    let config = json!({
        "providers": {"main": {"issuers": ["i"], "audiences": ["a"], "algorithms": ["HS256"],
            "keys": {"inline": {"keys": [{"kty": "oct", "alg": "HS256", "k": secret}]}}}},
        "tokens": {"query": ["access_token"], "cookies": ["t"]},
        "api_keys": {"query": ["key"], "keys": []},
        "policies": {"default": {}}, "default_policy": "default",
    });
    auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None).expect("a configuration in order")
}

fuzz_target!(|input: (&str, &str, &[u8], &[u8])| {
    let (credential, path, header, payload) = input;
    let token = format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    for headers in [json!({"authorization": credential, "cookie": credential}), json!({"authorization": format!("Bearer {token}")})] {
        let line = json!({"headers": headers, "path": format!("/{path}"), "now": 1_790_000_000}).to_string();
        let decision = DESK.with(|desk| desk.decide(&line)).expect("a line of JSON");
        assert_ne!(decision.status, 200);
    }
    let _ = auth::decide::is_signed(&json!({"jws": token, "jwk": {"kty": "oct", "k": "AAAA"}}).to_string());
});
