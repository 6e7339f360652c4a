//! A policy: what becomes of findings, and of what cannot be judged.

use super::direction::{Direction, direction};
use super::raw::RawPolicy;
use crate::detect::Detector;
use plugin::Faults;
use serde::Deserialize;

/// What becomes of what cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is refused.
    #[default]
    Deny,
    /// It passes unseen.
    Allow,
}

/// A policy, compiled.
#[derive(Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Requests.
    pub request: Direction,
    /// Responses.
    pub response: Direction,
    /// Placeholders are put in, in one direction or both.
    pub places: bool,
    /// Placeholders are turned back in responses.
    pub restores: bool,
    /// Bodies that cannot be read.
    pub unreadable: Verdict,
    /// Uploads.
    pub uploads: Verdict,
    /// Where texts are in other bodies.
    pub pointers: Vec<Vec<String>>,
    /// The status of a refusal.
    pub block_status: u16,
    /// How much of the masked request is kept for the audit log.
    pub audit_bytes: usize,
    /// The request header that says what was found.
    pub findings_header: Option<String>,
}

/// The policy of this name.
///
/// # Errors
/// All its faults.
pub fn compile(name: &str, raw: &RawPolicy, detector: &Detector, has_key: bool) -> Result<Policy, Faults> {
    let mut faults = Faults::new();
    let request = direction("request", &raw.request, raw.threshold, detector, has_key, &mut faults);
    let response = direction("response", &raw.response, raw.threshold, detector, has_key, &mut faults);
    if !matches!(raw.block_status, 400 | 403) {
        faults.push("block_status", "must be 400 or 403");
    }
    if raw.request.is_empty() && raw.response.is_empty() {
        faults.push("", "does nothing: name actions under request or response, or use the policy off");
    }
    let mut pointers = Vec::new();
    for (at, pointer) in raw.pointers.iter().enumerate() {
        match pointer.strip_prefix('/') {
            Some(rest) => {
                pointers.push(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
            }
            None => faults.push(format!("pointers[{at}]"), "must start with /"),
        }
    }
    let token = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if raw.findings_header.as_ref().is_some_and(|name| !token(name)) {
        faults.push("findings_header", "must be a header's name in small letters, digits and -");
    }
    faults.into_result()?;
    Ok(Policy {
        name: name.to_owned(),
        places: request.can_place() || response.can_place(),
        restores: request.can_restore(),
        request,
        response,
        unreadable: raw.unreadable,
        uploads: raw.uploads,
        pointers,
        block_status: raw.block_status,
        audit_bytes: raw.audit_bytes,
        findings_header: raw.findings_header.clone(),
    })
}
