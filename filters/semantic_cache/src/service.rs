//! What is said to the cache service, and what it answers. Whether it is asked at all is not decided here.

mod rest;

pub(crate) use rest::Rest;

use crate::config::Service;
use cache_api::cache::{
    AbandonRequest, Answer, Hit, LookupRequest, LookupResponse, Miss, Rules, Scope, Step, StoreRequest,
    lookup_response::Outcome,
};
use cache_api::{CACHE, Message};
use plugin::{Call, GrpcCall, Tag};
use std::time::Duration;

/// The tag of lookups.
pub(crate) const LOOKUP: Tag = 1;

/// What a lookup came to.
#[derive(Debug)]
pub(crate) enum Found {
    /// An answer.
    Hit(Hit, Answer),
    /// None, and what to store one with.
    Miss(Miss),
}

/// Who asks, and what.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// What no answer may cross.
    pub scope: Scope,
    /// The digest of the request.
    pub request: [u8; 32],
    /// The text to compare by meaning, empty for none.
    pub text: String,
    /// The policy's rules for it.
    pub rules: Rules,
}

/// What is stored.
pub(crate) struct Stored {
    /// The miss's ticket.
    pub ticket: Vec<u8>,
    /// The answer.
    pub answer: Answer,
    /// How long it may be used, in milliseconds.
    pub ttl_ms: u64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who had it fetched.
    pub writer: String,
}

/// `Lookup`. It may take as long as it is let wait for a leader, and the service's own time.
pub(crate) fn lookup(service: &Service, asked: &Asked) -> Call {
    let wait = if asked.rules.refresh { 0 } else { asked.rules.coalesce_wait_ms };
    let message = LookupRequest {
        scope: Some(asked.scope.clone()),
        request: asked.request.to_vec(),
        text: asked.text.clone(),
        rules: Some(asked.rules),
    };
    call(service, "Lookup", message.encode_to_vec(), service.timeout_ms.saturating_add(wait))
}

/// `Store`.
pub(crate) fn store(service: &Service, asked: Asked, stored: Stored) -> Call {
    let Stored { ticket, answer, ttl_ms, tags, writer } = stored;
    let message = StoreRequest {
        scope: Some(asked.scope),
        request: asked.request.to_vec(),
        text: asked.text,
        ticket,
        answer: Some(answer),
        ttl_ms,
        tags,
        writer,
    };
    call(service, "Store", message.encode_to_vec(), BACKGROUND_MS)
}

/// `Abandon`.
pub(crate) fn abandon(service: &Service, ticket: Vec<u8>) -> Call {
    call(service, "Abandon", AbandonRequest { ticket }.encode_to_vec(), BACKGROUND_MS)
}

/// How long a call may take that nobody waits for, in milliseconds.
const BACKGROUND_MS: u32 = 10_000;

fn call(service: &Service, method: &'static str, message: Vec<u8>, timeout_ms: u32) -> Call {
    Call::Grpc(GrpcCall {
        tag: LOOKUP,
        target: service.cluster.clone(),
        service: CACHE,
        method,
        message,
        // Never zero: Envoy would take that for a deadline that has passed.
        timeout: Duration::from_millis(timeout_ms.max(1).into()),
    })
}

/// Reads the answer to a lookup. `None` where it is none: bytes from another process.
pub(crate) fn found(message: &[u8]) -> Option<Found> {
    match LookupResponse::decode(message).ok()?.outcome? {
        Outcome::Hit(mut hit) => {
            let answer = hit.answer.take().filter(|answer| !answer.body.is_empty())?;
            Some(Found::Hit(hit, answer))
        }
        Outcome::Miss(miss) => Some(Found::Miss(miss)),
    }
}

/// The name of a step in metrics.
pub(crate) fn step(step: i32) -> &'static str {
    match Step::try_from(step).unwrap_or_default() {
        Step::Unspecified => "unspecified",
        Step::Exact => "exact",
        Step::Similarity => "similarity",
        Step::Guard => "guard",
        Step::Verifier => "verifier",
        Step::ErrorBudget => "error_budget",
        Step::Sampled => "sampled",
        Step::NoEmbedding => "no_embedding",
        Step::Refresh => "refresh",
        Step::Unavailable => "unavailable",
    }
}
