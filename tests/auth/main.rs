//! `auth` where a case cannot say it: servers of keys that rotate, break, lie and are slow, with two workers; what is remembered
//! of introspection; client certificates over TLS; Envoy's crypto beside pure Rust.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod callers;
mod certificate;
mod differential;
mod introspection;
mod key_server;
#[path = "../../filters/auth/tests/mint/mod.rs"]
mod mint;
mod mtls;
mod rotation;
#[path = "../../filters/auth/tests/vectors/mod.rs"]
mod vectors;
mod wycheproof;
