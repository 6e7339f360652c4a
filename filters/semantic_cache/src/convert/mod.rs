//! A stored answer in the form that a caller wants: JSON from a stream, a stream from JSON, or as it is. What was said, its
//! ids, its tool calls and its usage stay; where a form cannot be made of what is stored, there is none.

mod chunks;
mod merge;
mod messages;
mod responses;

use crate::question::Form;
use chat::Api;
use chat::sse::{Framer, Item, write_event};
use serde_json::{Map, Value};

/// The members of an object.
type Members = Map<String, Value>;

/// An answer in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// `content-type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// The media type of streams.
pub const EVENTS: &str = "text/event-stream";

/// The media type of all else.
pub const JSON: &str = "application/json";

/// Whether a `content-type` is that of a stream.
pub fn is_stream(content_type: &str) -> bool {
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(EVENTS)
}

/// The stored answer of `api` in this form. `None` where it cannot be made: a stream that tells no usage where usage is
/// wanted, or bytes that are no answer.
pub fn replay(api: Api, content_type: &str, body: &[u8], form: Form) -> Option<Replay> {
    let has_chunks = matches!(api, Api::ChatCompletions | Api::Completions);
    match (is_stream(content_type), form.stream) {
        (false, false) => Some(Replay { content_type: JSON, body: body.to_vec() }),
        (true, true) if has_chunks => {
            let body = chunks::with_usage(body, form.include_usage)?;
            Some(Replay { content_type: EVENTS, body })
        }
        (true, true) => Some(Replay { content_type: EVENTS, body: body.to_vec() }),
        (true, false) => {
            let events = events(body)?;
            let whole = match api {
                Api::Responses => responses::join(events)?,
                Api::Messages => messages::join(events)?,
                _ if has_chunks => chunks::join(api, events)?,
                _ => return None,
            };
            Some(Replay { content_type: JSON, body: serde_json::to_vec(&whole).ok()? })
        }
        (false, true) => {
            let whole: Members = serde_json::from_slice(body).ok()?;
            let body = match api {
                Api::Responses => responses::split(whole)?,
                Api::Messages => messages::split(whole)?,
                _ if has_chunks => chunks::split(api, whole, form.include_usage)?,
                _ => return None,
            };
            Some(Replay { content_type: EVENTS, body: body.into_bytes() })
        }
    }
}

/// The data of all events of a stream that ended properly, without `[DONE]`.
fn events(body: &[u8]) -> Option<Vec<Members>> {
    let mut framer = Framer::new(body.len());
    framer.push(body);
    framer.finish();
    let mut events = Vec::new();
    while let Some(item) = framer.next_item() {
        let Item::Event(event) = item else { return None };
        match event.data() {
            None => {}
            Some(data) if data.trim() == "[DONE]" => {}
            Some(data) => events.push(serde_json::from_str(&data).ok()?),
        }
    }
    Some(events)
}

/// An event with a name, which its data say too, as OpenAI's Responses API and Anthropic's have it.
fn named(name: &str, fields: Value) -> String {
    let mut data = match fields {
        Value::Object(fields) => fields,
        _ => Members::new(),
    };
    data.insert("type".into(), name.into());
    write_event(Some(name), &Value::Object(data).to_string())
}

/// Takes an array out.
fn array(value: Option<Value>) -> Vec<Value> {
    if let Some(Value::Array(elements)) = value { elements } else { Vec::new() }
}

/// The index that a value names.
fn index(value: Option<&Value>) -> u64 {
    value.and_then(Value::as_u64).unwrap_or_default()
}
