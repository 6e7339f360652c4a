//! The service as it is run: its process, its listeners, its budget on both stores. Everything here talks gRPC to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod budget;
mod credentials;
mod durability;
mod hostile;
mod ledger;
mod process;
mod reference;
mod refused;
mod shared;
mod stores;
mod support;
