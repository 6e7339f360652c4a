//! What claims say of a caller, as it is written.

use policy::Named;
use serde::Deserialize;

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
    /// Whether a token without it, or with one that fits no header (a control character, a space first or last, a comma in an element of a list, over 8 KB), is refused.
    #[serde(default)]
    pub required: bool,
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
