//! The lists of models: OpenAI's, and Anthropic's for callers that send `anthropic-version`.

use http::HeaderMap;
use serde_json::{Value, json};

use crate::reply::Reply;

/// When the demo models were made, as far as anyone cares: the first second of 2025.
const CREATED: u64 = 1_735_689_600;

/// All models.
pub(crate) fn list(models: &[String], headers: &HeaderMap) -> Reply {
    let of_anthropic = of_anthropic(headers);
    let data: Vec<Value> = models.iter().map(|model| object(model, of_anthropic)).collect();
    Reply::json(
        if of_anthropic {
            json!({"data": data, "has_more": false, "first_id": models.first(), "last_id": models.last()})
        } else {
            json!({"object": "list", "data": data})
        }
        .to_string(),
    )
}

/// One model, listed or not.
pub(crate) fn one(model: &str, headers: &HeaderMap) -> Reply {
    Reply::json(object(model, of_anthropic(headers)).to_string())
}

fn of_anthropic(headers: &HeaderMap) -> bool {
    headers.contains_key("anthropic-version")
}

fn object(model: &str, of_anthropic: bool) -> Value {
    if of_anthropic {
        json!({"type": "model", "id": model, "display_name": model, "created_at": "2025-01-01T00:00:00Z"})
    } else {
        json!({"id": model, "object": "model", "created": CREATED, "owned_by": "modelgate-demo"})
    }
}
