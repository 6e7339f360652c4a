//! OpenAI's chat completions (API reference, "Chat": the chat completion object, the chat completion chunk object).

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Result, Value, json};

use crate::behaviour::ToolCall;
use crate::reply::Reply;
use crate::sse;
use crate::turn::{Said, Turn, Usage};

/// Answers with an object, or with chunks if the ask says `stream`.
pub(crate) fn answer(turn: &Turn, stream: bool, include_usage: bool) -> Result<Reply> {
    if stream { events(turn, include_usage).map(Reply::events) } else { whole(turn).map(Reply::json) }
}

#[derive(Serialize)]
struct Completion<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    choices: [Choice<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Value>,
}

#[derive(Clone, Copy, Serialize)]
struct Head<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    service_tier: &'static str,
    system_fingerprint: &'a str,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<()>,
    annotations: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Value>,
}

fn whole(turn: &Turn) -> Result<Vec<u8>> {
    let (content, tool_calls) = match &turn.said {
        Said::Text(text) => (Some(text.as_str()), None),
        Said::Call(call) => (None, Some(json!([tool_call(turn, call, &call.arguments)]))),
    };
    let message = Message { role: "assistant", content, refusal: None, annotations: [], tool_calls };
    let (id, fingerprint) = names(turn);
    serde_json::to_vec(&Completion {
        head: Head::new(turn, "chat.completion", &id, &fingerprint),
        choices: [Choice { index: 0, message, logprobs: None, finish_reason: finish_reason(turn) }],
        usage: turn.usage.map(usage),
    })
}

impl<'a> Head<'a> {
    fn new(turn: &'a Turn, object: &'static str, id: &'a str, system_fingerprint: &'a str) -> Self {
        Self { id, object, created: turn.created, model: &turn.model, service_tier: "default", system_fingerprint }
    }
}

#[derive(Serialize)]
struct Chunk<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    choices: Vec<Value>,
    /// Present where the call asked for usage: null in all chunks but the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Value>,
}

fn events(turn: &Turn, include_usage: bool) -> Result<Vec<Bytes>> {
    let (id, fingerprint) = names(turn);
    let head = Head::new(turn, "chat.completion.chunk", &id, &fingerprint);
    let reported = turn.usage.filter(|_| include_usage);
    let chunk = |delta: Value, finish: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
        sse::data(&Chunk { head, choices: vec![choice], usage: reported.map(|_| Value::Null) })
    };
    let mut events = vec![chunk(first_delta(turn), None)?];
    for piece in turn.deltas() {
        events.push(chunk(delta(turn, piece), None)?);
    }
    events.push(chunk(json!({}), Some(finish_reason(turn)))?);
    if let Some(counted) = reported {
        events.push(sse::data(&Chunk { head, choices: Vec::new(), usage: Some(usage(counted)) })?);
    }
    events.push(sse::DONE);
    Ok(events)
}

fn first_delta(turn: &Turn) -> Value {
    match &turn.said {
        Said::Text(_) => json!({"role": "assistant", "content": "", "refusal": null}),
        Said::Call(call) => {
            let mut first = tool_call(turn, call, "");
            if let Some(fields) = first.as_object_mut() {
                fields.insert("index".to_owned(), json!(0));
            }
            json!({"role": "assistant", "content": null, "refusal": null, "tool_calls": [first]})
        }
    }
}

fn delta(turn: &Turn, piece: &str) -> Value {
    match &turn.said {
        Said::Text(_) => json!({"content": piece}),
        Said::Call(_) => json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}),
    }
}

fn tool_call(turn: &Turn, call: &ToolCall, arguments: &str) -> Value {
    let function = json!({"name": call.name, "arguments": arguments});
    json!({"id": format!("call_{}", turn.id), "type": "function", "function": function})
}

fn names(turn: &Turn) -> (String, String) {
    (format!("chatcmpl-{}", turn.id), format!("demo-{}", turn.version))
}

fn finish_reason(turn: &Turn) -> &'static str {
    match &turn.said {
        Said::Call(_) => "tool_calls",
        Said::Text(_) if turn.truncated => "length",
        Said::Text(_) => "stop",
    }
}

/// The usage object of chat completions and completions.
pub(crate) fn usage(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total(),
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}
