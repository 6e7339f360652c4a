//! The texts of requests, with role and place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use chat::{Api, BodyFault, PartKind, Request};

/// One line per part: place, role, kind, text. Checks that the span is the part's JSON value.
fn parts(api: Api, body: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let request = Request::parse(api, body.as_bytes()).expect(body);
    request
        .visit(&mut |part| {
            let value: serde_json::Value = serde_json::from_str(&body[part.span.clone()]).unwrap();
            if matches!(part.kind, PartKind::Text | PartKind::Arguments) {
                assert_eq!(value, serde_json::Value::from(part.text.as_ref()));
                let document: serde_json::Value = serde_json::from_str(body).unwrap();
                assert_eq!(document.pointer(&part.at.to_string()), Some(&value));
            }
            parts.push(format!("{} {:?} {:?} {}", part.at, part.role, part.kind, part.text));
        })
        .expect(body);
    parts
}

#[test]
fn chat_messages() {
    let body = r#"{"messages":[
        {"role":"system","content":"be \u0022kind\u0022"},
        {"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"data:…"}}, {"type":"input_audio","input_audio":{}}]},
        {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
        {"role":"tool","tool_call_id":"1","content":"out"},
        {"role":"user","name":"x"},
        {"role":"user","content":[{"type":"image_url","text":"hidden"}]}]}"#;
    assert_eq!(
        parts(Api::ChatCompletions, body),
        [
            "/messages/0/content System Text be \"kind\"",
            "/messages/1/content/0/text User Text hi",
            "/messages/1/content/1 User Media ",
            "/messages/1/content/2 User Media ",
            "/messages/2/tool_calls/0/function/arguments Assistant Arguments {\"a\":1}",
            "/messages/3/content Tool Text out",
            "/messages/4 User Unknown ",
            "/messages/5/content/0 User Media ",
            "/messages/5/content/0/text User Text hidden",
        ]
    );
}

#[test]
fn anthropic_blocks() {
    let body = r#"{"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"x"},{"type":"tool_use","id":"1","name":"f","input":{"a": 1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"out"}]},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"doc"}},
            {"type":"image","source":{"type":"base64","data":"AAAA"}}]}]}"#;
    assert_eq!(
        parts(Api::Messages, body),
        [
            "/system/0/text System Text s",
            "/messages/0/content/0/thinking Assistant Text hm",
            "/messages/0/content/1/input Assistant Json {\"a\": 1}",
            "/messages/1/content/0/content/0/text Tool Text out",
            "/messages/1/content/1 User Media ",
            "/messages/1/content/1/source/data User Text doc",
            "/messages/1/content/2 User Media ",
        ]
    );
}

#[test]
fn prompts_inputs_and_tensors() {
    assert_eq!(
        parts(Api::Completions, r#"{"prompt":"p","suffix":"s"}"#),
        ["/prompt User Text p", "/suffix User Text s"]
    );
    assert_eq!(parts(Api::Completions, r#"{"prompt":["p","q"]}"#), ["/prompt/0 User Text p", "/prompt/1 User Text q"]);
    assert!(parts(Api::Embeddings, r#"{"input":[[1,2],[3]]}"#).is_empty());
    assert_eq!(parts(Api::Embeddings, r#"{"input":["a"]}"#), ["/input/0 User Text a"]);
    assert_eq!(
        parts(
            Api::InferV2,
            r#"{"inputs":[{"name":"a","datatype":"BYTES","shape":[2],"data":["x",["y"]]},{"datatype":"FP32","data":[1.5]}]}"#
        ),
        ["/inputs/0/data/0 User Text x", "/inputs/0/data/1/0 User Text y"]
    );
}

#[test]
fn response_items() {
    let body = r#"{"instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"t"},{"type":"input_file","file_data":"…"}]},
        {"type":"reasoning","summary":[{"type":"summary_text","text":"r"}]},
        {"type":"function_call","call_id":"1","name":"f","arguments":"{}"},
        {"type":"function_call_output","call_id":"1","output":"o"},
        {"type":"item_reference","id":"x"}]}"#;
    assert_eq!(
        parts(Api::Responses, body),
        [
            "/instructions System Text i",
            "/input/0/content/0/text User Text t",
            "/input/0/content/1 User Media ",
            "/input/1/summary/0/text Assistant Text r",
            "/input/2/arguments Assistant Arguments {}",
            "/input/3/output Tool Text o",
            "/input/4 Other Unknown ",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_refused() {
    let fault = |body: &str| {
        let request = Request::parse(Api::ChatCompletions, body.as_bytes()).unwrap();
        request.visit(&mut |_| ()).expect_err(body).fault
    };
    assert_eq!(fault(r#"{"messages":[{"content":"a","content":"b"}]}"#), BodyFault::Duplicate);
    assert_eq!(fault(r#"{"messages":[{"content":"a","Content":"b"}]}"#), BodyFault::OtherCase);
    assert_eq!(fault(r#"{"messages":[{"content":true}]}"#), BodyFault::Not("text or content blocks"));
    assert_eq!(fault(r#"{"messages":[{"content":"\ud800"}]}"#), BodyFault::LoneSurrogate);
    let nested = format!(r#"{{"messages":[{{"content":{}1{}}}]}}"#, "[".repeat(60), "]".repeat(60));
    assert_eq!(fault(&nested), BodyFault::TooDeep);
}
