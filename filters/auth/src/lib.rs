//! Who calls, and may they. The order of decisions is in `exchange`; each decision has a file of its own.
mod auth;
mod caller;
pub mod config;
mod credential;
pub mod decide;
mod event;
mod exchange;
mod jwt;
pub mod keys;
mod rules;
pub use auth::Auth;
#[cfg(target_family = "wasm")]
plugin_host::export!(Auth, http);
