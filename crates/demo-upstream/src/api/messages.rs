//! Anthropic's messages (API reference, "Messages" and "Streaming messages").

use bytes::Bytes;
use serde_json::{Result, Value, json};

use crate::ask::Ask;
use crate::behaviour::Behaviour;
use crate::reply::Reply;
use crate::sse;
use crate::turn::{Said, Turn, Usage};

/// Answers with a message, or with its events.
pub(crate) fn answer(turn: &Turn, stream: bool) -> Result<Reply> {
    if stream {
        return events(turn).map(Reply::events);
    }
    let content = match &turn.said {
        Said::Text(text) => json!({"type": "text", "text": text}),
        // Arguments that are no JSON cannot be said here; the text shows them.
        Said::Call(call) => match serde_json::from_str::<Value>(&call.arguments) {
            Ok(input) => tool_use(turn, &call.name, input),
            Err(_) => tool_use(turn, &call.name, json!({"arguments": call.arguments})),
        },
    };
    let message = message(turn, vec![content], Some(stop_reason(turn)), turn.usage.map(usage));
    serde_json::to_vec(&message).map(Reply::json)
}

/// `/v1/messages/count_tokens`.
pub(crate) fn count_tokens(ask: &Ask, behaviour: &Behaviour) -> Reply {
    let counted = Usage::report(behaviour.usage, ask.input_bytes, 0).map_or(0, |usage| usage.input);
    Reply::json(json!({"input_tokens": counted}).to_string())
}

fn events(turn: &Turn) -> Result<Vec<Bytes>> {
    let (block, delta_type, delta_field) = match &turn.said {
        Said::Text(_) => (json!({"type": "text", "text": ""}), "text_delta", "text"),
        Said::Call(call) => (tool_use(turn, &call.name, json!({})), "input_json_delta", "partial_json"),
    };
    let opening = turn.usage.map(|counted| usage(Usage { output: 1, ..counted }));
    let mut events = vec![
        event("message_start", json!({"message": message(turn, Vec::new(), None, opening)}))?,
        event("content_block_start", json!({"index": 0, "content_block": block}))?,
        event("ping", json!({}))?,
    ];
    for piece in turn.deltas() {
        let delta = json!({"type": delta_type, delta_field: piece});
        events.push(event("content_block_delta", json!({"index": 0, "delta": delta}))?);
    }
    events.push(event("content_block_stop", json!({"index": 0}))?);
    events.push(event("message_delta", closing(turn))?);
    events.push(event("message_stop", json!({}))?);
    Ok(events)
}

fn event(name: &str, mut fields: Value) -> Result<Bytes> {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("type".to_owned(), json!(name));
    }
    sse::event(name, &fields)
}

fn closing(turn: &Turn) -> Value {
    let delta = json!({"stop_reason": stop_reason(turn), "stop_sequence": null});
    match turn.usage {
        Some(usage) => json!({"delta": delta, "usage": {"output_tokens": usage.output}}),
        None => json!({"delta": delta}),
    }
}

fn message(turn: &Turn, content: Vec<Value>, stop_reason: Option<&str>, usage: Option<Value>) -> Value {
    let mut message = json!({
        "id": format!("msg_{}", turn.id),
        "type": "message",
        "role": "assistant",
        "model": turn.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": null,
    });
    if let (Some(usage), Some(fields)) = (usage, message.as_object_mut()) {
        fields.insert("usage".to_owned(), usage);
    }
    message
}

fn tool_use(turn: &Turn, name: &str, input: Value) -> Value {
    json!({"type": "tool_use", "id": format!("toolu_{}", turn.id), "name": name, "input": input})
}

fn stop_reason(turn: &Turn) -> &'static str {
    match &turn.said {
        Said::Call(_) => "tool_use",
        Said::Text(_) if turn.truncated => "max_tokens",
        Said::Text(_) => "end_turn",
    }
}

fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": usage.output,
        "service_tier": "standard",
    })
}
