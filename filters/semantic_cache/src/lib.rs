//! Has this been answered before. The order of decisions is in `exchange`; each decision has a file of its own. What is
//! near enough, and what is kept, is the service's to say; what may be asked at all is said here.
mod admission;
mod cache;
pub mod config;
pub mod convert;
mod event;
mod exchange;
pub mod question;
mod service;
pub use cache::SemanticCache;
#[cfg(target_family = "wasm")]
plugin_host::export!(SemanticCache, response_bodies, grpc, end);
