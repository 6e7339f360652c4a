//! The configuration: from a file and the environment to checked values, with all faults at once.
//!
//! [`RawConfig`] is what stands in the file; its comments are the reference in the README, which a test compares.
//! [`Config`] is what runs.

mod check;
mod environment;
mod raw;
mod secret;

pub use check::{Config, TlsFiles};
pub use environment::PREFIX;
pub use raw::{Callers, Level, Limits, LogFormat, LogOptions, MetricsOptions, Otlp, Part, RawConfig, Tls, UnixSocket};
pub use secret::Secret;

use policy::Faults;
use std::path::Path;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(std::path::PathBuf, std::io::Error),
    /// The text is no YAML.
    #[error("the configuration is no YAML: {0}")]
    NoYaml(String),
    /// What is wrong with it, a line each.
    #[error("{0}")]
    Faults(#[from] Faults),
}

impl Config {
    /// Reads a file, if one is named, and the variables of the environment that override it.
    ///
    /// # Errors
    /// [`ConfigError`], with all faults of the configuration.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => {
                std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?
            }
            None => String::new(),
        };
        Self::parse(&text, environment)
    }

    /// Reads a text, and the variables of the environment that override it.
    ///
    /// # Errors
    /// [`ConfigError`], with all faults of the configuration.
    pub fn parse(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let no_yaml = |error: serde_yaml_ng::Error| {
            // The rest of the message may quote a value.
            ConfigError::NoYaml(error.location().map_or_else(
                || "its structure cannot be read".to_owned(),
                |place| format!("look at line {}, column {}", place.line(), place.column()),
            ))
        };
        let mut document: serde_json::Value = serde_yaml_ng::from_str(text).map_err(no_yaml)?;
        if document.is_null() {
            document = serde_json::Value::Object(serde_json::Map::new());
        }
        environment::overlay(&mut document, environment)?;
        let raw: RawConfig = policy::load(document.to_string().as_bytes())?;
        Ok(Self::check(raw)?)
    }
}
