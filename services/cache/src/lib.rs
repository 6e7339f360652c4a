//! The service behind the filters: the semantic cache and the shared budget, over gRPC.
//!
//! [`server`] is the software around them: configuration, listeners, credentials, health, metrics. [`budget`] and [`cache`]
//! hold the decisions and their stores.

pub mod budget;
pub mod cache;
pub mod command;
mod link;
pub mod server;
