//! The guarantees of the seam and the traps of Envoy, each through a real Envoy, with the flag (`full`) and without (`plain`).
//!
//! The cases of `tests/probe/cases` show the plain ways; here is what a case cannot say: time, several filters, other
//! services, broken connections, and what would end the whole proxy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod background;
mod bench;
mod chain;
mod growth;
mod malformed;
mod services;
mod updates;
mod upgrades;
mod versions;
mod waiting;
