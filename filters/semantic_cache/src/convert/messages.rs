//! Anthropic's messages: a message, and the events of one (API reference, "Streaming messages").

use super::{Members, array, index, named};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A content block that is being put together.
struct Block {
    whole: Members,
    /// The parts of its `input`.
    input: String,
}

/// The whole message of these events.
pub(super) fn join(events: Vec<Members>) -> Option<Members> {
    let mut message: Option<Members> = None;
    let mut blocks: BTreeMap<u64, Block> = BTreeMap::new();
    for mut event in events {
        let at = index(event.get("index"));
        match event.get("type").and_then(Value::as_str)? {
            "message_start" => message = Some(object(event.remove("message"))?),
            "content_block_start" => {
                let whole = object(event.remove("content_block"))?;
                blocks.insert(at, Block { whole, input: String::new() });
            }
            "content_block_delta" => blocks.get_mut(&at)?.add(object(event.remove("delta"))?),
            "message_delta" => {
                let message = message.as_mut()?;
                message.extend(object(event.remove("delta"))?);
                if let (Some(Value::Object(usage)), Some(Value::Object(more))) =
                    (message.get_mut("usage"), event.remove("usage"))
                {
                    usage.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
                }
            }
            _ => {}
        }
    }
    let mut message = message?;
    let content: Option<Vec<Value>> = blocks.into_values().map(Block::finished).collect();
    message.insert("content".into(), content?.into());
    Some(message)
}

fn object(value: Option<Value>) -> Option<Members> {
    if let Some(Value::Object(members)) = value { Some(members) } else { None }
}

impl Block {
    fn add(&mut self, delta: Members) {
        for (name, value) in delta {
            match (name.as_str(), value) {
                ("type", _) => {}
                ("partial_json", Value::String(part)) => self.input.push_str(&part),
                ("citation", citation) => {
                    let citations = self.whole.entry("citations").or_insert(Value::Null);
                    match citations {
                        Value::Array(citations) => citations.push(citation),
                        other => *other = json!([citation]),
                    }
                }
                (_, Value::String(part)) => match self.whole.get_mut(&name) {
                    Some(Value::String(text)) => text.push_str(&part),
                    _ => {
                        self.whole.insert(name, part.into());
                    }
                },
                (_, value) => {
                    self.whole.insert(name, value);
                }
            }
        }
    }

    fn finished(mut self) -> Option<Value> {
        if !self.input.is_empty() {
            self.whole.insert("input".into(), serde_json::from_str(&self.input).ok()?);
        }
        Some(Value::Object(self.whole))
    }
}

/// The events of a whole message.
pub(super) fn split(mut message: Members) -> Option<String> {
    let content = array(message.remove("content"));
    let mut ending = Members::new();
    for name in ["stop_reason", "stop_sequence"] {
        if let Some(value) = message.insert(name.into(), Value::Null) {
            ending.insert(name.into(), value);
        }
    }
    let usage = message.get("usage").cloned();
    message.insert("content".into(), json!([]));
    let mut out = named("message_start", json!({"message": message}));
    for (at, block) in content.into_iter().enumerate() {
        let Value::Object(block) = block else { return None };
        split_block(at, block, &mut out);
    }
    let mut delta = json!({"delta": ending});
    if let (Some(usage), Some(delta)) = (usage, delta.as_object_mut()) {
        delta.insert("usage".into(), usage);
    }
    out += &named("message_delta", delta);
    out += &named("message_stop", json!({}));
    Some(out)
}

fn split_block(at: usize, mut block: Members, out: &mut String) {
    let mut deltas = Vec::new();
    for (name, kind) in [("text", "text_delta"), ("thinking", "thinking_delta"), ("signature", "signature_delta")] {
        if let Some(Value::String(text)) = block.get_mut(name)
            && !text.is_empty()
        {
            deltas.push(json!({"type": kind, name: std::mem::take(text)}));
        }
    }
    if let Some(Value::Array(citations)) = block.get_mut("citations") {
        let all = citations.drain(..).map(|citation| json!({"type": "citations_delta", "citation": citation}));
        deltas.extend(all);
    }
    if let Some(Value::Object(input)) = block.get_mut("input")
        && !input.is_empty()
    {
        let input = Value::Object(std::mem::take(input));
        deltas.push(json!({"type": "input_json_delta", "partial_json": input.to_string()}));
    }
    *out += &named("content_block_start", json!({"index": at, "content_block": block}));
    for delta in deltas {
        *out += &named("content_block_delta", json!({"index": at, "delta": delta}));
    }
    *out += &named("content_block_stop", json!({"index": at}));
}
