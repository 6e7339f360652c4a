//! What a model does to placeholders and to the JSON around them, and that the originals come back all the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::mask::Placeholders;
use pii_guard::text::{Guard, Kind, Tally, edit_json};
use pii_guard::{Config, Framing, Stream, StreamOut};
use serde_json::{Value, json};

/// An original that has to be escaped in JSON.
const PASSWORD: &str = r#"a"b\c1X"#;

/// What `run` makes with a guard that only restores.
fn restoring<T>(run: impl FnOnce(&mut Guard<'_>) -> T) -> T {
    let config = Config::read(
        br#"{"default_policy": "p", "policies": {"p": {"request": [{"entities": ["*"], "action": "restore"}]}}}"#,
    )
    .unwrap();
    let policy = config.policies.get("p").unwrap();
    let mut placeholders = Placeholders::new(b"");
    placeholders.of("EMAIL_ADDRESS", "jane@example.com", true);
    placeholders.of("PASSWORD", PASSWORD, true);
    let mut tally = Tally::default();
    run(&mut Guard {
        config: &config,
        direction: &policy.response,
        placeholders: &mut placeholders,
        tally: &mut tally,
        places: None,
        restores: true,
    })
}

fn body(text: &str) -> Value {
    let edited = restoring(|guard| edit_json(guard, text, Kind::Api, &[])).unwrap();
    serde_json::from_str(&edited.expect("nothing was restored")).unwrap()
}

#[test]
fn a_body_of_an_encoder_that_escapes_angle_brackets() {
    let text = json!({"choices": [{"message": {"role": "assistant", "content": "to <EMAIL_1>, \\<EMAIL\\_1\\>"}}]});
    let escaped = text.to_string().replace('<', "\\u003c").replace('>', "\\u003e");
    let read = body(&escaped);
    assert_eq!(read["choices"][0]["message"]["content"], "to jane@example.com, jane@example.com");
}

#[test]
fn arguments_of_tools_stay_json() {
    for arguments in [
        json!({"pw": "<PASSWORD_1>", "to": ["<EMAIL_1>"]}).to_string(),
        r#"{"pw": "\u003cPASSWORD_1\u003e", "to": ["&lt;EMAIL_1&gt;"]}"#.to_owned(),
    ] {
        let call = json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}});
        let read = body(&json!({"choices": [{"message": {"tool_calls": [call]}}]}).to_string());
        let arguments = read["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
        let arguments: Value = serde_json::from_str(arguments).unwrap();
        assert_eq!(arguments, json!({"pw": PASSWORD, "to": ["jane@example.com"]}));
    }
}

/// The data of the events that come of these, whose bytes come in pieces of this size.
fn events(api: chat::Api, events: &[(&str, Value)], escaped: bool, piece: usize) -> Vec<Value> {
    let mut bytes = String::new();
    for (name, data) in events {
        let data = data.to_string();
        let data = if escaped { data.replace('<', "\\u003c").replace('>', "\\u003e") } else { data };
        if !name.is_empty() {
            bytes += &format!("event: {name}\n");
        }
        bytes += &format!("data: {data}\n\n");
    }
    let mut out = Vec::new();
    restoring(|guard| {
        let mut stream = Stream::new(api, Framing::Events, &[]);
        let pieces: Vec<&[u8]> = bytes.as_bytes().chunks(piece).collect();
        for (at, piece) in pieces.iter().enumerate() {
            match stream.push(guard, piece, at + 1 == pieces.len()) {
                StreamOut::Go(bytes) => out.extend_from_slice(&bytes),
                other => panic!("{other:?}"),
            }
        }
    });
    let text = String::from_utf8(out).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// All texts at this pointer, joined.
fn joined(events: &[Value], pointer: &str) -> String {
    events.iter().filter_map(|event| event.pointer(pointer)?.as_str()).collect()
}

/// `text` in pieces of this many characters.
fn cut(text: &str, size: usize) -> Vec<String> {
    text.chars().collect::<Vec<_>>().chunks(size).map(|piece| piece.iter().collect()).collect()
}

#[test]
fn streams_of_every_api_restore_at_every_split() {
    let text = r"to <EMAIL_1>, \<email\_1\> &lt;EMAIL_1&gt; & <b>";
    let restored = "to jane@example.com, jane@example.com jane@example.com & <b>";
    let arguments = r#"{"pw": "<PASSWORD_1>", "to": "\u003cEMAIL_1\u003e"}"#;
    for (size, escaped) in [(1, false), (2, true), (3, false), (7, true)] {
        for piece in [1, 5, 4096] {
            let chat: Vec<(&str, Value)> = cut(text, size)
                .into_iter()
                .map(|piece| ("", json!({"choices": [{"index": 0, "delta": {"content": piece}}]})))
                .chain([("", json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))])
                .collect();
            let read = events(chat::Api::ChatCompletions, &chat, escaped, piece);
            assert_eq!(joined(&read, "/choices/0/delta/content"), restored, "chat, {size}, {piece}");

            let calls: Vec<(&str, Value)> = cut(arguments, size)
                .into_iter()
                .map(|piece| {
                    let call = json!([{"index": 0, "function": {"arguments": piece}}]);
                    ("", json!({"choices": [{"index": 0, "delta": {"tool_calls": call}}]}))
                })
                .chain([("", json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}))])
                .collect();
            let read = events(chat::Api::ChatCompletions, &calls, escaped, piece);
            let read = joined(&read, "/choices/0/delta/tool_calls/0/function/arguments");
            let read: Value = serde_json::from_str(&read).unwrap();
            assert_eq!(read, json!({"pw": PASSWORD, "to": "jane@example.com"}), "arguments, {size}, {piece}");

            let delta = |kind: &str, key: &str, piece: String| json!({"type": "content_block_delta", "index": 0, "delta": {"type": kind, key: piece}});
            let stop = ("content_block_stop", json!({"type": "content_block_stop", "index": 0}));
            let messages: Vec<(&str, Value)> = cut(text, size)
                .into_iter()
                .map(|piece| ("content_block_delta", delta("text_delta", "text", piece)))
                .chain([stop.clone()])
                .collect();
            let read = events(chat::Api::Messages, &messages, escaped, piece);
            assert_eq!(joined(&read, "/delta/text"), restored, "messages, {size}, {piece}");
            let inputs: Vec<(&str, Value)> = cut(arguments, size)
                .into_iter()
                .map(|piece| ("content_block_delta", delta("input_json_delta", "partial_json", piece)))
                .chain([stop])
                .collect();
            let read = joined(&events(chat::Api::Messages, &inputs, escaped, piece), "/delta/partial_json");
            let read: Value = serde_json::from_str(&read).unwrap();
            assert_eq!(read, json!({"pw": PASSWORD, "to": "jane@example.com"}), "inputs, {size}, {piece}");

            let part = |kind: &str| json!({"type": kind, "item_id": "i", "output_index": 0, "content_index": 0});
            let mut done = part("response.output_text.done");
            done["text"] = text.into();
            let responses: Vec<(&str, Value)> = cut(text, size)
                .into_iter()
                .map(|piece| {
                    let mut event = part("response.output_text.delta");
                    event["delta"] = piece.into();
                    ("response.output_text.delta", event)
                })
                .chain([("response.output_text.done", done)])
                .collect();
            let read = events(chat::Api::Responses, &responses, escaped, piece);
            assert_eq!(joined(&read, "/delta"), restored, "responses, {size}, {piece}");
            assert_eq!(joined(&read, "/text"), restored, "responses, the whole, {size}, {piece}");
        }
    }
}
