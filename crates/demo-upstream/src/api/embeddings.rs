//! OpenAI's embeddings (API reference, "Embeddings": the embedding object).

use serde_json::value::RawValue;
use serde_json::{Result, Value, json};

use crate::ask::{Ask, Fields};
use crate::behaviour::Behaviour;
use crate::embedding::{DEFAULT_DIMENSIONS, base64, embed};
use crate::reply::Reply;
use crate::turn::Usage;

/// One vector per input, as floats or, where asked, in base64.
pub(crate) fn answer(fields: &Fields<'_>, ask: &Ask, behaviour: &Behaviour) -> Result<Reply> {
    let dimensions = fields.get("dimensions").unwrap_or(DEFAULT_DIMENSIONS);
    let in_base64 = fields.get::<String>("encoding_format").is_some_and(|format| format == "base64");
    let data: Vec<Value> = inputs(fields)
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let vector = embed(input, dimensions);
            let embedding = if in_base64 { json!(base64(&vector)) } else { json!(vector) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let mut list = json!({"object": "list", "data": data, "model": ask.model});
    if let (Some(usage), Some(list)) = (Usage::report(behaviour.usage, ask.input_bytes, 0), list.as_object_mut()) {
        list.insert("usage".to_owned(), json!({"prompt_tokens": usage.input, "total_tokens": usage.total()}));
    }
    serde_json::to_vec(&list).map(Reply::json)
}

/// A text, several texts, a list of tokens or several of those; tokens stand for their digits.
fn inputs(fields: &Fields<'_>) -> Vec<String> {
    let Some(raw) = fields.raw("input") else { return Vec::new() };
    if let Ok(text) = serde_json::from_str(raw.get()) {
        return vec![text];
    }
    match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Ok(items) if items.iter().all(|item| !item.get().starts_with(['"', '['])) => vec![raw.get().to_owned()],
        Ok(items) => items.iter().map(|item| text_or_digits(item)).collect(),
        Err(_) => Vec::new(),
    }
}

fn text_or_digits(item: &RawValue) -> String {
    serde_json::from_str(item.get()).unwrap_or_else(|_| item.get().to_owned())
}
