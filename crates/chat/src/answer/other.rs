//! What calls answer that are none of the model APIs: Google's `generateContent` and `streamGenerateContent`, the events of
//! Anthropic's models on Vertex AI, Ollama's lines, Cohere's and Bedrock's chats. Only texts, usage and ends.

use super::{Answer, OutputKind, Slot, chat, elements, index, members, messages, position, text};
use crate::json::Value;
use crate::usage::tokens;
use crate::{BodyError, Usage};

/// Reads a body or an event, and leaves what OpenAI's members said.
pub(super) fn read<'a>(whole: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [candidates, message, number, delta, response, output, done, event, prompt_eval, eval, block, stop] = whole
        .members(&[
            "candidates",
            "message",
            "index",
            "delta",
            "response",
            "output",
            "done",
            "event_type",
            "prompt_eval_count",
            "eval_count",
            "contentBlockIndex",
            "stopReason",
        ])?;
    if answer.usage.is_none() {
        answer.usage = Usage::of_counts(tokens(prompt_eval), tokens(eval));
    }
    for holder in [Some(whole), message, delta, response] {
        // The last stands in the last event of a stream of Bedrock's, of whichever model.
        let reports = members(holder, &["usage", "usageMetadata", "meta", "amazon-bedrock-invocationMetrics"])?;
        for report in reports {
            if answer.usage.is_none() {
                answer.usage = Usage::read_any(report)?;
            }
        }
    }
    // Converse puts a whole message into its output, and Cohere a part of one into an event.
    let [said] = members(output, &["message"])?;
    let [part] = members(delta, &["message"])?;
    let [part] = members(part, &["content"])?;
    let block = index(number.or(block));
    for said in [delta, part] {
        messages::read_block(block, said, answer)?;
    }
    read_converse(block, delta, answer)?;
    if done.or(event).is_some() {
        // A line of Ollama's, or of Cohere's first version.
        answer.end |=
            done.is_some_and(|done| done.text() == "true") || text(event).is_some_and(|event| event == "stream-end");
        messages::read_block(0, Some(whole), answer)?;
        answer.output(Slot { choice: 0, block: 0, kind: OutputKind::Text }, response, false);
    }
    chat::read_message(0, said.or(message), answer)?;
    let [reason] = members(delta, &["stop_reason"])?;
    answer.finish(0, reason.or(stop));
    elements(candidates, |at, candidate| read_candidate(position(at), candidate, answer))
}

/// What Converse streams beside texts: the arguments of a tool call, and what the model thought.
fn read_converse<'a>(block: u32, delta: Option<Value<'a>>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [call, thought] = members(delta, &["toolUse", "reasoningContent"])?;
    let ([input], [thought]) = (members(call, &["input"])?, members(thought, &["text"])?);
    for (kind, said) in [(OutputKind::Arguments, input), (OutputKind::Reasoning, thought)] {
        answer.output(Slot { choice: 0, block, kind }, said, false);
    }
    Ok(())
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
