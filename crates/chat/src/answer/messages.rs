//! Anthropic messages: a whole message, and the events of one.

use super::{Answer, OutputKind, Slot, elements, index, members, position, text};
use crate::json::Value;
use crate::{Api, BodyError, Usage};

/// Reads a message or an event; the `type` of each is told by its members.
pub(super) fn read<'a>(whole: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [kind, error, message, number, opened, delta] =
        whole.members(&["type", "error", "message", "index", "content_block", "delta"])?;
    answer.end = text(kind).is_some_and(|kind| kind == "message_stop");
    answer.fault(error)?;
    read_message(whole.judged(), answer)?;
    if let Some(message) = message.filter(|message| message.is_object()) {
        read_message(message, answer)?;
    }
    let block = index(number);
    for part in [opened, delta] {
        read_block(block, part, answer)?;
    }
    let [reason] = members(delta, &["stop_reason"])?;
    answer.finish(0, reason);
    Ok(())
}

/// A message: a body, or what `message_start` holds. `message_delta` has its `usage` at the same place as a body.
fn read_message<'a>(message: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [model, usage, content, reason] = message.members(&["model", "usage", "content", "stop_reason"])?;
    answer.model = text(model).or_else(|| answer.model.take());
    answer.usage = Usage::read(Api::Messages, usage)?.or(answer.usage);
    elements(content, |at, block| read_block(position(at), Some(block), answer))?;
    answer.finish(0, reason);
    Ok(())
}

/// A content block, or the `delta` of one.
#[inline(never)]
pub(super) fn read_block<'a>(block: u32, value: Option<Value<'a>>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [said, thinking, partial_json, input] = members(value, &["text", "thinking", "partial_json", "input"])?;
    for (kind, value) in
        [(OutputKind::Text, said), (OutputKind::Reasoning, thinking), (OutputKind::Arguments, partial_json)]
    {
        answer.output(Slot { choice: 0, block, kind }, value, false);
    }
    answer.json_output(0, block, input);
    Ok(())
}
