//! A schema of an OpenAPI document as a JSON Schema of its own.
//!
//! OpenAPI 3.0 has its own dialect: `nullable`, boolean `exclusiveMinimum`, and nothing beside a `$ref`. Published 3.1
//! documents use those words too, so they are read alike. Schemas keep their places, so that `$ref`s hold.

use serde_json::{Map, Value};

/// The schema at `pointer` (`/components/schemas/Order`) with all that it may refer to.
///
/// # Errors
/// The document is none of OpenAPI 3, or has nothing there.
pub fn schema(document: &Value, pointer: &str) -> Result<Value, String> {
    let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("3.") {
        return Err("`openapi` must be a document of OpenAPI 3.0 or 3.1".into());
    }
    let pointer = pointer.strip_prefix('#').unwrap_or(pointer);
    let target = document.pointer(pointer).ok_or("`pointer` leads nowhere in the document")?;
    let mut out = Map::new();
    out.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    if let Some(components) = document.get("components").and_then(|components| components.get("schemas")) {
        let mut components = components.clone();
        for schema in components.as_object_mut().into_iter().flat_map(Map::values_mut) {
            convert(schema, version);
        }
        out.insert("components".into(), Value::Object(Map::from_iter([("schemas".to_owned(), components)])));
    }
    if pointer.starts_with("/components/schemas/") {
        out.insert("$ref".into(), format!("#{pointer}").into());
    } else {
        let mut target = target.clone();
        convert(&mut target, version);
        out.insert("allOf".into(), vec![target].into());
    }
    Ok(Value::Object(out))
}

/// Keywords whose value is a schema, a list of schemas, or schemas by name.
const SCHEMAS: [&str; 9] = [
    "items",
    "additionalProperties",
    "not",
    "contains",
    "propertyNames",
    "if",
    "then",
    "else",
    "unevaluatedProperties",
];
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];

fn convert(schema: &mut Value, version: &str) {
    let Some(object) = schema.as_object_mut() else { return };
    if version.starts_with("3.0") && object.contains_key("$ref") {
        object.retain(|keyword, _| keyword == "$ref");
    }
    nullable(object);
    bound(object, "exclusiveMinimum", "minimum");
    bound(object, "exclusiveMaximum", "maximum");
    // Annotations of 3.0 that have another form, or none, in JSON Schema.
    for keyword in ["example", "xml", "externalDocs", "discriminator", "$recursiveAnchor"] {
        object.remove(keyword);
    }
    if let Some(reference) = object.remove("$recursiveRef") {
        object.insert("$ref".into(), reference);
    }
    for (keyword, value) in object {
        if SCHEMAS.contains(&keyword.as_str()) {
            convert(value, version);
        } else if LISTS.contains(&keyword.as_str()) {
            value.as_array_mut().into_iter().flatten().for_each(|inner| convert(inner, version));
        } else if NAMED.contains(&keyword.as_str()) {
            value.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(|inner| convert(inner, version));
        }
    }
}

/// `nullable: true` widens `type` and `enum`; beside a `$ref` or without a type it is an alternative.
fn nullable(object: &mut Map<String, Value>) {
    if object.remove("nullable") != Some(Value::Bool(true)) {
        return;
    }
    if let Some(words) = object.get_mut("enum").and_then(Value::as_array_mut)
        && !words.contains(&Value::Null)
    {
        words.push(Value::Null);
    }
    match object.get_mut("type") {
        Some(Value::Array(types)) => types.push("null".into()),
        Some(one) => *one = vec![one.clone(), "null".into()].into(),
        None => {
            let inner = Value::Object(std::mem::take(object));
            let null = Value::Object(Map::from_iter([("type".to_owned(), "null".into())]));
            object.insert("anyOf".into(), vec![inner, null].into());
        }
    }
}

/// `exclusiveMinimum: true` beside `minimum: 3` is `exclusiveMinimum: 3`.
fn bound(object: &mut Map<String, Value>, exclusive: &str, inclusive: &str) {
    if let Some(Value::Bool(is_exclusive)) = object.get(exclusive) {
        let is_exclusive = *is_exclusive;
        object.remove(exclusive);
        if let Some(limit) = is_exclusive.then(|| object.remove(inclusive)).flatten() {
            object.insert(exclusive.into(), limit);
        }
    }
}
