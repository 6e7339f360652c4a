//! The error bodies of the APIs.

use http::StatusCode;
use serde_json::json;

use crate::reply::Reply;

/// Whose shape an error has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `{"error": {message, type, param, code}}`.
    OpenAi,
    /// `{"type": "error", "error": {type, message}}`.
    Anthropic,
    /// `{"error": "…"}`: KServe's, and Ollama's.
    Kserve,
}

/// An error in a dialect.
pub(crate) fn refusal(dialect: Dialect, status: StatusCode, message: &str) -> Reply {
    let (kind, code) = openai_kind(status);
    written(dialect, status, message, kind, code)
}

/// 404 for a path that nothing answers. A missing model has a code in OpenAI's API, a missing path has none.
pub(crate) fn no_such_path(dialect: Dialect) -> Reply {
    written(dialect, StatusCode::NOT_FOUND, "no such path and method", "invalid_request_error", None)
}

fn written(dialect: Dialect, status: StatusCode, message: &str, kind: &str, code: Option<&str>) -> Reply {
    let body = match dialect {
        Dialect::OpenAi => json!({"error": {"message": message, "type": kind, "param": null, "code": code}}),
        Dialect::Anthropic => {
            json!({"type": "error", "error": {"type": anthropic_kind(status), "message": message}, "request_id": null})
        }
        Dialect::Kserve => json!({"error": message}),
    };
    Reply::json(body.to_string()).with_status(status)
}

/// Type and code, as the OpenAI API sends them.
fn openai_kind(status: StatusCode) -> (&'static str, Option<&'static str>) {
    match status.as_u16() {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        500.. => ("server_error", None),
        _ => ("invalid_request_error", None),
    }
}

/// The types of the Anthropic API's list of errors.
fn anthropic_kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}
