//! Bodies from strangers: the scan agrees with a full parser, the engine of the built-in schemas with a full validator, and
//! nothing panics.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use schema_validator::builtin::{DOCUMENTS, schema};
use schema_validator::json::{Document, Id, Kind, Limits, scan};
use schema_validator::shape::{Judging, Reading, Schema, Unknown};
use serde_json::Value;

const LIMITS: Limits =
    Limits { depth: 100, members: 1000, items: 1000, values: 10_000, string_bytes: 10_000, number_digits: 100 };

/// The value that a document stands for.
fn value(document: &Document<'_>, id: Id) -> Value {
    match document.kind(id) {
        Kind::Null => Value::Null,
        Kind::False => false.into(),
        Kind::True => true.into(),
        Kind::Number => serde_json::from_str(document.raw(id)).unwrap(),
        Kind::Plain | Kind::Escaped => document.string(id).unwrap().into_owned().into(),
        Kind::Array => document.items(id).map(|item| value(document, item)).collect::<Vec<_>>().into(),
        Kind::Object => {
            let members = document.members(id);
            members
                .map(|(name, it)| (document.string(name).unwrap().into_owned(), value(document, it)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
    }
}

/// Text that is nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\"a\""),
        Just("\"\\u0061\""),
        Just("\"\\ud800\""),
        Just("\"\\ud83d\\ude00\""),
        Just("1"),
        Just("-0.5e3"),
        Just("01"),
        Just("1."),
        Just("-"),
        Just("1e999"),
        Just("true"),
        Just("fals"),
        Just("null"),
        Just(" "),
        Just("\n"),
        Just("\""),
        Just("\\"),
        Just("é"),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Any JSON.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\\\é]{0,3}", inner, 0..5)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// A good call with one thing changed anywhere.
fn nearly_a_call() -> impl Strategy<Value = Value> {
    let good = serde_json::json!({
        "model": "m", "temperature": 1, "n": 2, "stop": ["a"], "stream": false, "max_tokens": 5, "response_format": {"type": "text"},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}], "tool_choice": {"type": "function", "function": {"name": "f"}},
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "text", "text": "t"}, {"type": "image_url", "image_url": {"url": "u"}}]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c", "content": "1"},
        ],
    });
    let words = prop_oneof![
        any_json(),
        Just(Value::from("user")),
        Just(Value::from("text")),
        Just(Value::from("function")),
        Just(Value::from(0)),
        Just(Value::from(-3)),
        Just(Value::from(1.5)),
        Just(Value::from(3.0)),
        Just(serde_json::json!([])),
        Just(serde_json::json!({})),
    ];
    (any::<prop::sample::Index>(), words, any::<bool>()).prop_map(move |(place, word, removes)| {
        let mut out = good.clone();
        let mut places = Vec::new();
        pointers(&out, String::new(), &mut places);
        let place = &places[place.index(places.len())];
        match place.rsplit_once('/').filter(|_| removes) {
            Some((parent, name)) => match out.pointer_mut(parent).unwrap() {
                Value::Object(object) => drop(object.remove(name)),
                _ => *out.pointer_mut(place).unwrap() = word,
            },
            None => *out.pointer_mut(place).unwrap() = word,
        }
        out
    })
}

fn pointers(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| pointers(inner, format!("{at}/{name}"), out)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| pointers(inner, format!("{at}/{index}"), out))
        }
        _ => {}
    }
    out.push(at);
}

thread_local! {
    static SCHEMAS: Vec<Schema> =
        DOCUMENTS.iter().map(|(name, _)| schema(name, Reading::Compatible).unwrap()).collect();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_the_scan_takes_a_parser_takes_alike(text in nearly_json()) {
        match (scan(text.as_bytes(), &LIMITS), serde_json::from_str::<Value>(&text)) {
            (Ok(document), parsed) => prop_assert_eq!(Some(value(&document, Id::ROOT)), parsed.ok()),
            // A member twice is the one thing that the parser takes and the scan does not.
            (Err(error), Ok(_)) => prop_assert!(error.to_string().contains("twice"), "{error}: {text}"),
            (Err(error), Err(_)) => prop_assert!(error.offset <= text.len()),
        }
    }

    #[test]
    fn json_survives_the_scan(json in any_json()) {
        for text in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
            let document = scan(text.as_bytes(), &LIMITS).unwrap();
            prop_assert_eq!(&value(&document, Id::ROOT), &json);
            #[cfg(feature = "custom")]
            prop_assert_eq!(document.tree(Id::ROOT, 128), Some(json.clone()));
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = scan(&bytes, &LIMITS);
    }

    #[test]
    fn every_document_judges_anything(json in any_json(), strip in any::<bool>()) {
        let text = json.to_string();
        let document = scan(text.as_bytes(), &LIMITS).unwrap();
        let unknown = if strip { Unknown::Strip } else { Unknown::Refuse };
        SCHEMAS.with(|schemas| {
            for schema in schemas {
                let out = schema.judge(&document, Judging { unknown, defaults: true, ..Judging::default() });
                assert!(out.faults.len() <= 10);
                assert!(scan(&chat::splice(text.as_bytes(), &out.edits), &LIMITS).is_ok());
            }
        });
    }

    /// The engine's verdict is that of a full JSON Schema validator on the same document.
    #[cfg(feature = "custom")]
    #[test]
    fn the_verdict_is_that_of_a_full_validator(json in prop_oneof![nearly_a_call(), any_json()]) {
        thread_local! {
            static CHAT: (Schema, jsonschema::Validator) = {
                let (_, text) = DOCUMENTS.iter().find(|(name, _)| *name == "openai.chat").unwrap();
                (schema("openai.chat", Reading::Strict).unwrap(), jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap())
            };
        }
        let text = json.to_string();
        let document = scan(text.as_bytes(), &LIMITS).unwrap();
        CHAT.with(|(ours, full)| {
            let faults = ours.judge(&document, Judging::default()).faults;
            // A member in another case than a known one is a fault here alone.
            if faults.iter().all(|fault| fault.keyword != "properties") {
                assert_eq!(faults.is_empty(), full.is_valid(&json), "{text}: {faults:?}");
            }
        });
    }
}

#[test]
fn depth_costs_no_stack() {
    for text in ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 18)] {
        let limits = Limits { depth: usize::MAX, values: usize::MAX, ..LIMITS };
        assert_eq!(
            scan(text.as_bytes(), &limits).unwrap_err().to_string(),
            format!("is cut short at byte {}", text.len())
        );
    }
}

#[test]
fn names_cost_no_more_than_sorting_them() {
    let members = |count: usize| (0..count).map(|at| format!("\"{at:x}\":1")).collect::<Vec<_>>().join(",");
    let limits = Limits { members: usize::MAX, values: usize::MAX, ..LIMITS };
    let time = |text: &str| {
        let start = std::time::Instant::now();
        assert!(scan(text.as_bytes(), &limits).is_ok());
        start.elapsed()
    };
    let (few, many) = (format!("{{{}}}", members(10_000)), format!("{{{}}}", members(160_000)));
    let (few, many) = (time(&few), time(&many));
    assert!(many < few * 16 * 6, "{few:?} for 10,000, {many:?} for 160,000");
}
