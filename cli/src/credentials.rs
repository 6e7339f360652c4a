//! `keys` and `verify`: what an operator needs beside the filter `auth`. All that is decided is decided by the filter's own code.

use anyhow::Context;
use auth::decide::{Desk, is_signed};
use clap::{Args, Subcommand};
use std::io::{BufRead, Read, Write, stdout};
use std::path::PathBuf;

/// Options of `modelgate keys`.
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make an API key, and print it with its digest
    New(Pepper),
    /// Print the digest of the API key that comes on standard input
    Hash(Pepper),
}

#[derive(Args)]
struct Pepper {
    /// The environment variable that holds the pepper of `api_keys`
    #[arg(long, value_name = "NAME")]
    pepper_env: Option<String>,
}

impl Pepper {
    fn read(&self) -> anyhow::Result<Option<String>> {
        let Some(name) = &self.pepper_env else { return Ok(None) };
        let pepper = std::env::var(name).with_context(|| format!("the environment variable {name}"))?;
        // The filter takes no other, and would say so of a configuration whose digests are made with it.
        anyhow::ensure!(pepper.len() >= 16, "the pepper in {name} is shorter than 16 bytes");
        Ok(Some(pepper))
    }
}

/// Runs `modelgate keys`.
///
/// # Errors
/// No randomness, no key on standard input, or no pepper.
pub fn keys(options: &Keys) -> anyhow::Result<bool> {
    match &options.command {
        KeysCommand::New(pepper) => {
            let pepper = pepper.read()?;
            let mut random = [0; 32];
            getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
            let key = auth::keys::key_of(&random);
            println!("{key}\n{}", auth::keys::hash(&key, pepper.as_deref()));
        }
        KeysCommand::Hash(pepper) => {
            let pepper = pepper.read()?;
            let mut key = String::new();
            std::io::stdin().read_to_string(&mut key).context("standard input")?;
            let key = key.trim();
            anyhow::ensure!(!key.is_empty(), "no key on standard input");
            println!("{}", auth::keys::hash(key, pepper.as_deref()));
        }
    }
    Ok(true)
}

/// Options of `modelgate verify`.
#[derive(Args)]
pub struct Verify {
    /// The configuration of `auth`, as JSON or YAML
    #[arg(long, required_unless_present = "jws", conflicts_with = "jws")]
    config: Option<PathBuf>,
    /// Check signatures alone: lines `{"jws", "jwk"}` in, `{"valid"}` out
    #[arg(long)]
    jws: bool,
}

/// Runs `modelgate verify`: lines of JSON from standard input to standard output, one for one but for blank ones. A line that is no question is
/// answered by `{"error"}`, and the command fails in the end.
///
/// # Errors
/// A configuration that is refused, or no standard input.
pub fn verify(options: &Verify) -> anyhow::Result<bool> {
    let desk = options.config.as_ref().map(|path| {
        let json = crate::check::configuration(path)?;
        Desk::new(json.to_string().as_bytes(), &|name| std::env::var(name).ok()).map_err(anyhow::Error::new)
    });
    let desk = desk.transpose()?;
    let mut readable = true;
    for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        // What is no UTF-8 is a line that is no question.
        let line = String::from_utf8_lossy(&line.context("standard input")?).into_owned();
        if line.trim().is_empty() {
            continue;
        }
        let answer = match &desk {
            Some(desk) => desk.decide(&line).map(|decision| serde_json::json!(decision)),
            None => is_signed(&line).map(|valid| serde_json::json!({ "valid": valid })),
        };
        let answer = answer.unwrap_or_else(|error| {
            readable = false;
            let error = anyhow::Error::new(error).context(format!("line {}", number + 1));
            serde_json::json!({ "error": format!("{error:#}") })
        });
        writeln!(stdout(), "{answer}")?;
    }
    Ok(readable)
}
