//! What KServe and Triton say of a model: its metadata, or Triton's configuration of it.

use super::DIALECT;
use crate::offline::OfflineError;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// The part of either document that is read: `GET /v2/models/{model}`, or Triton's `…/config`, whose dimensions leave out that of
/// the batch where the model takes batches.
#[derive(Deserialize)]
struct Model {
    #[serde(alias = "input")]
    inputs: Vec<Tensor>,
    #[serde(default)]
    max_batch_size: i64,
}

#[derive(Deserialize)]
struct Tensor {
    name: String,
    #[serde(alias = "data_type")]
    datatype: String,
    #[serde(alias = "dims", deserialize_with = "lengths")]
    shape: Vec<i64>,
    #[serde(default)]
    optional: bool,
}

/// Protobuf's JSON writes 64 bits as text.
fn lengths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i64>, D::Error> {
    let lengths = Vec::<Value>::deserialize(deserializer)?;
    let length = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    lengths
        .iter()
        .map(length)
        .collect::<Option<_>>()
        .ok_or_else(|| serde::de::Error::custom("a length is no whole number"))
}

/// The schema of `POST /v2/models/{model}/infer` by the model's metadata or Triton's configuration (JSON): each input by its
/// name with its datatype and shape, where -1 is any length.
///
/// # Errors
/// No such document.
pub fn import_kserve(document: &[u8]) -> Result<Value, OfflineError> {
    let Model { inputs, max_batch_size } = serde_json::from_slice(document).map_err(|_| {
        let wanted = "`inputs` of `name`, `datatype` and `shape`, or `input` of `name`, `data_type` and `dims`";
        OfflineError::Schema(format!("no metadata of a model, which has {wanted}"))
    })?;
    let tensors: Vec<Value> = inputs.iter().map(|input| tensor(input, max_batch_size)).collect();
    let asked = inputs.iter().zip(&tensors).filter(|(input, _)| !input.optional);
    let each: Vec<Value> = asked.map(|(_, tensor)| json!({"contains": tensor})).collect();
    let mut list = json!({"type": "array", "maxItems": tensors.len()});
    if let Some(list) = list.as_object_mut() {
        // A list of alternatives is never empty.
        if !each.is_empty() {
            list.insert("allOf".into(), each.into());
        }
        if !tensors.is_empty() {
            list.insert("items".into(), json!({"anyOf": tensors}));
        }
    }
    Ok(json!({
        "$schema": DIALECT,
        "type": "object", "required": ["inputs"],
        "properties": {"inputs": list, "outputs": {"type": "array"}, "id": {"type": "string"}, "parameters": {"type": "object"}}
    }))
}

fn tensor(of: &Tensor, batch: i64) -> Value {
    let datatype = match of.datatype.strip_prefix("TYPE_").unwrap_or(&of.datatype) {
        "STRING" => "BYTES",
        name => name,
    };
    let length =
        |length: &i64| if *length < 0 { json!({"type": "integer", "minimum": 0}) } else { json!({"const": length}) };
    let batches = (batch > 0).then(|| json!({"type": "integer", "minimum": 1, "maximum": batch}));
    let lengths: Vec<Value> = batches.into_iter().chain(of.shape.iter().map(length)).collect();
    let count = lengths.len();
    let mut shape = json!({"type": "array", "minItems": count, "maxItems": count});
    if let (Some(shape), false) = (shape.as_object_mut(), lengths.is_empty()) {
        shape.insert("prefixItems".into(), lengths.into());
    }
    json!({
        "type": "object", "required": ["name", "shape", "datatype"],
        "properties": {"name": {"const": of.name}, "datatype": {"const": datatype}, "data": {"type": "array"}, "shape": shape}
    })
}
