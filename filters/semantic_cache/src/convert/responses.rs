//! OpenAI's responses: a response, and the events of one (API reference, "Responses", "Streaming events").

use super::{Members, named};
use serde_json::{Value, json};

/// The whole response: the last event holds it.
pub(super) fn join(events: Vec<Members>) -> Option<Members> {
    let is_last = |event: &Members| event.get("type").is_some_and(|kind| kind == "response.completed");
    match events.into_iter().rfind(is_last)?.remove("response")? {
        Value::Object(response) => Some(response),
        _ => None,
    }
}

/// The events of a whole response.
pub(super) fn split(response: Members) -> Option<String> {
    let output = response.get("output")?.as_array()?.clone();
    let mut opened = response.clone();
    opened.extend([
        ("status".to_owned(), "in_progress".into()),
        ("output".to_owned(), json!([])),
        ("usage".to_owned(), Value::Null),
    ]);
    let mut events = Events::default();
    events.add("response.created", json!({"response": opened}));
    events.add("response.in_progress", json!({"response": opened}));
    for (at, item) in output.iter().enumerate() {
        events.item(at, item.as_object()?);
    }
    events.add("response.completed", json!({"response": response}));
    Some(events.text)
}

/// Events, numbered as they are added.
#[derive(Default)]
struct Events {
    text: String,
    count: u64,
}

impl Events {
    fn add(&mut self, name: &str, mut fields: Value) {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("sequence_number".into(), self.count.into());
        }
        self.count += 1;
        self.text += &named(name, fields);
    }

    /// An item of the output: opened without what it says, then what it says, then whole.
    fn item(&mut self, at: usize, item: &Members) {
        let mut opened = item.clone();
        let mut said = Vec::new();
        for (name, empty) in
            [("content", json!([])), ("summary", json!([])), ("arguments", json!("")), ("input", json!(""))]
        {
            if let Some(value) = opened.get_mut(name).filter(|value| value.is_array() || value.is_string()) {
                said.push((name, std::mem::replace(value, empty)));
            }
        }
        if opened.contains_key("status") {
            opened.insert("status".into(), "in_progress".into());
        }
        self.add("response.output_item.added", json!({"output_index": at, "item": opened}));
        let of = Of { item_id: item.get("id").cloned().unwrap_or_default(), output_index: at };
        for (name, value) in said {
            match (name, value) {
                ("content", Value::Array(parts)) => {
                    parts.iter().enumerate().for_each(|(n, part)| self.part(&of, n, part))
                }
                ("summary", Value::Array(parts)) => {
                    parts.iter().enumerate().for_each(|(n, part)| self.summary(&of, n, part));
                }
                ("arguments", Value::String(text)) => {
                    self.add("response.function_call_arguments.delta", of.with(json!({"delta": text})));
                    let done = json!({"arguments": text, "name": item.get("name")});
                    self.add("response.function_call_arguments.done", of.with(done));
                }
                ("input", Value::String(text)) => {
                    self.add("response.custom_tool_call_input.delta", of.with(json!({"delta": text})));
                    self.add("response.custom_tool_call_input.done", of.with(json!({"input": text})));
                }
                _ => {}
            }
        }
        self.add("response.output_item.done", json!({"output_index": at, "item": item}));
    }

    fn part(&mut self, of: &Of, at: usize, part: &Value) {
        let (name, member) = match part.get("type").and_then(Value::as_str) {
            Some("refusal") => ("response.refusal", "refusal"),
            Some("reasoning_text") => ("response.reasoning_text", "text"),
            _ => ("response.output_text", "text"),
        };
        let of = |fields: Value| with(of.with(fields), "content_index", at);
        let text = part.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut opened = part.clone();
        if let Some(opened) = opened.as_object_mut() {
            opened.insert(member.into(), "".into());
        }
        self.add("response.content_part.added", of(json!({"part": opened})));
        let is_text = name == "response.output_text";
        let logprobs = |fields: Value| if is_text { with(fields, "logprobs", json!([])) } else { fields };
        self.add(&format!("{name}.delta"), of(logprobs(json!({"delta": text}))));
        self.add(&format!("{name}.done"), of(logprobs(json!({member: text}))));
        self.add("response.content_part.done", of(json!({"part": part})));
    }

    fn summary(&mut self, of: &Of, at: usize, part: &Value) {
        let of = |fields: Value| with(of.with(fields), "summary_index", at);
        let text = part.get("text").cloned().unwrap_or_default();
        let empty = json!({"type": "summary_text", "text": ""});
        self.add("response.reasoning_summary_part.added", of(json!({"part": empty})));
        self.add("response.reasoning_summary_text.delta", of(json!({"delta": text})));
        self.add("response.reasoning_summary_text.done", of(json!({"text": text})));
        self.add("response.reasoning_summary_part.done", of(json!({"part": part})));
    }
}

/// Of which item an event is.
struct Of {
    item_id: Value,
    output_index: usize,
}

impl Of {
    fn with(&self, fields: Value) -> Value {
        with(with(fields, "item_id", self.item_id.clone()), "output_index", self.output_index)
    }
}

/// An object with one more member.
fn with(mut fields: Value, name: &str, value: impl Into<Value>) -> Value {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert(name.into(), value.into());
    }
    fields
}
