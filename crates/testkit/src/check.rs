//! The one place that compares what came with what was to come.

use crate::case::Text;
use crate::outcome::Fields;
use crate::{Case, Outcome};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every way in which an outcome is not what its case expects.
pub fn check(case: &Case, outcome: &Outcome) -> Vec<String> {
    let expect = &case.expect;
    let mut wrong = Vec::new();
    if let Some(status) = expect.status
        && status != outcome.status
    {
        wrong.push(format!("status {} instead of {status}", outcome.status));
    }
    if expect.cut != outcome.cut {
        wrong.push(if outcome.cut {
            "the response broke off".into()
        } else {
            "the response did not break off".to_string()
        });
    }
    fields("header", &expect.headers, &outcome.headers, &mut wrong);
    fields("trailer", &expect.trailers, &outcome.trailers, &mut wrong);
    body("body", expect.body.as_ref(), &outcome.body, &mut wrong);
    let reached = expect.reached.or(expect.upstream.is_some().then_some(true));
    match (reached, &outcome.upstream) {
        (Some(true), None) => wrong.push("the upstream was not reached".into()),
        (Some(false), Some(_)) => wrong.push("the upstream was reached".into()),
        _ => {}
    }
    if let (Some(expect), Some(arrived)) = (&expect.upstream, &outcome.upstream) {
        if expect.path.as_ref().is_some_and(|path| *path != arrived.path) {
            wrong.push(format!("upstream path {} instead of {:?}", arrived.path, expect.path));
        }
        if !arrived.complete {
            wrong.push("the request did not reach the upstream whole".into());
        }
        fields("upstream header", &expect.headers, &arrived.headers, &mut wrong);
        fields("upstream trailer", &expect.trailers, &arrived.trailers, &mut wrong);
        body("upstream body", expect.body.as_ref(), &arrived.body, &mut wrong);
    }
    for (key, value) in &expect.state {
        if outcome.state.get(key) != value.as_ref() {
            wrong.push(format!("filter state {key} is {:?} instead of {value:?}", outcome.state.get(key)));
        }
    }
    if expect.details.as_ref().is_some_and(|details| *details != outcome.details) {
        wrong.push(format!("details {:?} instead of {:?}", outcome.details, expect.details));
    }
    wrong
}

fn fields(what: &str, expect: &BTreeMap<String, Option<String>>, got: &Fields, wrong: &mut Vec<String>) {
    for (name, value) in expect {
        let found: Vec<&[u8]> =
            got.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_slice()).collect();
        let expected = value.as_ref().map(|value| crate::case::percent_decode(value));
        if found != expected.iter().map(Vec::as_slice).collect::<Vec<_>>() {
            let found: Vec<_> = found.iter().map(|value| String::from_utf8_lossy(value)).collect();
            wrong.push(format!("{what} {name} is {found:?} instead of {value:?}"));
        }
    }
}

fn body(what: &str, expect: Option<&Text>, got: &[u8], wrong: &mut Vec<String>) {
    let Some(expect) = expect else { return };
    let text = String::from_utf8_lossy(got);
    let shown: String = text.chars().take(400).collect();
    let json: Option<Value> = serde_json::from_slice(got).ok();
    if expect.text.as_ref().is_some_and(|expected| expected.as_bytes() != got) {
        wrong.push(format!("{what} is {shown:?} instead of {:?}", expect.text));
    }
    if expect.json.is_some() && expect.json != json {
        wrong.push(format!(
            "{what} is {shown} instead of {}",
            expect.json.as_ref().map(Value::to_string).unwrap_or_default()
        ));
    }
    if let Some(part) = &expect.has
        && !json.as_ref().is_some_and(|json| holds(json, part))
    {
        wrong.push(format!("{what} is {shown}, which does not hold {part}"));
    }
    for part in &expect.contains {
        if !text.contains(part.as_str()) {
            wrong.push(format!("{what} is {shown:?}, which does not contain {part:?}"));
        }
    }
    for part in &expect.lacks {
        if text.contains(part.as_str()) {
            wrong.push(format!("{what} is {shown:?}, which contains {part:?}"));
        }
    }
    if expect.length.is_some_and(|length| length != got.len()) {
        wrong.push(format!("{what} has {} bytes instead of {:?}", got.len(), expect.length));
    }
}

/// Whether a value holds all members of a part; arrays must be equally long.
fn holds(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Object(value), Value::Object(part)) => {
            part.iter().all(|(key, part)| value.get(key).is_some_and(|value| holds(value, part)))
        }
        (Value::Array(value), Value::Array(part)) => {
            value.len() == part.len() && value.iter().zip(part).all(|(value, part)| holds(value, part))
        }
        _ => value == part,
    }
}
