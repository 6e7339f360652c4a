//! The plain text of an answer, for comparison with another: what the caller asked for, without tool calls or thoughts.

use crate::cache::store::Answer;
use chat::sse::{Framer, Item};
use chat::{Answer as Read, Api, OutputKind};

/// Events larger than this end the reading.
const EVENT_BYTES: usize = 1 << 20;

/// The text of an answer; `None` where it cannot be read or says nothing.
pub(super) fn text(api: &str, answer: &Answer) -> Option<String> {
    let api = match api {
        "openai_chat" => Api::ChatCompletions,
        "openai_completions" => Api::Completions,
        "openai_responses" => Api::Responses,
        "anthropic_messages" => Api::Messages,
        _ => return None,
    };
    let mut text = String::new();
    if answer.content_type.starts_with("text/event-stream") {
        let mut framer = Framer::new(EVENT_BYTES);
        framer.push(&answer.body);
        framer.finish();
        while let Some(item) = framer.next_item() {
            if let Item::Event(event) = item
                && let Some(data) = event.data()
            {
                add(api, data.as_bytes(), &mut text)?;
            }
        }
    } else {
        add(api, &answer.body, &mut text)?;
    }
    (!text.is_empty()).then_some(text)
}

fn add(api: Api, data: &[u8], text: &mut String) -> Option<()> {
    let read = Read::parse(api, data).ok()?;
    for output in read.outputs {
        if output.slot.kind == OutputKind::Text && output.slot.choice == 0 && !output.repeats {
            text.push_str(&output.text);
        }
    }
    Some(())
}
