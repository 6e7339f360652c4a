//! OpenAI's responses (API reference, "Responses": the response object; "Streaming").

use bytes::Bytes;
use serde_json::{Result, Value, json};

use crate::ask::Ask;
use crate::behaviour::Behaviour;
use crate::reply::Reply;
use crate::sse;
use crate::turn::{Said, Turn, Usage};

/// Answers with a response, or with its events.
pub(crate) fn answer(turn: &Turn, stream: bool) -> Result<Reply> {
    if stream {
        return Events::of(turn).map(Reply::events);
    }
    serde_json::to_vec(&finished(turn)).map(Reply::json)
}

/// `/v1/responses/input_tokens`.
pub(crate) fn count_input(ask: &Ask, behaviour: &Behaviour) -> Reply {
    let counted = Usage::report(behaviour.usage, ask.input_bytes, 0).map_or(0, |usage| usage.input);
    Reply::json(json!({"object": "response.input_tokens", "input_tokens": counted}).to_string())
}

/// The events of a stream, numbered as they are added.
struct Events(Vec<Bytes>);

impl Events {
    fn of(turn: &Turn) -> Result<Vec<Bytes>> {
        let mut events = Self(Vec::new());
        let opened = response(turn, "in_progress", Vec::new(), Value::Null);
        events.add("response.created", json!({"response": opened}))?;
        events.add("response.in_progress", json!({"response": opened}))?;
        events.add("response.output_item.added", json!({"output_index": 0, "item": item(turn, false)}))?;
        match &turn.said {
            Said::Text(text) => events.text(turn, text)?,
            Said::Call(call) => events.call(turn, &call.arguments)?,
        }
        events.add("response.output_item.done", json!({"output_index": 0, "item": item(turn, true)}))?;
        let name = if turn.truncated { "response.incomplete" } else { "response.completed" };
        events.add(name, json!({"response": finished(turn)}))?;
        Ok(events.0)
    }

    fn text(&mut self, turn: &Turn, text: &str) -> Result<()> {
        self.add("response.content_part.added", of_part(turn, json!({"part": part("")})))?;
        for piece in turn.deltas() {
            self.add("response.output_text.delta", of_part(turn, json!({"delta": piece, "logprobs": []})))?;
        }
        self.add("response.output_text.done", of_part(turn, json!({"text": text, "logprobs": []})))?;
        self.add("response.content_part.done", of_part(turn, json!({"part": part(text)})))
    }

    fn call(&mut self, turn: &Turn, arguments: &str) -> Result<()> {
        for piece in turn.deltas() {
            self.add("response.function_call_arguments.delta", of_item(turn, json!({"delta": piece})))?;
        }
        let done = json!({"arguments": arguments, "name": item(turn, true).get("name")});
        self.add("response.function_call_arguments.done", of_item(turn, done))
    }

    fn add(&mut self, name: &str, fields: Value) -> Result<()> {
        let event = with(fields, json!({"type": name, "sequence_number": self.0.len()}));
        self.0.push(sse::event(name, &event)?);
        Ok(())
    }
}

fn of_item(turn: &Turn, fields: Value) -> Value {
    with(fields, json!({"item_id": item_id(turn), "output_index": 0}))
}

fn of_part(turn: &Turn, fields: Value) -> Value {
    with(of_item(turn, fields), json!({"content_index": 0}))
}

fn with(mut fields: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
    }
    fields
}

fn finished(turn: &Turn) -> Value {
    let status = if turn.truncated { "incomplete" } else { "completed" };
    response(turn, status, vec![item(turn, true)], turn.usage.map_or(Value::Null, usage))
}

fn response(turn: &Turn, status: &str, output: Vec<Value>, usage: Value) -> Value {
    let incomplete = (status == "incomplete").then(|| json!({"reason": "max_output_tokens"}));
    json!({
        "id": format!("resp_{}", turn.id),
        "object": "response",
        "created_at": turn.created,
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": incomplete,
        "instructions": null,
        "max_output_tokens": null,
        "metadata": {},
        "model": turn.model,
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": {"effort": null, "summary": null},
        "store": false,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": usage,
        "user": null,
    })
}

/// The only output item, as it is when it is added or when it is done.
fn item(turn: &Turn, done: bool) -> Value {
    let status = match done {
        false => "in_progress",
        true if turn.truncated => "incomplete",
        true => "completed",
    };
    match &turn.said {
        Said::Text(text) => {
            let content = if done { vec![part(text)] } else { Vec::new() };
            json!({"type": "message", "id": item_id(turn), "status": status, "role": "assistant", "content": content})
        }
        Said::Call(call) => json!({
            "type": "function_call",
            "id": item_id(turn),
            "call_id": format!("call_{}", turn.id),
            "name": call.name,
            "arguments": if done { call.arguments.as_str() } else { "" },
            "status": status,
        }),
    }
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

fn item_id(turn: &Turn) -> String {
    match turn.said {
        Said::Text(_) => format!("msg_{}", turn.id),
        Said::Call(_) => format!("fc_{}", turn.id),
    }
}

fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total(),
    })
}
