//! Refusals, as the caller reads them: RFC 6750 section 3 in `WWW-Authenticate`, and the error shape of the caller's API.
//! Nothing of a credential is repeated, nor why exactly it was refused: that is for the operator's log.

use chat::{ApiError, ErrorKind, Family};
use plugin::Reply;
use std::borrow::Cow;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    error: Box<ApiError>,
    challenge: Box<Challenge>,
    retry_after: Option<u64>,
    /// Why, for the log and the metric.
    pub reason: &'static str,
}

/// What `WWW-Authenticate` says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Challenge {
    /// There is none.
    None,
    /// The scheme and the realm: the caller showed no credential.
    Bare,
    /// An `error` of RFC 6750 section 3.1, and the scopes that would do.
    Error(&'static str, Option<String>),
}

/// What a caller that is known may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacks {
    /// A scope.
    Scope,
    /// A claim, or to be one of the consumers, tenants or tiers.
    Claim,
    /// The route.
    Route,
    /// The network.
    Network,
    /// The model.
    Model,
}

impl Refusal {
    fn new(error: ApiError, challenge: Challenge, reason: &'static str) -> Self {
        Self { error: Box::new(error), challenge: Box::new(challenge), retry_after: None, reason }
    }

    /// No credential was shown.
    pub fn missing() -> Self {
        let message = "no credential: send an API key or a token as `Authorization: Bearer …`";
        let error = ApiError::new(401, ErrorKind::Authentication, message).with_code("missing_credentials");
        Self::new(error, Challenge::Bare, "no credential")
    }

    /// More than one credential, or one that reads in two ways.
    pub fn several() -> Self {
        let message = "more than one credential: send one, in one place";
        let error = ApiError::new(400, ErrorKind::InvalidRequest, message).with_code("invalid_request");
        Self::new(error, Challenge::Error("invalid_request", None), "several credentials")
    }

    /// A token that is refused.
    pub fn token(reason: &'static str) -> Self {
        Self::credential("this token is not accepted", "invalid_token", reason)
    }

    /// An API key that is refused.
    pub fn key(reason: &'static str) -> Self {
        Self::credential("this API key is not accepted", "invalid_api_key", reason)
    }

    fn credential(message: &'static str, code: &'static str, reason: &'static str) -> Self {
        let error = ApiError::new(401, ErrorKind::Authentication, message).with_code(code);
        Self::new(error, Challenge::Error("invalid_token", None), reason)
    }

    /// A caller that is known and may not do this. `scope` names what would do.
    pub fn lacks(what: Lacks, scope: Option<String>) -> Self {
        let (code, message, reason) = match what {
            Lacks::Scope => ("insufficient_scope", "your credential lacks a scope that this call needs", "scope"),
            Lacks::Claim => ("insufficient_scope", "your credential does not open this", "claim"),
            Lacks::Route => ("insufficient_scope", "your credential does not open this route", "route"),
            Lacks::Network => ("source_not_allowed", "calls from your network are not accepted here", "network"),
            Lacks::Model => ("model_not_allowed", "you may not use this model", "model"),
        };
        let mut error = ApiError::new(403, ErrorKind::Permission, message).with_code(code);
        if what == Lacks::Model {
            error = error.with_param("model");
        }
        Self::new(error, Challenge::Error("insufficient_scope", scope), reason)
    }

    /// The keys that a token would be checked with are not there.
    pub fn no_keys(retry_after: u64) -> Self {
        Self::unchecked("keys_unavailable", "no keys", retry_after.max(1))
    }

    /// The introspection service is gone.
    pub fn no_introspection() -> Self {
        Self::unchecked("introspection_unavailable", "no introspection", 1)
    }

    fn unchecked(code: &'static str, reason: &'static str, retry_after: u64) -> Self {
        let message = "tokens cannot be checked right now; try again";
        let error = ApiError::new(503, ErrorKind::Server, message).with_code(code);
        Self { retry_after: Some(retry_after), ..Self::new(error, Challenge::None, reason) }
    }

    /// The route names a policy that does not exist, or an `off` that it may not say.
    pub fn policy_unknown() -> Self {
        let message = "this route names a policy that this gateway does not have";
        let error = ApiError::new(503, ErrorKind::Server, message).with_code("policy_unknown");
        Self::new(error, Challenge::None, "policy unknown")
    }

    /// A path that servers read in different ways, where the policy depends on the path.
    pub fn ambiguous_path() -> Self {
        let message = "this path can be read in more than one way; send it in its plain form";
        let error = ApiError::new(400, ErrorKind::InvalidRequest, message).with_code("ambiguous_path");
        Self::new(error, Challenge::None, "ambiguous path")
    }

    /// A body that cannot be judged.
    pub fn body(error: ApiError) -> Self {
        Self::new(error, Challenge::None, "body")
    }

    /// A model that is missing, hidden, or named twice in different ways.
    pub fn model(code: &'static str, message: &'static str) -> Self {
        let error =
            ApiError::new(400, ErrorKind::InvalidRequest, message).with_code(code).with_param(Cow::Borrowed("model"));
        Self::new(error, Challenge::None, "model unreadable")
    }

    /// The reply.
    pub fn reply(&self, family: Family, realm: &str) -> Reply {
        let mut reply = Reply::refusal(family, &self.error);
        let challenge = match &*self.challenge {
            Challenge::None => None,
            Challenge::Bare => Some(format!("Bearer realm=\"{realm}\"")),
            Challenge::Error(error, scope) => {
                let scope = scope.as_ref().map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
                Some(format!("Bearer realm=\"{realm}\", error=\"{error}\"{scope}"))
            }
        };
        if let Some(challenge) = challenge {
            reply = reply.with_header("www-authenticate", challenge);
        }
        if let Some(secs) = self.retry_after {
            reply = reply.with_header("retry-after", secs.to_string());
        }
        reply
    }
}

/// Scopes in the characters that RFC 6750 section 3 allows inside `scope="…"`.
pub fn scope_text<'s>(scopes: impl Iterator<Item = &'s str>) -> String {
    let allowed = |c: &char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
    let clean = scopes.map(|scope| scope.chars().filter(allowed).take(256).collect::<String>());
    clean.collect::<Vec<_>>().join(" ")
}
