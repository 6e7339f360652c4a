//! A response that flows by as server-sent events: masked and restored as it flows.
//!
//! Each text of the answer (choice, block, kind) has a tail of its own: what came of it and can still become a finding or a
//! placeholder. All else goes on at once, in the event in which the last of it came. What is left of a tail goes out when its
//! answer ends, in an event made after the last one of that text. After an abort nothing goes out.

mod tail;

use crate::text::{Guard, Kind, edit_json};
use chat::sse::{Event, Framer, Item};
use chat::{Answer, Api, OutputKind, Slot, splice};
use std::collections::BTreeMap;
use tail::Tail;

/// The longest event that is looked into. A longer one is a fault of the upstream's, and ends the stream.
pub const MAX_EVENT: usize = 4 << 20;

/// What becomes of a piece of the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Out {
    /// These bytes go on.
    Go(Vec<u8>),
    /// Something refuses the response: these bytes go on, and then nothing.
    Blocked(Vec<u8>),
    /// An event cannot be read.
    Unreadable(Vec<u8>),
}

/// A stream at work.
#[derive(Debug)]
pub struct Stream {
    api: Api,
    framer: Framer,
    slots: BTreeMap<Slot, Text>,
}

/// One text of the answer.
#[derive(Debug, Default)]
struct Text {
    tail: Tail,
    /// The last event of this text, and where in its data the text stands.
    event: Vec<u8>,
    span: std::ops::Range<usize>,
}

impl Stream {
    /// A stream of answers of this API.
    pub fn new(api: Api) -> Self {
        Self { api, framer: Framer::new(MAX_EVENT), slots: BTreeMap::new() }
    }

    /// Takes the next bytes of the stream, and gives what goes on.
    pub fn push(&mut self, guard: &mut Guard<'_>, chunk: &[u8], last: bool) -> Out {
        let mut out = Vec::with_capacity(chunk.len() + 64);
        let mut framer = std::mem::replace(&mut self.framer, Framer::new(1));
        framer.push(chunk);
        if last {
            framer.finish();
        }
        let mut fault = false;
        while let Some(item) = framer.next_item() {
            match item {
                Item::Event(event) => fault = !self.event(guard, &event, &mut out),
                Item::Oversized { .. } => fault = true,
            }
            if fault || guard.tally.blocked.is_some() {
                break;
            }
        }
        self.framer = framer;
        if last && !fault && guard.tally.blocked.is_none() {
            self.flush(guard, |_| true, &mut out);
        }
        match guard.tally.blocked {
            Some(_) => Out::Blocked(out),
            None if fault => Out::Unreadable(out),
            None => Out::Go(out),
        }
    }

    /// One event. `false` if it cannot be read.
    fn event(&mut self, guard: &mut Guard<'_>, event: &Event<'_>, out: &mut Vec<u8>) -> bool {
        let Some(data) = event.data() else {
            out.extend_from_slice(event.raw());
            return true;
        };
        let Ok(answer) = Answer::parse(self.api, data.as_bytes()) else {
            // Not an answer of this API: a text like any other.
            let look = crate::detect::Look::WHOLE;
            match guard.edit(&data, look, 0) {
                Some(edited) => out.extend_from_slice(&event.with_data(&edited)),
                None => out.extend_from_slice(event.raw()),
            }
            return true;
        };
        let mut edits = Vec::new();
        let mut seen: Vec<Slot> = Vec::new();
        for output in &answer.outputs {
            let text = output.text.as_ref();
            let done = if output.kind_is_json() {
                edit_json(guard, text, Kind::Free, &[]).ok().flatten().map(|text| (text, true))
            } else if output.repeats || seen.contains(&output.slot) {
                let mut whole = Tail::default();
                let mut text = whole.push(guard, text, output.slot.kind);
                text.push_str(&whole.finish(guard, output.slot.kind));
                Some((text, false))
            } else {
                seen.push(output.slot);
                let slot = self.slots.entry(output.slot).or_default();
                Some((slot.tail.push(guard, text, output.slot.kind), false))
            };
            if let Some((done, json)) = done.filter(|(done, _)| done != text) {
                edits.push((output.span.clone(), if json { done } else { serde_json::Value::from(done).to_string() }));
            }
        }
        if guard.tally.blocked.is_some() {
            return true;
        }
        // What ends: its tail goes out before.
        let ends = answer.end || answer.error.is_some();
        let block_stop = stopped_block(self.api, &data);
        let finished: Vec<u32> = answer.finishes.iter().map(|finish| finish.choice).collect();
        let anthropic = self.api == Api::Messages;
        let outputs = &answer.outputs;
        let ended = |slot: &Slot| {
            ends || finished.contains(&slot.choice) && (!anthropic || block_stop.is_none())
                || block_stop == Some((slot.choice, slot.block))
                // A chat answer has one text at a time: where another begins, this one is over.
                || (self.api == Api::ChatCompletions
                    && outputs.iter().any(|o| o.slot.choice == slot.choice && o.slot != *slot))
        };
        let mut tails = Vec::new();
        for (slot, text) in self.slots.iter_mut().filter(|(slot, _)| ended(slot)) {
            let rest = text.tail.finish(guard, slot.kind);
            if rest.is_empty() {
                continue;
            }
            // Its last part is in this event, or it gets an event of its own.
            let here = outputs.iter().find(|output| output.slot == *slot && !output.repeats);
            match here {
                Some(output) => {
                    let at = edits.iter().position(|(span, _)| *span == output.span);
                    let before = at.and_then(|at| edits.get(at)).map(|(_, text)| text.clone());
                    let before: String = before
                        .and_then(|text| serde_json::from_str(&text).ok())
                        .unwrap_or_else(|| output.text.clone().into_owned());
                    let text = serde_json::Value::from(before + &rest).to_string();
                    match at.and_then(|at| edits.get_mut(at)) {
                        Some(edit) => edit.1 = text,
                        None => edits.push((output.span.clone(), text)),
                    }
                }
                None => tails.push(text.as_event(&rest)),
            }
        }
        if guard.tally.blocked.is_some() {
            return true;
        }
        tails.into_iter().for_each(|event| out.extend_from_slice(&event));
        for output in outputs.iter().filter(|output| !output.repeats && !output.kind_is_json()) {
            if let Some(slot) = self.slots.get_mut(&output.slot) {
                slot.event.clear();
                slot.event.extend_from_slice(event.raw());
                slot.span = output.span.clone();
            }
        }
        edits.sort_by_key(|(span, _)| span.start);
        let edited = (!edits.is_empty()).then(|| splice(data.as_bytes(), &edits));
        let edited = edited.and_then(|data| String::from_utf8(data).ok());
        let text = edited.as_deref().unwrap_or(&data);
        let bare = without_logprobs(text);
        match bare.or(edited) {
            Some(data) => out.extend_from_slice(&event.with_data(&data)),
            None => out.extend_from_slice(event.raw()),
        }
        true
    }

    fn flush(&mut self, guard: &mut Guard<'_>, of: impl Fn(&Slot) -> bool, out: &mut Vec<u8>) {
        for (slot, text) in self.slots.iter_mut().filter(|(slot, _)| of(slot)) {
            let rest = text.tail.finish(guard, slot.kind);
            if !rest.is_empty() && guard.tally.blocked.is_none() {
                out.extend_from_slice(&text.as_event(&rest));
            }
        }
    }
}

impl Text {
    /// An event like the last one of this text, with `text` in the place of its own.
    fn as_event(&self, text: &str) -> Vec<u8> {
        let mut framer = Framer::new(MAX_EVENT);
        framer.push(&self.event);
        framer.finish();
        let Some(Item::Event(event)) = framer.next_item() else { return Vec::new() };
        let Some(data) = event.data() else { return Vec::new() };
        let text = serde_json::Value::from(text).to_string();
        let data = splice(data.as_bytes(), &[(self.span.clone(), text)]);
        let data = String::from_utf8(data).unwrap_or_default();
        event.with_data(without_logprobs(&data).as_deref().unwrap_or(&data))
    }
}

/// Whether an output is JSON in the event itself.
trait IsJson {
    /// Whether it is.
    fn kind_is_json(&self) -> bool;
}

impl IsJson for chat::Output<'_> {
    fn kind_is_json(&self) -> bool {
        self.slot.kind == OutputKind::Json
    }
}

/// Which text an event says the end of: choice and block.
fn stopped_block(api: Api, data: &str) -> Option<(u32, u32)> {
    #[derive(serde::Deserialize)]
    struct Stop<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        #[serde(default)]
        index: u32,
        #[serde(default)]
        output_index: u32,
        #[serde(default)]
        content_index: u32,
    }
    if !matches!(api, Api::Messages | Api::Responses) {
        return None;
    }
    let stop: Stop<'_> = serde_json::from_str(data).ok()?;
    match api {
        Api::Messages => (stop.kind == "content_block_stop").then_some((0, stop.index)),
        _ => stop.kind.ends_with(".done").then_some((stop.output_index, stop.content_index)),
    }
}

/// `data` with `null` for log probabilities, which repeat the text token by token.
fn without_logprobs(data: &str) -> Option<String> {
    let at = memchr::memmem::find(data.as_bytes(), b"\"logprobs\":{")?;
    let bytes = data.as_bytes();
    let start = at + 11;
    let (mut depth, mut in_string, mut end) = (0_usize, false, start);
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\\' if in_string => end += 1,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => depth -= 1,
            _ => {}
        }
        end += 1;
        if depth == 0 {
            break;
        }
    }
    let rest = data.get(end..)?;
    Some(format!("{}null{}", data.get(..start)?, without_logprobs(rest).unwrap_or_else(|| rest.to_owned())))
}
