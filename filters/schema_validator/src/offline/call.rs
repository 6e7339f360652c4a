//! Calls against a filter's configuration, one per line, through the filter itself: what a gateway would answer.

use super::OfflineError;
use super::desk::ask;
use super::line::answered;
use crate::SchemaValidator;
use crate::fault::Fault;
use plugin::{Headers, Plugin};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::rc::Rc;

/// A line of the input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// The path with its query.
    path: String,
    /// The method, `POST` where none is given.
    method: Option<String>,
    /// Header fields. `content-type` is `application/json` where none is given.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body as text.
    body: String,
}

/// A line of the output.
#[derive(Debug, Serialize)]
struct Answer {
    /// What the gateway would answer, 200 where it lets the call pass.
    status: u16,
    /// What is wrong; in the mode `report` beside a 200.
    errors: Vec<Fault>,
}

/// Reads lines `{"path", "method"?, "headers"?, "body"}` and writes a line `{"status", "errors": [{"path", "keyword",
/// "message"}]}` for each. Route names, metadata and identities are not known here: rules on them do not match.
///
/// # Errors
/// The configuration is refused, or a line is not of that form.
pub fn calls(config: &[u8], input: impl BufRead, output: impl Write) -> Result<(), OfflineError> {
    let calls = Calls::new(config)?;
    answered(input, output, |line| calls.answer(line).map_err(|error| error.to_string()))
}

/// A configured filter that is asked call by call.
#[derive(Debug)]
pub struct Calls(Rc<SchemaValidator>);

impl Calls {
    /// The filter with this configuration.
    ///
    /// # Errors
    /// The configuration is refused.
    pub fn new(config: &[u8]) -> Result<Self, OfflineError> {
        Ok(Self(Rc::new(SchemaValidator::configure(config)?)))
    }

    /// The answer to a line, as [`calls`] writes it.
    ///
    /// # Errors
    /// The line is not of that form.
    pub fn answer(&self, line: &str) -> Result<String, serde_json::Error> {
        let Line { path, method, mut headers, body } = serde_json::from_str(line)?;
        headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        headers.entry("content-type".into()).or_insert_with(|| "application/json".into());
        headers.insert(":path".into(), path);
        headers.insert(":method".into(), method.unwrap_or_else(|| "POST".into()));
        let (status, errors) = ask(&self.0, headers.into_iter().collect::<Headers>(), body.into_bytes());
        serde_json::to_string(&Answer { status, errors })
    }
}
