//! OpenAI chat completions, completions and embeddings, what compatible servers add to them, and KServe's outputs.

use super::{Answer, OutputKind, Slot, digits, elements, index, members, position, text};
use crate::json::Value;
use crate::{Api, BodyError, Fault, Usage};

/// Reads a body or a chunk.
pub(super) fn read<'a>(api: Api, whole: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [model, model_name, usage, choices, outputs, error, object, kind, code, message] = whole.members(&[
        "model",
        "model_name",
        "usage",
        "choices",
        "outputs",
        "error",
        "object",
        "type",
        "code",
        "message",
    ])?;
    answer.model = text(model).or_else(|| text(model_name));
    answer.usage = Usage::read(api, usage)?;
    answer.without_choices = choices.is_some_and(Value::is_empty_array);
    answer.fault(error)?;
    if text(object).is_some_and(|object| object == "error") {
        // vLLM reported errors bare, without an `error` around them.
        answer.error =
            Some(Fault { kind: text(kind), code: text(code).or_else(|| digits(code)), message: text(message) });
    }
    elements(choices, |position, choice| read_choice(position, choice, answer))?;
    elements(outputs, |position, tensor| read_tensor(position, tensor, answer))
}

/// One of `choices`: its `message`, `delta` or `text`.
fn read_choice<'a>(at: usize, choice: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [number, message, delta, completion, reason] =
        members(Some(choice), &["index", "message", "delta", "text", "finish_reason"])?;
    let choice = number.map_or(position(at), |number| index(Some(number)));
    answer.output(Slot { choice, block: 0, kind: OutputKind::Text }, completion, false);
    for said in [message, delta] {
        read_message(choice, said, answer)?;
    }
    answer.finish(choice, reason);
    Ok(())
}

/// A `message` or a `delta`, which have the same members.
pub(super) fn read_message<'a>(choice: u32, said: Option<Value<'a>>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [reasoning_content, reasoning, thinking, content, refusal, tool_calls, function_call, audio] = members(
        said,
        &["reasoning_content", "reasoning", "thinking", "content", "refusal", "tool_calls", "function_call", "audio"],
    )?;
    let slot = |kind| Slot { choice, block: 0, kind };
    // Servers that send both names send the same text under each: both must be masked, one counts.
    answer.output(slot(OutputKind::Reasoning), reasoning_content, false);
    answer.output(slot(OutputKind::Reasoning), reasoning, reasoning_content.is_some_and(|value| !value.is_null()));
    // As Ollama has it.
    answer.output(slot(OutputKind::Reasoning), thinking, false);
    answer.output(slot(OutputKind::Text), content, false);
    elements(content, |_, part| {
        let [part] = members(Some(part), &["text"])?;
        answer.output(slot(OutputKind::Text), part, false);
        Ok(())
    })?;
    answer.output(slot(OutputKind::Refusal), refusal, false);
    let [transcript] = members(audio, &["transcript"])?;
    answer.output(slot(OutputKind::Text), transcript, false);
    read_call(choice, 0, function_call, answer)?;
    elements(tool_calls, |at, call| {
        let [number, function, custom] = members(Some(call), &["index", "function", "custom"])?;
        let block = number.map_or(position(at), |number| index(Some(number)));
        read_call(choice, block, function.or(custom), answer)
    })
}

/// The arguments of one call of a tool.
fn read_call<'a>(choice: u32, block: u32, call: Option<Value<'a>>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [arguments, input] = members(call, &["arguments", "input"])?;
    for value in [arguments, input] {
        answer.output(Slot { choice, block, kind: OutputKind::Arguments }, value, false);
        answer.json_output(choice, block, value);
    }
    Ok(())
}

/// The strings of one of KServe's `outputs`, flat or in rows.
fn read_tensor<'a>(at: usize, tensor: Value<'a>, answer: &mut Answer<'a>) -> Result<(), BodyError> {
    let [datatype, data] = members(Some(tensor), &["datatype", "data"])?;
    if !text(datatype).is_some_and(|name| name.eq_ignore_ascii_case("BYTES")) {
        return Ok(());
    }
    let mut block = 0;
    let mut add = |value: Value<'a>| {
        answer.output(Slot { choice: position(at), block, kind: OutputKind::Text }, Some(value), false);
        block += 1;
    };
    elements(data, |_, element| {
        if element.is_array() {
            return element.elements(|_, inner| {
                add(inner);
                Ok(())
            });
        }
        add(element);
        Ok(())
    })
}
