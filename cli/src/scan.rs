//! `modelgate scan` and `modelgate recognizers`: the content guard outside of Envoy. Its decisions are the filter's own.

use anyhow::Context;
use pii_guard::detect::all;
use pii_guard::{Config, Direction, Outcome};
use serde_json::{Map, Value, json};
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
        let row: Value = serde_json::from_str(&line).with_context(|| format!("line {} is not JSON", number + 1))?;
        let id = row.get("id").unwrap_or(&Value::Null);
        let text = match row.get("text") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => anyhow::bail!("line {} has no text", number + 1),
            Some(other) => other.to_string(),
        };
        let shown = if options.body {
            match config.try_body(&direction, &text) {
                Ok(outcome) => body_row(id, &outcome),
                Err(error) => {
                    readable = false;
                    json!({"id": id, "error": error.to_string()})
                }
            }
        } else {
            text_row(&config, options, id, &config.try_text(&direction, &text))
        };
        writeln!(out, "{shown}")?;
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

fn text_row(config: &Config, options: &Options, id: &Value, outcome: &Outcome) -> Value {
    let findings: Vec<Value> = outcome
        .findings
        .iter()
        .map(|finding| {
            let mut row = Map::new();
            row.insert("entity".into(), config.detector.entity(finding.recognizer).into());
            row.insert("start".into(), finding.start.into());
            row.insert("end".into(), finding.end.into());
            row.insert("score".into(), ((f64::from(finding.score) * 100.0).round() / 100.0).into());
            if options.explain {
                row.insert("why".into(), config.explanation(finding).into());
            }
            row.into()
        })
        .collect();
    match &outcome.blocked {
        Some(entity) => json!({"id": id, "findings": findings, "text": outcome.text, "blocked": entity}),
        None => json!({"id": id, "findings": findings, "text": outcome.text}),
    }
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
