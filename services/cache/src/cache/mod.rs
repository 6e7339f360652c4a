//! The semantic cache: embedders, the decision, the stores, and the answers that are kept.
//!
//! A lookup goes through [`service`]: the exact tier, then one embedding, the nearest entries of the partition
//! ([`partition`], [`index`]), and [`decide`]. What is kept lies in a [`store`]; equal questions that are under way at the same
//! time wait for each other in [`flight`].

pub mod calibrate;
pub mod clock;
pub mod config;
pub mod corpus;
pub mod decide;
pub mod embed;
pub mod evict;
pub mod fetch_model;
pub mod flight;
pub mod http;
pub mod index;
pub mod judges;
pub mod measure;
pub mod partition;
pub mod replay;
pub mod service;
pub mod store;
pub mod ticket;
pub mod tls;
pub mod vector;
