//! May they spend this. The order of decisions is in `exchange`; each decision has a file of its own.
mod asked;
pub mod config;
mod event;
mod exchange;
mod key;
mod ledger;
mod limits;
mod refusal;
mod store;
mod token_budget;
mod usage;
pub use token_budget::TokenBudget;
#[cfg(target_family = "wasm")]
plugin_host::export!(TokenBudget, response_bodies, grpc, end);
