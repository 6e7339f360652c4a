//! What a filter may ask while it decides.

use crate::{Call, Event, Facts, Host, HostError, RequestHead, SharedError, Surroundings};

/// The surroundings of one decision: time, chance, attributes of the stream, and a place to say what happened.
pub struct Cx<'a> {
    host: &'a mut dyn Host,
    request: &'a RequestHead,
}

impl<'a> Cx<'a> {
    /// The surroundings of a decision about the exchange that began with `request`.
    pub fn new(host: &'a mut dyn Host, request: &'a RequestHead) -> Self {
        Self { host, request }
    }

    /// The head of the request, as it came in, in every phase.
    pub fn request(&self) -> &'a RequestHead {
        self.request
    }

    /// Writes filter state, in any phase: for what is known only while a response flows or at its end, such as usage for
    /// access logs. Where a step is returned anyway, [`Edits::set_state`](crate::Edits::set_state) says the same.
    ///
    /// # Errors
    /// The host did not take it: the stream is gone, or the key was declared read-only and is written already.
    pub fn set_state(&mut self, key: &str, value: &[u8]) -> Result<(), HostError> {
        self.host.set_state(key, value)
    }
}

impl Facts for Cx<'_> {
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.host.attribute(path)
    }

    fn header(&self, name: &str) -> Option<Vec<u8>> {
        self.request.headers.get(name).map(<[u8]>::to_vec)
    }
}

/// The surroundings of background work, where no stream is at hand.
pub struct RootCx<'a> {
    host: &'a mut dyn Surroundings,
}

impl<'a> RootCx<'a> {
    /// The surroundings of background work.
    pub fn new(host: &'a mut dyn Surroundings) -> Self {
        Self { host }
    }
}

macro_rules! surroundings {
    ($cx:ident) => {
        impl $cx<'_> {
            /// Nanoseconds since the Unix epoch.
            pub fn unix_nanos(&self) -> u64 {
                self.host.unix_nanos()
            }

            /// A uniform random number. Not for secrets.
            pub fn random(&mut self) -> u64 {
                self.host.random()
            }

            /// Says what happened: one log line, one metric.
            pub fn emit(&mut self, event: &dyn Event) {
                self.host.emit(event);
            }

            /// See [`Surroundings::shared_get`].
            pub fn shared_get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
                self.host.shared_get(key)
            }

            /// See [`Surroundings::shared_set`].
            ///
            /// # Errors
            /// [`SharedError::Changed`] where another worker was faster.
            pub fn shared_set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError> {
                self.host.shared_set(key, value, version)
            }

            /// See [`Surroundings::verify_signature`].
            pub fn verify_signature(
                &self,
                hash: &str,
                public_key: &[u8],
                signature: &[u8],
                text: &[u8],
            ) -> Option<bool> {
                self.host.verify_signature(hash, public_key, signature, text)
            }

            /// Makes a call that outlives the stream. Its answer goes to
            /// [`Plugin::on_background_answer`](crate::Plugin::on_background_answer).
            pub fn call_in_background(&mut self, call: &Call) {
                self.host.call_in_background(call);
            }
        }
    };
}

surroundings!(Cx);
surroundings!(RootCx);
