//! The cache through a real Envoy: with a service that answers, and with one that does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bench;
mod failing;
mod hits;
mod stub;
