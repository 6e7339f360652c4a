//! The signature layer against Wycheproof, in pure Rust, and the raw lines of `modelgate verify --jws`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;
mod vectors;

use mint::base64url;
use serde_json::{Value, json};

#[test]
fn wycheproof_in_pure_rust() {
    vectors::judge(&vectors::all(), |vector| {
        auth::decide::verifies(vector.alg, &vector.jwk, &vector.text, &vector.signature, &|_, _, _, _| None)
    });
}

#[test]
fn raw_jws_lines() {
    let mint = mint::mint();
    let line = |jws: &str, jwk: &Value| json!({"jws": jws, "jwk": jwk}).to_string();
    let signed = |alg: &str, kid: &str| mint.sign(alg, &json!({"alg": alg, "kid": kid}).to_string(), "no JSON");
    for (alg, kid) in [("RS256", "k1"), ("ES256", "e1"), ("ES384", "e2"), ("EdDSA", "d1")] {
        assert!(auth::decide::is_signed(&line(&signed(alg, kid), &mint.jwk(alg, kid))).unwrap(), "{alg}");
        assert!(auth::decide::is_signed(&line(&signed(alg, kid), &mint.jwks())).unwrap(), "{alg}");
        assert!(!auth::decide::is_signed(&line(&signed(alg, kid), &mint.jwk("other", kid))).unwrap(), "{alg}");
    }
    let secret = |bytes: usize| json!({"kty": "oct", "k": base64url(&mint.secret[..bytes])});
    assert!(auth::decide::is_signed(&line(&signed("HS256", "s"), &secret(64))).unwrap());
    let short = json!({"kty": "oct", "k": base64url(&mint.secret[..31])});
    assert!(!auth::decide::is_signed(&line(&signed("HS256", "s"), &short)).unwrap());
    let mixed = json!({"keys": [secret(64), mint.jwk("RS256", "k1")]});
    assert!(!auth::decide::is_signed(&line(&signed("HS256", "s"), &mixed)).unwrap());
    let twice = json!({"keys": [mint.jwk("RS256", "k1"), mint.jwk("RS256", "k1")]});
    assert!(!auth::decide::is_signed(&line(&signed("RS256", "k1"), &twice)).unwrap());
    assert!(auth::decide::is_signed("{}").is_err());
}
