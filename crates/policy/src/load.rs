//! JSON text to a typed configuration, strictly, with every fault at once.
//!
//! Why not `serde_json::from_slice`: it stops at the first fault, does not say under which key, and quotes values.
//! Here the text becomes a tree first (`document`), which a deserializer of our own walks (`decode`):
//!
//! - Unknown keys are found by comparing with the names that a type declares, so each is reported with its nearest
//!   known key, and the type may (and should) still carry `deny_unknown_fields`. This loader rules; the attribute
//!   guards the type wherever else it is read, and inside tagged enums, which serde buffers out of our sight.
//! - After a structural fault the faulty part is left out and the rest is read again, so one round names them all.
//! - No message quotes a value; what a type's own message quotes is blotted out.
//! - A key that stands twice in one object is a fault everywhere.
//!
//! Two habits of Envoy are allowed for. A `google.protobuf.Struct` knows only doubles, so `60.0` and `6e1` are whole
//! numbers. Envoy's YAML reader makes strings of floats and of integers beyond 32 bits, so `"0.95"` is a number
//! wherever a number is wanted.

mod decode;
mod document;
mod problem;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use crate::Faults;
use crate::faults::entry;
use decode::Decoder;
use document::Document;
use problem::Problem;

/// After so many structural faults the rest is left for the next round.
const MAX_ROUNDS: usize = 50;

/// Reads a configuration.
///
/// # Errors
/// The text is empty or no JSON, keys are unknown or stand twice, values are missing or of the wrong type: all of
/// that at once, in the order of the text.
pub fn load<T: DeserializeOwned>(json: &[u8]) -> Result<T, Faults> {
    let document = Document::parse(json)?;
    let notes = Notes::default();
    for id in &document.duplicates {
        notes.add(*id, None, "this key stands twice in one object".to_owned());
    }
    let value = read_in_rounds(&document, &notes);
    notes.into_faults(&document).into_result()?;
    value.ok_or_else(|| {
        let mut faults = Faults::new();
        faults.push("", "cannot be read");
        faults
    })
}

/// Reads until nothing is left to complain about, each time without the parts found faulty before.
fn read_in_rounds<T: DeserializeOwned>(document: &Document, notes: &Notes) -> Option<T> {
    for _ in 0..MAX_ROUNDS {
        match T::deserialize(Decoder { node: &document.root, notes }) {
            Ok(value) => return Some(value),
            Err(problem) => {
                let id = problem.place().unwrap_or(document.root.id);
                notes.add_problem(document, id, problem);
                if id == document.root.id || !notes.left_out.borrow_mut().insert(id) {
                    return None;
                }
            }
        }
    }
    None
}

/// What was found so far, by the number of the node that it was found at.
#[derive(Default)]
struct Notes {
    /// Node, and the missing entry below it if that is the fault: the message.
    messages: RefCell<BTreeMap<(u32, Option<&'static str>), String>>,
    /// Faulty nodes that the next round does not look at.
    left_out: RefCell<BTreeSet<u32>>,
}

impl Notes {
    fn add(&self, id: u32, missing: Option<&'static str>, message: String) {
        self.messages.borrow_mut().entry((id, missing)).or_insert(message);
    }

    /// Notes a structural fault, unless it only follows from one below it that was noted before.
    fn add_problem(&self, document: &Document, id: u32, problem: Problem) {
        let Some(node) = document.node(id) else { return };
        let follows = match problem.missing() {
            Some(field) => node.entry(field).is_some(),
            None => self.left_out.borrow().range(id + 1..node.end).next().is_some(),
        };
        if !follows {
            self.add(id, problem.missing(), problem.redacted(node));
        }
    }

    fn is_left_out(&self, id: u32) -> bool {
        self.left_out.borrow().contains(&id)
    }

    fn into_faults(self, document: &Document) -> Faults {
        let mut faults = Faults::new();
        for ((id, missing), message) in self.messages.into_inner() {
            let key = document.key_of(id);
            faults.push(missing.map_or(key.clone(), |field| entry(&key, field)), message);
        }
        faults
    }
}
