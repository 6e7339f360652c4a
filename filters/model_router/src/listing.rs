//! `GET /v1/models` and `GET /v1/models/{id}`, answered by the gateway itself: the models that this caller may use.

use crate::catalogue::{Catalogue, Model};
use chat::Family;
use plugin::Reply;
use policy::Identity;
use serde_json::{Value, json};

/// The list, in the shape of the caller's API (OpenAI's "List models", Anthropic's "List Models"). It has one page.
pub(crate) fn list(catalogue: &Catalogue, identity: &Identity, family: Family) -> Reply {
    let models: Vec<Value> = allowed(catalogue, identity).map(|model| entry(model, family)).collect();
    let ends = [models.first(), models.last()].map(|model| model.and_then(|model| model.get("id")).cloned());
    let [first, last] = ends;
    answer(&match family {
        Family::Anthropic => json!({"data": models, "has_more": false, "first_id": first, "last_id": last}),
        _ => json!({"object": "list", "data": models}),
    })
}

/// One model, under its own name even where an alias was asked for. `None` where the caller's list does not hold it.
pub(crate) fn one(catalogue: &Catalogue, identity: &Identity, family: Family, name: &str) -> Option<Reply> {
    let model = catalogue.resolve(name).filter(|model| identity.models.allows(&model.name))?;
    Some(answer(&entry(model, family)))
}

fn allowed<'c>(catalogue: &'c Catalogue, identity: &Identity) -> impl Iterator<Item = &'c Model> {
    catalogue.models().filter(|model| identity.models.allows(&model.name))
}

/// A model's entry. When a model was made is not known here; both APIs require a time, so it is the epoch.
fn entry(model: &Model, family: Family) -> Value {
    match family {
        Family::Anthropic => json!({
            "type": "model", "id": model.name, "display_name": model.name, "created_at": "1970-01-01T00:00:00Z",
        }),
        _ => json!({"id": model.name, "object": "model", "created": 0, "owned_by": "modelgate"}),
    }
}

fn answer(body: &Value) -> Reply {
    Reply::answer(200, "application/json", body.to_string())
}
