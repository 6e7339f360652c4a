//! A filter that does what its configuration says: each trap of the seam has a switch here that walks into it.
//!
//! It is also the filter that does nothing but buffer, beside which the benches measure the others.

mod config;
mod exchange;

pub use config::Config;
pub use exchange::Probe;

#[cfg(target_family = "wasm")]
plugin_host::export!(Probe, response_bodies, http, grpc, end);
