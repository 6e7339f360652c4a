//! Input line by line, an answer for each.

use super::OfflineError;
use std::io::{BufRead, Write};

/// Reads lines and writes the answer to each that is not blank, as it comes.
///
/// # Errors
/// The first line that has no answer, and why; and what reading and writing say.
pub(super) fn answered(
    mut input: impl BufRead,
    mut output: impl Write,
    answer: impl Fn(&str) -> Result<String, String>,
) -> Result<(), OfflineError> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = std::str::from_utf8(&line).map_err(|_| OfflineError::Line(number, "is not UTF-8".into()))?;
        if !text.trim().is_empty() {
            let answer = answer(text).map_err(|reason| OfflineError::Line(number, reason))?;
            writeln!(output, "{answer}")?;
        }
    }
    Ok(())
}
