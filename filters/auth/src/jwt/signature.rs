//! Public keys and secrets, and whether a signature is theirs.
//!
//! Keys come in through jwt-simple, which knows the rules for each kind. Signatures of RSA and ECDSA are checked by the
//! host where it can (Envoy's BoringSSL takes 20 µs where wasm takes a millisecond), in pure Rust otherwise; both give the
//! same verdict, because length and range of a signature are checked here before either is asked.

use crate::jwt::algorithm::{Algorithm, Kind};
use crate::jwt::der;
use crate::jwt::roca;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike, ECDSAP384PublicKeyLike, ES256PublicKey, ES384PublicKey, Ed25519PublicKey,
    EdDSAPublicKeyLike, RS256PublicKey, RSAPublicKeyLike,
};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use superboring::hash::MessageDigest;
use superboring::pkey::{PKey, Public};
use superboring::rsa::Padding;
use superboring::sign::Verifier;

/// A host that may check a signature: hash, key as SubjectPublicKeyInfo, signature, text. `None` where it cannot.
pub type HostVerify<'h> = &'h dyn Fn(&str, &[u8], &[u8], &[u8]) -> Option<bool>;

/// The material of a key, ready to verify with.
pub struct Material {
    form: Form,
    /// The key as SubjectPublicKeyInfo (RFC 5280), for the host. Empty where no host takes it.
    spki: Vec<u8>,
}

enum Form {
    Rsa { key: Box<PKey<Public>>, bytes: usize },
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    Ed25519(ed25519_compact::PublicKey),
    Secret(Vec<u8>),
}

impl std::fmt::Debug for Material {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:?}", self.kind())
    }
}

impl Material {
    /// An RSA key from the members `n` and `e` of a JWK.
    ///
    /// # Errors
    /// A modulus under 2048 or over 4096 bits, an exponent other than 65537, or the fingerprint of a broken generator.
    pub fn rsa(n: &str, e: &str) -> Result<Self, &'static str> {
        let wrong = "no RSA key of 2048 to 4096 bits with the exponent 65537, or not in plain base64url";
        let (modulus, exponent) = (decode(n).ok_or(wrong)?, decode(e).ok_or(wrong)?);
        // Issuers write a zero before a modulus whose first bit is set, though RFC 7518 section 6.3.1.1 has none.
        let modulus = match modulus.as_slice() {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => rest,
            whole => whole,
        };
        if modulus.first().is_none_or(|first| *first == 0) || exponent != [1, 0, 1] {
            return Err(wrong);
        }
        let key = RS256PublicKey::from_components(modulus, &exponent).map_err(|_| wrong)?;
        if roca::is_weak(modulus) {
            return Err("an RSA key of a generator whose private keys can be computed (CVE-2017-15361)");
        }
        let key = PKey::from_rsa(key.public_key().as_ref().clone()).map_err(|_| "an RSA key that cannot be used")?;
        Ok(Self { form: Form::Rsa { key: Box::new(key), bytes: modulus.len() }, spki: der::rsa_key(modulus) })
    }

    /// An elliptic key from the members `crv`, `x` and `y` of a JWK.
    ///
    /// # Errors
    /// A curve other than P-256 and P-384, or a point that is not on it.
    pub fn elliptic(curve: &str, x: &str, y: &str) -> Result<Self, &'static str> {
        let off = "no point of that curve, or not in plain base64url";
        let bytes = match curve {
            "P-256" => 32,
            "P-384" => 48,
            _ => return Err("a curve other than P-256 and P-384"),
        };
        // RFC 7518 section 6.2.1.2: each as long as the curve's field.
        let part = |text: &str| decode(text).filter(|part| part.len() == bytes).ok_or(off);
        let (x, y) = (part(x)?, part(y)?);
        let point = [&[der::UNCOMPRESSED], x.as_slice(), &y].concat();
        let form = match bytes {
            32 => Form::P256(*ES256PublicKey::from_bytes(&point).map_err(|_| off)?.public_key().as_ref()),
            _ => Form::P384(*ES384PublicKey::from_bytes(&point).map_err(|_| off)?.public_key().as_ref()),
        };
        let spki = der::elliptic_key(&point);
        Ok(Self { form, spki })
    }

    /// An Ed25519 key from the member `x` of a JWK.
    ///
    /// # Errors
    /// No point of that curve, or a weak one.
    pub fn edwards(x: &str) -> Result<Self, &'static str> {
        let wrong = "no Ed25519 key, or a weak one";
        let key = Ed25519PublicKey::from_bytes(&decode(x).ok_or(wrong)?).map_err(|_| wrong)?;
        Ok(Self { form: Form::Ed25519(*key.public_key().as_ref()), spki: Vec::new() })
    }

    /// A shared secret.
    pub fn secret(secret: Vec<u8>) -> Self {
        Self { form: Form::Secret(secret), spki: Vec::new() }
    }

    /// The kind of key.
    pub fn kind(&self) -> Kind {
        match &self.form {
            Form::Rsa { .. } => Kind::Rsa,
            Form::P256(_) => Kind::P256,
            Form::P384(_) => Kind::P384,
            Form::Ed25519(_) => Kind::Ed25519,
            Form::Secret(_) => Kind::Secret,
        }
    }

    /// Whether both are one key.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (Form::Ed25519(one), Form::Ed25519(two)) => one == two,
            (Form::Secret(one), Form::Secret(two)) => one == two,
            _ => !self.spki.is_empty() && self.spki == other.spki,
        }
    }

    /// Whether this key may be used with an algorithm: of its kind, and a secret as long as the hash.
    pub fn suits(&self, algorithm: Algorithm) -> bool {
        let long_enough = match &self.form {
            Form::Secret(secret) => secret.len() >= algorithm.hash_bytes(),
            _ => true,
        };
        algorithm.kind() == self.kind() && long_enough
    }

    /// Whether `signature` is this key's over `text` by `algorithm`.
    pub fn verify(&self, algorithm: Algorithm, text: &[u8], signature: &[u8], host: HostVerify<'_>) -> bool {
        if !self.suits(algorithm) {
            return false;
        }
        let asked =
            |signature: &[u8]| algorithm.host_hash().and_then(|hash| host(hash, self.spki.as_slice(), signature, text));
        match &self.form {
            Form::Rsa { bytes, .. } if signature.len() != *bytes => false,
            Form::Rsa { key, .. } => {
                asked(signature).unwrap_or_else(|| rsa(key, algorithm, text, signature) == Some(true))
            }
            Form::P256(key) => p256::ecdsa::Signature::from_slice(signature).is_ok_and(|parsed| {
                asked(&der::ecdsa_signature(signature)).unwrap_or_else(|| is_signed(key, algorithm, text, &parsed))
            }),
            Form::P384(key) => p384::ecdsa::Signature::from_slice(signature).is_ok_and(|parsed| {
                asked(&der::ecdsa_signature(signature)).unwrap_or_else(|| is_signed(key, algorithm, text, &parsed))
            }),
            Form::Ed25519(key) => ed25519_compact::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(text, &signature).is_ok()),
            Form::Secret(secret) => same(&mac(algorithm, secret, text), signature),
        }
    }
}

/// Plain base64url, as RFC 7515 section 2 has it.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn rsa(key: &PKey<Public>, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> Option<bool> {
    let (digest, padding) = match algorithm {
        Algorithm::RS256 => (MessageDigest::sha256(), Padding::PKCS1),
        Algorithm::RS384 => (MessageDigest::sha384(), Padding::PKCS1),
        Algorithm::RS512 => (MessageDigest::sha512(), Padding::PKCS1),
        Algorithm::PS256 => (MessageDigest::sha256(), Padding::PKCS1_PSS),
        Algorithm::PS384 => (MessageDigest::sha384(), Padding::PKCS1_PSS),
        Algorithm::PS512 => (MessageDigest::sha512(), Padding::PKCS1_PSS),
        _ => return None,
    };
    let mut verifier = Verifier::new(digest, key).ok()?;
    verifier.set_rsa_padding(padding).ok()?;
    verifier.update(text).ok()?;
    verifier.verify(signature).ok()
}

fn is_signed<S>(key: &impl PrehashVerifier<S>, algorithm: Algorithm, text: &[u8], signature: &S) -> bool {
    key.verify_prehash(&algorithm.hash(&[text]), signature).is_ok()
}

fn mac(algorithm: Algorithm, secret: &[u8], text: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::HS256 => hmac_sha256::HMAC::mac(text, secret).to_vec(),
        Algorithm::HS384 => hmac_sha512::sha384::HMAC::mac(text, secret).to_vec(),
        Algorithm::HS512 => hmac_sha512::HMAC::mac(text, secret).to_vec(),
        _ => Vec::new(),
    }
}

/// Whether two byte strings are the same, in a time that tells nothing of where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && !one.is_empty()
        && std::hint::black_box(one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b))) == 0
}
