//! The Content Guard: what may leave, and what may come back.
mod config;
pub mod detect;
mod dry_run;
mod evidence;
mod exchange;
pub mod mask;
mod stream;
pub mod text;
pub use config::{Config, Direction, Policy, Verdict};
pub use dry_run::Outcome;
pub use exchange::PiiGuard;
pub use stream::{Framing, Out as StreamOut, Stream};
#[cfg(target_family = "wasm")]
plugin_host::export!(PiiGuard, response_bodies, end);
