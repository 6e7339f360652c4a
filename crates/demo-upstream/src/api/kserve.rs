//! KServe's inference protocols: v2 (Open Inference Protocol, REST) and v1 predict. Tensors are echoed.

use serde_json::{Result, Value, json};

use crate::ask::Fields;
use crate::behaviour::Behaviour;
use crate::reply::Reply;
use crate::turn::answer_to;

/// v2: an output `answer` for the last text among the inputs, then each input as an output of the same name.
pub(crate) fn infer(
    fields: &Fields<'_>,
    model: &str,
    asked: Option<&str>,
    behaviour: &Behaviour,
    version: &str,
) -> Result<Reply> {
    let inputs: Vec<Value> = fields.get("inputs").unwrap_or_default();
    let text = inputs.iter().rev().find_map(last_text).unwrap_or_default();
    let answer = answer_to(text, behaviour, version);
    let mut outputs = vec![json!({"name": "answer", "datatype": "BYTES", "shape": [1], "data": [answer]})];
    outputs.extend(inputs.iter().cloned());
    let mut response = json!({"model_name": model, "model_version": asked.unwrap_or(version), "outputs": outputs});
    if let (Some(id), Some(response)) = (fields.get::<String>("id"), response.as_object_mut()) {
        response.insert("id".to_owned(), json!(id));
    }
    serde_json::to_vec(&response).map(Reply::json)
}

/// v1: texts are answered, anything else is echoed.
pub(crate) fn predict(fields: &Fields<'_>, behaviour: &Behaviour, version: &str) -> Result<Reply> {
    let instances: Vec<Value> = fields.get("instances").unwrap_or_default();
    let predictions: Vec<Value> = instances
        .into_iter()
        .map(|instance| match instance.as_str() {
            Some(text) => json!(answer_to(text, behaviour, version)),
            None => instance,
        })
        .collect();
    serde_json::to_vec(&json!({"predictions": predictions})).map(Reply::json)
}

/// v2: what a model takes and gives.
pub(crate) fn metadata(model: &str, version: &str) -> Reply {
    let tensor = |name: &str| json!({"name": name, "datatype": "BYTES", "shape": [-1]});
    let metadata = json!({
        "name": model,
        "versions": [version],
        "platform": "modelgate-demo",
        "inputs": [tensor("text")],
        "outputs": [tensor("answer")],
    });
    Reply::json(metadata.to_string())
}

/// v2: ready and live.
pub(crate) fn ready() -> Reply {
    Reply::json(r#"{"ready":true}"#)
}

fn last_text(tensor: &Value) -> Option<&str> {
    tensor.get("data")?.as_array()?.iter().rev().find_map(Value::as_str)
}
