//! What a caller reads of faults: a refusal in its API's shape, and the header that reports what passed.

use crate::fault::{Fault, MAX_FAULTS};
use chat::{ApiError, ErrorKind};

/// The response's header in the mode `report`. Ours: what an upstream says there is removed.
pub const REPORT: &str = "x-modelgate-schema";

/// 400: the body breaks its schema, or is not what any schema could judge.
pub fn invalid(faults: &[Fault]) -> ApiError {
    let code =
        match faults.first().map(|fault| fault.keyword.as_str()) {
            Some("empty" | "utf8" | "byte_order_mark" | "json" | "truncated" | "trailing_data" | "lone_surrogate") => {
                "invalid_json"
            }
            Some("duplicate_member") => "ambiguous_member",
            Some(
                "max_depth" | "max_members" | "max_items" | "max_values" | "max_string_bytes" | "max_number_digits",
            ) if faults.len() == 1 => "body_over_limit",
            _ => "schema_violation",
        };
    let error = ApiError::new(400, ErrorKind::InvalidRequest, sentence(faults)).with_code(code);
    match faults.first().and_then(Fault::param) {
        Some(param) => error.with_param(param),
        None => error,
    }
}

/// 413.
pub fn too_large(max_body_bytes: usize) -> ApiError {
    let message = format!("the body is larger than {max_body_bytes} bytes");
    ApiError::new(413, ErrorKind::TooLarge, message).with_code("request_body_too_large")
}

/// 415: the call has a schema, and the body is no JSON.
pub fn media_type() -> ApiError {
    ApiError::new(415, ErrorKind::InvalidRequest, "this call takes a JSON body; say content-type: application/json")
        .with_code("unsupported_media_type")
}

/// 400: body and path name different models.
pub fn model_mismatch() -> ApiError {
    ApiError::new(400, ErrorKind::InvalidRequest, "the body and the path of this call name different models")
        .with_code("model_mismatch")
        .with_param("model")
}

/// 503: the route names a policy that does not exist, or an `off` that it may not say.
pub fn policy_unknown() -> ApiError {
    ApiError::new(503, ErrorKind::Server, "this route names a policy that this gateway does not have")
        .with_code("policy_unknown")
}

/// 502: the model broke its contract. What it said is not repeated.
pub fn broken_answer(faults: &[Fault]) -> ApiError {
    let message = format!("the model's answer is not well-formed: {}", sentence(faults));
    ApiError::new(502, ErrorKind::Server, message).with_code("invalid_response")
}

/// `2; /messages/0/role enum` for the header [`REPORT`].
pub fn report(faults: &[Fault]) -> Vec<u8> {
    let first = faults.first().map(|fault| format!("; {} {}", fault.pointer, fault.keyword)).unwrap_or_default();
    let shown = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    format!("{}{first}", count(faults)).chars().map(shown).collect::<String>().into_bytes()
}

fn count(faults: &[Fault]) -> String {
    let more = if faults.len() >= MAX_FAULTS { " or more" } else { "" };
    format!("{}{more}", faults.len())
}

fn sentence(faults: &[Fault]) -> String {
    match faults {
        [] => "the body is not valid".into(),
        [one] => one.to_string(),
        many => {
            let all: Vec<String> = many.iter().map(ToString::to_string).collect();
            format!("{} faults: {}", count(many), all.join("; "))
        }
    }
}
