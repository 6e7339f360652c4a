//! Everything that the filter refuses, as the caller reads it.

use crate::config::Unit;
use crate::limits::Limit;
use budget::Window;
use chat::{ApiError, ErrorKind};

/// A limit is reached, and waiting helps.
fn rate_limit(limit: &Limit) -> ApiError {
    let message = format!("the limit {} is reached; try again later", limit.name);
    ApiError::new(429, ErrorKind::RateLimit, message).with_code("rate_limit_exceeded")
}

/// A budget is spent, and waiting a moment does not help.
fn quota(limit: &Limit) -> ApiError {
    let message = format!("the budget {} is spent", limit.name);
    ApiError::new(429, ErrorKind::InsufficientQuota, message).with_code("insufficient_quota")
}

/// The call alone asks for more than the limit ever gives.
fn too_large(limit: &Limit) -> ApiError {
    let help = match limit.unit {
        Unit::Output | Unit::Tokens | Unit::Money => "; ask for less output",
        _ => "",
    };
    let message = format!("this call asks for more than the limit {} ever gives{help}", limit.name);
    ApiError::new(429, ErrorKind::RateLimit, message).with_code("request_exceeds_limit")
}

/// What a limit says that refuses; `waits`: later it would let this call in.
pub(crate) fn spent(limit: &Limit, window: &Window, waits: bool) -> ApiError {
    match window {
        Window::Balance { .. } => quota(limit),
        Window::Calendar { unit: budget::Unit::Day | budget::Unit::Month, .. } if waits => quota(limit),
        _ if waits => rate_limit(limit),
        _ => too_large(limit),
    }
}

/// The budget of a running stream ended.
pub(crate) fn cut() -> ApiError {
    ApiError::new(429, ErrorKind::InsufficientQuota, "the budget ended while this answer was written")
        .with_code("insufficient_quota")
}

/// The service did not answer.
pub(crate) fn unavailable() -> ApiError {
    ApiError::new(503, ErrorKind::Overloaded, "budgets cannot be asked at the moment").with_code("budget_unavailable")
}

/// The route's metadata names a policy that there is not.
pub(crate) fn policy_unknown() -> ApiError {
    ApiError::new(503, ErrorKind::Server, "this route is configured with a policy that does not exist")
        .with_code("policy_unknown")
}

/// The answer would come later, elsewhere.
pub(crate) fn deferred() -> ApiError {
    ApiError::new(403, ErrorKind::Permission, "calls that are answered later cannot be metered and are refused here")
        .with_code("deferred_refused")
}

/// The model has no price.
pub(crate) fn unpriced() -> ApiError {
    ApiError::new(403, ErrorKind::Permission, "this model has no price here, so no budget of money can pay for it")
        .with_code("model_not_priced")
        .with_param("model")
}
