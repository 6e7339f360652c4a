//! What every service needs: configuration, listeners, credentials, health, metrics, an orderly end.
//!
//! [`start`] brings up everything that a [`Config`] names and says where it listens; [`run`] does so until a signal ends it, [`Thread`]
//! until it is dropped.
//! What is served is decided elsewhere: in [`crate::budget`] and [`crate::cache`].

pub mod config;
mod credentials;
mod gate;
mod listen;
pub mod log;
pub mod metrics;
mod scrape;
mod start;
mod thread;

pub use config::Config;
pub use credentials::Role;
pub(crate) use start::check_tls;
pub use start::{Addresses, Running, StartError, run, start};
pub use thread::Thread;
