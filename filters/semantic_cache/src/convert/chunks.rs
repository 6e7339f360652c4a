//! OpenAI's chat completions and completions: an object, and the chunks of one (API reference, "The chat completion chunk
//! object").

use super::merge::merge;
use super::{Members, array, index};
use chat::Api;
use chat::sse::{Framer, Item, write_event};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The whole object of these chunks. `None` where they tell no usage: a whole object always does.
pub(super) fn join(api: Api, events: Vec<Members>) -> Option<Members> {
    let mut whole = Members::new();
    let mut choices: BTreeMap<u64, Members> = BTreeMap::new();
    for mut chunk in events {
        for choice in array(chunk.remove("choices")) {
            let Value::Object(mut choice) = choice else { return None };
            let delta = choice.remove("delta");
            let of = choices.entry(index(choice.get("index"))).or_default();
            merge(of, choice);
            if let Some(Value::Object(delta)) = delta
                && let Value::Object(message) = of.entry("message").or_insert_with(|| json!({}))
            {
                merge(message, delta);
            }
        }
        // Padding that hides the length of a chunk.
        chunk.remove("obfuscation");
        // What all chunks say alike; the usage grows where each chunk tells it.
        for (name, value) in chunk {
            let is_open = name == "usage" || whole.get(&name).is_none_or(Value::is_null);
            if is_open && (!value.is_null() || !whole.contains_key(&name)) {
                whole.insert(name, value);
            }
        }
    }
    let choices: Vec<Value> = choices.into_values().map(finished).collect();
    if choices.is_empty() || !whole.get("usage").is_some_and(Value::is_object) {
        return None;
    }
    whole.insert("choices".into(), choices.into());
    if api == Api::ChatCompletions {
        whole.insert("object".into(), "chat.completion".into());
    }
    Some(whole)
}

/// A choice without what only tells chunks apart.
fn finished(mut choice: Members) -> Value {
    if let Some(Value::Array(calls)) = choice.get_mut("message").and_then(|message| message.get_mut("tool_calls")) {
        calls.sort_by_key(|call| index(call.get("index")));
        for call in calls.iter_mut().filter_map(Value::as_object_mut) {
            call.remove("index");
        }
    }
    Value::Object(choice)
}

/// The chunks of a whole object. `None` where usage is wanted and it tells none.
pub(super) fn split(api: Api, mut whole: Members, include_usage: bool) -> Option<String> {
    let usage = whole.remove("usage").filter(Value::is_object);
    if include_usage && usage.is_none() {
        return None;
    }
    let choices = array(whole.remove("choices"));
    if choices.is_empty() {
        return None;
    }
    if api == Api::ChatCompletions {
        whole.insert("object".into(), "chat.completion.chunk".into());
    }
    if include_usage {
        whole.insert("usage".into(), Value::Null);
    }
    let mut out = String::new();
    let mut write = |choices: Value, usage: Option<Value>| {
        let mut chunk = whole.clone();
        chunk.insert("choices".into(), choices);
        chunk.extend(usage.map(|usage| ("usage".to_owned(), usage)));
        out += &write_event(None, &Value::Object(chunk).to_string());
    };
    for choice in choices {
        let Value::Object(choice) = choice else { return None };
        for part in if api == Api::ChatCompletions { chat_parts(choice) } else { text_parts(choice) } {
            write(json!([part]), None);
        }
    }
    if include_usage {
        write(json!([]), usage);
    }
    Some(out + "data: [DONE]\n\n")
}

/// A chat choice in parts: the message without what it says, the text, each call, and the end.
fn chat_parts(mut choice: Members) -> Vec<Value> {
    let mut message =
        if let Some(Value::Object(message)) = choice.remove("message") { message } else { Members::new() };
    let (at, logprobs) = (choice.get("index").cloned().unwrap_or(json!(0)), choice.remove("logprobs"));
    let part = |delta: Value, logprobs: Option<Value>| {
        let mut part = json!({"index": at, "delta": delta, "finish_reason": null});
        if let (Some(logprobs), Some(part)) = (logprobs, part.as_object_mut()) {
            part.insert("logprobs".into(), logprobs);
        }
        part
    };
    let calls = array(message.remove("tool_calls"));
    let text = match message.get_mut("content") {
        Some(Value::String(text)) => std::mem::take(text),
        _ => String::new(),
    };
    let has_logprobs = logprobs.is_some();
    let mut parts = vec![part(Value::Object(message), has_logprobs.then_some(Value::Null))];
    if !text.is_empty() || logprobs.as_ref().is_some_and(|value| !value.is_null()) {
        parts.push(part(json!({"content": text}), logprobs));
    }
    for (at, mut call) in calls.into_iter().enumerate() {
        if let Some(call) = call.as_object_mut() {
            call.insert("index".into(), at.into());
        }
        parts.push(part(json!({"tool_calls": [call]}), has_logprobs.then_some(Value::Null)));
    }
    choice.insert("delta".into(), json!({}));
    if has_logprobs {
        choice.insert("logprobs".into(), Value::Null);
    }
    parts.push(Value::Object(choice));
    parts
}

/// A text choice in two parts: the text, and the end.
fn text_parts(mut choice: Members) -> Vec<Value> {
    let mut text = choice.clone();
    text.insert("finish_reason".into(), Value::Null);
    choice.insert("text".into(), "".into());
    if choice.contains_key("logprobs") {
        choice.insert("logprobs".into(), Value::Null);
    }
    vec![Value::Object(text), Value::Object(choice)]
}

/// A stored stream as it was, with the usage event where it is wanted and without it where it is not.
pub(super) fn with_usage(body: &[u8], wanted: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut told = false;
    let mut framer = Framer::new(body.len());
    framer.push(body);
    framer.finish();
    while let Some(item) = framer.next_item() {
        let Item::Event(event) = item else { return None };
        let data = event.data().unwrap_or_default();
        // Cheap first: most events tell no usage.
        let chunk: Members = if data.contains("usage") { serde_json::from_str(&data).ok()? } else { Members::new() };
        let tells = chunk.get("usage").is_some_and(Value::is_object);
        told |= tells;
        let alone = chunk.get("choices").and_then(Value::as_array).is_some_and(Vec::is_empty);
        if wanted || !(tells && alone) {
            out.extend_from_slice(event.raw());
        }
    }
    (told || !wanted).then_some(out)
}
