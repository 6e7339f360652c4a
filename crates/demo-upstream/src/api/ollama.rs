//! Ollama's API (its `docs/api.md`: "Generate a chat completion", "Generate a completion", "List local models"). A stream is JSON
//! objects, one per line, and the rule.

use bytes::Bytes;
use serde_json::{Result, Value, json};

use crate::reply::Reply;
use crate::turn::{Said, Turn};

/// When everything was, as far as anyone cares.
const CREATED: &str = "2025-01-01T00:00:00Z";

/// What is said, in the shape that a call wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `/api/chat`: a message.
    Message,
    /// `/api/generate`: a text.
    Text,
}

/// Answers with an object, or with one per line.
pub(crate) fn answer(turn: &Turn, shape: Shape, stream: bool) -> Result<Reply> {
    if !stream {
        let mut object = ended(turn);
        say(&mut object, turn, shape, &turn.deltas().concat());
        return serde_json::to_vec(&object).map(Reply::json);
    }
    let mut lines = Vec::new();
    for piece in if matches!(turn.said, Said::Call(_)) { vec![""] } else { turn.deltas() } {
        let mut object = json!({"model": turn.model, "created_at": CREATED, "done": false});
        say(&mut object, turn, shape, piece);
        lines.push(line(&object)?);
    }
    lines.push(line(&ended(turn))?);
    Ok(Reply::lines(lines))
}

/// All models.
pub(crate) fn tags(models: &[String]) -> Reply {
    let model = |name: &String| json!({"name": name, "model": name, "modified_at": CREATED, "size": 0, "digest": ""});
    Reply::json(json!({"models": models.iter().map(model).collect::<Vec<_>>()}).to_string())
}

/// The end of an answer.
fn ended(turn: &Turn) -> Value {
    let reason = if turn.truncated { "length" } else { "stop" };
    let mut object = json!({"model": turn.model, "created_at": CREATED, "done": true, "done_reason": reason});
    if let (Some(usage), Some(fields)) = (turn.usage, object.as_object_mut()) {
        fields.insert("prompt_eval_count".to_owned(), json!(usage.input));
        fields.insert("eval_count".to_owned(), json!(usage.output));
    }
    object
}

/// Adds what is said. Arguments of a call that are no JSON cannot be said here.
fn say(object: &mut Value, turn: &Turn, shape: Shape, piece: &str) {
    let (name, value) = match (shape, &turn.said) {
        (Shape::Message, Said::Call(call)) => {
            let arguments = serde_json::from_str::<Value>(&call.arguments).unwrap_or_default();
            let calls = json!([{"function": {"name": call.name, "arguments": arguments}}]);
            ("message", json!({"role": "assistant", "content": "", "tool_calls": calls}))
        }
        (Shape::Message, Said::Text(_)) => ("message", json!({"role": "assistant", "content": piece})),
        (Shape::Text, _) => ("response", json!(piece)),
    };
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn line(object: &Value) -> Result<Bytes> {
    let mut line = serde_json::to_vec(object)?;
    line.push(b'\n');
    Ok(line.into())
}
