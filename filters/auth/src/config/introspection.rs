//! Token introspection, as it is written.

use crate::config::claims::ClaimMap;
use plugin::Dependency;
use serde::Deserialize;

/// The key `introspection`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// The service. `failure_mode: allow` lets requests pass without identity while it is gone, to the models of their policy.
    pub service: Dependency,
    /// The `:authority`.
    pub host: String,
    /// The path.
    pub path: String,
    /// The name that this gateway has there.
    pub client_id: String,
    /// Its password.
    #[serde(default)]
    pub client_secret: Option<String>,
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

fn active_secs() -> u64 {
    60
}

fn inactive_secs() -> u64 {
    10
}
