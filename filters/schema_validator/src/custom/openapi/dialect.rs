//! OpenAPI's own keywords in JSON Schema's words. 3.0 has its own dialect: `nullable`, boolean `exclusiveMinimum`, and nothing
//! beside a `$ref`. Published 3.1 documents use those words too, so they are read alike.
//!
//! `discriminator`: an alternative that does not say itself which tag it has takes those that the document names it by, so that
//! of two alternatives that both fit, the tag decides. `readOnly` and `writeOnly`: what is about the other direction is not
//! required (OpenAPI 3.0.3, "Schema Object", "Discriminator Object").

use super::{Direction, MAX_HOPS, local};
use serde_json::{Map, Value, json};
use std::cell::Cell;

/// How many parts of a schema are looked at for a member: a schema may be a part of itself.
const MAX_PARTS: usize = 64;

/// Keywords whose value is a schema, a list of schemas, or schemas by name.
const SCHEMAS: [&str; 10] = [
    "items",
    "additionalProperties",
    "not",
    "contains",
    "propertyNames",
    "if",
    "then",
    "else",
    "unevaluatedProperties",
    "unevaluatedItems",
];
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];

/// How a document's schemas are read.
#[derive(Clone, Copy)]
pub(super) struct Dialect<'d> {
    /// The document.
    pub document: &'d Value,
    /// What is beside a `$ref` counts: not in 3.0.
    pub siblings: bool,
    /// What the schema is about.
    pub direction: Direction,
}

impl<'d> Dialect<'d> {
    /// Converts a schema in its place.
    pub fn convert(self, schema: &mut Value) {
        let Some(object) = schema.as_object_mut() else { return };
        if !self.siblings && object.get("$ref").is_some_and(Value::is_string) {
            object.retain(|keyword, _| keyword == "$ref");
        }
        self.required(object);
        nullable(object);
        bound(object, "exclusiveMinimum", "minimum");
        bound(object, "exclusiveMaximum", "maximum");
        if let Some(discriminator) = object.remove("discriminator") {
            self.tag(object, &discriminator);
        }
        // Annotations of 3.0 that have another form, or none, in JSON Schema.
        for keyword in ["example", "xml", "externalDocs", "$recursiveAnchor"] {
            object.remove(keyword);
        }
        if let Some(reference) = object.remove("$recursiveRef") {
            object.insert("$ref".into(), reference);
        }
        for (keyword, value) in object {
            if SCHEMAS.contains(&keyword.as_str()) {
                self.convert(value);
            } else if LISTS.contains(&keyword.as_str()) {
                value.as_array_mut().into_iter().flatten().for_each(|inner| self.convert(inner));
            } else if NAMED.contains(&keyword.as_str()) {
                value.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(|inner| self.convert(inner));
            }
        }
    }

    /// Members that only the other direction has are not required.
    fn required(self, object: &mut Map<String, Value>) {
        let other = match self.direction {
            Direction::Request => "readOnly",
            Direction::Answer => "writeOnly",
        };
        let Some(Value::Array(mut names)) = object.remove("required") else { return };
        let schema = Value::Object(std::mem::take(object));
        names.retain(|name| {
            let property = name.as_str().and_then(|name| self.property(&schema, name, &Cell::new(MAX_PARTS)));
            !property.is_some_and(|property| self.says(property, other))
        });
        if let Value::Object(schema) = schema {
            *object = schema;
        }
        if !names.is_empty() {
            object.insert("required".into(), names.into());
        }
    }

    /// The schema of a member: the object's own, or that of a part of it. `parts` is how many parts may still be looked at.
    fn property<'s>(self, schema: &'s Value, name: &str, parts: &Cell<usize>) -> Option<&'s Value>
    where
        'd: 's,
    {
        parts.set(parts.get().checked_sub(1)?);
        let own = schema.get("properties").and_then(|properties| properties.get(name));
        let target = || local(schema).and_then(|pointer| self.document.pointer(&pointer));
        let all_of = || schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        own.or_else(|| self.property(target()?, name, parts))
            .or_else(|| all_of().find_map(|part| self.property(part, name, parts)))
    }

    /// Whether a schema, or the one that it refers to, has `keyword: true`.
    fn says(self, schema: &Value, keyword: &str) -> bool {
        self.found(schema, |schema| schema.get(keyword) == Some(&Value::Bool(true)))
    }

    /// Whether a schema, or one that it refers to, is so.
    fn found(self, schema: &Value, is_so: impl Fn(&Value) -> bool) -> bool {
        let mut at = Some(schema);
        for _ in 0..MAX_HOPS {
            let Some(schema) = at else { return false };
            if is_so(schema) {
                return true;
            }
            at = local(schema).and_then(|pointer| self.document.pointer(&pointer));
        }
        false
    }

    /// Gives the alternatives the tags that they are named by.
    fn tag(self, object: &mut Map<String, Value>, discriminator: &Value) {
        let Some(tag) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        for keyword in ["oneOf", "anyOf"] {
            for branch in object.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten() {
                let Some(pointer) = local(branch) else { continue };
                let pins = |schema: &Value| schema.get("enum").is_some() || schema.get("const").is_some();
                let pinned = self.property(branch, tag, &Cell::new(MAX_PARTS)).is_some_and(|tag| self.found(tag, pins));
                if pinned {
                    continue;
                }
                let name = pointer.rsplit('/').next().unwrap_or_default();
                let is_named =
                    |of: &Value| of.as_str().is_some_and(|of| of == name || of.strip_prefix('#') == Some(&pointer));
                let mapped =
                    mapping.into_iter().flatten().filter(|(_, of)| is_named(of)).map(|(word, _)| word.as_str());
                let words: Vec<&str> = mapped.chain([name]).collect();
                *branch = json!({"allOf": [branch], "properties": {tag: {"enum": words}}});
            }
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
