//! `GET /v1/models` and `GET /v1/models/{id}`, answered by the gateway itself: the models that this caller may use.

use crate::catalogue::{Catalogue, Model};
use chat::Family;
use plugin::{Reply, RequestHead};
use policy::Identity;
use serde_json::{Value, json};

/// The API whose client asks.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    OpenAi,
    Anthropic,
    Gemini,
}

impl Shape {
    /// Gemini's clients are known by the header of their key or of their library, like Anthropic's by that of their version.
    pub fn of(head: &RequestHead, family: Family) -> Self {
        match family {
            Family::Anthropic => Self::Anthropic,
            _ if head.headers.has("x-goog-api-key") || head.headers.has("x-goog-api-client") => Self::Gemini,
            _ => Self::OpenAi,
        }
    }
}

/// The list, in the shape of the caller's API (OpenAI's "List models", Anthropic's "List Models", Gemini's `models.list`). It
/// has one page.
pub(crate) fn list(catalogue: &Catalogue, identity: &Identity, shape: Shape) -> Reply {
    let models: Vec<Value> = allowed(catalogue, identity).map(|model| entry(model, shape)).collect();
    let ends = [models.first(), models.last()].map(|model| model.and_then(|model| model.get("id")).cloned());
    let [first, last] = ends;
    answer(&match shape {
        Shape::Anthropic => json!({"data": models, "has_more": false, "first_id": first, "last_id": last}),
        Shape::Gemini => json!({"models": models}),
        Shape::OpenAi => json!({"object": "list", "data": models}),
    })
}

/// One model, under its own name even where an alias was asked for. `None` where the caller's list does not hold it.
pub(crate) fn one(catalogue: &Catalogue, identity: &Identity, shape: Shape, name: &str) -> Option<Reply> {
    let model = catalogue.resolve(name).filter(|model| identity.models.allows(&model.name))?;
    Some(answer(&entry(model, shape)))
}

fn allowed<'c>(catalogue: &'c Catalogue, identity: &Identity) -> impl Iterator<Item = &'c Model> {
    catalogue.models().filter(|model| identity.models.allows(&model.name))
}

/// A model's entry. When a model was made is not known here; two of the APIs require a time, so it is the epoch.
fn entry(model: &Model, shape: Shape) -> Value {
    match shape {
        Shape::Anthropic => json!({
            "type": "model", "id": model.name, "display_name": model.name, "created_at": "1970-01-01T00:00:00Z",
        }),
        Shape::Gemini => json!({"name": format!("models/{}", model.name), "displayName": model.name}),
        Shape::OpenAi => json!({"id": model.name, "object": "model", "created": 0, "owned_by": "modelgate"}),
    }
}

fn answer(body: &Value) -> Reply {
    Reply::answer(200, "application/json", body.to_string())
}
