//! Google's Gemini API (reference, "models.generateContent" and "models.streamGenerateContent"). A stream is one of server-sent
//! events, which clients ask for by `alt=sse`.

use serde_json::{Result, Value, json};

use crate::reply::Reply;
use crate::sse;
use crate::turn::{Said, Turn};

/// Answers with a response, or with a stream of such responses.
pub(crate) fn answer(turn: &Turn, stream: bool) -> Result<Reply> {
    let pieces = match &turn.said {
        Said::Text(_) if stream => turn.deltas(),
        Said::Text(text) => vec![text.as_str()],
        Said::Call(call) => vec![call.arguments.as_str()],
    };
    let last = pieces.len().saturating_sub(1);
    let mut responses = pieces.iter().enumerate().map(|(at, piece)| response(turn, piece, at == last));
    if stream {
        return responses.map(|response| sse::data(&response)).collect::<Result<_>>().map(Reply::events);
    }
    serde_json::to_vec(&responses.next()).map(Reply::json)
}

fn response(turn: &Turn, piece: &str, is_last: bool) -> Value {
    let part = match &turn.said {
        Said::Text(_) => json!({"text": piece}),
        // Arguments that are no JSON cannot be said here; the text shows them.
        Said::Call(call) => match serde_json::from_str::<Value>(piece) {
            Ok(args) => json!({"functionCall": {"name": call.name, "args": args}}),
            Err(_) => json!({"text": piece}),
        },
    };
    let mut candidate = json!({"content": {"role": "model", "parts": [part]}, "index": 0});
    let mut response = json!({"modelVersion": turn.model, "responseId": turn.id});
    if is_last {
        set(&mut candidate, "finishReason", json!(if turn.truncated { "MAX_TOKENS" } else { "STOP" }));
        if let Some(usage) = turn.usage {
            let counted = json!({"promptTokenCount": usage.input, "candidatesTokenCount": usage.output,
                "totalTokenCount": usage.total()});
            set(&mut response, "usageMetadata", counted);
        }
    }
    set(&mut response, "candidates", json!([candidate]));
    response
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}
