//! Where tokens are looked for.

use serde::Deserialize;

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

impl Default for TokenSources {
    fn default() -> Self {
        Self { authorization: true, headers: Vec::new(), query: Vec::new(), cookies: Vec::new() }
    }
}
