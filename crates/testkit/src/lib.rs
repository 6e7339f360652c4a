//! Cases as data: one exchange with a filter's configuration, what goes in, and what must come out. The same case runs
//! natively, where the state machine of the seam has a host in memory, and through a real Envoy with the real module.
//!
//! Development only. [`native`] and [`live`] run all cases of a folder; [`Gateway`] is for tests that need more than a case
//! can say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod case;
mod check;
pub mod client;
mod dynamic;
mod gateway;
mod memory;
mod native;
mod outcome;
pub mod python;
pub mod readme;
mod run;
mod service;
mod setup;

pub use case::{Body, Case, CaseFile, Expect, RequestSpec, ResponseSpec, ServiceAnswer};
pub use check::check;
pub use dynamic::{Delivery, Dynamic};
pub use gateway::{Gateway, GatewaySpec, Link, ListenerSpec};
pub use memory::Memory;
pub use native::{Services, run_natively, run_with_services};
pub use outcome::{Arrived, Outcome};
pub use run::{live, native};
pub use setup::{envoy_binary, envoy_of, module, repository};
