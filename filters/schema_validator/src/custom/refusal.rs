//! Why a schema is refused, in words that tell its author what to change. It is the operator's own: it may be quoted.

use super::MAX_PATTERN_BYTES;
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

/// What is wrong with a schema, as the end of a sentence about it.
pub fn reason(error: &ValidationError<'_>) -> String {
    let place = match error.instance_path().as_str() {
        "" => "its root",
        place => place,
    };
    match (error.kind(), error.instance().as_str()) {
        (Kind::Format { format }, Some(pattern)) if format == "regex" => {
            format!("has a pattern at {place} that this gateway cannot run: {}", fault_of(pattern))
        }
        (Kind::Referencing(error), _) => {
            format!("has a `$ref` that leads nowhere in it, and nothing is fetched: {error}")
        }
        _ => format!("is no valid schema at {place}: {error}"),
    }
}

/// Why the linear engine refuses a pattern.
fn fault_of(pattern: &str) -> String {
    let has = |signs: &[&str]| signs.iter().any(|sign| pattern.contains(sign));
    if has(&["(?=", "(?!", "(?<=", "(?<!"]) {
        "it looks around (`(?=`, `(?!`, `(?<=`, `(?<!`), which takes more than linear time".into()
    } else if has(&["\\1", "\\2", "\\3", "\\4", "\\5", "\\6", "\\7", "\\8", "\\9", "\\k<"]) {
        "it refers back to a group, which takes more than linear time".into()
    } else {
        format!("it is no regular expression of ECMA-262 with the flag `u`, or grows beyond {MAX_PATTERN_BYTES} bytes")
    }
}
