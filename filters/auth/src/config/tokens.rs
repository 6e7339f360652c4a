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
    /// Entries of `Sec-WebSocket-Protocol`, the one header of an upgrade that a browser lets a page set. API keys may come there as
    /// well. That entry alone is taken out.
    pub subprotocols: Vec<Subprotocol>,
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

/// An entry of `Sec-WebSocket-Protocol` that holds a token or an API key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subprotocol {
    /// What stands before it: `openai-insecure-api-key.` of OpenAI's Realtime, `base64url.bearer.authorization.k8s.io.` of
    /// Kubernetes.
    pub prefix: String,
    /// Whether it is written in base64url, as that of Kubernetes.
    #[serde(default)]
    pub base64url: bool,
}

impl Default for TokenSources {
    fn default() -> Self {
        Self {
            authorization: true,
            headers: Vec::new(),
            query: Vec::new(),
            cookies: Vec::new(),
            subprotocols: Vec::new(),
        }
    }
}
