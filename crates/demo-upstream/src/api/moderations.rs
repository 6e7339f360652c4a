//! OpenAI's moderations (API reference, "Moderations": the moderation object). Nothing is ever flagged.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::ask::Fields;
use crate::reply::Reply;

/// What is judged: the categories of `omni-moderation-latest`.
const CATEGORIES: [&str; 13] = [
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

/// The model of a call that names none.
const MODEL: &str = "omni-moderation-latest";

/// One result per text; the parts of one message have one together.
pub(crate) fn answer(fields: &Fields<'_>, id: &str) -> Reply {
    let results = vec![harmless(); texts(fields)];
    let model = fields.get::<String>("model").unwrap_or_else(|| MODEL.to_owned());
    Reply::json(json!({"id": format!("modr-{id}"), "model": model, "results": results}).to_string())
}

fn texts(fields: &Fields<'_>) -> usize {
    let inputs: Vec<&RawValue> = fields.get("input").unwrap_or_default();
    if inputs.iter().all(|input| input.get().starts_with('"')) { inputs.len().max(1) } else { 1 }
}

fn harmless() -> Value {
    let each = |value: Value| -> Map<String, Value> {
        CATEGORIES.iter().map(|category| ((*category).to_owned(), value.clone())).collect()
    };
    json!({
        "flagged": false,
        "categories": each(json!(false)),
        "category_scores": each(json!(0.0)),
        "category_applied_input_types": each(json!([])),
    })
}
