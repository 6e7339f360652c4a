//! A real Envoy as a child process: find it, fetch it, start it, ask it.
//!
//! Not a configuration library: it runs the YAML that it is given.

mod binary;
mod process;

pub use binary::{Binary, FindError, VERSION};
pub use process::{Envoy, Options, StartError};
