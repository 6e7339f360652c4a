//! The models that a request names, wherever they stand.
#![allow(clippy::unwrap_used, missing_docs)]

use chat::{BodyFault, MAX_DEPTH, NamedModels, is_named_in_query, models_in_query, with_model_in_query};
use std::collections::BTreeSet;

/// The model, all others, and whether some of those stand in its place.
fn named(body: &str) -> (Option<String>, Vec<String>, bool) {
    let named = NamedModels::parse(body.as_bytes()).unwrap();
    let own = |name: std::borrow::Cow<'_, str>| name.into_owned();
    (named.model.map(own), named.others.into_iter().map(own).collect(), named.without_model)
}

#[test]
fn each_place_is_read() {
    for (body, others) in [
        (r#"{"models":["a","b\u002d1"]}"#, vec!["a", "b-1"]),
        (r#"{"models":"a"}"#, vec!["a"]),
        (r#"{"models":[{"model":"a","x":"b"},null]}"#, vec!["a"]),
        (r#"{"modelId":"a","model_id":"b"}"#, vec!["a", "b"]),
        (r#"{"session":{"model":"a","voice":"b"}}"#, vec!["a"]),
        (r#"{"requests":[{"params":{"model":"a"}},{"model":"b"}]}"#, vec!["a", "b"]),
    ] {
        assert_eq!(named(body), (None, others.into_iter().map(String::from).collect(), true), "{body}");
    }
    for (body, others) in [
        (r#"{"fallbacks":["a",{"model":"b","messages":[1]},{"c":["d","e"],"f":"g"}]}"#, vec!["a", "b", "d", "e", "g"]),
        (r#"{"fallbacks":[{"a":["b"],"model":"c","messages":[{"role":"user"}],"n":1}]}"#, vec!["c", "b"]),
        (r#"{"context_window_fallbacks":[{"a":["b"]}],"content_policy_fallbacks":[{"a":["c"]}]}"#, vec!["b", "c"]),
        (r#"{"providerOptions":{"gateway":{"models":["a"],"order":["b"]},"openai":{"models":["c"]}}}"#, vec!["a"]),
        (r#"{"tools":[{"type":"function"},{"model":"a"},{"model":null},7]}"#, vec!["a"]),
        (r#"{"extra_body":{"model":"a","tools":[{"model":"b"}],"extra_body":{"model":"c"}}}"#, vec!["b", "a"]),
        (r#"{"fallbacks":["a","a",["a"],"b","a"]}"#, vec!["a", "b", "a"]),
        (r#"{"requests":[{"params":{"model":"a"}},{"params":{}}]}"#, vec!["a"]),
        (r#"{"requests":[{"params":{"model":"a","requests":[{"model":"b"}]}},7]}"#, vec!["a"]),
        (r#"{"models":[],"fallbacks":null,"session":"a","tools":"b","requests":{},"providerOptions":[]}"#, vec![]),
        (r#"{"metadata":{"models":["a"]},"input":[{"model":"a"}],"extra":{"session":{"model":"a"}}}"#, vec![]),
    ] {
        assert_eq!(named(body), (None, others.into_iter().map(String::from).collect(), false), "{body}");
    }
    assert_eq!(named(r#"{"model":"a","models":["b"]}"#), (Some("a".into()), vec!["b".into()], true));
    assert_eq!(named(r#"{"model":null}"#), (None, vec![], false));
}

#[test]
fn what_reads_in_two_ways_is_refused() {
    let fault = |body: &str| {
        let error = NamedModels::parse(body.as_bytes()).unwrap_err();
        (error.fault, error.member)
    };
    let no_list = BodyFault::Not("a model, or a list of models");
    for (body, expected) in [
        (r#"{"models":["a"],"models":[]}"#, (BodyFault::Duplicate, Some("models"))),
        (r#"{"model":"a","modelid":"b"}"#, (BodyFault::OtherCase, Some("modelId"))),
        (r#"{"model":["a"]}"#, (BodyFault::Not("a string"), Some("model"))),
        (r#"{"models":[7]}"#, (no_list, Some("models"))),
        (r#"{"fallbacks":[{"a":[{"b":[{"c":["d"]}]}]}]}"#, (no_list, Some("fallbacks"))),
        (r#"{"tools":[{"model":true}]}"#, (no_list, Some("tools"))),
        (r#"{"requests":[{"params":{"model":7}}]}"#, (BodyFault::Not("a string"), Some("model"))),
        (r#"{"session":{"model":"a","model":"b"}}"#, (BodyFault::Duplicate, Some("model"))),
        (r#"{"extra_body":{"model":"a","model":"b"}}"#, (BodyFault::Duplicate, Some("model"))),
        ("[]", (BodyFault::Not("an object"), None)),
        (r#"{"models":["a"]}x"#, (BodyFault::TrailingData, None)),
    ] {
        assert_eq!(fault(body), expected, "{body}");
    }
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(fault(&deep).0, BodyFault::TooDeep);
}

#[test]
fn a_query_names_models_too() {
    let of = |path: &'static str| -> Vec<String> {
        BTreeSet::from_iter(models_in_query(path)).into_iter().map(Into::into).collect()
    };
    assert_eq!(of("/v1/realtime?model=a&MODEL=b%2Fc&%6dodel=d"), ["a", "b/c", "d"]);
    assert_eq!(of("/openai/realtime?api-version=1&deployment=a;model_id=b"), ["a", "a;model_id=b", "b"]);
    for none in ["/v1/models", "/v1/x?model", "/v1/x?model=", "/v1/x?models=a", "/v1/x#?model=a", "/model=a"] {
        assert!(of(none).is_empty(), "{none}");
    }
}

/// Who judges them holds up all others meanwhile.
#[test]
fn no_call_names_more_models_than_the_largest_batch() {
    let names = |count: usize| (0..count).map(|at| format!("\"{at}\"")).collect::<Vec<_>>().join(",");
    assert_eq!(named(&format!(r#"{{"models":[{}]}}"#, names(100_000))).1.len(), 100_000);
    for body in [
        format!(r#"{{"models":[{}]}}"#, names(100_001)),
        format!(r#"{{"requests":[{}]}}"#, r#"{"model":"a"},{"model":"b"},"#.repeat(50_001) + "{}"),
    ] {
        let error = NamedModels::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error.fault, BodyFault::Not("one of 100,000 models at most"));
    }
    assert_eq!(named(&format!(r#"{{"models":[{}"a"]}}"#, "\"a\",".repeat(1_000_000))).1, ["a"]);
}

#[test]
fn the_model_in_a_query_gets_another_name() {
    for (path, renamed) in [
        ("/v1/realtime?a=%2F&model=x&b", "/v1/realtime?a=%2F&model=y&b"),
        ("/openai/realtime?Deployment=x&api-version=1#model=x", "/openai/realtime?Deployment=y&api-version=1#model=x"),
        ("/v1/realtime?%6dodel=x&model=", "/v1/realtime?%6dodel=y&model="),
        ("/v1/realtime/calls?model=x&model=z", "/v1/realtime/calls?model=y&model=y"),
        ("/v1/realtime", "/v1/realtime"),
    ] {
        assert!(is_named_in_query(path), "{path}");
        assert_eq!(with_model_in_query(path, "y"), renamed);
    }
    assert!(!is_named_in_query("/v1/files?model=x") && !is_named_in_query("/v1/realtime/sessions?model=x"));
}
