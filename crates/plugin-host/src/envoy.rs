//! Envoy as the host of a stream.

use crate::runtime::{self, Owner};
use crate::{abi, metrics, signature};
use plugin::{Call, CallId, Event, Headers, Host, HostError, Reply, SharedError, Side, Surroundings, encode_pairs};

/// The host calls of one stream.
pub struct Envoy {
    pub(crate) context: u32,
    pub(crate) root: u32,
    /// The stream is gone: nothing is asked of it, and calls wait for the root.
    pub(crate) detached: bool,
}

const GONE: HostError = HostError { call: "none, the stream is gone", status: 2 };

impl Envoy {
    /// Starts a call in the current context.
    pub(crate) fn start(call: &Call) -> Result<u32, HostError> {
        match call {
            Call::Grpc(call) => {
                let service = call.target.grpc_service();
                abi::grpc_call(&service, call.service, call.method, &call.message, millis(call.timeout))
            }
            Call::Http(call) => {
                let headers =
                    encode_pairs(call.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())));
                abi::http_call(call.target.cluster(), &headers, &call.body, millis(call.timeout))
            }
            Call::Park(_) => Err(HostError { call: "none, only a stream can be parked", status: 2 }),
        }
    }

    /// Starts a call from the root context: one of the stream's own would be cancelled with it on older Envoys.
    fn start_as_root(&self, call: &Call) -> Result<u32, HostError> {
        abi::set_effective_context(self.root)?;
        let started = Self::start(call);
        // The stream's context was there a moment ago.
        let _ = abi::set_effective_context(self.context);
        started
    }

    fn alive(&self) -> Result<(), HostError> {
        if self.is_gone() { Err(GONE) } else { Ok(()) }
    }
}

/// Never zero: Envoy would take that for a deadline that has passed.
fn millis(timeout: std::time::Duration) -> u32 {
    u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX).max(1)
}

fn nanos(timeout: std::time::Duration) -> u64 {
    u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX)
}

fn map(side: Side) -> abi::Map {
    match side {
        Side::Request => abi::Map::Request,
        Side::Response => abi::Map::Response,
    }
}

fn body(side: Side) -> abi::Buffer {
    match side {
        Side::Request => abi::Buffer::RequestBody,
        Side::Response => abi::Buffer::ResponseBody,
    }
}

fn direction(side: Side) -> abi::Direction {
    match side {
        Side::Request => abi::Direction::Request,
        Side::Response => abi::Direction::Response,
    }
}

impl Host for Envoy {
    fn headers(&self, side: Side) -> Headers {
        Headers::from_pairs(abi::header_pairs(map(side)).unwrap_or_default())
    }

    fn set_header(&mut self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.alive()?;
        abi::set_header(map(side), name, value)
    }

    fn remove_header(&mut self, side: Side, name: &str) -> Result<(), HostError> {
        self.alive()?;
        abi::remove_header(map(side), name)
    }

    fn body_size(&self, side: Side) -> usize {
        abi::buffer_size(body(side)).unwrap_or(0)
    }

    fn body(&self, side: Side, size: usize) -> Vec<u8> {
        abi::buffer(body(side), size).unwrap_or_default()
    }

    fn set_body(&mut self, side: Side, bytes: &[u8]) -> Result<(), HostError> {
        self.alive()?;
        abi::set_buffer(body(side), bytes)
    }

    fn reply(&mut self, reply: &Reply) -> Result<(), HostError> {
        self.alive()?;
        let headers = encode_pairs(reply.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())));
        abi::send_local_response(reply.status, reply.details(), &headers, &reply.body)
    }

    fn resume(&mut self, side: Side) -> Result<(), HostError> {
        self.alive()?;
        abi::resume(direction(side))
    }

    fn reset(&mut self, side: Side) -> Result<(), HostError> {
        self.alive()?;
        abi::close(direction(side))
    }

    fn call(&mut self, call: &Call) -> Result<CallId, HostError> {
        self.alive()?;
        if let Call::Park(park) = call {
            return Ok(runtime::park(self.context, self.root, abi::unix_nanos().saturating_add(nanos(park.timeout))));
        }
        let token = Self::start(call)?;
        runtime::called(token, Owner::Stream(self.context));
        Ok(token)
    }

    fn call_and_forget(&mut self, call: &Call) {
        if self.detached {
            return runtime::defer(self.root, call.clone());
        }
        if self.start_as_root(call).is_err() {
            log::debug!("a call at the end of a stream could not be made");
        }
    }

    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        if self.is_gone() {
            return None;
        }
        abi::property(path).ok()
    }

    fn set_state(&mut self, key: &str, value: &[u8]) -> Result<(), HostError> {
        self.alive()?;
        abi::set_property(key, value)
    }

    fn is_gone(&self) -> bool {
        self.detached || runtime::is_gone(self.context)
    }
}

/// The host calls of background work.
pub struct EnvoyRoot {
    pub(crate) root: u32,
}

macro_rules! surroundings {
    ($host:ident) => {
        impl Surroundings for $host {
            fn unix_nanos(&self) -> u64 {
                abi::unix_nanos()
            }

            fn random(&mut self) -> u64 {
                metrics::random()
            }

            fn emit(&mut self, event: &dyn Event) {
                metrics::emit(event);
            }

            fn shared_get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
                abi::shared_data(key).ok()
            }

            fn shared_set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError> {
                abi::set_shared_data(key, value, version.unwrap_or(0)).map_err(|error| match error.status {
                    abi::CAS_MISMATCH => SharedError::Changed,
                    _ => SharedError::Failed,
                })
            }

            fn verify_signature(&self, hash: &str, public_key: &[u8], signature: &[u8], text: &[u8]) -> Option<bool> {
                signature::verify(hash, public_key, signature, text)
            }

            fn call_in_background(&mut self, call: &Call) {
                self.start_in_background(call);
            }
        }
    };
}

surroundings!(Envoy);
surroundings!(EnvoyRoot);

impl Envoy {
    fn start_in_background(&self, call: &Call) {
        let started = if self.detached { Err(GONE) } else { self.start_as_root(call) };
        runtime::called_in_background(self.root, call, started);
    }
}

impl EnvoyRoot {
    /// Starts a call; the root context is the current one.
    pub(crate) fn start_in_background(&self, call: &Call) {
        runtime::called_in_background(self.root, call, Envoy::start(call));
    }
}
