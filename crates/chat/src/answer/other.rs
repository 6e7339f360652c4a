//! What calls answer that are none of the model APIs: Google's `generateContent` and `streamGenerateContent`, and the events of
//! Anthropic's models on Vertex AI. Only texts, usage and ends.

use super::{Answer, OutputKind, Slot, elements, index, members, messages, position};
use crate::json::Value;
use crate::{Api, BodyError, Usage};

/// Reads a body or an event, and leaves what OpenAI's members said.
pub(super) fn read<'a>(whole: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [candidates, usage, message, number, delta] =
        whole.members(&["candidates", "usageMetadata", "message", "index", "delta"])?;
    if answer.usage.is_none() {
        let [started] = members(message, &["usage"])?;
        answer.usage = Usage::read_gemini(usage)?.or(Usage::read(Api::Other, started)?);
    }
    messages::read_block(index(number), delta, answer)?;
    let [reason] = members(delta, &["stop_reason"])?;
    answer.finish(0, reason);
    elements(candidates, |at, candidate| read_candidate(position(at), candidate, answer))
}

/// One of Gemini's `candidates`: its parts make one text.
fn read_candidate<'a>(at: u32, candidate: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [number, content, reason] = members(Some(candidate), &["index", "content", "finishReason"])?;
    let choice = number.map_or(at, |number| index(Some(number)));
    let [parts] = members(content, &["parts"])?;
    elements(parts, |_, part| {
        let [said] = members(Some(part), &["text"])?;
        answer.output(Slot { choice, block: 0, kind: OutputKind::Text }, said, false);
        Ok(())
    })?;
    answer.finish(choice, reason);
    Ok(())
}
