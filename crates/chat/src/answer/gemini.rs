//! What Google's `generateContent` and `streamGenerateContent` say: a body, or an event of a stream. Their requests are
//! calls of [`Api::Other`](crate::Api::Other).

use super::{Answer, OutputKind, Slot, elements, index, members, position, text};
use crate::json::Value;
use crate::{BodyError, Usage};

/// Reads a body or an event, and leaves what another API said.
pub(super) fn read<'a>(whole: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [candidates, usage, model] = whole.members(&["candidates", "usageMetadata", "modelVersion"])?;
    answer.model = answer.model.take().or_else(|| text(model));
    answer.usage = answer.usage.or(Usage::read_gemini(usage)?);
    elements(candidates, |at, candidate| {
        let [number, content, reason] = members(Some(candidate), &["index", "content", "finishReason"])?;
        let choice = number.map_or(position(at), |number| index(Some(number)));
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
    })
}
