//! A host without a proxy, for commands that show an operator what a filter would decide about one request.

use crate::{Call, CallId, Event, Headers, Host, HostError, Reply, SharedError, Side, Surroundings};

/// One request and its surroundings: a clock and attributes, and nothing else. No network, no other workers, no crypto. What a
/// filter changes is forgotten, its reply is kept.
#[derive(Debug, Default)]
pub struct Offline {
    /// The time, in nanoseconds since the Unix epoch.
    pub nanos: u64,
    /// The request's head.
    pub headers: Headers,
    /// The request's body.
    pub body: Vec<u8>,
    /// Attributes that are there, by their path.
    pub attributes: Vec<(&'static [&'static str], Vec<u8>)>,
    /// What was replied.
    pub reply: Option<Reply>,
}

impl Surroundings for Offline {
    fn unix_nanos(&self) -> u64 {
        self.nanos
    }

    fn random(&mut self) -> u64 {
        0
    }

    fn emit(&mut self, _: &dyn Event) {}

    fn shared_get(&self, _: &str) -> Option<(Vec<u8>, u32)> {
        None
    }

    fn shared_set(&mut self, _: &str, _: &[u8], _: Option<u32>) -> Result<(), SharedError> {
        Err(SharedError::Failed)
    }

    fn verify_signature(&self, _: &str, _: &[u8], _: &[u8], _: &[u8]) -> Option<bool> {
        None
    }

    fn call_in_background(&mut self, _: &Call) {}
}

impl Host for Offline {
    fn headers(&self, _: Side) -> Headers {
        self.headers.clone()
    }

    fn set_header(&mut self, _: Side, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn remove_header(&mut self, _: Side, _: &str) -> Result<(), HostError> {
        Ok(())
    }

    fn body_size(&self, _: Side) -> usize {
        self.body.len()
    }

    fn body(&self, _: Side, size: usize) -> Vec<u8> {
        self.body.get(..size).unwrap_or(&self.body).to_vec()
    }

    fn set_body(&mut self, _: Side, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn reply(&mut self, reply: &Reply) -> Result<(), HostError> {
        self.reply = Some(reply.clone());
        Ok(())
    }

    fn resume(&mut self, _: Side) -> Result<(), HostError> {
        Ok(())
    }

    fn reset(&mut self, _: Side) -> Result<(), HostError> {
        Ok(())
    }

    fn call(&mut self, _: &Call) -> Result<CallId, HostError> {
        Err(HostError { call: "none outside Envoy", status: 12 })
    }

    fn call_and_forget(&mut self, _: &Call) {}

    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.attributes.iter().find(|(of, _)| *of == path).map(|(_, value)| value.clone())
    }

    fn set_state(&mut self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn is_gone(&self) -> bool {
        false
    }
}
