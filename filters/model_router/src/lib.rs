//! Which model version serves this call. The order of decisions is in `exchange`; each decision has a file of its own.
//! It routes by header fields and filter state alone: the routes themselves are Envoy's.
mod asked;
mod catalogue;
pub mod config;
mod event;
mod exchange;
mod listing;
mod refusal;
mod router;
mod split;
mod sticky;
pub use router::ModelRouter;
#[cfg(target_family = "wasm")]
plugin_host::export!(ModelRouter, end);
