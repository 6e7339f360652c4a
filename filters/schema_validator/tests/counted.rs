//! What is counted: faulty requests by policy, broken answers by the model and version that gave them, and never a word of a
//! caller's but the names of at most 256 models.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use plugin::stream::Place;
use plugin::{Plugin, Stream};
use schema_validator::SchemaValidator;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use testkit::Memory;

const CONFIG: &str =
    r#"{"attachment": "full", "policies": {"p": {"mode": "report", "answers": "report"}}, "default_policy": "p"}"#;

/// One exchange: the metrics that it counts.
fn exchange(
    filter: &Rc<SchemaValidator>,
    state: &[(&str, &str)],
    request: &str,
    kind: &str,
    answer: &str,
) -> BTreeMap<String, u64> {
    let settings = Rc::new(filter.settings().clone());
    let place = Place { filter: SchemaValidator::NAME, settings, proven: Rc::new(Cell::new(true)) };
    let mut stream = Stream::new(filter.open(), place);
    let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let mut host = Memory::default();
    for (key, value) in state {
        host.attributes.insert(format!("filter_state|{key}"), value.as_bytes().to_vec());
    }
    host.attributes.insert("response|code_details".into(), b"via_upstream".to_vec());
    host.heads[0] = vec![
        field(":method", "POST"),
        field(":path", "/v1/chat/completions"),
        field("content-type", "application/json"),
    ];
    host.bodies[0] = request.as_bytes().to_vec();
    stream.on_request_headers(&mut host, false);
    stream.on_request_body(&mut host, request.len(), true);
    host.heads[1] = vec![field(":status", "200"), field("content-type", kind)];
    host.bodies[1] = answer.as_bytes().to_vec();
    stream.on_response_headers(&mut host, false);
    stream.on_response_body(&mut host, answer.len(), true);
    host.metrics
}

fn request(model: &str) -> String {
    format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"a secret"}}]}}"#)
}

/// The one metric of broken answers.
fn broken(metrics: &BTreeMap<String, u64>) -> String {
    let names: Vec<&String> = metrics.keys().filter(|name| name.contains("broken_answers")).collect();
    assert_eq!(names.len(), 1, "{metrics:?}");
    names[0].clone()
}

#[test]
fn broken_answers_are_counted_by_model_and_version() {
    let filter = Rc::new(SchemaValidator::configure(CONFIG.as_bytes()).unwrap());
    let versions = [("wasm.modelgate.model", "demo-small"), ("wasm.modelgate.model_version", "v2")];
    let whole = exchange(&filter, &versions, &request("shop"), "application/json", r#"{"choices": "a secret"}"#);
    let stream = "data: {\"choices\": 5}\n\ndata: {\"choices\": 6}\n\ndata: [DONE]\n\n";
    let pieces = exchange(&filter, &versions, &request("shop"), "text/event-stream", stream);
    for metrics in [whole, pieces] {
        let name = broken(&metrics);
        assert_eq!(metrics[&name], 1, "once for an answer, {metrics:?}");
        for part in ["demo-small", "v2", "type"] {
            assert!(name.contains(part), "{name} lacks {part}");
        }
        assert!(!name.contains("secret") && !name.contains("shop"), "{name}");
    }
    // Without a router in front, the model is the one that was asked for.
    let alone = exchange(&filter, &[], &request("shop"), "application/json", "{}");
    assert!(broken(&alone).contains("shop"));
}

#[test]
fn what_is_right_is_not_counted() {
    let filter = Rc::new(SchemaValidator::configure(CONFIG.as_bytes()).unwrap());
    let metrics = exchange(&filter, &[], &request("m"), "application/json", r#"{"choices": []}"#);
    assert!(metrics.keys().all(|name| !name.contains("schema")), "{metrics:?}");
}

#[test]
fn names_of_models_are_bounded() {
    let filter = Rc::new(SchemaValidator::configure(CONFIG.as_bytes()).unwrap());
    let names: Vec<String> = (0..300)
        .map(|number| broken(&exchange(&filter, &[], &request(&format!("model-{number}")), "application/json", "{}")))
        .collect();
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), 257);
    assert_eq!(names[299], names[280]);
}

#[test]
fn faulty_requests_are_counted_by_policy_and_rule() {
    let filter = Rc::new(SchemaValidator::configure(CONFIG.as_bytes()).unwrap());
    let metrics = exchange(&filter, &[], r#"{"model": "m", "messages": "a secret"}"#, "text/plain", "x");
    let names: Vec<&String> = metrics.keys().filter(|name| name.contains("schema")).collect();
    assert!(names.len() == 1 && names[0].contains("modelgate_schema_reported"), "{metrics:?}");
    assert!(!names[0].contains("secret"));
}
