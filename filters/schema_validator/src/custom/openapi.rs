//! A schema of an OpenAPI document as a JSON Schema of its own: what is at a pointer, and all that it refers to. Parts keep
//! their places, so that `$ref`s hold; the rest of the document is left behind. What becomes of a keyword: see `dialect`.

mod dialect;

use dialect::Dialect;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a schema is about: `readOnly` members are required of answers alone, `writeOnly` ones of requests alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// A request's body.
    Request,
    /// An answer's body.
    Answer,
}

/// How many references to references are followed.
const MAX_HOPS: usize = 16;

/// What stands in a fragment only when it is encoded (RFC 3986 section 3.5).
const NOT_IN_FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The schema at `pointer` (`/components/schemas/Order`, or within a path) with all that it refers to in the document.
///
/// # Errors
/// The document is none of OpenAPI 3, or has nothing there.
pub(crate) fn schema(document: &Value, pointer: &str, direction: Direction) -> Result<Value, String> {
    // `openapi: 3.0` without quotes is a number in YAML.
    let version = match document.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        Some(Value::Number(version)) => version.to_string(),
        _ => String::new(),
    };
    if !version.starts_with("3.") {
        return Err("`openapi` must be a document of OpenAPI 3.0 or 3.1".into());
    }
    let pointer = pointer.strip_prefix('#').unwrap_or(pointer);
    let place = walked(document, pointer).ok_or("`pointer` leads nowhere in the document")?;
    let dialect = Dialect { document, siblings: !version.starts_with("3.0"), direction };
    let mut out = Map::new();
    out.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    let mut copied = Copied { dialect, out, places: BTreeSet::new(), open: Vec::new() };
    if place.starts_with("/components/schemas/") {
        let reference = format!("#{}", utf8_percent_encode(&place, NOT_IN_FRAGMENT));
        copied.open.push(place);
        copied.out.insert("$ref".into(), reference.into());
    } else {
        let target = document.pointer(&place).map(|target| copied.converted(target)).unwrap_or_default();
        copied.out.insert("allOf".into(), vec![target].into());
    }
    Ok(copied.finish())
}

/// The place that a pointer names, where parts on its way may be references to others.
fn walked(document: &Value, pointer: &str) -> Option<String> {
    let (mut place, mut at, mut hops) = (String::new(), document, 0);
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    for step in pointer.split('/').skip(1) {
        let step = format!("/{step}");
        while let (None, Some(target)) = (at.pointer(&step), local(at).filter(|_| hops < MAX_HOPS)) {
            (at, hops) = (document.pointer(&target)?, hops + 1);
            place = target;
        }
        at = at.pointer(&step)?;
        place.push_str(&step);
    }
    Some(place)
}

/// The pointer that a reference within the document is.
fn local(value: &Value) -> Option<String> {
    let fragment = value.get("$ref")?.as_str()?.strip_prefix('#')?;
    Some(percent_decode_str(fragment).decode_utf8().ok()?.into_owned())
}

/// The parts that were copied, and those that are still to be.
struct Copied<'d> {
    dialect: Dialect<'d>,
    out: Map<String, Value>,
    places: BTreeSet<String>,
    open: Vec<String>,
}

impl Copied<'_> {
    /// A schema in JSON Schema's words. What it refers to is to be copied.
    fn converted(&mut self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        self.dialect.convert(&mut schema);
        self.references(&schema);
        schema
    }

    fn references(&mut self, value: &Value) {
        self.open.extend(local(value));
        match value {
            Value::Object(members) => members.values().for_each(|inner| self.references(inner)),
            Value::Array(items) => items.iter().for_each(|inner| self.references(inner)),
            _ => {}
        }
    }

    fn finish(mut self) -> Value {
        while let Some(place) = self.open.pop() {
            let is_there = place
                .match_indices('/')
                .any(|(at, _)| at > 0 && self.places.contains(place.get(..at).unwrap_or_default()));
            // A reference that leads nowhere is told of by who compiles the schema.
            let Some(target) = self.dialect.document.pointer(&place).filter(|_| !place.is_empty() && !is_there) else {
                continue;
            };
            if self.places.insert(place.clone()) {
                let target = self.converted(target);
                put(&mut self.out, &place, target);
            }
        }
        Value::Object(self.out)
    }
}

/// Puts a value at a place; what is on the way becomes an object, whatever it was in the document.
fn put(out: &mut Map<String, Value>, place: &str, value: Value) {
    let (path, last) = place.rsplit_once('/').unwrap_or_default();
    let name = |step: &str| step.replace("~1", "/").replace("~0", "~");
    let mut at = out;
    for step in path.split('/').skip(1) {
        let inner = at.entry(name(step)).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return };
        at = inner;
    }
    at.insert(name(last), value);
}
