//! Is this a well-formed call for this model. The order of decisions is in `exchange`; the scan in `json`, the engine of the
//! built-in schemas in `shape`, that of the operator's own (feature `custom`) in `custom`.
mod config;
#[cfg(feature = "custom")]
mod custom;
mod exchange;
pub mod fault;
pub mod json;
#[cfg(not(target_family = "wasm"))]
pub mod offline;
pub mod shape;
mod validator;
pub use validator::{SchemaValidator, builtin};
#[cfg(target_family = "wasm")]
plugin_host::export!(SchemaValidator, response_bodies, end);
