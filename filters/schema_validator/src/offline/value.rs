//! Values against a bare schema, one per line.

use super::OfflineError;
use super::line::answered;
pub use crate::config::Formats;
use crate::custom::Custom;
use crate::json::{Limits, Reason, scan};
use serde_json::{Value, json};
use std::io::{BufRead, Write};

/// Reads lines `{"data": …}` and writes a line `{"valid": true | false}` for each. The schema's `$schema` names its draft,
/// 2020-12 where it does not. JSON that no gateway takes whatever its schema (a number beyond a double, a lone surrogate, more
/// than 128 levels) is not valid, and the line says why in `error`.
///
/// # Errors
/// The schema is refused, or a line is not of that form.
pub fn values(schema: &[u8], formats: Formats, input: impl BufRead, output: impl Write) -> Result<(), OfflineError> {
    let schema: Value = serde_json::from_slice(schema)
        .map_err(|error| OfflineError::Schema(format!("the schema is no JSON: {error}")))?;
    let custom = Custom::new(&schema, formats).map_err(|fault| OfflineError::Schema(format!("the schema {fault}")))?;
    answered(input, output, |line| match serde_json::from_str::<Value>(line) {
        Ok(value) => {
            let data = value.get("data").ok_or("has no member `data`")?;
            Ok(json!({"valid": custom.is_valid(data)}).to_string())
        }
        Err(error) => {
            let reason = beyond(line.trim()).ok_or_else(|| error.to_string())?;
            Ok(json!({"valid": false, "error": reason.to_string()}).to_string())
        }
    })
}

/// Why a line of JSON cannot be read, where that is not its grammar.
fn beyond(line: &str) -> Option<Reason> {
    let limits = Limits {
        depth: chat::MAX_DEPTH,
        members: usize::MAX,
        items: usize::MAX,
        values: usize::MAX,
        string_bytes: usize::MAX,
        number_digits: usize::MAX,
    };
    let reason = scan(line.as_bytes(), &limits).err()?.reason;
    matches!(reason, Reason::Digits | Reason::Depth | Reason::LoneSurrogate).then_some(reason)
}
