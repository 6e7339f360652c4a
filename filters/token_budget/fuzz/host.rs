//! A host in memory with no more than the filter asks for.

use plugin::{Call, CallId, Event, Headers, HostError, Reply, SharedError, Side, Surroundings};
use std::collections::HashMap;

/// The host of one caller's streams.
#[derive(Default)]
pub struct Host {
    /// The body part at hand.
    pub body: Vec<u8>,
    /// The request was replied to.
    pub replied: bool,
    /// The response's headers about tokens, as the filter set them.
    pub limit: Option<String>,
    /// See `limit`.
    pub remaining: Option<String>,
    kind: &'static str,
    shared: HashMap<String, (Vec<u8>, u32)>,
}

impl Host {
    /// A new stream begins.
    pub fn begin(&mut self) {
        (self.replied, self.limit, self.remaining) = (false, None, None);
    }

    /// The upstream answers with a body of this type.
    pub fn respond(&mut self, kind: &'static str) {
        self.kind = kind;
    }
}

impl Surroundings for Host {
    fn unix_nanos(&self) -> u64 {
        1_790_000_000_000_000_000
    }

    fn random(&mut self) -> u64 {
        7
    }

    fn emit(&mut self, event: &dyn Event) {
        let _ = (event.line(), event.metric().full_name(), event.key());
    }

    fn shared_get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        self.shared.get(key).cloned()
    }

    fn shared_set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError> {
        let entry = self.shared.entry(key.to_owned()).or_default();
        if version.is_some_and(|version| version != entry.1) {
            return Err(SharedError::Changed);
        }
        *entry = (value.to_vec(), entry.1 + 1);
        Ok(())
    }

    fn verify_signature(&self, _: &str, _: &[u8], _: &[u8], _: &[u8]) -> Option<bool> {
        None
    }

    fn call_in_background(&mut self, _: &Call) {}
}

impl plugin::Host for Host {
    fn headers(&self, side: Side) -> Headers {
        let fields: &[(&str, &str)] = match side {
            Side::Request => &[(":method", "POST"), (":path", "/v1/chat/completions"), (":authority", "x")],
            Side::Response => &[(":status", "200"), ("content-type", self.kind)],
        };
        fields.iter().copied().collect()
    }

    fn set_header(&mut self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        let value = String::from_utf8(value.to_vec()).ok();
        match (side, name) {
            (Side::Response, "x-ratelimit-limit-tokens") => self.limit = value,
            (Side::Response, "x-ratelimit-remaining-tokens") => self.remaining = value,
            _ => {}
        }
        Ok(())
    }

    fn remove_header(&mut self, _: Side, _: &str) -> Result<(), HostError> {
        Ok(())
    }

    fn body_size(&self, _: Side) -> usize {
        self.body.len()
    }

    fn body(&self, _: Side, size: usize) -> Vec<u8> {
        self.body.iter().take(size).copied().collect()
    }

    fn set_body(&mut self, _: Side, body: &[u8]) -> Result<(), HostError> {
        self.body = body.to_vec();
        Ok(())
    }

    fn reply(&mut self, _: &Reply) -> Result<(), HostError> {
        self.replied = true;
        Ok(())
    }

    fn resume(&mut self, _: Side) -> Result<(), HostError> {
        Ok(())
    }

    fn reset(&mut self, _: Side) -> Result<(), HostError> {
        Ok(())
    }

    fn call(&mut self, _: &Call) -> Result<CallId, HostError> {
        Err(HostError { call: "call", status: 10 })
    }

    fn call_and_forget(&mut self, _: &Call) {}

    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        (path == ["response", "code_details"]).then(|| b"via_upstream".to_vec())
    }

    fn set_state(&mut self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn is_gone(&self) -> bool {
        false
    }
}
