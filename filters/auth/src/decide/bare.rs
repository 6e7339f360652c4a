//! A host that has a clock and what a line of `modelgate verify` says, and nothing else: no network, no other workers, no crypto.

use plugin::{Call, CallId, Event, Headers, Host, HostError, Reply, SharedError, Side, Surroundings};

/// The host of one line.
pub struct Bare {
    /// The time, in nanoseconds since the Unix epoch.
    pub nanos: u64,
    /// `source.address`.
    pub source: Option<String>,
    /// `xds.route_name`.
    pub route: Option<String>,
}

const NONE: HostError = HostError { call: "none outside Envoy", status: 12 };

impl Surroundings for Bare {
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

impl Host for Bare {
    fn headers(&self, _: Side) -> Headers {
        Headers::default()
    }
    fn set_header(&mut self, _: Side, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(NONE)
    }
    fn remove_header(&mut self, _: Side, _: &str) -> Result<(), HostError> {
        Err(NONE)
    }
    fn body_size(&self, _: Side) -> usize {
        0
    }
    fn body(&self, _: Side, _: usize) -> Vec<u8> {
        Vec::new()
    }
    fn set_body(&mut self, _: Side, _: &[u8]) -> Result<(), HostError> {
        Err(NONE)
    }
    fn reply(&mut self, _: &Reply) -> Result<(), HostError> {
        Err(NONE)
    }
    fn resume(&mut self, _: Side) -> Result<(), HostError> {
        Err(NONE)
    }
    fn reset(&mut self, _: Side) -> Result<(), HostError> {
        Err(NONE)
    }
    fn call(&mut self, _: &Call) -> Result<CallId, HostError> {
        Err(NONE)
    }
    fn call_and_forget(&mut self, _: &Call) {}
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        let told = match path {
            ["source", "address"] => &self.source,
            ["xds", "route_name"] => &self.route,
            _ => return None,
        };
        told.as_ref().map(|text| text.clone().into_bytes())
    }
    fn set_state(&mut self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(NONE)
    }
    fn is_gone(&self) -> bool {
        false
    }
}
