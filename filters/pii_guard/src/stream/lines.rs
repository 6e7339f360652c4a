//! What the lines say that none of the model APIs has: Ollama's `/api/chat` and `/api/generate`, and Cohere's first chat API. The
//! texts of consecutive lines make one, as those of events do.

use chat::{Answer, Output, OutputKind, Slot};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A line, as far as it is read.
#[derive(Deserialize)]
struct Line<'a> {
    /// Ollama's alone: without it a `response` is a record's of anything.
    done: Option<bool>,
    /// Cohere's.
    event_type: Option<&'a str>,
    #[serde(borrow)]
    message: Option<Said<'a>>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
}

/// Adds what the line `data` says to its answer, where nothing was read of it.
pub fn read<'a>(data: &'a str, answer: &mut Answer<'a>) {
    let Ok(line) = serde_json::from_str::<Line<'a>>(data) else { return };
    if !answer.outputs.is_empty() {
        return;
    }
    let message = line.message.unwrap_or_default();
    let texts = match (line.done, line.event_type) {
        (Some(_), _) => vec![
            (OutputKind::Reasoning, message.thinking),
            (OutputKind::Text, message.content),
            (OutputKind::Reasoning, line.thinking),
            (OutputKind::Text, line.response),
        ],
        (None, Some("text-generation")) => vec![(OutputKind::Text, line.text)],
        (None, _) => Vec::new(),
    };
    answer.end |= line.done == Some(true) || line.event_type == Some("stream-end");
    for (kind, value) in texts {
        let Some(raw) = value.map(RawValue::get) else { continue };
        let Ok(text) = serde_json::from_str::<String>(raw) else { continue };
        // Both are slices of one text.
        let at = raw.as_ptr().addr() - data.as_ptr().addr();
        if !text.is_empty() {
            let slot = Slot { choice: 0, block: 0, kind };
            answer.outputs.push(Output { slot, text: text.into(), span: at..at + raw.len(), repeats: false });
        }
    }
}
