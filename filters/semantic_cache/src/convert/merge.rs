//! How the parts of a streamed object become one: texts grow, lists grow, all else is replaced.

use super::{Members, index};
use serde_json::Value;

/// Members whose text is said once, or said again, and never grows.
const SAID_ONCE: [&str; 8] = ["id", "type", "role", "name", "format", "finish_reason", "stop_reason", "object"];

/// Adds a part to what is there. A `null` says nothing about what was said already.
pub(super) fn merge(into: &mut Members, part: Members) {
    for (name, value) in part {
        match (into.get_mut(&name), value) {
            (None | Some(Value::Null), Value::Array(elements)) if is_indexed(&elements) => {
                let mut list = Vec::new();
                merge_indexed(&mut list, elements);
                into.insert(name, Value::Array(list));
            }
            (None | Some(Value::Null), value) => {
                into.insert(name, value);
            }
            (Some(_), Value::Null) => {}
            (Some(Value::String(text)), Value::String(more)) if !SAID_ONCE.contains(&name.as_str()) => {
                text.push_str(&more)
            }
            (Some(Value::Array(list)), Value::Array(more)) if is_indexed(&more) => merge_indexed(list, more),
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            (Some(Value::Object(members)), Value::Object(more)) => merge(members, more),
            // A server that repeats a call's name as an empty text did not take it back.
            (Some(Value::String(_)), Value::String(again)) if again.is_empty() => {}
            (Some(there), value) => *there = value,
        }
    }
}

/// Whether these are parts of calls, which say of which one they are.
fn is_indexed(elements: &[Value]) -> bool {
    !elements.is_empty() && elements.iter().all(|element| element.get("index").is_some_and(Value::is_u64))
}

/// Parts of the elements of a list, by their `index`.
fn merge_indexed(list: &mut Vec<Value>, parts: Vec<Value>) {
    for part in parts {
        let Value::Object(part) = part else { continue };
        let at = index(part.get("index"));
        let same = list.iter_mut().find(|element| index(element.get("index")) == at);
        match same {
            Some(Value::Object(there)) => merge(there, part),
            _ => list.push(Value::Object(part)),
        }
    }
}
