//! The signature algorithms of RFC 7518, RFC 8037 and RFC 8812 that a token may use here, by their exact names.

use serde::Deserialize;

/// An algorithm. Names are compared with case: `rs256` is none (RFC 7515 section 4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Algorithm {
    /// HMAC with SHA-256. The verifier could sign as well: for one trusted issuer and this gateway alone.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// Ed25519; `Ed25519` (RFC 9864) is the same.
    #[serde(alias = "Ed25519")]
    EdDSA,
}

/// The kind of key that an algorithm needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `kty: oct`.
    Secret,
    /// `kty: RSA`.
    Rsa,
    /// `kty: EC`, `crv: P-256`.
    P256,
    /// `kty: EC`, `crv: P-384`.
    P384,
    /// `kty: OKP`, `crv: Ed25519`.
    Ed25519,
}

impl Algorithm {
    /// The algorithm of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "HS256" => Self::HS256,
            "HS384" => Self::HS384,
            "HS512" => Self::HS512,
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "EdDSA" | "Ed25519" => Self::EdDSA,
            _ => return None,
        })
    }

    /// The kind of key it needs.
    pub fn kind(self) -> Kind {
        match self {
            Self::HS256 | Self::HS384 | Self::HS512 => Kind::Secret,
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => Kind::Rsa,
            Self::ES256 => Kind::P256,
            Self::ES384 => Kind::P384,
            Self::EdDSA => Kind::Ed25519,
        }
    }

    /// The size of its hash in bytes; an HMAC key must not be shorter (RFC 7518 section 3.2).
    pub fn hash_bytes(self) -> usize {
        match self {
            Self::HS256 | Self::RS256 | Self::PS256 | Self::ES256 => 32,
            Self::HS384 | Self::RS384 | Self::PS384 | Self::ES384 => 48,
            Self::HS512 | Self::RS512 | Self::PS512 | Self::EdDSA => 64,
        }
    }

    /// Its hash over some parts.
    pub fn hash(self, parts: &[&[u8]]) -> Vec<u8> {
        macro_rules! over {
            ($hash:expr) => {{
                let mut hash = $hash;
                parts.iter().for_each(|part| hash.update(part));
                hash.finalize().to_vec()
            }};
        }
        match self.hash_bytes() {
            32 => over!(hmac_sha256::Hash::new()),
            48 => over!(hmac_sha512::sha384::Hash::new()),
            _ => over!(hmac_sha512::Hash::new()),
        }
    }

    /// The name of its hash to Envoy's `verify_signature`, where that knows the algorithm: PKCS#1 v1.5 and ECDSA.
    pub fn host_hash(self) -> Option<&'static str> {
        match self {
            Self::RS256 | Self::ES256 => Some("sha256"),
            Self::RS384 | Self::ES384 => Some("sha384"),
            Self::RS512 => Some("sha512"),
            _ => None,
        }
    }
}
