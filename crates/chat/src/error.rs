//! Refusals in the shape that the client's library parses.

use std::borrow::Cow;

use serde::Serialize;

use crate::{Family, sse};

/// A refusal, or a failure to report, before it is written in an API's shape.
///
/// The message is for the caller: no body text, token or key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// OpenAI's machine-readable `code`: `invalid_api_key`, `model_not_found`, `rate_limit_exceeded`.
    pub code: Option<Cow<'static, str>>,
    /// OpenAI's `param`: the request's member that is at fault.
    pub param: Option<Cow<'static, str>>,
    /// A sentence for people.
    pub message: Cow<'static, str>,
}

/// What kind of error it is. Clients choose their exception by the HTTP status (the usual one is given here) and show
/// `type`:
///
/// | kind | status | OpenAI `type` | Anthropic `type` |
/// |---|---|---|---|
/// | [`InvalidRequest`](Self::InvalidRequest) | 400 | `invalid_request_error` | `invalid_request_error` |
/// | [`Authentication`](Self::Authentication) | 401 | `authentication_error` | `authentication_error` |
/// | [`Permission`](Self::Permission) | 403 | `permission_error` | `permission_error` |
/// | [`NotFound`](Self::NotFound) | 404 | `not_found_error` | `not_found_error` |
/// | [`TooLarge`](Self::TooLarge) | 413 | `invalid_request_error` | `request_too_large` |
/// | [`RateLimit`](Self::RateLimit) | 429 | `rate_limit_error` | `rate_limit_error` |
/// | [`InsufficientQuota`](Self::InsufficientQuota) | 429 | `insufficient_quota` | `rate_limit_error` |
/// | [`Server`](Self::Server) | 500 | `server_error` | `api_error` |
/// | [`Overloaded`](Self::Overloaded) | 503, Anthropic 529 | `server_error` | `overloaded_error` |
/// | [`Timeout`](Self::Timeout) | 504 | `server_error` | `timeout_error` |
///
/// KServe has no types. Anthropic's are those of its API reference ("Errors") and its client's `ErrorType`; a spent
/// budget is its `rate_limit_error` because `billing_error` means Anthropic's own bill (402). OpenAI's reference leaves
/// `type` an open string: `insufficient_quota` and `server_error` are what its service sends, and the others are the names
/// that compatible servers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong.
    InvalidRequest,
    /// Nobody knows who calls.
    Authentication,
    /// The caller may not do this.
    Permission,
    /// There is no such model or path.
    NotFound,
    /// The body is larger than the limit.
    TooLarge,
    /// Too many requests or tokens in a window: later it works again.
    RateLimit,
    /// The budget is spent: waiting a moment does not help.
    InsufficientQuota,
    /// Something here or behind failed.
    Server,
    /// Too busy for now.
    Overloaded,
    /// Something behind did not answer in time.
    Timeout,
}

impl ErrorKind {
    /// The value of `type` in `family`'s shape; empty for KServe, which has none.
    pub fn name(self, family: Family) -> &'static str {
        use ErrorKind::{
            Authentication, InsufficientQuota, InvalidRequest, NotFound, Overloaded, Permission, RateLimit, Server,
            Timeout, TooLarge,
        };
        match (family, self) {
            (Family::KServe, _) => "",
            (_, InvalidRequest) | (Family::OpenAi, TooLarge) => "invalid_request_error",
            (_, Authentication) => "authentication_error",
            (_, Permission) => "permission_error",
            (_, NotFound) => "not_found_error",
            (Family::Anthropic, TooLarge) => "request_too_large",
            (_, RateLimit) | (Family::Anthropic, InsufficientQuota) => "rate_limit_error",
            (Family::OpenAi, InsufficientQuota) => "insufficient_quota",
            (Family::OpenAi, Server | Overloaded | Timeout) => "server_error",
            (Family::Anthropic, Server) => "api_error",
            (Family::Anthropic, Overloaded) => "overloaded_error",
            (Family::Anthropic, Timeout) => "timeout_error",
        }
    }
}

impl ApiError {
    /// An error without `code` and `param`.
    pub fn new(status: u16, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, kind, code: None, param: None, message: message.into() }
    }

    /// The same with a `code`.
    #[must_use]
    pub fn with_code(self, code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    /// The same with a `param`.
    #[must_use]
    pub fn with_param(self, param: impl Into<Cow<'static, str>>) -> Self {
        Self { param: Some(param.into()), ..self }
    }

    /// The JSON body of the refusal. One line.
    pub fn body(&self, family: Family) -> String {
        let (message, kind) = (self.message.as_ref(), self.kind.name(family));
        let (param, code) = (self.param.as_deref(), self.code.as_deref());
        // The order of the keys is that of the services themselves.
        match family {
            Family::OpenAi => json(&OpenAi { error: OpenAiError { message, kind, param, code } }),
            Family::Anthropic => json(&Anthropic { outer: "error", error: AnthropicError { kind, message } }),
            Family::KServe => json(&KServe { error: message }),
        }
    }

    /// The error as an event of a stream that is open already, where the status can no longer be changed. It is the
    /// stream's last event: OpenAI's and Anthropic's clients raise it and read no further.
    pub fn event(&self, family: Family) -> String {
        let event = if family == Family::Anthropic { Some("error") } else { None };
        sse::write_event(event, &self.body(family))
    }
}

/// Strings cannot fail to serialize; the empty text stands for what cannot happen.
fn json(shape: &impl Serialize) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}

#[derive(Serialize)]
struct OpenAi<'a> {
    error: OpenAiError<'a>,
}

#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct Anthropic<'a> {
    #[serde(rename = "type")]
    outer: &'static str,
    error: AnthropicError<'a>,
}

#[derive(Serialize)]
struct AnthropicError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct KServe<'a> {
    error: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> ApiError {
        ApiError::new(403, ErrorKind::Permission, "no \"x\"\n</script>")
            .with_code("model_not_allowed")
            .with_param("model")
    }

    #[test]
    fn each_family_has_its_shape() {
        assert_eq!(
            refusal().body(Family::OpenAi),
            r#"{"error":{"message":"no \"x\"\n</script>","type":"permission_error","param":"model","code":"model_not_allowed"}}"#
        );
        assert_eq!(
            ApiError::new(500, ErrorKind::Server, "m").body(Family::OpenAi),
            r#"{"error":{"message":"m","type":"server_error","param":null,"code":null}}"#
        );
        assert_eq!(
            refusal().body(Family::Anthropic),
            r#"{"type":"error","error":{"type":"permission_error","message":"no \"x\"\n</script>"}}"#
        );
        assert_eq!(refusal().body(Family::KServe), r#"{"error":"no \"x\"\n</script>"}"#);
    }

    #[test]
    fn an_event_is_one_line_of_data() {
        let error = ApiError::new(429, ErrorKind::InsufficientQuota, "a\r\nb");
        assert_eq!(
            error.event(Family::OpenAi),
            "data: {\"error\":{\"message\":\"a\\r\\nb\",\"type\":\"insufficient_quota\",\"param\":null,\"code\":null}}\n\n"
        );
        assert!(error.event(Family::Anthropic).starts_with("event: error\ndata: {\"type\":\"error\","));
        assert_eq!(error.event(Family::KServe), "data: {\"error\":\"a\\r\\nb\"}\n\n");
    }
}
