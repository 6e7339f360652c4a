//! `modelgate cache`: what the cache holds, what it would answer, and how to make it forget.

use super::{Connection, block_on, refused};
use crate::table::table;
use anyhow::Context;
use cache_api::cache::cache_client::CacheClient;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{InvalidateRequest, LookupRequest, LookupResponse, Rules, Scope, StatsRequest, StatsResponse};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{Write, stdout};

/// Options of `modelgate cache`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show what it holds, how often it hit, and what its error budget has learnt
    Stats {
        /// Of this tenant; none: of all
        #[arg(long, default_value = "")]
        tenant: String,
    },
    /// Make it forget everything that all given options name
    Purge(Purge),
    /// Show what it would answer to a question, without becoming who fetches it
    Lookup(Lookup),
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Purge {
    /// Entries of this tenant
    #[arg(long, default_value = "")]
    tenant: String,
    /// Entries of this model
    #[arg(long, default_value = "")]
    model: String,
    /// Of this version of the model
    #[arg(long, default_value = "", requires = "model")]
    model_version: String,
    /// Entries with this tag
    #[arg(long, default_value = "")]
    tag: String,
    /// Entries that this consumer had fetched
    #[arg(long, default_value = "")]
    writer: String,
    /// One entry
    #[arg(long, default_value = "")]
    entry: String,
    /// Entries of this policy of the filter
    #[arg(long, default_value = "")]
    policy: String,
    /// Everything
    #[arg(long, conflicts_with_all = ["tenant", "model", "model_version", "tag", "writer", "entry", "policy"])]
    all: bool,
}

#[derive(Args)]
struct Lookup {
    /// The last user text; none: only the exact tier is asked
    #[arg(long, default_value = "")]
    text: String,
    /// The caller's tenant; none: what is shared
    #[arg(long, default_value = "")]
    tenant: String,
    /// The caller, where the policy keeps answers per consumer
    #[arg(long, default_value = "")]
    consumer: String,
    /// The policy of the filter
    #[arg(long, default_value = "default")]
    policy: String,
    /// The API, such as `openai_chat`
    #[arg(long, default_value = "openai_chat")]
    api: String,
    /// The model
    #[arg(long)]
    model: String,
    /// Its version
    #[arg(long, default_value = "")]
    model_version: String,
    /// SHA-256 of everything but the last user text, in hexadecimal digits
    #[arg(long, value_name = "HEX", default_value = "")]
    context: String,
    /// SHA-256 of the canonical request, in hexadecimal digits
    #[arg(long, value_name = "HEX", default_value = "")]
    request: String,
    /// The least similarity; 0: what is known to be right for the embedder
    #[arg(long, default_value_t = 0.0)]
    threshold: f32,
}

/// Runs `modelgate cache`.
///
/// # Errors
/// The service cannot be reached, or refuses.
pub fn run(options: Options) -> anyhow::Result<()> {
    let json = options.connection.json;
    let shown = block_on(ask(options))?;
    if json {
        writeln!(stdout(), "{shown}")?;
    } else {
        write!(stdout(), "{}", as_table(&shown))?;
    }
    Ok(())
}

async fn ask(options: Options) -> anyhow::Result<Value> {
    let mut client = CacheClient::new(options.connection.connect().await?);
    let shown = match options.command {
        Command::Stats { tenant } => client.stats(StatsRequest { tenant }).await.map(|answer| stats(answer.get_ref())),
        Command::Purge(purge) => client
            .invalidate(InvalidateRequest::from(purge))
            .await
            .map(|answer| json!({"entries": answer.get_ref().entries})),
        Command::Lookup(lookup) => client.lookup(lookup.message()?).await.map(|answer| outcome(answer.into_inner())),
    };
    shown.map_err(|status| refused(&status))
}

impl From<Purge> for InvalidateRequest {
    fn from(purge: Purge) -> Self {
        let Purge { tenant, model, model_version: version, tag, writer, entry, policy, all } = purge;
        Self { tenant, model, version, tag, writer, entry, policy, all }
    }
}

impl Lookup {
    fn message(self) -> anyhow::Result<LookupRequest> {
        let scope = Scope {
            shared: self.tenant.is_empty(),
            tenant: self.tenant,
            consumer: self.consumer,
            policy: self.policy,
            api: self.api,
            model: self.model,
            version: self.model_version,
            context: digest(&self.context).context("--context")?,
        };
        let rules = Rules { threshold: self.threshold, read_only: true, ..Rules::default() };
        let request = digest(&self.request).context("--request")?;
        Ok(LookupRequest { scope: Some(scope), request, text: self.text, rules: Some(rules) })
    }
}

/// 32 bytes from 64 hexadecimal digits; zeros from none.
fn digest(text: &str) -> anyhow::Result<Vec<u8>> {
    if text.is_empty() {
        return Ok(vec![0; 32]);
    }
    let bytes: Option<Vec<u8>> = (0..32).map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
    bytes.filter(|_| text.len() == 64).context("give 64 hexadecimal digits")
}

fn stats(stats: &StatsResponse) -> Value {
    let learned: Vec<Value> = stats
        .learned
        .iter()
        .map(|pool| {
            json!({"pool": pool.pool, "samples": pool.samples, "wrong": pool.wrong, "threshold": pool.threshold, "bound": pool.bound})
        })
        .collect();
    json!({
        "entries": stats.entries,
        "bytes": stats.bytes,
        "exact_hits": stats.exact_hits,
        "semantic_hits": stats.semantic_hits,
        "misses": stats.misses,
        "stores": stats.stores,
        "evictions": stats.evictions,
        "embedder": stats.embedder,
        "store": stats.store,
        "learned": learned,
    })
}

fn outcome(response: LookupResponse) -> Value {
    match response.outcome {
        Some(Outcome::Hit(hit)) => {
            let answer = hit.answer.clone().unwrap_or_default();
            json!({
                "outcome": "hit",
                "step": step(hit.step()),
                "similarity": hit.similarity,
                "age_ms": hit.age_ms,
                "entry": hit.entry,
                "content_type": answer.content_type,
                "body": String::from_utf8_lossy(&answer.body),
            })
        }
        Some(Outcome::Miss(miss)) => {
            json!({"outcome": "miss", "step": step(miss.step()), "similarity": miss.similarity})
        }
        None => json!({"outcome": "unknown"}),
    }
}

/// `STEP_ERROR_BUDGET` as `error_budget`.
fn step(step: cache_api::cache::Step) -> String {
    step.as_str_name().trim_start_matches("STEP_").to_lowercase()
}

/// An object as rows of name and value; a list of objects in it comes after them, a row each.
fn as_table(shown: &Value) -> String {
    let cell = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| text.escape_debug().to_string());
    let mut rows = Vec::new();
    for (name, value) in shown.as_object().into_iter().flatten() {
        match value.as_array() {
            None => rows.push([name.clone(), cell(value)]),
            Some(list) => rows.extend(list.iter().map(|item| [name.clone(), item.to_string()])),
        }
    }
    table(["WHAT", "VALUE"], &rows)
}
