//! Replies that a filter makes itself.

use chat::{ApiError, Family};

/// The prefix of the reply details (`%RESPONSE_CODE_DETAILS%`) of every refusal of ours.
pub const REFUSAL: &str = "modelgate_refusal_";

/// The reply details of an answer from our cache.
pub const CACHE_HIT: &str = "modelgate_cache_hit";

/// A complete response in place of the upstream's. Its `content-length` is Envoy's own and exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header fields, without `:status` and `content-length`.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
    details: String,
}

impl Reply {
    /// A refusal in the caller's error shape. Its details are `modelgate_refusal_<code>`; without a code the kind names it.
    pub fn refusal(family: Family, error: &ApiError) -> Self {
        let code = error.code.as_deref().unwrap_or_else(|| error.kind.name(Family::OpenAi));
        Self {
            status: error.status,
            headers: vec![("content-type".into(), b"application/json".to_vec())],
            body: error.body(family).into_bytes(),
            details: format!("{REFUSAL}{code}"),
        }
    }

    /// An answer that is ours to give and no refusal, such as a list of models. Other filters treat it as the proxy's own.
    pub fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.as_bytes().to_vec())],
            body: body.into(),
            details: "modelgate_answer".into(),
        }
    }

    /// An answer from the cache, which the other filters treat like an upstream's.
    pub fn cache_hit(status: u16, headers: Vec<(String, Vec<u8>)>, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers, body: body.into(), details: CACHE_HIT.into() }
    }

    /// Adds a header field.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// What access logs and the other filters read as `response.code_details`.
    pub fn details(&self) -> &str {
        &self.details
    }
}
