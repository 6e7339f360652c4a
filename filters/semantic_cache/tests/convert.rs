//! JSON and streams of it are the same answer: there and back, at every split, for every API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod desk;

use chat::Api;
use desk::{Answers, ask, desk};
use proptest::prelude::*;
use semantic_cache::convert::{EVENTS, JSON, replay};
use semantic_cache::question::Form;
use serde_json::{Value, json};

const STREAM: Form = Form { stream: true, include_usage: true };
const WHOLE: Form = Form { stream: false, include_usage: false };

/// There and back.
fn round(api: Api, whole: &Value) -> Value {
    let stream = replay(api, JSON, whole.to_string().as_bytes(), STREAM).expect("a stream can be made");
    assert_eq!(stream.content_type, EVENTS);
    let back = replay(api, EVENTS, &stream.body, WHOLE).expect("and the whole of it again");
    serde_json::from_slice(&back.body).unwrap()
}

/// The texts of a stream, as the client's own reader joins them.
fn said(api: Api, body: &[u8]) -> String {
    let mut framer = chat::sse::Framer::new(1 << 20);
    framer.push(body);
    framer.finish();
    let mut text = String::new();
    while let Some(item) = framer.next_item() {
        let chat::sse::Item::Event(event) = item else { panic!("too large") };
        let Some(data) = event.data() else { continue };
        let answer = chat::Answer::parse(api, data.as_bytes()).unwrap();
        text.extend(answer.outputs.iter().filter(|output| !output.repeats).map(|output| output.text.to_string()));
    }
    text
}

fn chat_answer(texts: &[String], arguments: &[String]) -> Value {
    let calls: Vec<Value> = arguments
        .iter()
        .enumerate()
        .map(|(n, text)| json!({"id": format!("call_{n}"), "type": "function", "function": {"name": "f", "arguments": text}}))
        .collect();
    let choice = |(n, text): (usize, &String)| {
        let mut choice = json!({"index": n, "message": {"role": "assistant", "content": text, "refusal": null}, "logprobs": null, "finish_reason": "stop"});
        if n == 0 && !calls.is_empty() {
            choice["message"]["tool_calls"] = calls.clone().into();
            choice["finish_reason"] = "tool_calls".into();
        }
        choice
    };
    json!({"id": "chatcmpl-7", "object": "chat.completion", "created": 7, "model": "m", "system_fingerprint": "fp",
        "choices": texts.iter().enumerate().map(choice).collect::<Vec<_>>(),
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})
}

proptest! {
    #[test]
    fn chat_there_and_back(texts in prop::collection::vec(".{0,40}", 1..3), arguments in prop::collection::vec(".{0,20}", 0..3)) {
        let whole = chat_answer(&texts, &arguments);
        prop_assert_eq!(round(Api::ChatCompletions, &whole), whole);
    }

    #[test]
    fn completions_there_and_back(texts in prop::collection::vec(".{0,40}", 1..3)) {
        let choices: Vec<Value> = texts.iter().enumerate()
            .map(|(n, text)| json!({"index": n, "text": text, "logprobs": null, "finish_reason": "stop"})).collect();
        let whole = json!({"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": choices, "usage": {"total_tokens": 2}});
        prop_assert_eq!(round(Api::Completions, &whole), whole);
    }

    #[test]
    fn messages_there_and_back(text in ".{0,40}", thought in ".{0,20}", city in ".{0,10}") {
        let whole = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": [{"type": "thinking", "thinking": thought, "signature": "s"}, {"type": "text", "text": text, "citations": [{"n": 1}, {"n": 2}]},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"city": city}}, {"type": "tool_use", "id": "u", "name": "g", "input": {}}],
            "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 4}});
        prop_assert_eq!(round(Api::Messages, &whole), whole);
    }

    #[test]
    fn responses_there_and_back(text in ".{0,40}", arguments in ".{0,20}") {
        let whole = json!({"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": [
            {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "so"}]},
            {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": text, "annotations": []}]},
            {"type": "function_call", "id": "f", "call_id": "c", "name": "g", "arguments": arguments, "status": "completed"}],
            "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}});
        prop_assert_eq!(round(Api::Responses, &whole), whole.clone());
        let stream = replay(Api::Responses, JSON, whole.to_string().as_bytes(), STREAM).unwrap();
        prop_assert_eq!(said(Api::Responses, &stream.body), format!("so{text}{arguments}"));
    }

    #[test]
    fn foreign_bytes_never_panic(api in prop::sample::select(vec![Api::ChatCompletions, Api::Completions, Api::Responses, Api::Messages]),
        body in prop::collection::vec(any::<u8>(), 0..60), stream: bool, wanted: bool, include_usage: bool) {
        let _ = replay(api, if stream { EVENTS } else { JSON }, &body, Form { stream: wanted, include_usage });
    }

    #[test]
    fn foreign_events_never_panic(api in prop::sample::select(vec![Api::ChatCompletions, Api::Completions, Api::Responses, Api::Messages]),
        parts in prop::collection::vec(prop::sample::select(vec![
            r#"{"type":"content_block_delta","index":9,"delta":{"text":"x"}}"#, r#"{"type":"message_start","message":{"usage":1}}"#,
            r#"{"type":"message_delta","delta":{},"usage":{"a":null}}"#, r#"{"choices":[{"index":1,"delta":{"tool_calls":[{"index":0},{"index":0}]}}]}"#,
            r#"{"choices":[7]}"#, r#"{"usage":{}}"#, r#"{"type":"response.completed","response":{"output":[1]}}"#, r#"{"type":"content_block_start","index":0,"content_block":{}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"partial_json":"{","citation":1}}"#, r#"{"output":[{"content":[3],"summary":[{}]}]}"#]), 0..6), wanted: bool) {
        let events: String = parts.iter().map(|part| format!("data: {part}\n\n")).collect();
        let _ = replay(api, EVENTS, events.as_bytes(), Form { stream: wanted, include_usage: true });
        for part in parts {
            let _ = replay(api, JSON, part.as_bytes(), STREAM);
        }
    }
}

/// A stream of the demo kind, with or without its usage event.
fn stream_of(text: &[&str], usage: bool) -> String {
    let head = r#""id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m""#;
    let null = if usage { r#","usage":null"# } else { "" };
    let mut out = format!(
        "data: {{{head},\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"\"}},\"finish_reason\":null}}]{null}}}\n\n"
    );
    for piece in text {
        out += &format!(
            "data: {{{head},\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{}}},\"finish_reason\":null}}]{null}}}\n\n",
            json!(piece)
        );
    }
    out +=
        &format!("data: {{{head},\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]{null}}}\n\n");
    if usage {
        out += &format!(
            "data: {{{head},\"choices\":[],\"usage\":{{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}}}\n\n"
        );
    }
    out + "data: [DONE]\n\n"
}

/// A stream that is stored while it flows by comes back the same, in every form, wherever it was split.
#[test]
fn a_stored_stream_is_replayed_wherever_it_was_split() {
    let stream = stream_of(&["Pa", "ris ", "✓"], true);
    let bytes = stream.as_bytes();
    let question = |stream: bool, usage: bool| {
        ask(
            &json!({"model": "m", "messages": [{"role": "user", "content": "q"}], "stream": stream, "stream_options": {"include_usage": usage}}),
        )
    };
    let mut splits: Vec<Vec<Vec<u8>>> =
        (1..bytes.len()).map(|at| vec![bytes[..at].to_vec(), bytes[at..].to_vec()]).collect();
    splits.push(bytes.iter().map(|byte| vec![*byte]).collect());
    splits.push(vec![bytes.to_vec(), Vec::new()]);
    for chunks in splits {
        let mut desk = desk(json!({}));
        let answers = Answers {
            status: 200,
            headers: vec![("content-type".into(), "text/event-stream".into())],
            chunks,
            breaks: false,
        };
        desk.run(&question(true, true), &answers);
        assert_eq!(desk.stores[0].answer.as_ref().unwrap().body, bytes);
        let again = desk.run(&question(true, true), &answers);
        assert!(again.hit() && again.body == bytes && again.content_type == EVENTS);
        let bare = desk.run(&question(true, false), &answers);
        assert!(bare.hit() && !bare.text().contains("total_tokens") && bare.text().ends_with("data: [DONE]\n\n"));
        let whole = desk.run(&question(false, false), &answers);
        assert!(whole.hit() && whole.content_type == JSON);
        assert_eq!(
            whole.json(),
            json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "Paris ✓"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})
        );
    }
}

/// A stream without usage cannot be made a whole, nor one with usage: the model is asked, and what it says is kept.
#[test]
fn a_stream_without_usage_is_asked_anew_where_usage_is_wanted() {
    let question = |stream: bool, usage: bool| {
        ask(
            &json!({"model": "m", "messages": [{"role": "user", "content": "q"}], "stream": stream, "stream_options": {"include_usage": usage}}),
        )
    };
    for (stream, usage) in [(false, false), (true, true)] {
        let mut desk = desk(json!({}));
        let bare = desk::answers(EVENTS, &stream_of(&["Paris"], false));
        desk.run(&question(true, false), &bare);
        assert!(desk.run(&question(true, false), &bare).hit());
        let full = if stream { desk::answers(EVENTS, &stream_of(&["Paris"], true)) } else { desk::says("Paris") };
        let seen = desk.run(&question(stream, usage), &full);
        assert_eq!((seen.cache.as_deref(), seen.reached), (Some("miss"), true));
        assert!(desk.run(&question(stream, usage), &full).hit() && desk.run(&question(true, false), &bare).hit());
    }
}

/// Servers that repeat ids and names, count calls from elsewhere, or spell usage in the last chunk.
#[test]
fn streams_of_other_servers() {
    let chunks = [
        r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
        r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"","arguments":"{\"a\":"}}]}}]}"#,
        r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"1}"}}]}}]}"#,
        r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"d","type":"function","function":{"name":"g","arguments":"{}"}}]}}]}"#,
        r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":"tool_calls"}],"usage":{"total_tokens":3}}"#,
    ];
    let stream: String = chunks.iter().map(|chunk| format!(": ping\r\ndata: {chunk}\r\n\r\n")).collect::<String>()
        + "data: [DONE]\r\n\r\n";
    let whole = replay(Api::ChatCompletions, "text/event-stream; charset=utf-8", stream.as_bytes(), WHOLE).unwrap();
    let whole: Value = serde_json::from_slice(&whole.body).unwrap();
    assert_eq!(
        whole["choices"][0]["message"],
        json!({"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}},
            {"id": "d", "type": "function", "function": {"name": "g", "arguments": "{}"}}]})
    );
    assert_eq!(whole["usage"]["total_tokens"], 3);
}

/// What only pads a chunk is not in the whole, and what each part of a thought repeats is there once.
#[test]
fn chunks_that_repeat_and_pad() {
    let chunks = [
        r#"{"id":"1","obfuscation":"x","choices":[{"index":0,"delta":{"content":"","reasoning_details":[{"type":"reasoning.text","text":"hm","format":"f1","index":0}]}}]}"#,
        r#"{"id":"1","obfuscation":"xy","choices":[{"index":0,"delta":{"content":"a","reasoning_details":[{"type":"reasoning.text","text":"m","format":"f1","index":0}]}}]}"#,
        r#"{"id":"1","obfuscation":"","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":3}}"#,
    ];
    let stream: String =
        chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect::<String>() + "data: [DONE]\n\n";
    let whole = replay(Api::ChatCompletions, EVENTS, stream.as_bytes(), WHOLE).unwrap();
    let thoughts = json!([{"type": "reasoning.text", "text": "hmm", "format": "f1", "index": 0}]);
    assert_eq!(
        serde_json::from_slice::<Value>(&whole.body).unwrap(),
        json!({"id": "1", "object": "chat.completion", "usage": {"total_tokens": 3}, "choices": [
            {"index": 0, "message": {"content": "a", "reasoning_details": thoughts}, "finish_reason": "stop"}]})
    );
}
