//! What bodies and events of each API say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use chat::{Answer, Api, OutputKind, Usage};
use proptest::prelude::*;

fn read(api: Api, data: &str) -> Answer<'_> {
    let answer = Answer::parse(api, data.as_bytes()).expect(data);
    for output in &answer.outputs {
        let value: serde_json::Value = serde_json::from_str(&data[output.span.clone()]).unwrap();
        assert!(output.slot.kind == OutputKind::Json || value == output.text.as_ref(), "{data}");
    }
    answer
}

/// `choice.block kind text`, with `again` where the event repeats.
fn outputs(api: Api, data: &str) -> Vec<String> {
    let line = |output: &chat::Output<'_>| {
        let (slot, again) = (output.slot, if output.repeats { " again" } else { "" });
        format!("{}.{} {:?} {}{again}", slot.choice, slot.block, slot.kind, output.text)
    };
    read(api, data).outputs.iter().map(line).collect()
}

/// Input with cache, cached, written, output, reasoning, all.
fn numbers(usage: &Usage) -> [Option<u64>; 6] {
    [usage.input_total(), usage.cached_input, usage.cache_write, usage.output, usage.reasoning, usage.all()]
}

#[test]
fn chat_body() {
    let body = r#"{"id":"1","object":"chat.completion","model":"gpt-4o","choices":[
        {"index":0,"message":{"role":"assistant","content":"hi","refusal":null,"reasoning_content":"hm"},"finish_reason":"stop"},
        {"index":1,"message":{"content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],
        "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}"#;
    assert_eq!(outputs(Api::ChatCompletions, body), ["0.0 Reasoning hm", "0.0 Text hi", "1.0 Arguments {}"]);
    let answer = read(Api::ChatCompletions, body);
    assert_eq!(answer.model.as_deref(), Some("gpt-4o"));
    assert_eq!(numbers(&answer.usage.unwrap()), [Some(10), Some(4), None, Some(5), Some(2), Some(15)]);
    let finishes: Vec<_> = answer.finishes.iter().map(|finish| (finish.choice, finish.reason.as_ref())).collect();
    assert_eq!(finishes, [(0, "stop"), (1, "tool_calls")]);
    assert!(!answer.end && answer.error.is_none());
}

#[test]
fn deepseek_tells_what_was_cached_beside_the_rest() {
    let usage = r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}"#;
    let body = format!(r#"{{"choices":[],"usage":{usage}}}"#);
    let answer = read(Api::ChatCompletions, &body);
    assert_eq!(numbers(&answer.usage.unwrap()), [Some(10), Some(8), None, Some(5), None, Some(15)]);
}

#[test]
fn gemini_tells_its_thoughts_beside_its_output() {
    let body = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"hi"},
        {"functionCall":{"name":"f","args":{"x":1}}},{"inlineData":{"data":"AAAA"}}]},"finishReason":"STOP","index":1}],
        "modelVersion":"gemini-2.5-flash","usageMetadata":{"promptTokenCount":10,"toolUsePromptTokenCount":3,
        "cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":20}}"#;
    assert_eq!(outputs(Api::Other, body), ["1.0 Text hm", "1.0 Text hi"]);
    let answer = read(Api::Other, body);
    assert_eq!(numbers(&answer.usage.unwrap()), [Some(13), Some(4), None, Some(7), Some(2), Some(20)]);
    assert_eq!((answer.finishes[0].choice, answer.finishes[0].reason.as_ref()), (1, "STOP"));
    let broken = r#"{"candidates":[{"content":[]},7,{"content":{"parts":[7,{"text":7}]}}],"usageMetadata":{"promptTokenCount":"7"}}"#;
    assert!(outputs(Api::Other, broken).is_empty() && read(Api::Other, broken).usage.is_none());
}

#[test]
fn gemini_tells_thoughts_and_tools_beside_the_rest() {
    let body = r#"{"candidates":[],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":40,"toolUsePromptTokenCount":10,"candidatesTokenCount":20,"thoughtsTokenCount":30,"totalTokenCount":160}}"#;
    let usage = read(Api::Other, body).usage.unwrap();
    assert_eq!(numbers(&usage), [Some(110), Some(40), None, Some(50), Some(30), Some(160)]);
    let first = r#"{"usageMetadata":{"promptTokenCount":100,"thoughtsTokenCount":3}}"#;
    assert_eq!(read(Api::Other, first).usage.unwrap().output, Some(3));
    for none in [r#"{"usageMetadata":{}}"#, r#"{"usageMetadata":null}"#, r#"{"usageMetadata":[1]}"#] {
        assert_eq!(read(Api::Other, none).usage, None, "{none}");
    }
}

#[test]
fn others_tell_their_usage_by_other_names() {
    for (body, texts, told) in [
        (
            r#"{"output":{"message":{"content":[{"text":"hi"}]}},"usage":{"inputTokens":7,"outputTokens":5,"totalTokens":22,"cacheReadInputTokens":6,"cacheWriteInputTokens":4}}"#,
            &["0.0 Text hi"][..],
            [Some(17), Some(6), Some(4), Some(5), None, Some(22)],
        ),
        (r#"{"contentBlockIndex":0,"delta":{"text":"hi"}}"#, &["0.0 Text hi"], [None; 6]),
        (r#"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"a\""}}}"#, &["0.2 Arguments {\"a\""], [None; 6]),
        (r#"{"contentBlockIndex":1,"delta":{"reasoningContent":{"text":"hm"}}}"#, &["0.1 Reasoning hm"], [None; 6]),
        (
            r#"{"message":{"content":"hi","thinking":"hm"},"done":true,"prompt_eval_count":9,"eval_count":3}"#,
            &["0.0 Reasoning hm", "0.0 Text hi"],
            [Some(9), None, None, Some(3), None, Some(12)],
        ),
        (r#"{"response":"hi","done":false}"#, &["0.0 Text hi"], [None; 6]),
        (r#"{"response":"hi","text":"hi"}"#, &[], [None; 6]),
        (
            r#"{"message":{"content":[{"type":"text","text":"hi"}]},"usage":{"billed_units":{"input_tokens":9,"output_tokens":3},"tokens":{"input_tokens":70,"output_tokens":5}}}"#,
            &["0.0 Text hi"],
            [Some(9), None, None, Some(3), None, Some(12)],
        ),
        (
            r#"{"type":"content-delta","index":2,"delta":{"message":{"content":{"text":"hi"}}}}"#,
            &["0.2 Text hi"],
            [None; 6],
        ),
        (
            r#"{"type":"message-end","delta":{"usage":{"tokens":{"input_tokens":70,"output_tokens":5}}}}"#,
            &[],
            [Some(70), None, None, Some(5), None, Some(75)],
        ),
        (r#"{"event_type":"text-generation","text":"hi"}"#, &["0.0 Text hi"], [None; 6]),
        (
            r#"{"event_type":"stream-end","response":{"text":"hi","meta":{"billed_units":{"input_tokens":9.0,"output_tokens":3.0}}}}"#,
            &[],
            [Some(9), None, None, Some(3), None, Some(12)],
        ),
    ] {
        assert_eq!(outputs(Api::Other, body), texts, "{body}");
        let usage = read(Api::Other, body).usage.unwrap_or_default();
        assert_eq!(numbers(&usage), told, "{body}");
    }
    let ended = read(Api::Other, r#"{"stopReason":"end_turn"}"#);
    assert_eq!((ended.finishes[0].choice, ended.finishes[0].reason.as_ref()), (0, "end_turn"));
    let ranked = r#"{"results":[],"meta":{"billed_units":{"search_units":2}}}"#;
    assert_eq!(read(Api::Other, ranked).usage.unwrap().searches, Some(2));
}

#[test]
fn anthropic_tells_how_long_its_cache_keeps() {
    let lives = r#""cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":6}"#;
    for written in ["", r#""cache_creation_input_tokens":10,"#] {
        let body = format!(r#"{{"content":[],"usage":{{"input_tokens":1,{written}{lives},"output_tokens":2}}}}"#);
        let usage = read(Api::Messages, &body).usage.unwrap();
        assert_eq!(numbers(&usage), [Some(11), None, Some(10), Some(2), None, Some(13)]);
        assert_eq!(usage.cache_write_1h, Some(6));
    }
}

#[test]
fn each_element_of_an_array_is_an_answer() {
    for (body, answers, all) in [
        (r#" [{"usage":{"total_tokens":1}}, {"model":"m"}] "#, 2, true),
        (r#"{"model":"m"}"#, 1, true),
        ("[]", 0, true),
        (r#"[{"model":"m"}, 5]"#, 1, false),
        (r#"[{"model":"m"}"#, 1, false),
        ("", 0, false),
        ("\u{fffd}", 0, false),
    ] {
        let mut seen = 0;
        let read = chat::each_answer(Api::Other, body.as_bytes(), &mut |_| seen += 1);
        assert_eq!((seen, read), (answers, all), "{body}");
    }
}

#[test]
fn events_of_anthropic_on_another_path() {
    let event = r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"hi"}}"#;
    assert_eq!(outputs(Api::Other, event), ["0.2 Text hi"]);
    let started = r#"{"type":"message_start","message":{"usage":{"input_tokens":7,"cache_read_input_tokens":3}}}"#;
    assert_eq!(read(Api::Other, started).usage.unwrap().input_total(), Some(10));
    let last = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#;
    assert_eq!(read(Api::Other, last).finishes[0].reason, "end_turn");
}

#[test]
fn chat_chunks() {
    let api = Api::ChatCompletions;
    assert_eq!(
        outputs(api, r#"{"choices":[{"index":2,"delta":{"content":"a"},"finish_reason":null}],"usage":null}"#),
        ["2.0 Text a"]
    );
    let call = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"x"}}]}}]}"#;
    assert_eq!(outputs(api, call), ["0.1 Arguments {\"x"]);
    let both = r#"{"choices":[{"delta":{"reasoning":"r","reasoning_content":"r"}}]}"#;
    assert_eq!(outputs(api, both), ["0.0 Reasoning r", "0.0 Reasoning r again"]);
    let usage = read(api, r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#).usage;
    assert_eq!(usage.unwrap().all(), Some(3));
    assert!(read(api, "[DONE]").end && read(api, " [DONE]\n").end);
    assert_eq!(
        outputs(api, r#"{"choices":[{"delta":{"content":"\ud83d"}}]}"#.replace("\\ud83d", "x").as_str()),
        ["0.0 Text x"]
    );
    let lone = Answer::parse(api, br#"{"choices":[{"delta":{"content":"a\ud83d"}}]}"#).unwrap();
    assert!(lone.outputs[0].text.starts_with("a\u{fffd}"));
}

#[test]
fn completions_embeddings_and_tensors() {
    assert_eq!(
        outputs(Api::Completions, r#"{"choices":[{"text":"a","index":1,"finish_reason":"length"}]}"#),
        ["1.0 Text a"]
    );
    let embeddings = read(
        Api::Embeddings,
        r#"{"data":[{"embedding":[0.1]}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}"#,
    );
    assert_eq!(numbers(&embeddings.usage.unwrap()), [Some(8), None, None, None, None, Some(8)]);
    let tensors =
        r#"{"model_name":"m","outputs":[{"datatype":"FP32","data":[1]},{"datatype":"BYTES","data":["a",["b"]]}]}"#;
    assert_eq!(outputs(Api::InferV2, tensors), ["1.0 Text a", "1.1 Text b"]);
    assert_eq!(read(Api::InferV2, tensors).model.as_deref(), Some("m"));
}

#[test]
fn anthropic_stream() {
    let api = Api::Messages;
    let start = read(
        api,
        r#"{"type":"message_start","message":{"model":"claude","content":[],"usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":20,"output_tokens":1}}}"#,
    );
    assert_eq!(start.model.as_deref(), Some("claude"));
    let mut usage = start.usage.unwrap();
    let delta = read(
        api,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}"#,
    );
    usage.update(&delta.usage.unwrap());
    assert_eq!(numbers(&usage), [Some(33), Some(20), Some(3), Some(15), None, Some(48)]);
    assert_eq!(delta.finishes[0].reason, "end_turn");
    assert_eq!(
        outputs(api, r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"hi"}}"#),
        ["0.2 Text hi"]
    );
    assert_eq!(
        outputs(api, r#"{"type":"content_block_delta","index":1,"delta":{"type":"thinking_delta","thinking":"t"}}"#),
        ["0.1 Reasoning t"]
    );
    assert_eq!(
        outputs(
            api,
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a"}}"#
        ),
        ["0.1 Arguments {\"a"]
    );
    assert!(
        outputs(api, r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","input":{}}}"#)
            .is_empty()
    );
    assert!(read(api, r#"{"type":"message_stop"}"#).end);
    assert!(!read(api, r#"{"type":"ping"}"#).end);
    let error =
        read(api, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#).error.unwrap();
    assert_eq!((error.kind.as_deref(), error.message.as_deref()), (Some("overloaded_error"), Some("Overloaded")));
}

#[test]
fn anthropic_body() {
    let body = r#"{"type":"message","model":"c","content":[{"type":"text","text":"a"},{"type":"tool_use","input":{"b":1}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}"#;
    assert_eq!(outputs(Api::Messages, body), ["0.0 Text a", "0.1 Json {\"b\":1}"]);
    let answer = read(Api::Messages, body);
    assert_eq!((answer.usage.unwrap().all(), answer.finishes.len()), (Some(3), 1));
}

#[test]
fn responses_stream() {
    let api = Api::Responses;
    let delta = r#"{"type":"response.output_text.delta","output_index":1,"content_index":2,"delta":"a"}"#;
    assert_eq!(outputs(api, delta), ["1.2 Text a"]);
    assert_eq!(
        outputs(api, &delta.replace("delta\":\"a", "text\":\"a").replace(".delta", ".done")),
        ["1.2 Text a again"]
    );
    assert_eq!(outputs(api, &delta.replace("output_text", "reasoning_summary_text")), ["1.2 Reasoning a"]);
    assert_eq!(outputs(api, &delta.replace("output_text", "function_call_arguments")), ["1.2 Arguments a"]);
    assert_eq!(outputs(api, &delta.replace("output_text", "refusal")), ["1.2 Refusal a"]);
    assert!(outputs(api, &delta.replace("output_text", "audio")).is_empty());
    let completed = r#"{"type":"response.completed","response":{"model":"m","status":"completed","error":null,"output":[{"type":"message","content":[{"type":"output_text","text":"abc"}]}],
        "usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":1},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":6},"total_tokens":12}}}"#;
    assert_eq!(outputs(api, completed), ["0.0 Text abc again"]);
    let answer = read(api, completed);
    assert!(answer.end);
    assert_eq!(numbers(&answer.usage.unwrap()), [Some(5), Some(1), None, Some(7), Some(6), Some(12)]);
    assert_eq!(answer.finishes[0].reason, "completed");
    let failed = read(
        api,
        r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"m"}}}"#,
    );
    assert!(failed.end && failed.error.unwrap().code.as_deref() == Some("server_error"));
    let incomplete = read(
        api,
        r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#,
    );
    assert_eq!(incomplete.finishes[0].reason, "max_output_tokens");
    assert_eq!(
        read(api, r#"{"type":"error","code":"x","message":"m","param":null}"#).error.unwrap().message.as_deref(),
        Some("m")
    );
    assert_eq!(
        read(api, r#"{"type":"response.created","response":{"status":"in_progress","usage":null}}"#),
        Answer::default()
    );
}

#[test]
fn responses_body() {
    let body = r#"{"object":"response","model":"m","status":"completed","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"r"}]},
        {"type":"function_call","arguments":"{}"},{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"no"}]}]}"#;
    assert_eq!(outputs(Api::Responses, body), ["0.0 Reasoning r", "1.0 Arguments {}", "2.0 Text a", "2.1 Refusal no"]);
    assert!(!read(Api::Responses, body).end);
}

#[test]
fn errors_of_any_shape() {
    let fault = |api, data| read(api, data).error.unwrap();
    let openai = fault(Api::ChatCompletions, r#"{"error":{"message":"m","type":"t","param":null,"code":429}}"#);
    assert_eq!((openai.kind.as_deref(), openai.code.as_deref()), (Some("t"), Some("429")));
    assert_eq!(fault(Api::InferV2, r#"{"error":"m"}"#).message.as_deref(), Some("m"));
    assert_eq!(
        fault(Api::Completions, r#"{"object":"error","message":"m","type":"T","code":400}"#).kind.as_deref(),
        Some("T")
    );
    assert_eq!(read(Api::ChatCompletions, r#"{"error":null,"choices":[]}"#).error, None);
}

#[test]
fn nonsense_numbers_are_absent() {
    for number in ["-1", "1.5", "1e300", "\"5\"", "null", "[]", "1099511627777", "99999999999999999999999999"] {
        let body = format!(r#"{{"usage":{{"prompt_tokens":{number},"completion_tokens":7}}}}"#);
        let usage = read(Api::ChatCompletions, &body).usage.unwrap();
        assert_eq!((usage.input, usage.output, usage.all()), (None, Some(7), Some(7)), "{number}");
    }
    for usage in ["{}", "null", "7", "[]", r#"{"prompt_tokens":null}"#] {
        assert_eq!(read(Api::ChatCompletions, &format!(r#"{{"usage":{usage}}}"#)).usage, None, "{usage}");
    }
    assert_eq!(read(Api::ChatCompletions, r#"{"usage":{"prompt_tokens":12.0}}"#).usage.unwrap().input, Some(12));
}

#[test]
fn odd_types_are_absent() {
    for data in [
        r#"{"choices":7,"model":1}"#,
        r#"{"choices":[1,null,[]],"outputs":{}}"#,
        r#"{"choices":[{"delta":[],"message":"x"}]}"#,
    ] {
        assert_eq!(read(Api::ChatCompletions, data), Answer::default(), "{data}");
    }
    for data in [r#"{"type":7,"delta":1,"message":[],"content":"x"}"#, r#"{"content_block":[],"usage":[],"index":-1}"#]
    {
        assert_eq!(read(Api::Messages, data), Answer::default(), "{data}");
    }
}

proptest! {
    #[test]
    fn no_data_panics(data in "(\\{|\\}|\\[|\\]|\"|:|,|choices|delta|type|usage|text|\\\\ud800|1|null){0,40}") {
        for api in [Api::ChatCompletions, Api::Messages, Api::Responses, Api::InferV2] {
            let _ = Answer::parse(api, data.as_bytes());
        }
    }
}
