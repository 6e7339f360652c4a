//! What the `modelgate` command does with schemas and bodies without a gateway. Never part of a module.
//!
//! | command | function |
//! |---|---|
//! | `modelgate validate --config FILE` | [`calls`], [`Calls`] one by one |
//! | `modelgate validate --schema FILE [--formats annotate]` | [`values`] (feature `custom`) |
//! | `modelgate schema import openapi FILE POINTER` | [`import_openapi`] (feature `custom`) |
//! | `modelgate schema import mlflow MLmodel` | [`import_mlflow`] |
//! | `modelgate schema import kserve metadata.json` | [`import_kserve`] |

mod call;
mod desk;
mod import;
mod line;
#[cfg(feature = "custom")]
mod value;

pub use call::{Calls, calls};
#[cfg(feature = "custom")]
pub use import::import_openapi;
pub use import::{import_kserve, import_mlflow};
#[cfg(feature = "custom")]
pub use value::{Formats, values};

/// Why a command failed. The line is the first that is 1.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// The configuration is refused.
    #[error("the configuration is refused:\n{0}")]
    Config(#[from] plugin::Faults),
    /// A schema, or a document that one is made of, is refused.
    #[error("{0}")]
    Schema(String),
    /// A line of the input is not what the command takes.
    #[error("line {0}: {1}")]
    Line(usize, String),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
