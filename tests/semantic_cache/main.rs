//! The cache through a real Envoy: with a stub of the service that answers or fails, and with the service itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bench;
mod failing;
mod hits;
mod killed;
mod meaning;
#[path = "../sdk/python.rs"]
mod python;
mod service;
mod stub;
