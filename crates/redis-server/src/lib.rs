//! A real Redis as a child process, for tests and benches: [`Binary`] is where it comes from, [`Redis`] is a running one that
//! can be ended, frozen and started again. Version 8, for its vector sets.
//!
//! It is no client, and nothing that runs in production uses it.

mod binary;
mod process;

pub use binary::{Binary, FindError};
pub use process::{Redis, StartError, Tls};
