//! `modelgate scan` and `modelgate recognizers`: the content guard outside of Envoy. Its decisions are the filter's own.

use anyhow::Context;
use pii_guard::detect::{Finding, PREFIXES, all};
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

/// Reads JSON lines `{"id", "text"}` from standard input and writes `{"id", "findings", "text"}` for each. A line that is no such
/// object, or no body of a request, is answered by `{"id", "error"}`. `true` if there was none.
///
/// # Errors
/// Where the configuration is wrong, or standard input or output is closed.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let config = config(options)?;
    let direction = if options.all {
        Direction::everything(&config.detector, options.min_score)
    } else {
        config.requests_of(&options.policy).with_context(|| format!("there is no policy `{}`", options.policy))?
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut readable = true;
    for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Line { id, text } = Line::read(&line);
        let answered = text.and_then(|text| answer(&config, &direction, options, &id, &text, &mut out));
        if let Err(error) = answered {
            if error.is::<std::io::Error>() {
                return Err(error);
            }
            readable = false;
            writeln!(out, "{}", json!({"id": id, "error": format!("line {}: {error:#}", number + 1)}))?;
        }
    }
    out.flush()?;
    Ok(readable)
}

/// A line: what it is called, and its text.
struct Line {
    id: Value,
    text: anyhow::Result<String>,
}

impl Line {
    fn read(line: &[u8]) -> Self {
        let mut row: Value = match serde_json::from_slice(line) {
            Ok(row) => row,
            Err(error) => return Self { id: Value::Null, text: Err(anyhow::Error::new(error).context("not JSON")) },
        };
        let mut member = |name: &str| row.get_mut(name).map(Value::take);
        let id = member("id").unwrap_or_default();
        let text = match member("text") {
            Some(Value::String(text)) => Ok(text),
            Some(Value::Null) | None => Err(anyhow::anyhow!("no `text`: a line is {{\"id\": …, \"text\": \"…\"}}")),
            Some(other) => Ok(other.to_string()),
        };
        Self { id, text }
    }
}

/// Writes what becomes of a text.
fn answer(
    config: &Config,
    direction: &Direction,
    options: &Options,
    id: &Value,
    text: &str,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let outcome = if options.body { config.try_body(direction, text)? } else { config.try_text(direction, text) };
    let row = row(config, options.explain, id, &outcome);
    serde_json::to_writer(&mut *out, &row).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

fn config(options: &Options) -> anyhow::Result<Config> {
    let bytes = match &options.config {
        Some(path) => serde_json::to_vec(&crate::check::configuration(path)?)?,
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

fn row<'a>(config: &'a Config, explains: bool, id: &'a Value, outcome: &'a Outcome) -> Row<'a> {
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

/// Lists all recognizers with group, strength, examples (keys: what they start with) and source, as JSON lines.
///
/// # Errors
/// Where standard output is closed.
pub fn recognizers() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for row in all() {
        let prefixes = PREFIXES.iter().filter(|prefix| prefix.0 == row.entity);
        let shown = json!({
            "entity": row.entity,
            "group": row.group,
            "strength": format!("{:?}", row.strength).to_lowercase(),
            "score": f64::from((row.strength.score() * 100.0).round()) / 100.0,
            "context": row.context.split('|').filter(|word| !word.is_empty()).collect::<Vec<_>>(),
            "examples": row.examples,
            "starts_with": prefixes.map(|prefix| prefix.1).collect::<Vec<_>>(),
            "source": row.source,
        });
        writeln!(out, "{shown}")?;
    }
    Ok(())
}
