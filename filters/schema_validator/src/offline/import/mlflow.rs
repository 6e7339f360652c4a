//! The signature of an MLflow model. Source: MLflow documentation, "Model Signatures and Input Examples", and "Deployment", the
//! formats of a request.

use super::DIALECT;
use crate::offline::OfflineError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The part of an `MLmodel` file that is read.
#[derive(Deserialize)]
struct MlModel {
    signature: Option<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    /// JSON text, a list.
    inputs: Option<String>,
    /// JSON text, a list.
    params: Option<String>,
}

/// The schema of `POST /invocations` by the signature of an `MLmodel` file (YAML).
///
/// A column is required unless it says otherwise, and then it may be null.
///
/// # Errors
/// No signature, or one that cannot be read.
pub fn import_mlflow(mlmodel: &[u8]) -> Result<Value, OfflineError> {
    let schema = |what: &str| OfflineError::Schema(what.to_owned());
    let model: MlModel = serde_yaml_ng::from_slice(mlmodel)
        .map_err(|error| OfflineError::Schema(format!("no MLmodel file: {error}")))?;
    let signature = model.signature.ok_or_else(|| schema("the MLmodel file has no signature"))?;
    let list = |text: Option<String>| -> Result<Vec<Value>, OfflineError> {
        text.map_or(Ok(Vec::new()), |text| {
            serde_json::from_str(&text).map_err(|_| schema("the signature is no list in JSON"))
        })
    };
    let (inputs, params) = (list(signature.inputs)?, list(signature.params)?);
    let tensors = inputs.iter().filter(|input| input.get("type").and_then(Value::as_str) == Some("tensor")).count();
    let params = if params.is_empty() {
        json!({"type": ["object", "null"]})
    } else {
        let (properties, _) = named(&params, param);
        json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
    };
    Ok(match (tensors, inputs.as_slice()) {
        (0, columns) => frame(columns, &params),
        (1, [one]) if one.get("name").is_none() => tensor_body(&tensor(one), &tensor(one), &params),
        (all, tensors) if all == tensors.len() => {
            let (properties, required) = named(tensors, tensor);
            let columns = json!({"type": "object", "properties": properties, "required": required});
            let (rows, _) = named(tensors, row_tensor);
            let rows = json!({"type": ["array", "object"], "items": {"type": "object", "properties": rows, "required": required}});
            tensor_body(&columns, &rows, &params)
        }
        _ => return Err(schema("the signature mixes tensors and columns")),
    })
}

/// Columns that a caller may name at the body's root, without a frame around them: calls of language models.
const UNWRAPPED: [&str; 3] = ["messages", "prompt", "input"];

/// The columns of a frame, in each form that a request may have.
fn frame(columns: &[Value], params: &Value) -> Value {
    let (columns_by_name, required) = named(columns, column);
    let is_named = columns_by_name.len() == columns.len();
    let (mut record, mut rows, mut inputs) = (json!({}), json!({"type": ["array", "object"]}), json!({}));
    if is_named {
        record = json!({"type": "object", "properties": columns_by_name, "required": required});
        // Without `type`: rows may be lists, and the only column's values may stand alone.
        let row = json!({"properties": columns_by_name, "required": required});
        let lists: Map<String, Value> = columns_by_name
            .iter()
            .map(|(name, of)| (name.clone(), json!({"anyOf": [of, {"type": "array", "items": of}]})))
            .collect();
        rows = json!({"type": ["array", "object"], "items": row});
        inputs = json!({"items": row, "properties": lists, "required": required});
    }
    let mut forms = vec!["dataframe_split", "dataframe_records", "instances", "inputs"];
    let mut properties = Map::from_iter([
        ("dataframe_split".to_owned(), split(columns, is_named)),
        ("dataframe_records".to_owned(), json!({"type": "array", "items": record})),
        ("instances".to_owned(), rows),
        ("inputs".to_owned(), inputs),
        ("params".to_owned(), params.clone()),
    ]);
    for name in UNWRAPPED {
        if let Some(schema) = columns_by_name.get(name) {
            forms.push(name);
            properties.insert(name.to_owned(), schema.clone());
        }
    }
    let forms: Vec<Value> = forms.iter().map(|form| json!({"required": [form]})).collect();
    json!({"$schema": DIALECT, "type": "object", "oneOf": forms, "properties": properties})
}

/// A split frame. The order of the signature holds where the request names no columns, or these; MLflow finds those of another
/// order by their names.
fn split(columns: &[Value], is_named: bool) -> Value {
    let row: Vec<Value> = columns.iter().map(column).collect();
    let rows = json!({"properties": {"data": {"items": {"prefixItems": row, "maxItems": columns.len()}}}});
    let mut split = json!({
        "type": "object", "required": ["data"],
        "properties": {
            "columns": {"type": ["array", "null"]}, "index": {"type": ["array", "null"]},
            "data": {"type": "array", "items": {"type": "array"}}
        }
    });
    if let Some(split) = split.as_object_mut() {
        if is_named {
            let names: Vec<&Value> = columns.iter().filter_map(|column| column.get("name")).collect();
            split.insert("if".into(), json!({"properties": {"columns": {"enum": [names, null]}}}));
            split.insert("then".into(), rows);
            let is_required = |column: &&Value| column.get("required") != Some(&Value::Bool(false));
            let required = columns.iter().filter(is_required).filter_map(|column| column.get("name"));
            let each: Vec<Value> = required.map(|name| json!({"properties": {"columns": {"if": {"type": "array"}, "then": {"contains": {"const": name}}}}})).collect();
            if !each.is_empty() {
                split.insert("allOf".into(), each.into());
            }
        } else {
            split.insert("allOf".into(), vec![rows].into());
        }
    }
    split
}

fn tensor_body(inputs: &Value, instances: &Value, params: &Value) -> Value {
    json!({
        "$schema": DIALECT,
        "type": "object",
        "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
        "properties": {"inputs": inputs, "instances": instances, "params": params}
    })
}

/// Entries of a signature by name, and which of them are required.
fn named(entries: &[Value], schema: impl Fn(&Value) -> Value) -> (Map<String, Value>, Vec<String>) {
    let name = |entry: &Value| entry.get("name").and_then(Value::as_str).map(str::to_owned);
    let is_required = |entry: &&Value| entry.get("required") != Some(&Value::Bool(false));
    let properties = entries.iter().filter_map(|entry| Some((name(entry)?, schema(entry)))).collect();
    (properties, entries.iter().filter(is_required).filter_map(name).collect())
}

fn column(column: &Value) -> Value {
    let schema = data_type(column);
    if column.get("required") == Some(&Value::Bool(false)) {
        json!({"anyOf": [schema, {"type": "null"}]})
    } else {
        schema
    }
}

/// A column's type, or one within it: `array`, `object` and `map` hold others.
fn data_type(of: &Value) -> Value {
    match of.get("type").and_then(Value::as_str).unwrap_or_default() {
        "boolean" => json!({"type": "boolean"}),
        "integer" => json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
        "long" => json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX}),
        "float" | "double" => json!({"type": "number"}),
        "string" => json!({"type": "string"}),
        "binary" => json!({"type": "string", "contentEncoding": "base64"}),
        "datetime" => json!({"type": "string"}),
        "array" => json!({"type": "array", "items": of.get("items").map_or_else(|| json!({}), column)}),
        "map" => json!({"type": "object", "additionalProperties": of.get("values").map_or_else(|| json!({}), column)}),
        "object" => {
            let members = of.get("properties").and_then(Value::as_object);
            let properties: Map<String, Value> =
                members.into_iter().flatten().map(|(name, inner)| (name.clone(), column(inner))).collect();
            let is_required = |inner: &Value| inner.get("required") != Some(&Value::Bool(false));
            let required: Vec<&String> =
                members.into_iter().flatten().filter(|(_, inner)| is_required(inner)).map(|(name, _)| name).collect();
            json!({"type": "object", "properties": properties, "required": required})
        }
        _ => json!({}),
    }
}

/// One row of a tensor whose first dimension is the batch: a request's `instances` are rows.
fn row_tensor(of: &Value) -> Value {
    let mut row = of.clone();
    let shape = row.pointer_mut("/tensor-spec/shape").and_then(Value::as_array_mut);
    match shape.filter(|shape| shape.first().is_some_and(|length| length.as_u64().is_none())) {
        Some(shape) => drop(shape.remove(0)),
        None => return json!({}),
    }
    tensor(&row)
}

/// Arrays within arrays, as deep as the shape is long; -1 is any length.
fn tensor(of: &Value) -> Value {
    let spec = of.get("tensor-spec").cloned().unwrap_or_default();
    let dtype = spec.get("dtype").and_then(Value::as_str).unwrap_or_default();
    let mut schema = match dtype {
        "bool" => json!({"type": "boolean"}),
        "str" | "object" | "bytes" => json!({"type": "string"}),
        kind if kind.starts_with("uint") => json!({"type": "integer", "minimum": 0}),
        kind if kind.starts_with("int") => json!({"type": "integer"}),
        kind if kind.starts_with("float") => json!({"type": "number"}),
        _ => json!({}),
    };
    for length in spec.get("shape").and_then(Value::as_array).into_iter().flatten().rev() {
        schema = match length.as_u64() {
            Some(length) => json!({"type": "array", "items": schema, "minItems": length, "maxItems": length}),
            None => json!({"type": "array", "items": schema}),
        };
    }
    schema
}

/// A parameter: `shape: [-1]` makes it a list.
fn param(of: &Value) -> Value {
    let schema = data_type(of);
    let is_list = of.get("shape").is_some_and(|shape| !shape.is_null());
    if is_list { json!({"type": "array", "items": schema}) } else { json!({"anyOf": [schema, {"type": "null"}]}) }
}
