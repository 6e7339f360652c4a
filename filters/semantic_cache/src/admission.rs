//! Which answers may be stored: complete ones that ended by themselves. Collects what flows by, and judges it when all is
//! over.

use crate::question::Placeholders;
use chat::sse::{Framer, Item};
use chat::{Answer, Api, OutputKind, Slot};
use std::collections::BTreeMap;

/// Why an answer is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Another status than 200, or made by the proxy.
    Status,
    /// `cache-control` of the response forbids it.
    NoStore,
    /// Neither JSON nor a stream of events, or compressed.
    MediaType,
    /// Larger than the policy stores.
    TooLarge,
    /// It broke off, or its end is missing.
    Incomplete,
    /// It cannot be read.
    Unreadable,
    /// It reports an error.
    Error,
    /// It ended for another reason than that all was said.
    Finish,
    /// Nothing was said, or a refusal.
    Empty,
    /// It holds a placeholder that its request does not hold.
    Placeholder,
}

impl Refused {
    /// The name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::NoStore => "no_store",
            Self::MediaType => "media_type",
            Self::TooLarge => "too_large",
            Self::Incomplete => "incomplete",
            Self::Unreadable => "unreadable",
            Self::Error => "error",
            Self::Finish => "finish_reason",
            Self::Empty => "empty",
            Self::Placeholder => "placeholder",
        }
    }
}

/// What is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The API.
    pub api: Api,
    /// Whether answers that call tools are stored.
    pub tool_calls: bool,
    /// The placeholders of the request.
    pub placeholders: &'a Placeholders,
}

/// An answer as it flows by.
#[derive(Debug, Default)]
pub struct Collected {
    /// What came so far.
    pub body: Vec<u8>,
    /// All of it came.
    pub complete: bool,
}

impl Collected {
    /// Adds a piece, unless there would be more than `limit` bytes.
    ///
    /// # Errors
    /// [`Refused::TooLarge`].
    pub fn add(&mut self, chunk: &[u8], last: bool, limit: usize) -> Result<(), Refused> {
        if self.body.len() + chunk.len() > limit {
            return Err(Refused::TooLarge);
        }
        self.body.extend_from_slice(chunk);
        self.complete |= last;
        Ok(())
    }
}

/// Whether a whole answer may be stored.
///
/// # Errors
/// The reason why not.
pub fn judge(body: &[u8], is_stream: bool, rules: &Rules<'_>) -> Result<(), Refused> {
    let mut said = Said::default();
    if is_stream {
        said.events(rules.api, body)?;
    } else {
        said.part(rules.api, body)?;
        said.ended = true;
    }
    said.judge(rules)
}

/// Whether all placeholders of an answer are in its request.
pub fn restorable(body: &[u8], is_stream: bool, rules: &Rules<'_>) -> bool {
    let mut said = Said::default();
    let read = if is_stream { said.events(rules.api, body) } else { said.part(rules.api, body) };
    read.is_ok() && said.placeholders_hold(rules)
}

/// What an answer says, part by part.
#[derive(Debug, Default)]
struct Said {
    texts: BTreeMap<Slot, String>,
    finishes: BTreeMap<u32, bool>,
    calls: BTreeMap<u32, bool>,
    refused: bool,
    ended: bool,
}

impl Said {
    fn events(&mut self, api: Api, body: &[u8]) -> Result<(), Refused> {
        let mut framer = Framer::new(body.len());
        framer.push(body);
        framer.finish();
        while let Some(item) = framer.next_item() {
            let Item::Event(event) = item else { return Err(Refused::Unreadable) };
            let Some(data) = event.data() else { continue };
            if !event.is_complete() {
                return Err(Refused::Incomplete);
            }
            self.part(api, data.as_bytes())?;
        }
        Ok(())
    }

    fn part(&mut self, api: Api, data: &[u8]) -> Result<(), Refused> {
        let answer = Answer::parse(api, data).map_err(|_| Refused::Unreadable)?;
        if answer.error.is_some() {
            return Err(Refused::Error);
        }
        self.ended |= answer.end;
        for output in answer.outputs.into_iter().filter(|output| !output.repeats) {
            self.refused |= output.slot.kind == OutputKind::Refusal;
            self.texts.entry(output.slot).or_default().push_str(&output.text);
        }
        for finish in answer.finishes {
            let is_call = matches!(finish.reason.as_ref(), "tool_calls" | "function_call" | "tool_use");
            let by_itself = matches!(finish.reason.as_ref(), "stop" | "end_turn" | "stop_sequence" | "completed");
            *self.calls.entry(finish.choice).or_default() |= is_call;
            *self.finishes.entry(finish.choice).or_insert(true) &= is_call || by_itself;
        }
        Ok(())
    }

    fn judge(&self, rules: &Rules<'_>) -> Result<(), Refused> {
        if !self.ended {
            return Err(Refused::Incomplete);
        }
        // The Responses API says `completed` for calls too.
        let called = |slot: &Slot| matches!(slot.kind, OutputKind::Arguments | OutputKind::Json);
        let calls = self.calls.values().any(|is_call| *is_call) || self.texts.keys().any(called);
        let all_ended = !self.finishes.is_empty() && self.finishes.values().all(|by_itself| *by_itself);
        let all_choices =
            rules.api == Api::Responses || self.texts.keys().all(|slot| self.finishes.contains_key(&slot.choice));
        if !all_ended || !all_choices || (calls && !rules.tool_calls) {
            return Err(Refused::Finish);
        }
        let spoken = |(slot, text): (&Slot, &String)| slot.kind == OutputKind::Text && !text.trim().is_empty();
        if self.refused || (!calls && !self.texts.iter().any(spoken)) {
            return Err(Refused::Empty);
        }
        if self.placeholders_hold(rules) { Ok(()) } else { Err(Refused::Placeholder) }
    }

    fn placeholders_hold(&self, rules: &Rules<'_>) -> bool {
        let mut found = Placeholders::default();
        for (slot, text) in &self.texts {
            found.see(text);
            // JSON in a text may spell the brackets as escapes, as Go's encoder does.
            if matches!(slot.kind, OutputKind::Arguments | OutputKind::Json) && text.contains("\\u003") {
                found.see(&text.replace("\\u003c", "<").replace("\\u003e", ">"));
            }
        }
        rules.placeholders.hold(&found)
    }
}
