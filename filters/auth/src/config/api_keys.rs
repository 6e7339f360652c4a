//! API keys, as they are written.

use serde::Deserialize;

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

fn key_headers() -> Vec<String> {
    ["x-api-key", "api-key", "x-goog-api-key"].map(str::to_owned).to_vec()
}
