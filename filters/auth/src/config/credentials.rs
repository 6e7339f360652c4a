//! The parts of the configuration that say how callers prove who they are.

use crate::jwt::algorithm::Algorithm;
use ::policy::Named;
use plugin::{Dependency, Target};
use serde::Deserialize;
use serde_json::Value;

/// The key `tokens`: where JWTs and opaque tokens are looked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSources {
    /// `Authorization: Bearer`. API keys may come there as well.
    pub authorization: bool,
    /// Further headers.
    pub headers: Vec<HeaderSource>,
    /// Query parameters. They end up in logs: for clients that cannot set headers alone.
    pub query: Vec<String>,
    /// Cookies.
    pub cookies: Vec<String>,
}

/// A header that holds a token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderSource {
    /// Its name.
    pub name: String,
    /// What stands before the token, with its space if there is one.
    #[serde(default)]
    pub prefix: String,
}

/// An issuer of JWTs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The values of `iss` that are this issuer's. No two providers may share one.
    pub issuers: Vec<String>,
    /// One of these must be in `aud`. An empty list takes any audience: a token for another service then opens this one.
    pub audiences: Vec<String>,
    /// The algorithms that its keys use. Without an `alg` of its own a key gets the first that suits it.
    pub algorithms: Vec<Algorithm>,
    /// Its keys.
    pub keys: Keys,
    /// Patterns (`*`) of which one must match `sub`.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// The values of `typ` that are allowed, such as `at+jwt`. Without any: `JWT`, `…+jwt`, or none.
    #[serde(default)]
    pub types: Vec<String>,
    /// Whether a token must have `exp`.
    #[serde(default = "yes")]
    pub require_expiration: bool,
    /// The longest time between now (or `iat`) and `exp`, in seconds.
    #[serde(default)]
    pub max_lifetime_secs: Option<u64>,
    /// How far clocks may differ, in seconds.
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
    /// A JWK Set, here. Only such a set may hold shared secrets (`kty: oct`), and then nothing else.
    Inline(Value),
    /// A JWK Set behind an Envoy cluster.
    Remote(Remote),
    /// A JWK Set whose path the issuer's OpenID configuration names. It is read through the same cluster, and its `issuer`
    /// must be one of `issuers`.
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
    /// How long an answer is waited for, in milliseconds.
    #[serde(default = "fetch_timeout")]
    pub timeout_ms: u32,
    /// How long a set is used before it is fetched anew, in seconds.
    #[serde(default = "refresh")]
    pub refresh_secs: u64,
    /// How long after a failure it is tried again, in seconds.
    #[serde(default = "retry")]
    pub retry_secs: u64,
    /// The least time between two fetches for the sake of an unknown `kid`, in seconds.
    #[serde(default = "min_refetch")]
    pub min_refetch_secs: u64,
}

/// What claims, or an introspection's answer, say of a caller. A path is a list of names: `["realm_access", "roles"]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimMap {
    /// The path to the consumer's name.
    pub consumer: Vec<String>,
    /// What is put before it, so that the names of two issuers, or of an issuer and of API keys, cannot be one.
    pub consumer_prefix: String,
    /// The path to the tenant.
    pub tenant: Option<Vec<String>>,
    /// The path to the tier.
    pub tier: Option<Vec<String>>,
    /// The path to the models that the caller may use: a list, or text with commas.
    pub models: Option<Vec<String>>,
    /// The paths to scopes: a list, or text with spaces.
    pub scopes: Vec<Vec<String>>,
    /// The tenant where the claim has none.
    pub default_tenant: Option<String>,
    /// The tier where the claim has none.
    pub default_tier: Option<String>,
    /// The models where the claim has none. Without this: none, if `models` has a path; all, if it has not.
    pub default_models: Option<Vec<String>>,
    /// Claims that go to the upstream in headers.
    pub headers: Vec<ClaimHeader>,
    /// Claims that go to later filters and access logs as filter state `modelgate.claim.<name>`.
    pub state: Named<Vec<String>>,
}

/// A claim in a header.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimHeader {
    /// The path to the claim: text, number, boolean, or a list of those, which is joined by commas.
    pub claim: Vec<String>,
    /// The header.
    pub header: String,
    /// Whether a token without it, or with one that fits no header (a control character, over 8 KB), is refused.
    #[serde(default)]
    pub required: bool,
}

/// The key `api_keys`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeys {
    /// Headers that hold a key, besides `Authorization: Bearer`.
    #[serde(default = "key_headers")]
    pub headers: Vec<String>,
    /// Query parameters that hold a key.
    #[serde(default)]
    pub query: Vec<String>,
    /// A secret that is mixed into digests `hmac-sha256:…`, so that the configuration alone does not let anyone test keys.
    #[serde(default)]
    pub pepper: Option<String>,
    /// The environment variable that holds the pepper instead (`vm_config.environment_variables`).
    #[serde(default)]
    pub pepper_env: Option<String>,
    /// The keys.
    pub keys: Vec<ApiKey>,
}

/// One API key: its digests, never itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// `sha256:<64 hex>` or `hmac-sha256:<64 hex>`, as `modelgate keys hash` prints. Two while the key is rotated.
    pub digests: Vec<String>,
    /// Whose key it is.
    pub consumer: String,
    /// The consumer's tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The consumer's tier.
    #[serde(default)]
    pub tier: Option<String>,
    /// The models that it opens, as patterns; `!` before one denies. Without the list: all.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// What the key may do, in the terms of `require.scopes`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Patterns of names of routes that it opens. Without any: all.
    #[serde(default)]
    pub routes: Vec<String>,
    /// Networks that it may be used from, such as `10.0.0.0/8`. Without any: all.
    #[serde(default)]
    pub cidrs: Vec<String>,
    /// From when it holds: `2026-12-01T00:00:00Z`.
    #[serde(default)]
    pub not_before: Option<String>,
    /// Until when it holds.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// It is shut out.
    #[serde(default)]
    pub disabled: bool,
}

/// The key `introspection`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// The service. `failure_mode: allow` lets requests pass without identity while it is gone.
    pub service: Dependency,
    /// The `:authority`.
    pub host: String,
    /// The path.
    pub path: String,
    /// The name that this gateway has there.
    pub client_id: String,
    /// Its password.
    #[serde(default)]
    pub client_secret: String,
    /// The environment variable that holds the password instead.
    #[serde(default)]
    pub client_secret_env: Option<String>,
    /// How long an active token is remembered, in seconds; never beyond its `exp`.
    #[serde(default = "active_secs")]
    pub cache_secs: u64,
    /// How long an inactive one is.
    #[serde(default = "inactive_secs")]
    pub negative_cache_secs: u64,
    /// One of these must be in `aud`, where the list is not empty.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// What the answer says of the caller.
    #[serde(default)]
    pub identity: ClaimMap,
    /// Whether the token goes on to the upstream.
    #[serde(default)]
    pub forward: bool,
}

/// The key `mtls`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mtls {
    /// What of the certificate names the caller.
    #[serde(default)]
    pub name: CertificateName,
    /// Reads the last element of `x-forwarded-client-cert` instead of the connection. Only where something in front of this
    /// gateway sets that header and removes it where clients send it.
    #[serde(default)]
    pub trusted_xfcc: bool,
    /// Who is let in; the first whose pattern matches counts.
    pub callers: Vec<CertificateCaller>,
}

/// A part of a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateName {
    /// The first URI of the subject alternative names, as SPIFFE has it.
    #[default]
    Uri,
    /// The first DNS name.
    Dns,
    /// The subject.
    Subject,
    /// The SHA-256 digest of the certificate.
    Digest,
}

/// A caller by certificate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateCaller {
    /// A pattern of its name.
    pub name: String,
    /// The consumer; the name itself where none is given.
    #[serde(default)]
    pub consumer: Option<String>,
    /// The tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The tier.
    #[serde(default)]
    pub tier: Option<String>,
    /// The models that it may use. Without the list: all.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// What it may do.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl Default for TokenSources {
    fn default() -> Self {
        Self { authorization: true, headers: Vec::new(), query: Vec::new(), cookies: Vec::new() }
    }
}

impl Default for ClaimMap {
    fn default() -> Self {
        let path = |name: &str| vec![name.to_owned()];
        Self {
            consumer: path("sub"),
            consumer_prefix: String::new(),
            tenant: None,
            tier: None,
            models: None,
            scopes: vec![path("scope"), path("scp")],
            default_tenant: None,
            default_tier: None,
            default_models: None,
            headers: Vec::new(),
            state: Named::default(),
        }
    }
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
fn active_secs() -> u64 {
    60
}
fn inactive_secs() -> u64 {
    10
}
fn key_headers() -> Vec<String> {
    ["x-api-key", "api-key", "x-goog-api-key"].map(str::to_owned).to_vec()
}
