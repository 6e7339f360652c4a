//! A lookup that was checked.

use crate::cache::partition::DIGEST;
use cache_api::cache::{LookupRequest, Rules, Scope};
use tonic::Status;

/// A lookup that was checked.
pub(super) struct Asked {
    pub(super) scope: Scope,
    pub(super) request: [u8; DIGEST],
    pub(super) text: String,
    pub(super) rules: Rules,
}

impl Asked {
    pub(super) fn check(request: LookupRequest) -> Result<Self, Status> {
        let LookupRequest { scope, request, text, rules } = request;
        let rules = rules.unwrap_or_default();
        if !(-1.0..=1.0).contains(&rules.threshold) {
            return Err(Status::invalid_argument("rules.threshold: must be from -1 to 1"));
        }
        if !(0.0..1.0).contains(&rules.max_wrong_hits) {
            return Err(Status::invalid_argument("rules.max_wrong_hits: must be from 0 up to, but not, 1"));
        }
        Ok(Self { scope: scope_of(scope)?, request: digest("request", &request)?, text, rules })
    }
}

/// A scope that names whose answers they are: nothing is ever shared because somebody forgot to say.
pub(super) fn scope_of(scope: Option<Scope>) -> Result<Scope, Status> {
    let scope = scope.ok_or_else(|| Status::invalid_argument("scope: is missing"))?;
    if scope.tenant.is_empty() && !scope.shared {
        return Err(Status::invalid_argument("scope.tenant: is empty, and `shared` is not set"));
    }
    digest("scope.context", &scope.context)?;
    Ok(scope)
}

pub(super) fn digest(name: &str, bytes: &[u8]) -> Result<[u8; DIGEST], Status> {
    bytes.try_into().map_err(|_| Status::invalid_argument(format!("{name}: must have {DIGEST} bytes")))
}
