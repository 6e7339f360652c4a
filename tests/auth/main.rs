//! `auth` where a case cannot say it: key sets from a server that rotates, breaks, lies and is slow, with two workers.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod differential;
mod key_server;
#[path = "../../filters/auth/tests/mint/mod.rs"]
mod mint;
mod rotation;
#[path = "../../filters/auth/tests/vectors/mod.rs"]
mod vectors;
mod wycheproof;
