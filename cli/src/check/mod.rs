//! `modelgate check`: reads configuration as the one who gets it will, and says all that is wrong with it.
//!
//! What only Envoy knows (its own message types) is left to `envoy --mode validate`.

mod chain;
pub mod kinds;
mod kubernetes;

pub use chain::check_bootstrap;
pub use kubernetes::{check_manifest, check_values};

use crate::filters::{FILTERS, Filter};
use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What `modelgate check` is told.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Files to check, YAML or JSON: an Envoy configuration, manifests for Istio, or with --filter the configuration of one
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The files are configurations of this filter
    #[arg(long, value_name = "NAME")]
    pub filter: Option<String>,
}

/// What is wrong in one file, each with its place. Empty is good.
pub type Findings = Vec<String>;

/// Checks the files and prints what is wrong. `true` if nothing is.
///
/// # Errors
/// A filter that does not exist.
pub fn run(options: &Options) -> Result<bool, NoSuchFilter> {
    let filter = options.filter.as_deref().map(named).transpose()?;
    let mut good = true;
    for file in &options.files {
        let findings = match std::fs::read_to_string(file) {
            Ok(text) => check_text(&text, filter),
            Err(error) => vec![error.to_string()],
        };
        good &= findings.is_empty();
        if findings.is_empty() {
            println!("{}: ok", file.display());
        }
        for finding in findings {
            println!("{}: {finding}", file.display());
        }
    }
    Ok(good)
}

/// There is no filter of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no filter `{0}`; there are: {known}", known = names().join(", "))]
pub struct NoSuchFilter(String);

fn named(name: &str) -> Result<Filter, NoSuchFilter> {
    Filter::named(name).ok_or_else(|| NoSuchFilter(name.to_owned()))
}

fn names() -> Vec<&'static str> {
    FILTERS.iter().map(|filter| filter.name).collect()
}

/// Checks a text: as the configuration of a filter, or by what is in it.
pub fn check_text(text: &str, filter: Option<Filter>) -> Findings {
    let documents = match documents(text) {
        Ok(documents) if documents.is_empty() => return vec!["the file is empty".into()],
        Ok(documents) => documents,
        Err(error) => return vec![error.to_string()],
    };
    let mut findings = Findings::new();
    for document in &documents {
        match filter {
            Some(filter) => findings.extend(check_filter(filter, &document.to_string())),
            None if document.get("kind").is_some() => findings.extend(check_manifest(document)),
            None if ["static_resources", "resources"].iter().any(|key| document.get(key).is_some()) => {
                findings.extend(check_bootstrap(document));
            }
            None if document.get("meshConfig").is_some() => findings.extend(check_values(document)),
            None => findings.push(
                "neither an Envoy configuration (static_resources, or resources of xDS) nor a manifest (kind); \
                 for the configuration of a filter name it with --filter"
                    .into(),
            ),
        }
    }
    findings
}

/// The documents of a YAML file (JSON is YAML).
///
/// # Errors
/// What is no YAML in it, or a key that stands twice: a reader of JSON would take the last.
pub fn documents(text: &str) -> Result<Vec<Value>, serde_yaml_ng::Error> {
    for document in serde_yaml_ng::Deserializer::from_str(text) {
        serde_yaml_ng::Value::deserialize(document)?;
    }
    let all = serde_yaml_ng::Deserializer::from_str(text).map(Value::deserialize).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|document| !document.is_null()).collect())
}

/// The configuration of a filter in a file, JSON or YAML.
///
/// # Errors
/// No file, no YAML, a key that stands twice, or several documents.
pub fn configuration(path: &Path) -> anyhow::Result<Value> {
    let name = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(name)?;
    let mut all = documents(&text).with_context(name)?;
    match (all.pop(), all.is_empty()) {
        (Some(configuration), true) => Ok(configuration),
        (None, _) => anyhow::bail!("{}: the file is empty", name()),
        _ => anyhow::bail!("{}: there is more than one document in it", name()),
    }
}

/// Checks a filter's configuration (JSON).
fn check_filter(filter: Filter, json: &str) -> Findings {
    match filter.check(json.as_bytes()) {
        Ok(()) => Findings::new(),
        Err(faults) => faults.to_string().lines().map(|line| format!("{}: {line}", filter.name)).collect(),
    }
}
