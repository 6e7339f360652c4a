//! What calls answer that are none of the model APIs: Google's `generateContent` and `streamGenerateContent`, and the events of
//! Anthropic's models on Vertex AI.

use super::{Answer, OutputKind, Slot, elements, index, members, messages, position, text};
use crate::json::Value;
use crate::{Api, BodyError, Usage};

/// Reads a body or an event, and leaves what OpenAI's members said.
pub(super) fn read<'a>(whole: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [candidates, usage, model, message, number, opened, delta] = whole.members(&[
        "candidates",
        "usageMetadata",
        "modelVersion",
        "message",
        "index",
        "content_block",
        "delta",
    ])?;
    answer.model = answer.model.take().or_else(|| text(model));
    if answer.usage.is_none() {
        let [started] = members(message, &["usage"])?;
        answer.usage = Usage::read_gemini(usage)?.or(Usage::read(Api::Other, started)?);
    }
    for part in [opened, delta] {
        messages::read_block(index(number), part, answer)?;
    }
    let [reason] = members(delta, &["stop_reason"])?;
    answer.finish(0, reason);
    elements(candidates, |at, candidate| read_candidate(position(at), candidate, answer))
}

/// One of Gemini's `candidates`.
fn read_candidate<'a>(at: u32, candidate: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [number, content, reason] = members(Some(candidate), &["index", "content", "finishReason"])?;
    let choice = number.map_or(at, |number| index(Some(number)));
    let [parts] = members(content, &["parts"])?;
    elements(parts, |at, part| {
        let [said, thought, call] = members(Some(part), &["text", "thought", "functionCall"])?;
        let is_thought = thought.is_some_and(|thought| thought.text() == "true");
        let kind = if is_thought { OutputKind::Reasoning } else { OutputKind::Text };
        answer.output(Slot { choice, block: 0, kind }, said, false);
        let [arguments] = members(call, &["args"])?;
        answer.json_output(choice, position(at), arguments);
        Ok(())
    })?;
    answer.finish(choice, reason);
    Ok(())
}
