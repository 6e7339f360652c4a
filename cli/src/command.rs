//! The command line of `modelgate`: it is read, and errors are shown.

use crate::service::{budget, cache};
use crate::{check, credentials, scan, schema, up};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Turns a stock Envoy into an AI gateway.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a whole gateway on this machine
    Up(up::Options),
    /// Validate configuration: of a filter, of Envoy, or for Istio
    Check(check::Options),
    /// Make and hash API keys
    Keys(credentials::Keys),
    /// Try credentials on a configuration of `auth`, without Envoy
    Verify(credentials::Verify),
    /// Judge calls or values from standard input, one JSON object per line, without a gateway
    Validate(schema::Validate),
    /// Make schemas for schema_validator
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Show what the content guard finds in texts, and what becomes of it
    Scan(scan::Options),
    /// List the content guard's recognizers
    Recognizers,
    /// Show and change the shared budgets of a running service
    Budget(budget::Options),
    /// Show and purge the semantic cache of a running service
    Cache(cache::Options),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads has enough, as `head` does.
        Err(error) if is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("modelgate: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// Whether nobody reads any more what is printed. A connection that broke is another error, of which this is a cause at most.
fn is_closed(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(|error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// An error and its causes, each once: many say themselves what caused them.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.contains(&cause) {
        true => said,
        false if said.is_empty() => cause,
        false => format!("{said}: {cause}"),
    })
}

/// Runs a command. `true` if all was as expected.
fn run(command: Command) -> anyhow::Result<bool> {
    Ok(match command {
        Command::Up(options) => up::run(&options)?,
        Command::Check(options) => check::run(&options)?,
        Command::Keys(options) => credentials::keys(&options)?,
        Command::Verify(options) => credentials::verify(&options)?,
        Command::Validate(options) => schema::validate(&options)?,
        Command::Schema(options) => schema::schema(&options)?,
        Command::Scan(options) => scan::run(&options)?,
        Command::Budget(options) => {
            budget::run(options)?;
            true
        }
        Command::Cache(options) => {
            cache::run(options)?;
            true
        }
        Command::Recognizers => {
            scan::recognizers()?;
            true
        }
    })
}

#[cfg(test)]
mod tests {
    use super::told;
    use anyhow::anyhow;

    #[test]
    fn each_cause_is_told_once() {
        let refused = || anyhow!("connection refused");
        assert_eq!(told(&refused().context("no answer")), "no answer: connection refused");
        assert_eq!(told(&refused().context("v1: connection refused; start it")), "v1: connection refused; start it");
        assert_eq!(told(&refused().context("tcp").context("tcp").context("a")), "a: tcp: connection refused");
    }
}
