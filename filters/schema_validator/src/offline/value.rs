//! Values against a bare schema, one per line.

use super::OfflineError;
pub use crate::config::Formats;
use crate::custom::Custom;
use serde_json::Value;
use std::io::{BufRead, Write};

/// Reads lines `{"data": …}` and writes a line `{"valid": true | false}` for each. The schema's `$schema` names its draft,
/// 2020-12 where it does not.
///
/// # Errors
/// The schema is refused, or a line is not of that form.
pub fn values(
    schema: &[u8],
    formats: Formats,
    input: impl BufRead,
    mut output: impl Write,
) -> Result<(), OfflineError> {
    let schema: Value = serde_json::from_slice(schema)
        .map_err(|error| OfflineError::Schema(format!("the schema is no JSON: {error}")))?;
    let custom = Custom::new(&schema, formats).map_err(|fault| OfflineError::Schema(format!("the schema {fault}")))?;
    for (number, line) in input.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |what: &str| OfflineError::Line(number + 1, what.to_owned());
        let value: Value = serde_json::from_str(&line).map_err(|error| wrong(&error.to_string()))?;
        let data = value.get("data").ok_or_else(|| wrong("has no member `data`"))?;
        writeln!(output, "{{\"valid\":{}}}", custom.is_valid(data))?;
    }
    Ok(())
}
