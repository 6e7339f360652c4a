//! Schemas of the operator's own: JSON Schema draft 4 to 2020-12 and OpenAPI 3.0 and 3.1, by the `jsonschema` crate.
//!
//! Nothing is fetched: a `$ref` to elsewhere is a configuration error. Patterns run on the linear engine; one that it
//! cannot run, or that grows too large, is a configuration error too. (That bound also keeps them below the size at which
//! the engine is known to panic, rust-lang/regex#1344.)

mod message;
pub(crate) mod openapi;
mod refusal;

use crate::config::{Formats, RawSchema};
use crate::fault::{Fault, MAX_FAULTS};
use crate::json::{Document, Id};
use crate::shape::{Judgement, Judging, Reading, Schema, Unknown};
use jsonschema::{PatternOptions, Validator};
use openapi::Direction;
use serde_json::Value;
use std::rc::Rc;

/// The largest schema, in bytes as JSON text. Compiling 17 KB takes about 10 ms in Envoy.
const MAX_SCHEMA_BYTES: usize = 512 << 10;

/// The largest automaton of one pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// The largest body of which all faults are looked for; of a larger one the first is told. (Looking for them all costs
/// memory in proportion to their number, and a VM never gives memory back.)
const LIST_BYTES: usize = 16 << 10;

/// A schema, compiled.
#[derive(Debug)]
pub struct Custom {
    validator: Validator,
    /// Its members, for what is stripped and put in.
    outline: Schema,
}

impl Custom {
    /// Compiles a schema of the configuration: as it is for requests, and as it is for answers. Mostly they are one.
    ///
    /// # Errors
    /// What is wrong with it, on one line.
    pub fn compile(raw: &RawSchema) -> Result<[Rc<Self>; 2], String> {
        let [request, answer] = match (&raw.json_schema, &raw.openapi, &raw.pointer) {
            (Some(schema), None, None) => [parsed(schema)?, Value::Null],
            (None, Some(document), Some(pointer)) => {
                let document = parsed(document)?;
                let request = openapi::schema(&document, pointer, Direction::Request)?;
                let answer = openapi::schema(&document, pointer, Direction::Answer)?;
                if request == answer { [request, Value::Null] } else { [request, answer] }
            }
            (None, Some(_), None) => return Err("`openapi` needs a `pointer` to the schema in it".into()),
            _ => return Err("needs either `json_schema`, or `openapi` and `pointer`".into()),
        };
        let of_requests = Rc::new(Self::new(&request, raw.formats)?);
        let of_answers = if answer.is_null() { of_requests.clone() } else { Rc::new(Self::new(&answer, raw.formats)?) };
        Ok([of_requests, of_answers])
    }

    /// Compiles a JSON Schema; `$schema` names its draft, 2020-12 where it does not.
    ///
    /// # Errors
    /// What is wrong with it, on one line.
    pub fn new(schema: &Value, formats: Formats) -> Result<Self, String> {
        if schema.to_string().len() > MAX_SCHEMA_BYTES {
            return Err(format!("is larger than {MAX_SCHEMA_BYTES} bytes"));
        }
        let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
        let validator = jsonschema::options()
            .should_validate_formats(formats == Formats::Assert)
            .with_pattern_options(patterns)
            .offline()
            .build(schema)
            .map_err(|error| refusal::reason(&error))?;
        let outline = Schema::compile(schema, Reading::Outline)?;
        Ok(Self { validator, outline })
    }

    /// Whether a value is valid.
    #[cfg(not(target_family = "wasm"))]
    pub fn is_valid(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// Judges a document.
    pub fn judge(&self, document: &Document<'_>, judging: Judging) -> Judgement {
        let Some(value) = document.tree(Id::ROOT, chat::MAX_DEPTH) else {
            return refused(vec![Fault::new(String::new(), "max_depth", "is nested too deep")]);
        };
        if let Err(first) = self.validator.validate(&value) {
            if document.text().len() > LIST_BYTES {
                return refused(vec![message::fault(&first)]);
            }
            return refused(
                self.validator.iter_errors(&value).take(MAX_FAULTS).map(|error| message::fault(&error)).collect(),
            );
        }
        if judging.unknown == Unknown::Allow && !judging.defaults {
            return Judgement::default();
        }
        self.outline.judge(document, Judging { null_is_missing: true, ..judging })
    }
}

fn refused(faults: Vec<Fault>) -> Judgement {
    Judgement { faults, edits: Vec::new() }
}

/// A document that is given as an object or as JSON text.
fn parsed(document: &Value) -> Result<Value, String> {
    match document {
        Value::String(text) => serde_json::from_str(text)
            .map_err(|error| format!("is no JSON: line {}, column {}", error.line(), error.column())),
        other => Ok(other.clone()),
    }
}
