//! Changes to a body that keep every other byte: key order, number spelling, space, unknown members.
//!
//! A body that is parsed and written again differs from what the client signed, cached or counted. So only the bytes of
//! one value are replaced.

use std::ops::Range;

use crate::BodyError;
use crate::json::Value;

/// `body` with the value of its top-level `model` replaced by `new_model`; added as the first member if there is none.
///
/// # Errors
///
/// As [`Request::parse`](crate::Request::parse) has them: no JSON object, a `model` that comes twice.
pub fn with_model(body: &[u8], new_model: &str) -> Result<Vec<u8>, BodyError> {
    let whole = Value::whole(body)?;
    let [model] = whole.members(&["model"])?;
    whole.check_depth()?;
    Ok(match model {
        Some(model) => splice(body, &[(model.span(), quoted(new_model))]),
        None => insert(body, whole, "model", &quoted(new_model)),
    })
}

/// `body` with `new_model` in the place of `model` in each of its `requests` that names it, as the rows of Gemini's
/// `batchEmbedContents` repeat the path's model. `None` where none does.
///
/// # Errors
///
/// No JSON object, `requests` or a row's `model` that comes twice.
pub fn with_model_in_requests(body: &[u8], model: &str, new_model: &str) -> Result<Option<Vec<u8>>, BodyError> {
    let [requests] = Value::whole(body)?.members(&["requests"])?;
    let mut edits = Vec::new();
    if let Some(requests) = requests.filter(|requests| requests.is_array()) {
        requests.elements(|_, row| {
            let [named] = if row.is_object() { row.members(&["model"])? } else { [None] };
            if let Some(named) = named.filter(|named| named.is_string())
                && named.string()? == model
            {
                edits.push((named.span(), quoted(new_model)));
            }
            Ok(())
        })?;
    }
    Ok((!edits.is_empty()).then(|| splice(body, &edits)))
}

/// `body` with `stream_options.include_usage` set to `true`, so that the last event of a stream tells what was used.
/// A body that says so already comes back as it was; so may one that is no stream: that is the caller's question.
///
/// # Errors
///
/// As [`with_model`]; also `stream_options` that is neither an object nor `null`.
pub fn with_include_usage(body: &[u8]) -> Result<Vec<u8>, BodyError> {
    let whole = Value::whole(body)?;
    let [options] = whole.members(&["stream_options"])?;
    whole.check_depth()?;
    let Some(options) = options else {
        return Ok(insert(body, whole, "stream_options", r#"{"include_usage":true}"#));
    };
    if options.is_null() {
        return Ok(splice(body, &[(options.span(), r#"{"include_usage":true}"#.to_owned())]));
    }
    if !options.is_object() {
        return Err(options.refuse("an object").of("stream_options"));
    }
    let [include_usage] = options.members(&["include_usage"])?;
    Ok(match include_usage {
        Some(value) if value.text() == "true" => body.to_vec(),
        Some(value) => splice(body, &[(value.span(), "true".to_owned())]),
        None => insert(body, options, "include_usage", "true"),
    })
}

/// `body` with each range replaced by its text. Ranges must be in order and apart; one that is not is left out.
pub fn splice(body: &[u8], edits: &[(Range<usize>, String)]) -> Vec<u8> {
    let added: usize = edits.iter().map(|(_, text)| text.len()).sum();
    let mut edited = Vec::with_capacity(body.len() + added);
    let mut copied = 0;
    for (range, text) in edits {
        let Some(kept) = body.get(copied..range.start).filter(|_| range.start <= range.end && range.end <= body.len())
        else {
            continue;
        };
        edited.extend_from_slice(kept);
        edited.extend_from_slice(text.as_bytes());
        copied = range.end;
    }
    edited.extend_from_slice(body.get(copied..).unwrap_or_default());
    edited
}

/// `body` with `name: value` as the first member of `object`.
fn insert(body: &[u8], object: Value<'_>, name: &str, value: &str) -> Vec<u8> {
    let brace = object.text().find('{').map_or(0, |at| at + 1);
    let empty = object.text().get(brace..).is_some_and(|rest| rest.trim_ascii_start().starts_with('}'));
    let comma = if empty { "" } else { "," };
    let at = object.span().start + brace;
    splice(body, &[(at..at, format!("\"{name}\":{value}{comma}"))])
}

/// `text` as a JSON string. Writing a string cannot fail; the empty string stands for what cannot happen.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}
