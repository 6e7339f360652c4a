//! Everything that the router refuses, as the caller reads it. No word of the request is repeated.

use chat::{ApiError, ErrorKind};

/// Body, path and headers name different models.
pub(crate) fn model_mismatch() -> ApiError {
    invalid("model_mismatch", "the body, the path and the headers of this call name different models")
        .with_param("model")
}

/// No place that counts names a model.
pub(crate) fn model_required() -> ApiError {
    invalid("model_required", "this call names no model where this gateway reads one").with_param("model")
}

/// The call names its model where the router cannot read it.
pub(crate) fn model_not_readable() -> ApiError {
    invalid("model_not_readable", "this call names its model in a form or in gRPC, which this gateway does not read")
        .with_param("model")
}

/// There is no such model.
pub(crate) fn model_not_found() -> ApiError {
    ApiError::new(404, ErrorKind::NotFound, "there is no such model here; GET /v1/models lists those that you may use")
        .with_code("model_not_found")
        .with_param("model")
}

/// The caller's permissions do not hold the model.
pub(crate) fn model_not_allowed() -> ApiError {
    ApiError::new(403, ErrorKind::Permission, "you may not use this model; GET /v1/models lists those that you may use")
        .with_code("model_not_allowed")
        .with_param("model")
}

/// A budget asks for a model that there is not.
pub(crate) fn degrade_not_found() -> ApiError {
    ApiError::new(503, ErrorKind::Server, "your budget asks for a cheaper model that this gateway does not have")
        .with_code("degrade_not_found")
}

/// The version that was named is none of the model's.
pub(crate) fn unknown_model_version() -> ApiError {
    invalid("unknown_model_version", "this model has no such version")
}

/// Two places name different versions.
pub(crate) fn model_version_mismatch() -> ApiError {
    invalid("model_version_mismatch", "the path, the query and the headers of this call name different versions")
}

/// The route names a policy that does not exist, or an `off` that it may not say.
pub(crate) fn policy_unknown() -> ApiError {
    ApiError::new(503, ErrorKind::Server, "this route names a policy that this gateway does not have")
        .with_code("policy_unknown")
}

fn invalid(code: &'static str, message: &'static str) -> ApiError {
    ApiError::new(400, ErrorKind::InvalidRequest, message).with_code(code)
}
