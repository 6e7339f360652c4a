//! What a response says: one JSON body, or one event of a stream.
//!
//! One reader for both, because upstreams mix them: a body has `message` where a chunk has `delta`, and the events of
//! the Responses and Messages APIs wrap parts of a body. Not a mirror of the APIs: text, usage, ends and errors only.

mod chat;
mod messages;
mod other;
mod responses;

use std::borrow::Cow;
use std::ops::Range;

use crate::json::Value;
use crate::{Api, BodyError, Usage};

/// What one body or one event says. Most events say one thing; what is not said is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The model that answers, by its own account (KServe: `model_name`).
    pub model: Option<Cow<'a, str>>,
    /// What was used. Of several in one stream the later replace the earlier ([`Usage::update`]).
    pub usage: Option<Usage>,
    /// The texts, in the order of the body.
    pub outputs: Vec<Output<'a>>,
    /// Which answers ended, and why.
    pub finishes: Vec<Finish<'a>>,
    /// The upstream reports an error.
    pub error: Option<Fault<'a>>,
    /// This is the stream's last event: `[DONE]`, `message_stop`, `response.completed`, `response.failed`,
    /// `response.incomplete`, `response.cancelled`. An event that reports an error is one too, without saying so.
    pub end: bool,
    /// Its `choices` are an empty list: OpenAI's event that tells usage alone has none.
    pub without_choices: bool,
}

/// A text of an answer, whole or the next part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output<'a> {
    /// Which text of the answer this belongs to.
    pub slot: Slot,
    /// The decoded text; for [`OutputKind::Json`] the JSON text as it stands. A lone surrogate reads as U+FFFD.
    pub text: Cow<'a, str>,
    /// The bytes of its JSON value in the body or the event's data, with the quotes of a string.
    pub span: Range<usize>,
    /// The event says again, whole, what came in parts before (Responses API: `….done` events, `response.completed`). To be
    /// masked like any text, not to be counted twice.
    pub repeats: bool,
}

/// Which text of an answer: parts of one slot, in order, make one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The choice (OpenAI), the output item (Responses), the output tensor (KServe); 0 for Anthropic.
    pub choice: u32,
    /// The content block (Anthropic, Responses), the tool call (chat), the element (KServe); else 0.
    pub block: u32,
    /// What the text is.
    pub kind: OutputKind,
}

/// What a text of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutputKind {
    /// What the caller asked for.
    Text,
    /// What the model thought (`reasoning_content`, `reasoning`, `thinking`, reasoning summaries).
    Reasoning,
    /// Why it refused.
    Refusal,
    /// The arguments of a tool call: parts of a JSON text.
    Arguments,
    /// The arguments of a tool call as JSON in the body itself (Anthropic's `input`).
    Json,
}

/// The end of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish<'a> {
    /// The choice that ended.
    pub choice: u32,
    /// The API's own word: `stop`, `length`, `tool_calls`, `end_turn`, `max_output_tokens`; Responses: else the status.
    pub reason: Cow<'a, str>,
}

/// An error that the upstream reports. The message is the upstream's and may quote the request: not for logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault<'a> {
    /// `type`.
    pub kind: Option<Cow<'a, str>>,
    /// `code`, also where it is a number.
    pub code: Option<Cow<'a, str>>,
    /// `message`.
    pub message: Option<Cow<'a, str>>,
}

impl<'a> Answer<'a> {
    /// Reads a response body of `api`, or the data of one of its events.
    ///
    /// # Errors
    ///
    /// As [`Request::parse`](crate::Request::parse): no UTF-8, no JSON object, a member that is read here twice. Members
    /// of an unexpected type are absent, not errors.
    pub fn parse(api: Api, data: &'a [u8]) -> Result<Self, BodyError> {
        let mut answer = Answer::default();
        if data.trim_ascii() == b"[DONE]" {
            answer.end = true;
            return Ok(answer);
        }
        answer.read(api, Value::whole(data)?)?;
        Ok(answer)
    }

    fn read(&mut self, api: Api, whole: Value<'a>) -> Result<(), BodyError> {
        match api {
            Api::Messages => messages::read(whole, self),
            Api::Responses => responses::read(whole, self),
            _ => chat::read(api, whole, self),
        }?;
        if api == Api::Other { other::read(whole.judged(), self) } else { Ok(()) }
    }

    /// Adds `value`, if it is a text that is not empty.
    fn output(&mut self, slot: Slot, value: Option<Value<'a>>, repeats: bool) {
        if let Some((value, text)) = value.and_then(|value| Some((value, value.lossy_string()?)))
            && !text.is_empty()
        {
            self.outputs.push(Output { slot, text, span: value.span(), repeats });
        }
    }

    /// Adds `value` as JSON in the body, unless it is the empty object that opens a streamed tool call.
    fn json_output(&mut self, choice: u32, block: u32, value: Option<Value<'a>>) {
        if let Some(value) = value.filter(|value| value.is_object())
            && value.text() != "{}"
        {
            let slot = Slot { choice, block, kind: OutputKind::Json };
            let text = Cow::Borrowed(value.text());
            self.outputs.push(Output { slot, text, span: value.span(), repeats: false });
        }
    }

    /// Adds the end of `choice`, if `reason` is one.
    fn finish(&mut self, choice: u32, reason: Option<Value<'a>>) {
        self.finishes.extend(text(reason).map(|reason| Finish { choice, reason }));
    }

    /// Takes over a reported error: an object, or a message alone.
    fn fault(&mut self, error: Option<Value<'a>>) -> Result<(), BodyError> {
        let Some(error) = error.filter(|error| !error.is_null()) else { return Ok(()) };
        let mut fault = Fault { message: text(Some(error)), ..Fault::default() };
        if error.is_object() {
            let [kind, code, message] = error.members(&["type", "code", "message"])?;
            fault = Fault { kind: text(kind), code: text(code).or_else(|| digits(code)), message: text(message) };
        }
        self.error = Some(fault);
        Ok(())
    }
}

/// Shows what `body` says: one answer, or, of a JSON array (Gemini streams one), each of its elements. Whether all could be read.
pub fn each_answer(api: Api, body: &[u8], see: &mut dyn FnMut(&Answer<'_>)) -> bool {
    if !body.trim_ascii_start().starts_with(b"[") {
        return Answer::parse(api, body).map(|answer| see(&answer)).is_ok();
    }
    let elements = Value::whole(body).and_then(|whole| {
        whole.elements(|_, element| {
            let mut answer = Answer::default();
            answer.read(api, element)?;
            see(&answer);
            Ok(())
        })
    });
    elements.is_ok()
}

/// The decoded string, if it is one.
fn text(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    value?.lossy_string()
}

/// A number as it is written.
fn digits(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    value.filter(|value| value.number::<u64>().is_some()).map(|value| Cow::Borrowed(value.text()))
}

/// A number of a choice or block; 0 if it is none.
fn index(value: Option<Value<'_>>) -> u32 {
    value.and_then(Value::number).unwrap_or(0)
}

/// An element's own number, for arrays whose elements carry no `index`.
fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The members of `value` if it is an object; none of anything else.
fn members<'a, const N: usize>(
    value: Option<Value<'a>>,
    names: &[&'static str; N],
) -> Result<[Option<Value<'a>>; N], BodyError> {
    value.filter(|value| value.is_object()).map_or(Ok([None; N]), |value| value.members(names))
}

/// Visits the elements of `value` if it is an array.
fn elements<'a>(
    value: Option<Value<'a>>,
    visit: impl FnMut(usize, Value<'a>) -> Result<(), BodyError>,
) -> Result<(), BodyError> {
    value.filter(|value| value.is_array()).map_or(Ok(()), |value| value.elements(visit))
}
