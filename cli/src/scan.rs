//! `modelgate scan` and `modelgate recognizers`: the content guard outside of Envoy. Its decisions are the filter's own.

use anyhow::Context;
use pii_guard::detect::{Finding, all};
use pii_guard::{Config, Direction, Outcome};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::path::PathBuf;

/// Options of `modelgate scan`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The filter's configuration, JSON or YAML
    #[arg(long, required_unless_present = "all")]
    config: Option<PathBuf>,
    /// The policy whose actions for requests are taken
    #[arg(long, default_value = "default")]
    policy: String,
    /// The texts are bodies of requests to a model API
    #[arg(long)]
    body: bool,
    /// Say which pattern, check and context made each score
    #[arg(long)]
    explain: bool,
    /// The score from which something is a finding, with --all
    #[arg(long, default_value_t = 0.4)]
    min_score: f32,
    /// All recognizers, whatever the policy says
    #[arg(long)]
    all: bool,
}

/// Reads JSON lines `{"id", "text"}` from standard input and writes `{"id", "findings", "text"}` for each. `true` if all
/// could be read.
///
/// # Errors
/// Where the configuration is wrong, or a line is no such object.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let config = config(options)?;
    let direction = if options.all {
        Direction::everything(&config.detector, options.min_score)
    } else {
        config.requests_of(&options.policy).with_context(|| format!("there is no policy `{}`", options.policy))?
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut readable = true;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let mut row: Value = serde_json::from_str(&line).with_context(|| format!("line {} is not JSON", number + 1))?;
        let mut member = |name: &str| row.get_mut(name).map(Value::take);
        let id = member("id").unwrap_or_default();
        let text = match member("text") {
            Some(Value::String(text)) => text,
            Some(Value::Null) | None => anyhow::bail!("line {} has no text", number + 1),
            Some(other) => other.to_string(),
        };
        if options.body {
            let shown = match config.try_body(&direction, &text) {
                Ok(outcome) => body_row(&id, &outcome),
                Err(error) => {
                    readable = false;
                    json!({"id": id, "error": error.to_string()})
                }
            };
            writeln!(out, "{shown}")?;
        } else {
            let outcome = config.try_text(&direction, &text);
            serde_json::to_writer(&mut out, &text_row(&config, options.explain, &id, &outcome))?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(readable)
}

fn config(options: &Options) -> anyhow::Result<Config> {
    let bytes = match &options.config {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            let value: Value = serde_yaml_ng::from_str(&text).with_context(|| path.display().to_string())?;
            serde_json::to_vec(&value)?
        }
        None => br#"{"default_policy": "off", "policies": {}}"#.to_vec(),
    };
    Ok(Config::read(&bytes)?)
}

/// What is said of a text.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a Value,
    findings: Vec<Found<'a>>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<&'a str>,
}

/// What is said of a finding.
#[derive(Serialize)]
struct Found<'a> {
    entity: &'a str,
    start: usize,
    end: usize,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

fn text_row<'a>(config: &'a Config, explains: bool, id: &'a Value, outcome: &'a Outcome) -> Row<'a> {
    let found = |finding: &Finding| Found {
        entity: config.detector.entity(finding.recognizer),
        start: finding.start,
        end: finding.end,
        score: (f64::from(finding.score) * 100.0).round() / 100.0,
        why: explains.then(|| config.explanation(finding)),
    };
    let findings = outcome.findings.iter().map(found).collect();
    Row { id, findings, text: &outcome.text, blocked: outcome.blocked.as_deref() }
}

fn body_row(id: &Value, outcome: &Outcome) -> Value {
    let findings: Vec<Value> =
        outcome.counts.iter().map(|(entity, count)| json!({"entity": entity, "count": count})).collect();
    json!({"id": id, "findings": findings, "text": outcome.text, "blocked": outcome.blocked})
}

/// Lists all recognizers with group, strength, examples and source, as JSON lines.
///
/// # Errors
/// Where standard output is closed.
pub fn recognizers() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for row in all() {
        let shown = json!({
            "entity": row.entity,
            "group": row.group,
            "strength": format!("{:?}", row.strength).to_lowercase(),
            "score": f64::from((row.strength.score() * 100.0).round()) / 100.0,
            "context": row.context.split('|').filter(|word| !word.is_empty()).collect::<Vec<_>>(),
            "examples": row.examples,
            "source": row.source,
        });
        writeln!(out, "{shown}")?;
    }
    Ok(())
}
