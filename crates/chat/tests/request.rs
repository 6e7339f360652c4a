//! What bodies ask for, what is refused, and what an edit keeps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use chat::{
    AnyRequest, Api, ApiError, BodyFault, MAX_DEPTH, Request, StreamOptions, splice, with_include_usage, with_model,
    with_model_in_requests,
};
use proptest::prelude::*;

fn parse(body: &str) -> Request<'_> {
    Request::parse(Api::ChatCompletions, body.as_bytes()).expect(body)
}

/// The fault of a chat body, its offset and its member.
fn fault(body: &[u8]) -> (BodyFault, usize, Option<&'static str>) {
    let error = Request::parse(Api::ChatCompletions, body).expect_err("a fault");
    (error.fault, error.offset, error.member)
}

#[test]
fn any_call_may_name_a_model() {
    let named = |body: &str| {
        let read = AnyRequest::parse(body.as_bytes()).map_err(|error| error.fault);
        read.map(|request| request.model.map(|named| named.into_owned()))
    };
    assert_eq!(named(r#"{"input":[{"model":"x"}],"model":"m\u002d1"}"#), Ok(Some("m-1".into())));
    for none in [r#"{"input":"x"}"#, r#"{"model":null}"#, r#"{"model":{"name":"m"}}"#] {
        assert_eq!(named(none), Ok(None), "{none}");
    }
    assert_eq!(named(r#"{"model":"a","model":"b"}"#), Err(BodyFault::Duplicate));
    assert_eq!(named(r#"{"model":"a","Model":"b"}"#), Err(BodyFault::OtherCase));
    assert_eq!(named("[]"), Err(BodyFault::Not("an object")));
}

#[test]
fn any_call_may_bound_its_answer() {
    for (body, most) in [
        (r#"{"max_tokens":7}"#, Some(7)),
        (r#"{"options":{"num_predict":7,"seed":9}}"#, Some(7)),
        (r#"{"inferenceConfig":{"maxTokens":7},"max_tokens":"9"}"#, Some(7)),
        (r#"{"generationConfig":{"maxOutputTokens":7},"max_tokens":2}"#, Some(7)),
        (r#"{"options":{"num_predict":-1}}"#, None),
        (r#"{"options":[7]}"#, None),
        (r#"{"max_tokens":7,"max_tokens":8}"#, None),
        (r#"{"max_new_tokens":7}"#, Some(7)),
        (r#"{"inputs":"x","parameters":{"max_new_tokens":7}}"#, Some(7)),
        (r#"{"parameters":{"maxOutputTokens":7}}"#, Some(7)),
        (r#"{"generation_config":{"max_output_tokens":7}}"#, Some(7)),
        (r#"{"textGenerationConfig":{"maxTokenCount":7}}"#, Some(7)),
        (r#"{"max_gen_len":7}"#, Some(7)),
        (r#"{"n_predict":7}"#, Some(7)),
        ("{}", None),
    ] {
        assert_eq!(AnyRequest::parse(body.as_bytes()).map(|request| request.max_output), Ok(most), "{body}");
    }
}

#[test]
fn any_call_may_ask_for_several_answers() {
    for (body, choices) in [
        (r#"{"n":3}"#, 3),
        (r#"{"n":3,"best_of":5}"#, 5),
        (r#"{"generationConfig":{"candidateCount":4}}"#, 4),
        (r#"{"generation_config":{"candidate_count":4}}"#, 4),
        (r#"{"parameters":{"num_return_sequences":2,"n":0}}"#, 2),
        (r#"{"num_generations":2}"#, 2),
        (r#"{"n":0}"#, 1),
        (r#"{"n":99999999999}"#, u32::MAX),
        (r#"{"n":"9","numResults":-1}"#, 1),
        ("{}", 1),
    ] {
        assert_eq!(AnyRequest::parse(body.as_bytes()).map(|request| request.choices), Ok(choices), "{body}");
    }
}

#[test]
fn a_batch_holds_requests() {
    let params = |body: &'static str| chat::batch_requests(body.as_bytes()).map(|found| found.len());
    assert_eq!(params(r#"{"requests":[{"custom_id":"a","params":{"model":"m"}},{"params":{}}]}"#), Ok(2));
    assert_eq!(params(r#"{"requests":[]}"#), Ok(0));
    for none in
        ["{}", "[]", "x", r#"{"requests":{}}"#, r#"{"requests":[7]}"#, r#"{"requests":[{"params":1,"params":2}]}"#]
    {
        assert!(params(none).is_err(), "{none}");
    }
    for none in [r#"{"requests":null}"#, r#"{"requests":[{}]}"#, "{}"] {
        let error = chat::batch_requests(none.as_bytes()).unwrap_err();
        assert_eq!(error.member, Some("requests"), "{error}");
    }
}

#[test]
fn reads_what_is_asked_for() {
    let request = parse(
        r#" { "messages":[{"role":"user","content":"x"}], "model":"gpt\u002d4o", "stream":true, "n":2,
        "max_tokens":5, "max_completion_tokens":7, "max_output_tokens":99, "stream_options":{"include_usage":true} } "#,
    );
    assert_eq!(request.model.as_deref(), Some("gpt-4o"));
    assert!(request.stream);
    assert_eq!((request.n, request.choices(), request.max_output), (Some(2), 2, Some(7)));
    assert_eq!(request.stream_options, Some(StreamOptions { include_usage: true }));
    let empty = parse(r#"{"model":null,"stream":null,"n":null,"max_tokens":null,"stream_options":null}"#);
    assert_eq!(
        (empty.model, empty.stream, empty.n, empty.max_output, empty.stream_options),
        (None, false, None, None, None)
    );
    assert_eq!(parse(r#"{"max_tokens":-1}"#).max_output, None);
}

#[test]
fn each_api_has_its_own_bounds() {
    let body =
        br#"{"max_tokens":1,"max_completion_tokens":2,"max_output_tokens":3,"max_tokens_to_sample":4,"best_of":6}"#;
    let bound = |api| Request::parse(api, body).unwrap().max_output;
    assert_eq!(bound(Api::ChatCompletions), Some(2));
    assert_eq!(bound(Api::Completions), Some(1));
    assert_eq!(bound(Api::Messages), Some(1));
    assert_eq!(bound(Api::Responses), Some(3));
    assert_eq!(bound(Api::Other), Some(4));
    assert_eq!(Request::parse(Api::Completions, body).unwrap().choices(), 6);
    assert_eq!(Request::parse(Api::ChatCompletions, body).unwrap().choices(), 1);
}

#[test]
fn refuses_what_readers_could_disagree_about() {
    for (body, expected) in [
        (r#"{"model":"a","model":"b"}"#, (BodyFault::Duplicate, Some("model"))),
        (r#"{"model":"a","mod\u0065l":"b"}"#, (BodyFault::Duplicate, Some("model"))),
        (r#"{"stream":false,"x":{},"stream":true}"#, (BodyFault::Duplicate, Some("stream"))),
        (r#"{"messages":[],"messages":[]}"#, (BodyFault::Duplicate, Some("messages"))),
        (r#"{"Model":"a"}"#, (BodyFault::OtherCase, Some("model"))),
        (r#"{"ſtream":true}"#, (BodyFault::OtherCase, Some("stream"))),
        (
            r#"{"stream_options":{"include_usage":true,"include_usage":false}}"#,
            (BodyFault::Duplicate, Some("include_usage")),
        ),
    ] {
        let (fault, _, member) = fault(body.as_bytes());
        assert_eq!((fault, member), expected, "{body}");
    }
    // Members within other members are not top-level ones.
    parse(r#"{"model":"a","metadata":{"model":1,"Model":2}}"#);
}

#[test]
fn refuses_wrong_types() {
    for body in [
        r#"{"model":1}"#,
        r#"{"model":["a"]}"#,
        r#"{"model":"\ud800"}"#,
        r#"{"stream":"true"}"#,
        r#"{"stream":1}"#,
        r#"{"n":-1}"#,
        r#"{"n":1.0}"#,
        r#"{"n":4294967296}"#,
        r#"{"max_tokens":"5"}"#,
        r#"{"max_tokens":1e3}"#,
        r#"{"max_tokens":18446744073709551616}"#,
        r#"{"stream_options":[]}"#,
    ] {
        assert!(Request::parse(Api::ChatCompletions, body.as_bytes()).is_err(), "{body}");
    }
    // Elsewhere only the model has a meaning for sure.
    let other = Request::parse(Api::Other, br#"{"stream":"yes","n":{},"stream_options":1}"#).unwrap();
    assert_eq!((other.stream, other.n), (false, None));
    assert!(Request::parse(Api::PredictV1, br#"{"model":3}"#).is_err());
    assert!(Request::parse(Api::PredictV1, br#"{"instances":[1],"instances":[2]}"#).is_err());
    assert!(Request::parse(Api::Responses, br#"{"background":"yes"}"#).is_err());
    assert!(!Request::parse(Api::ChatCompletions, br#"{"background":"yes"}"#).unwrap().background);
}

#[test]
fn says_what_is_wrong_and_where() {
    for (body, expected) in [
        (b"".as_slice(), (BodyFault::Truncated, 0, None)),
        (b"  ", (BodyFault::Truncated, 2, None)),
        (b"[1]", (BodyFault::Not("an object"), 0, None)),
        (b"\"model\"", (BodyFault::Not("an object"), 0, None)),
        (b"null", (BodyFault::Not("an object"), 0, None)),
        (b"{\"a\":1", (BodyFault::Truncated, 6, None)),
        (b"{\"a\":1} x", (BodyFault::TrailingData, 8, None)),
        (b"{\"a\":1}{}", (BodyFault::TrailingData, 7, None)),
        (b"{\"a\":tru}", (BodyFault::NotJson, 8, None)),
        (b"{\n\"a\":\n01}", (BodyFault::NotJson, 8, None)),
        (b"{\"a\":\"\xff\"}", (BodyFault::NotUtf8, 6, None)),
        (b"\xef\xbb\xbf{}", (BodyFault::NotJson, 0, None)),
        (b"{\"model\": 7}", (BodyFault::Not("a string"), 10, Some("model"))),
    ] {
        let (found, offset, member) = fault(body);
        assert_eq!((found, member), (expected.0, expected.2), "{}", body.escape_ascii());
        assert!(offset.abs_diff(expected.1) <= 1, "{}: {offset}, not {}", body.escape_ascii(), expected.1);
    }
}

#[test]
fn errors_quote_nothing() {
    for body in [
        r#"{"secret":"s3cret","model":12345}"#,
        r#"{"model":"s3cret","model":"s3cret"}"#,
        r#""s3cret""#,
        r#"{"s3cret":s3cret}"#,
        r#"{"stream":"s3cret"}"#,
    ] {
        let error = Request::parse(Api::ChatCompletions, body.as_bytes()).unwrap_err();
        let text = format!("{error} {error:?} {:?}", ApiError::from(error));
        assert!(!text.contains("s3cret") && !text.contains("12345"), "{text}");
    }
    let error = Request::parse(Api::ChatCompletions, br#"{"model":7}"#).unwrap_err();
    assert_eq!(error.to_string(), "`model` must be a string at byte 9");
    let refusal = ApiError::from(error);
    assert_eq!(
        (refusal.status, refusal.code.as_deref(), refusal.param.as_deref()),
        (400, Some("invalid_value"), Some("model"))
    );
}

#[test]
fn depth_is_bounded_and_costs_no_stack() {
    let nested = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    parse(&nested(MAX_DEPTH - 1));
    assert_eq!(fault(nested(MAX_DEPTH).as_bytes()).0, BodyFault::TooDeep);
    assert_eq!(fault(nested(2_000_000).as_bytes()).0, BodyFault::TooDeep);
    assert_eq!(fault(format!("{{\"a\":{}", "[".repeat(2_000_000)).as_bytes()).0, BodyFault::Truncated);
    parse(&format!(r#"{{"a":"{}\"[["}}"#, "[".repeat(1000)));
}

#[test]
fn a_new_model_keeps_every_other_byte() {
    for (body, expected) in [
        (r#"{ "b":1.0 , "model" : "a","c":[ ] }"#, r#"{ "b":1.0 , "model" : "x\"y","c":[ ] }"#),
        ("{\"x\":{\"model\":\"no\"},\"model\":null}\n", "{\"x\":{\"model\":\"no\"},\"model\":\"x\\\"y\"}\n"),
        (r#" {"a":1}"#, r#" {"model":"x\"y","a":1}"#),
        ("{ }", "{\"model\":\"x\\\"y\" }"),
    ] {
        assert_eq!(String::from_utf8(with_model(body.as_bytes(), "x\"y").unwrap()).unwrap(), expected);
    }
    assert!(with_model(br#"{"model":"a","model":"a"}"#, "b").is_err());
    assert!(with_model(b"[]", "b").is_err());
}

#[test]
fn a_new_model_goes_into_the_rows_that_name_the_old_one() {
    let edited = |body: &str| with_model_in_requests(body.as_bytes(), "models/a", "models/b").unwrap();
    assert_eq!(
        edited(
            r#"{"requests": [ {"model":"models\/a"}, {"model":"a"}, {"model":null}, 1, {"x":{"model":"models/a"}} ]}"#
        ),
        Some(
            br#"{"requests": [ {"model":"models/b"}, {"model":"a"}, {"model":null}, 1, {"x":{"model":"models/a"}} ]}"#
                .to_vec()
        )
    );
    for body in ["{}", r#"{"requests":{"model":"models/a"}}"#, r#"{"requests":[]}"#, r#"{"model":"models/a"}"#] {
        assert_eq!(edited(body), None, "{body}");
    }
    assert!(with_model_in_requests(br#"{"requests":[{"model":"a","model":"b"}]}"#, "a", "b").is_err());
}

#[test]
fn usage_is_asked_for() {
    for (body, expected) in [
        (r#"{"a":1}"#, r#"{"stream_options":{"include_usage":true},"a":1}"#),
        (r#"{"stream_options":null}"#, r#"{"stream_options":{"include_usage":true}}"#),
        (r#"{"stream_options":{ }}"#, r#"{"stream_options":{"include_usage":true }}"#),
        (r#"{"stream_options":{"x":1}}"#, r#"{"stream_options":{"include_usage":true,"x":1}}"#),
        (r#"{"stream_options":{"include_usage": false}}"#, r#"{"stream_options":{"include_usage": true}}"#),
        (r#"{"stream_options":{"include_usage":true} }"#, r#"{"stream_options":{"include_usage":true} }"#),
    ] {
        assert_eq!(String::from_utf8(with_include_usage(body.as_bytes()).unwrap()).unwrap(), expected);
    }
    assert!(with_include_usage(br#"{"stream_options":1}"#).is_err());
}

#[test]
fn splices_in_order_and_skips_what_is_not() {
    let edit = |range, text: &str| (range, text.to_owned());
    assert_eq!(splice(b"abcdef", &[edit(1..2, "XX"), edit(4..4, "-"), edit(5..6, "")]), b"aXXcd-e");
    assert_eq!(splice(b"abc", &[edit(1..2, "X"), edit(0..1, "Y"), edit(2..9, "Z")]), b"aXc");
}

/// JSON objects whose members are partly known ones.
fn bodies() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    let name = prop_oneof!["[a-z\"\\\\é]{0,5}", "model|stream_options|include_usage|metadata"];
    let value = leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-z\"é]{0,5}|model|metadata", value, 0..5)
        .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
}

proptest! {
    #[test]
    fn an_edit_changes_the_model_alone(mut body in bodies(), model in any::<String>(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_vec_pretty(&body) } else { serde_json::to_vec(&body) }.unwrap();
        let edited: serde_json::Value = serde_json::from_slice(&with_model(&text, &model).unwrap()).unwrap();
        body["model"] = model.into();
        prop_assert_eq!(edited, body);
    }

    #[test]
    fn accepts_only_json_objects(body in "[\\{\\}\\[\\]\",:0-9a\\\\u \\-tru]{0,24}") {
        let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&body).is_ok();
        let read = Request::parse(Api::Other, body.as_bytes());
        // A full parser also refuses lone surrogates and numbers beyond a float in what is skipped here.
        prop_assert!(read.is_ok() || !object || matches!(read.unwrap_err().fault, BodyFault::Not(_) | BodyFault::Duplicate));
    }

    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..80)) {
        for api in [Api::ChatCompletions, Api::Other] {
            let _ = (Request::parse(api, &body), chat::rows(api, &body));
        }
        let _ = (with_model(&body, "m"), with_include_usage(&body));
        let _ = (AnyRequest::parse(&body), chat::batch_requests(&body));
    }
}

#[test]
fn tells_what_is_read_elsewhere() {
    for (body, expected) in [
        (r#"{"input":"Hi","tools":[{"type":"function","name":"f"},{"name":"f"}],"conversation":null}"#, false),
        (r#"{"input":"Hi","tools":null,"prompt":null}"#, false),
        (r#"{"input":"Hi","tools":[{"type":"web_search"}]}"#, true),
        (r#"{"input":"Hi","tools":{}}"#, true),
        (r#"{"input":"Hi","previous_response_id":null,"conversation":"c"}"#, true),
        (r#"{"input":"Hi","previous_response_id":"r"}"#, true),
        (r#"{"prompt":{"id":"p"}}"#, true),
    ] {
        assert_eq!(Request::parse(Api::Responses, body.as_bytes()).unwrap().reads_elsewhere(), expected, "{body}");
    }
    assert!(!Request::parse(Api::Completions, br#"{"prompt":"Hi"}"#).unwrap().reads_elsewhere());
}
