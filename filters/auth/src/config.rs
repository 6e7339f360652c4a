//! The configuration as it is written. What it means is checked and compiled in `auth` and in the file of each part; the
//! reference in the README is made from the comments here.

pub mod api_keys;
pub mod claims;
pub mod introspection;
pub mod mtls;
pub mod policy;
pub mod provider;
pub mod tokens;

use ::policy::{Named, PolicyName, RawRule, RouteMetadata};
use api_keys::ApiKeys;
use introspection::Introspection;
use mtls::Mtls;
use plugin::{Attachment, Bodies};
use policy::Policy;
use provider::Provider;
use serde::Deserialize;
use tokens::TokenSources;

/// The configuration of the filter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the filter is attached: `plain`, or `full` where Envoy's plugin configuration says
    /// `allow_on_headers_stop_iteration: true`. Both work; under `plain` a model that is not allowed is refused after the
    /// head has left.
    #[serde(default)]
    pub attachment: Attachment,
    /// How bodies are read, where a model must be judged: `max_body_bytes`, `encoded`, `upgrade`, `watchdog_secs`.
    #[serde(default)]
    pub bodies: Bodies,
    /// The realm of `WWW-Authenticate`.
    #[serde(default = "realm")]
    pub realm: String,
    /// Where tokens are looked for. API keys have places of their own in `api_keys`.
    #[serde(default)]
    pub tokens: TokenSources,
    /// The issuers of JWTs, by a name of your choice.
    #[serde(default)]
    pub providers: Named<Provider>,
    /// API keys.
    #[serde(default)]
    pub api_keys: Option<ApiKeys>,
    /// Token introspection (RFC 7662), for bearer tokens that are neither a JWT nor a known API key.
    #[serde(default)]
    pub introspection: Option<Introspection>,
    /// Client certificates, for callers without another credential.
    #[serde(default)]
    pub mtls: Option<Mtls>,
    /// The headers that hand the identity to the upstream. What a client sends under these names is always removed.
    #[serde(default)]
    pub headers: IdentityHeaders,
    /// A header in which clients may name the model beside path and body; it must agree with them.
    #[serde(default)]
    pub model_header: Option<String>,
    /// Verified tokens that are remembered, from their second sight on.
    #[serde(default)]
    pub cache: Cache,
    /// The policies by name.
    pub policies: Named<Policy>,
    /// The policy of requests that no rule matches; `off` lets them pass unjudged.
    pub default_policy: PolicyName,
    /// Which requests get which policy: `{match: {route, host, path, header}, policy}`. The first that matches wins. What
    /// depends on the caller or the model is the policy's own `require` and `models`.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// How a route's metadata overrides the rules: `namespace`, `allow_route_off` (`false` without being said).
    #[serde(default)]
    pub route_metadata: RouteMetadata,
}

/// The key `headers`. Without a name nothing is handed over in a header; filter state is always written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityHeaders {
    /// The consumer's name.
    pub consumer: Option<String>,
    /// The consumer's tenant.
    pub tenant: Option<String>,
    /// The consumer's tier.
    pub tier: Option<String>,
    /// How the caller proved who it is: `jwt`, `api_key`, `introspection`, `mtls`, `anonymous`.
    pub method: Option<String>,
}

/// The key `cache`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cache {
    /// How many verified tokens are remembered per worker; 0 for none.
    pub max_tokens: usize,
    /// The longest time that one is remembered, in seconds. Never beyond its `exp` or a change of its issuer's keys.
    pub max_age_secs: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self { max_tokens: 10_000, max_age_secs: 300 }
    }
}

fn realm() -> String {
    "modelgate".to_owned()
}
