//! Keys and tokens for tests, made when a test starts: none of them is in the repository.
//!
//! Case files name them as `{{name}}`; [`render`] writes a folder of cases with the real ones in their place.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, dead_code)]

mod attacks;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::prelude::{
    ECDSAP256KeyPairLike, ECDSAP384KeyPairLike, ES256KeyPair, ES384KeyPair, Ed25519KeyPair, EdDSAKeyPairLike,
    RS256KeyPair, RSAKeyPairLike,
};
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use superboring::hash::MessageDigest;
use superboring::pkey::PKey;
use superboring::rsa::Padding;
use superboring::sign::Signer;

/// All keys of the tests.
pub struct Mint {
    /// The issuer's RSA key.
    pub rsa: RS256KeyPair,
    /// Another RSA key: of another issuer, or an attacker's.
    pub other_rsa: RS256KeyPair,
    /// A key on P-256.
    pub p256: ES256KeyPair,
    /// A key on P-384.
    pub p384: ES384KeyPair,
    /// An Ed25519 key.
    pub ed25519: Ed25519KeyPair,
    /// A shared secret.
    pub secret: Vec<u8>,
}

/// The keys of this process.
pub fn mint() -> &'static Mint {
    static MINT: OnceLock<Mint> = OnceLock::new();
    MINT.get_or_init(|| Mint {
        rsa: RS256KeyPair::generate(2048).unwrap(),
        other_rsa: RS256KeyPair::generate(2048).unwrap(),
        p256: ES256KeyPair::generate(),
        p384: ES384KeyPair::generate(),
        ed25519: Ed25519KeyPair::generate(),
        secret: (0..64).map(|n| n * 3 + 7).collect(),
    })
}

/// Base64url without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Mint {
    /// Signs header and payload, both as they are.
    pub fn sign(&self, alg: &str, header: &str, payload: &str) -> String {
        let text = format!("{}.{}", base64url(header), base64url(payload));
        format!("{text}.{}", base64url(self.signature(alg, text.as_bytes())))
    }

    /// The signature of the issuer's key for an algorithm.
    pub fn signature(&self, alg: &str, text: &[u8]) -> Vec<u8> {
        match alg {
            "RS256" => rsa(&self.rsa, MessageDigest::sha256(), Padding::PKCS1, text),
            "RS384" => rsa(&self.rsa, MessageDigest::sha384(), Padding::PKCS1, text),
            "RS512" => rsa(&self.rsa, MessageDigest::sha512(), Padding::PKCS1, text),
            "PS256" => rsa(&self.rsa, MessageDigest::sha256(), Padding::PKCS1_PSS, text),
            "PS384" => rsa(&self.rsa, MessageDigest::sha384(), Padding::PKCS1_PSS, text),
            "PS512" => rsa(&self.rsa, MessageDigest::sha512(), Padding::PKCS1_PSS, text),
            "other" => rsa(&self.other_rsa, MessageDigest::sha256(), Padding::PKCS1, text),
            "ES256" => {
                let signature: p256::ecdsa::Signature = self.p256.key_pair().as_ref().sign(text);
                signature.to_bytes().to_vec()
            }
            "ES384" => {
                let signature: p384::ecdsa::Signature = self.p384.key_pair().as_ref().sign(text);
                signature.to_bytes().to_vec()
            }
            "EdDSA" | "Ed25519" => self.ed25519.key_pair().as_ref().sk.sign(text, None).to_vec(),
            "HS256" => hmac_sha256::HMAC::mac(text, &self.secret).to_vec(),
            "HS384" => hmac_sha512::sha384::HMAC::mac(text, &self.secret).to_vec(),
            "HS512" => hmac_sha512::HMAC::mac(text, &self.secret).to_vec(),
            _ => unreachable!("{alg}"),
        }
    }

    /// A token of the issuer with the key `kid` and these claims.
    pub fn token(&self, alg: &str, kid: &str, claims: &Value) -> String {
        self.sign(alg, &json!({"alg": alg, "kid": kid, "typ": "JWT"}).to_string(), &claims.to_string())
    }

    /// The issuer's public keys.
    pub fn jwks(&self) -> Value {
        json!({"keys": [
            self.jwk("RS256", "k1"), self.jwk("RS512", "k1-512"), self.jwk("ES256", "e1"), self.jwk("ES384", "e2"), self.jwk("EdDSA", "d1"),
        ]})
    }

    /// Some public keys.
    pub fn jwks_of(&self, keys: &[(&str, &str)]) -> Value {
        json!({"keys": keys.iter().map(|(alg, kid)| self.jwk(alg, kid)).collect::<Vec<_>>()})
    }

    /// One public key as a JWK, or the shared secret.
    pub fn jwk(&self, alg: &str, kid: &str) -> Value {
        if alg.starts_with("HS") {
            return json!({"kty": "oct", "alg": alg, "kid": kid, "k": base64url(&self.secret)});
        }
        let text = match alg {
            "other" => self.other_rsa.public_key().to_jwk(),
            "ES256" => self.p256.public_key().to_jwk(),
            "ES384" => self.p384.public_key().to_jwk(),
            "EdDSA" | "Ed25519" => self.ed25519.public_key().to_jwk(),
            _ => self.rsa.public_key().to_jwk(),
        };
        let mut jwk: Value = serde_json::from_str(&text).unwrap();
        jwk["alg"] = if alg == "other" { "RS256" } else { alg }.into();
        jwk["kid"] = kid.into();
        jwk
    }
}

fn rsa(key: &RS256KeyPair, digest: MessageDigest, padding: Padding, text: &[u8]) -> Vec<u8> {
    let key = PKey::from_rsa(key.key_pair().as_ref().clone()).unwrap();
    let mut signer = Signer::new(digest, &key).unwrap();
    signer.set_rsa_padding(padding).unwrap();
    signer.update(text).unwrap();
    signer.sign_to_vec().unwrap()
}

/// Claims that are in order, with some of them replaced; null takes one out.
pub fn claims(other: Value) -> Value {
    let mut claims = json!({
        "iss": "https://issuer.test", "aud": "models", "sub": "alice", "iat": 1_600_000_000, "exp": 4_102_444_800_u64,
        "scope": "chat embed", "org": {"tenant": "acme", "tier": "gold"}, "models": ["gpt-4*", "!gpt-4-32k"],
        "roles": ["dev", "ops"], "email": "alice@acme.test",
    });
    for (name, value) in other.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// An API key by a name of the tests.
pub fn key(name: &str) -> String {
    auth::keys::key_of(&hmac_sha256::Hash::hash(name.as_bytes()))
}

/// All texts that case files name.
pub fn texts() -> &'static BTreeMap<String, String> {
    static TEXTS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let mint = mint();
        let mut texts = attacks::tokens(mint);
        texts.insert("good_payload".into(), texts["good"].split('.').nth(1).unwrap().to_owned());
        texts.insert("jwks".into(), mint.jwks().to_string());
        texts.insert("jwks_rs256".into(), json!({"keys": [mint.jwk("RS256", "k1")]}).to_string());
        let each = |algs: &[&str]| mint.jwks_of(&algs.iter().map(|alg| (*alg, *alg)).collect::<Vec<_>>()).to_string();
        texts.insert("jwks_secret".into(), each(&["HS256", "HS384", "HS512"]));
        texts.insert("jwks_ed25519".into(), json!({"keys": [mint.jwk("EdDSA", "d1")]}).to_string());
        texts.insert("jwks_rsa".into(), each(&["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]));
        let mut nameless = mint.jwk("RS256", "k1");
        nameless.as_object_mut().unwrap().remove("alg");
        texts.insert("jwks_without_alg".into(), json!({"keys": [nameless]}).to_string());
        texts.insert("other_jwks".into(), json!({"keys": [mint.jwk("other", "k1")]}).to_string());
        for name in ["alice", "bob", "rotated", "expired", "early", "disabled", "narrow", "nobody", "peppered"] {
            texts.insert(format!("key_{name}"), key(name));
            texts.insert(format!("digest_{name}"), auth::keys::hash(&key(name), None));
        }
        texts.insert("key_alice_base64url".into(), base64url(key("alice")));
        texts.insert("digest_peppered".into(), auth::keys::hash(&key("peppered"), Some("a pepper of the tests")));
        texts
    })
}

/// Writes the case files of a folder with the real texts to a folder below `target`, and says where.
pub fn render(folder: impl AsRef<Path>, out: &str) -> PathBuf {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(out);
    let _ = std::fs::remove_dir_all(&out);
    std::fs::create_dir_all(&out).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (name, value) in texts() {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        let left = text.lines().find(|line| line.contains("{{"));
        assert_eq!(left, None, "{} names a text that is not made", path.display());
        std::fs::write(out.join(path.file_name().unwrap()), text).unwrap();
    }
    out
}
