//! The OpenAI Responses API: a whole response, and the events of one.

use super::{Answer, Finish, OutputKind, Slot, digits, elements, index, members, position, text};
use crate::json::Value;
use crate::{Api, BodyError, Fault, Usage};

/// Reads a response or an event.
pub(super) fn read<'a>(whole: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [kind, code, message, error, response, item, part, choice, block, summary] = whole.members(&[
        "type",
        "code",
        "message",
        "error",
        "response",
        "item",
        "part",
        "output_index",
        "content_index",
        "summary_index",
    ])?;
    let whole = whole.judged();
    let Some(kind) = text(kind) else { return read_response(whole, false, answer) };
    answer.fault(error)?;
    if kind == "error" && answer.error.is_none() {
        let code = text(code).or_else(|| digits(code));
        answer.error = Some(Fault { kind: None, code, message: text(message) });
    }
    answer.end = matches!(
        kind.as_ref(),
        "response.completed" | "response.failed" | "response.incomplete" | "response.cancelled"
    );
    if let Some(response) = response.filter(|response| response.is_object()) {
        read_response(response, true, answer)?;
    }
    let choice = index(choice);
    if let Some(item) = item {
        // An item that was just added may hold the start of its text, and one that is done all of it.
        read_item(choice, item, kind == "response.output_item.done", answer)?;
    }
    let block = index(block.or(summary));
    read_part(choice, block, part, kind.ends_with(".done"), answer)?;
    read_text(&kind, choice, block, whole, answer)
}

/// A text event: `delta`, or the whole text under its own name when done.
fn read_text<'a>(
    kind: &str,
    choice: u32,
    block: u32,
    event: Value<'a>,
    answer: &mut Answer<'a>,
) -> Result<(), BodyError> {
    let [delta, said, refusal, arguments, input, transcript] =
        event.members(&["delta", "text", "refusal", "arguments", "input", "transcript"])?;
    let of = if kind.contains("reasoning") {
        OutputKind::Reasoning
    } else if kind.contains("refusal") {
        OutputKind::Refusal
    } else if kind.contains("arguments") || kind.contains("_input.") {
        OutputKind::Arguments
    } else {
        OutputKind::Text
    };
    let slot = Slot { choice, block, kind: of };
    // Audio itself is no text.
    let delta = delta.filter(|_| kind != "response.audio.delta" && kind != "response.output_audio.delta");
    answer.output(slot, delta, false);
    for whole in [said, refusal, arguments, input, transcript] {
        answer.output(slot, whole, true);
    }
    Ok(())
}

/// A response: a body, or what an event about the whole holds.
fn read_response<'a>(response: Value<'a>, repeats: bool, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [model, usage, output, status, incomplete, error] =
        response.members(&["model", "usage", "output", "status", "incomplete_details", "error"])?;
    answer.model = text(model);
    answer.usage = Usage::read(Api::Responses, usage)?;
    answer.fault(error)?;
    elements(output, |at, item| read_item(position(at), item, repeats, answer))?;
    let [reason] = members(incomplete, &["reason"])?;
    let status =
        text(status).filter(|status| matches!(status.as_ref(), "completed" | "incomplete" | "failed" | "cancelled"));
    answer.finishes.extend(text(reason).or(status).map(|reason| Finish { choice: 0, reason }));
    Ok(())
}

/// An item of `output`: a message, a piece of reasoning, a call.
fn read_item<'a>(choice: u32, item: Value<'a>, repeats: bool, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [content, summary, arguments, input] = members(Some(item), &["content", "summary", "arguments", "input"])?;
    for parts in [content, summary] {
        elements(parts, |at, part| read_part(choice, position(at), Some(part), repeats, answer))?;
    }
    for value in [arguments, input] {
        answer.output(Slot { choice, block: 0, kind: OutputKind::Arguments }, value, repeats);
    }
    Ok(())
}

/// A content part: `output_text`, `refusal`, `reasoning_text`, `summary_text`.
fn read_part<'a>(
    choice: u32,
    block: u32,
    part: Option<Value<'a>>,
    repeats: bool,
    answer: &mut Answer<'a>,
) -> Result<(), BodyError> {
    let [kind, said, refusal] = members(part, &["type", "text", "refusal"])?;
    let reasoning = text(kind).is_some_and(|kind| matches!(kind.as_ref(), "reasoning_text" | "summary_text"));
    let of = if reasoning { OutputKind::Reasoning } else { OutputKind::Text };
    answer.output(Slot { choice, block, kind: of }, said, repeats);
    answer.output(Slot { choice, block, kind: OutputKind::Refusal }, refusal, repeats);
    Ok(())
}
