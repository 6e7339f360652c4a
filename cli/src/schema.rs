//! `modelgate validate` and `modelgate schema import`: bodies and schemas without a gateway. All of it is in the filter's own
//! crate; here are the files and the command line.

use clap::{Args, Subcommand, ValueEnum};
use schema_validator::offline::{self, Formats};
use std::io::{Write, stdin, stdout};
use std::path::PathBuf;

/// What `modelgate validate` is told.
#[derive(Debug, Clone, Args)]
pub struct Validate {
    /// A configuration of schema_validator (JSON or YAML); lines `{"path", "headers"?, "body"}` in, `{"status", "errors"}` out
    #[arg(long, value_name = "FILE", required_unless_present = "schema", conflicts_with = "schema")]
    config: Option<PathBuf>,
    /// A JSON Schema; lines `{"data"}` in, `{"valid"}` out
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Whether `format` is a rule or a remark, with --schema
    #[arg(long, value_enum, default_value = "assert")]
    formats: FormatsArg,
}

/// [`Formats`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatsArg {
    Assert,
    Annotate,
}

/// What `modelgate schema` is told.
#[derive(Debug, Clone, Subcommand)]
pub enum Schema {
    /// Make a JSON Schema of what a model says of itself
    #[command(subcommand)]
    Import(Import),
}

/// Where a schema comes from.
#[derive(Debug, Clone, Subcommand)]
pub enum Import {
    /// A schema of an OpenAPI 3.0 or 3.1 document
    Openapi {
        /// The document, JSON or YAML
        file: PathBuf,
        /// Where in it the schema is, such as /components/schemas/Order
        pointer: String,
    },
    /// The signature of an MLflow model
    Mlflow {
        /// The file `MLmodel`
        file: PathBuf,
    },
    /// The metadata of a KServe or Triton model, as `GET /v2/models/{model}` gives it, or Triton's `…/config`
    Kserve {
        /// The metadata or the configuration, JSON
        file: PathBuf,
    },
}

/// Validates lines from standard input.
///
/// # Errors
/// A file that cannot be read, or what `offline` finds.
pub fn validate(options: &Validate) -> anyhow::Result<bool> {
    // Lines go out one by one: a program may wait for each.
    let output = stdout().lock();
    if let Some(schema) = &options.schema {
        let formats = match options.formats {
            FormatsArg::Assert => Formats::Assert,
            FormatsArg::Annotate => Formats::Annotate,
        };
        offline::values(&read(schema)?, formats, stdin().lock(), output)?;
    } else if let Some(config) = &options.config {
        offline::calls(&json(read(config)?)?, stdin().lock(), output)?;
    }
    Ok(true)
}

/// Prints a schema.
///
/// # Errors
/// A file that cannot be read, or what `offline` finds.
pub fn schema(Schema::Import(import): &Schema) -> anyhow::Result<bool> {
    let schema = match import {
        Import::Openapi { file, pointer } => offline::import_openapi(&read(file)?, pointer)?,
        Import::Mlflow { file } => offline::import_mlflow(&read(file)?)?,
        Import::Kserve { file } => offline::import_kserve(&read(file)?)?,
    };
    writeln!(stdout(), "{}", serde_json::to_string_pretty(&schema)?)?;
    Ok(true)
}

/// A configuration as the filter takes it: JSON as it is, YAML as JSON.
fn json(config: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    if config.trim_ascii_start().starts_with(b"{") {
        return Ok(config);
    }
    let config: serde_json::Value = serde_yaml_ng::from_slice(&config)?;
    Ok(serde_json::to_vec(&config)?)
}

fn read(file: &PathBuf) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))
}
