//! An issuer of JWTs, as it is written.

use crate::config::claims::ClaimMap;
use crate::jwt::algorithm::Algorithm;
use crate::jwt::json::Json;
use plugin::Target;
use serde::Deserialize;

/// An issuer of JWTs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The values of `iss` that are this issuer's. No two providers may share one.
    #[serde(default)]
    pub issuers: Vec<String>,
    /// The SPIFFE trust domains, such as `example.org`, whose JWT-SVIDs are this issuer's. They need no `iss`; `sub` must be of one
    /// of these. No two providers may share one.
    #[serde(default)]
    pub trust_domains: Vec<String>,
    /// One of these must be in `aud`. An empty list takes any audience: a token for another service then opens this one.
    pub audiences: Vec<String>,
    /// The algorithms that its keys use. Without an `alg` of its own a key gets the first that suits it.
    pub algorithms: Vec<Algorithm>,
    /// Its keys.
    pub keys: Keys,
    /// Patterns (`*`) of which one must match `sub`.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// The values of `typ` that are allowed, such as `at+jwt`. Without any: `JWT`, `JOSE`, none, or `…+jwt`, but for those of tokens
    /// that open nothing, such as `logout+jwt`. A list that is to tell access tokens from others holds neither `JWT` nor `JOSE`,
    /// which say no more than that it is a token.
    #[serde(default)]
    pub types: Vec<String>,
    /// Whether a token must have `exp`.
    #[serde(default = "yes")]
    pub require_expiration: bool,
    /// The longest time between now (or `iat`) and `exp`, in seconds.
    #[serde(default)]
    pub max_lifetime_secs: Option<u64>,
    /// How far clocks may differ, in seconds, an hour at most.
    #[serde(default = "skew")]
    pub clock_skew_secs: u64,
    /// Revoked tokens by `jti`.
    #[serde(default)]
    pub denied_ids: Vec<String>,
    /// Subjects that are shut out.
    #[serde(default)]
    pub denied_subjects: Vec<String>,
    /// What the claims say of the caller.
    #[serde(default)]
    pub identity: ClaimMap,
    /// Whether the token goes on to the upstream.
    #[serde(default)]
    pub forward: bool,
    /// The header in which the payload goes to the upstream, in base64url.
    #[serde(default)]
    pub payload_header: Option<String>,
}

/// Where keys come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Keys {
    /// A JWK Set, here. Only such a set may hold shared secrets (`kty: oct`), and then nothing else. Keys for other purposes are
    /// left out, broken or weak ones are a fault.
    Inline(Json<'static>),
    /// A JWK Set behind an Envoy cluster.
    Remote(Remote),
    /// A JWK Set whose path the issuer's OpenID configuration names. It is read through the same cluster, or that of `keys_at`, and
    /// its `issuer` must be one of `issuers`.
    Discovery(Remote),
}

/// A document behind an Envoy cluster.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// The cluster. TLS is the cluster's business.
    pub cluster: Target,
    /// The `:authority`.
    pub host: String,
    /// The path, for `discovery` `/.well-known/openid-configuration` unless said otherwise.
    #[serde(default)]
    pub path: Option<String>,
    /// For `discovery`, where the OpenID configuration may say that the keys are on another host: Google's are on
    /// `www.googleapis.com`.
    #[serde(default)]
    pub keys_at: Option<KeysAt>,
    /// How long an answer is waited for, in milliseconds.
    #[serde(default = "fetch_timeout")]
    pub timeout_ms: u32,
    /// How long a set is used before it is fetched anew, in seconds.
    #[serde(default = "refresh")]
    pub refresh_secs: u64,
    /// How long after a failure it is tried again, in seconds.
    #[serde(default = "retry")]
    pub retry_secs: u64,
    /// The least time between two fetches for the sake of an unknown key, in seconds.
    #[serde(default = "min_refetch")]
    pub min_refetch_secs: u64,
}

/// Another host, behind a cluster of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysAt {
    /// The cluster.
    pub cluster: Target,
    /// The host in `jwks_uri`, which is the `:authority`.
    pub host: String,
}

fn yes() -> bool {
    true
}

fn skew() -> u64 {
    60
}

fn fetch_timeout() -> u32 {
    5000
}

fn refresh() -> u64 {
    600
}

fn retry() -> u64 {
    5
}

fn min_refetch() -> u64 {
    30
}
