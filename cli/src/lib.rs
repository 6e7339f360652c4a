//! What the `modelgate` command does, as a library: `up` runs a whole gateway on this machine, `check` validates
//! configuration, `keys` and `verify` serve the filter `auth`, `validate` and `schema` serve `schema_validator`, `scan` tries
//! the content guard on texts, `budget` and `cache` administer a running service.
//!
//! It decides nothing about requests: that is done by the filters, inside Envoy.

pub mod check;
pub mod command;
pub mod credentials;
pub mod filters;
pub mod gateway;
pub mod places;
pub mod scan;
pub mod schema;
pub mod service;
mod table;
pub mod up;
pub mod upstream;
