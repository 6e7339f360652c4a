//! What the machine asks of the proxy around it.

use crate::{Call, Event, Headers, Reply};

/// The direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// From the client to the upstream.
    Request,
    /// From the upstream to the client.
    Response,
}

/// The host's name for a call that was made.
pub type CallId = u32;

/// The host did not do what it was asked. Never a reason to panic: the stream may be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("host call {call} failed with status {status}")]
pub struct HostError {
    /// The call of the proxy-wasm ABI.
    pub call: &'static str,
    /// Its status.
    pub status: u32,
}

/// A value of the shared data was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharedError {
    /// Another worker wrote it since it was read: read it again.
    #[error("the shared value was changed by another worker")]
    Changed,
    /// The host did not take it.
    #[error("the host did not take the shared value")]
    Failed,
}

/// What is there for a stream and for background work alike.
pub trait Surroundings {
    /// Nanoseconds since the Unix epoch.
    fn unix_nanos(&self) -> u64;
    /// A uniform random number.
    fn random(&mut self) -> u64;
    /// One log line and one metric of an event.
    fn emit(&mut self, event: &dyn Event);
    /// A value that all workers share, and its version. There is no way to remove one: keep the number of keys bounded.
    fn shared_get(&self, key: &str) -> Option<(Vec<u8>, u32)>;
    /// Writes a value that all workers share. With a version, only where it still is that one; without, whatever is there.
    fn shared_set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError>;
    /// Whether a signature is right, where the host can tell: RSASSA-PKCS1-v1_5, and ECDSA with a DER signature. The hash is
    /// `sha256`, `sha384` or `sha512`; the key a DER SubjectPublicKeyInfo.
    fn verify_signature(&self, hash: &str, public_key: &[u8], signature: &[u8], text: &[u8]) -> Option<bool>;
    /// Makes a call that outlives the stream. Its answer goes to [`Plugin::on_background_answer`](crate::Plugin).
    fn call_in_background(&mut self, call: &Call);
}

/// The proxy around a stream. Two exist: Envoy, and the one of the tests.
pub trait Host: Surroundings {
    /// All header fields of a message.
    fn headers(&self, side: Side) -> Headers;
    /// Sets a header field to one value. Of a request: the proxy then forgets its route and chooses it anew (Envoy does so by
    /// itself for modules of ABI 0.2.1; `tests/gateway.rs` would notice one that does not).
    fn set_header(&mut self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError>;
    /// Removes all header fields of a name.
    fn remove_header(&mut self, side: Side, name: &str) -> Result<(), HostError>;
    /// The size of the body part at hand, in bytes.
    fn body_size(&self, side: Side) -> usize;
    /// The body part at hand: all that is held, or the piece that flows by.
    fn body(&self, side: Side, size: usize) -> Vec<u8>;
    /// Replaces the body part at hand.
    fn set_body(&mut self, side: Side, body: &[u8]) -> Result<(), HostError>;
    /// Replies in place of the upstream.
    fn reply(&mut self, reply: &Reply) -> Result<(), HostError>;
    /// Lets a held message go on.
    fn resume(&mut self, side: Side) -> Result<(), HostError>;
    /// Resets the stream.
    fn reset(&mut self, side: Side) -> Result<(), HostError>;
    /// Makes a call whose answer comes back to this stream.
    fn call(&mut self, call: &Call) -> Result<CallId, HostError>;
    /// Makes a call whose answer nobody waits for.
    fn call_and_forget(&mut self, call: &Call);
    /// An attribute of the stream by its path, as Envoy names them.
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>>;
    /// Writes filter state.
    fn set_state(&mut self, key: &str, value: &[u8]) -> Result<(), HostError>;
    /// Whether the stream ended while a host call was under way. Nothing may be asked of it then.
    fn is_gone(&self) -> bool;
}
