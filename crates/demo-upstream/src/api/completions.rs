//! OpenAI's completions, the older API for a bare prompt (API reference, "Completions": the completion object).

use bytes::Bytes;
use serde_json::{Result, Value, json};

use super::chat;
use crate::reply::Reply;
use crate::sse;
use crate::turn::Turn;

/// Answers with an object, or with a stream of such objects. A tool call's arguments are said as text.
pub(crate) fn answer(turn: &Turn, stream: bool, include_usage: bool) -> Result<Reply> {
    if stream {
        return events(turn, include_usage).map(Reply::events);
    }
    let mut object = object(turn, vec![choice(&turn.deltas().concat(), Some(finish_reason(turn)))]);
    if let Some(usage) = turn.usage {
        set_usage(&mut object, chat::usage(usage));
    }
    serde_json::to_vec(&object).map(Reply::json)
}

fn events(turn: &Turn, include_usage: bool) -> Result<Vec<Bytes>> {
    let reported = turn.usage.filter(|_| include_usage);
    let event = |choices: Vec<Value>, usage: Value| {
        let mut object = object(turn, choices);
        if reported.is_some() {
            set_usage(&mut object, usage);
        }
        sse::data(&object)
    };
    let mut events = Vec::new();
    for piece in turn.deltas() {
        events.push(event(vec![choice(piece, None)], Value::Null)?);
    }
    events.push(event(vec![choice("", Some(finish_reason(turn)))], Value::Null)?);
    if let Some(usage) = reported {
        events.push(event(Vec::new(), chat::usage(usage))?);
    }
    events.push(sse::DONE);
    Ok(events)
}

fn object(turn: &Turn, choices: Vec<Value>) -> Value {
    json!({
        "id": format!("cmpl-{}", turn.id),
        "object": "text_completion",
        "created": turn.created,
        "model": turn.model,
        "system_fingerprint": format!("demo-{}", turn.version),
        "choices": choices,
    })
}

fn set_usage(object: &mut Value, usage: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert("usage".to_owned(), usage);
    }
}

fn choice(text: &str, finish: Option<&str>) -> Value {
    json!({"text": text, "index": 0, "logprobs": null, "finish_reason": finish})
}

fn finish_reason(turn: &Turn) -> &'static str {
    if turn.truncated { "length" } else { "stop" }
}
