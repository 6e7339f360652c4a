//! The shared budget: reservations, settlements, leases, and the stores that keep them.
//!
//! ```text
//! service ──▶ call ──▶ engine ──▶ ledger ──▶ book ◀──▶ store (embedded, Redis)
//! gRPC        checked   one queue  pure       records    all records of a batch, or none
//! ```
//!
//! What a limit is and how it counts is not decided here but in the crate `budget`, which the filter's local store shares:
//! [`ledger`] applies it to the records of reservations and accounts. There is one arithmetic, whatever the store: a store
//! reads records, and writes all records of a batch of calls if none of those read has changed meanwhile.

pub mod book;
pub mod call;
pub mod config;
pub mod engine;
pub mod ledger;
pub mod measures;
pub mod record;
mod service;
pub mod store;

pub use service::Service;
