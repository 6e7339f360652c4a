//! A response that flows by as server-sent events, as lines of JSON or as an array: masked and restored as it flows.
//!
//! Each text of the answer (choice, block, kind) has a tail of its own: what came of it and can still become a finding or a
//! placeholder. All else goes on at once, in the event in which the last of it came. What is left of a tail goes out when its
//! answer ends, in an event made after the last one of that text. After an abort nothing goes out. Other texts of an event (what
//! tools found, titles of sources, texts of an API that is none of ours) are looked at as they stand in it.

mod array;
mod fence;
mod hold;
mod table;
mod tail;

use crate::text::{Guard, Kind, changes_around, edit_any, edit_json};
pub use chat::Framing;
use chat::{Answer, Api, Frame, Frames, Output, OutputKind, Slot, splice};
use std::collections::BTreeMap;
use std::ops::Range;
use tail::Tail;

/// The longest event or line that is looked into. A longer one is a fault of the upstream's, and ends the stream.
const MAX_EVENT: usize = 4 << 20;

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
    /// What of the events of other APIs is looked at, if that is said.
    pointers: Vec<Vec<String>>,
    framing: Framing,
    frames: Frames,
    slots: BTreeMap<Slot, Text>,
    /// Something of it went on.
    begun: bool,
}

/// One text of the answer.
#[derive(Debug, Default)]
struct Text {
    tail: Tail,
    /// The last event of this text, and where in its data the text stands.
    event: Vec<u8>,
    span: Range<usize>,
}

impl Stream {
    /// A stream of answers of this API. `pointers`, if there are some, name the only values that are looked at where the API
    /// is none of ours.
    pub fn new(api: Api, framing: Framing, pointers: &[Vec<String>]) -> Self {
        let pointers = if is_other(api) { pointers.to_vec() } else { Vec::new() };
        Self { api, pointers, framing, frames: Frames::new(framing, MAX_EVENT), slots: BTreeMap::new(), begun: false }
    }

    /// Takes the next bytes of the stream, and gives what goes on.
    pub fn push(&mut self, guard: &mut Guard<'_>, chunk: &[u8], last: bool) -> Out {
        let mut out = Vec::with_capacity(chunk.len() + 64);
        let mut frames = std::mem::replace(&mut self.frames, Frames::new(self.framing, MAX_EVENT));
        frames.push(chunk, last);
        let mut fault = false;
        while let Some(frame) = frames.next_frame() {
            match frame {
                Frame::Oversized(_) => fault = true,
                Frame::Message(message) if message.is_broken() => fault = true,
                frame => self.event(guard, &frame, &mut out),
            }
            if fault || guard.tally.blocked.is_some() {
                break;
            }
        }
        self.frames = frames;
        if last && !fault && guard.tally.blocked.is_none() {
            self.flush(guard, &mut out);
        }
        self.begun |= !out.is_empty();
        match guard.tally.blocked {
            Some(_) => Out::Blocked(out),
            None if fault => Out::Unreadable(out),
            None => Out::Go(out),
        }
    }

    /// How the stream is cut.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The rest of an array, of which this element is the last.
    pub fn closed_by(&self, element: &str) -> Vec<u8> {
        array::last(element, self.begun).into_bytes()
    }

    /// One event.
    fn event(&mut self, guard: &mut Guard<'_>, event: &Frame<'_>, out: &mut Vec<u8>) {
        if self.framing == Framing::Array && !array::is_clean(event) {
            let text = String::from_utf8_lossy(event.raw());
            out.extend_from_slice(edit_any(guard, &text, &[]).as_deref().unwrap_or(&text).as_bytes());
            return;
        }
        let Some(data) = event.data() else {
            if self.framing == Framing::Array {
                // What closes it.
                self.flush(guard, out);
            }
            if guard.tally.blocked.is_none() {
                out.extend_from_slice(event.raw());
            }
            return;
        };
        let Ok(mut answer) = Answer::parse(self.api, data.as_bytes()) else {
            // Not an answer of this API: JSON or a text like any other.
            match edit_any(guard, &data, &[]) {
                Some(edited) => out.extend_from_slice(&event.with_data(&edited)),
                None => out.extend_from_slice(event.raw()),
            }
            return;
        };
        answer.end |= event.is_cut();
        let mut edits = self.edits(guard, &answer);
        let tails = self.endings(guard, &answer, &data, &mut edits);
        let mut apart: Vec<Range<usize>> = answer.outputs.iter().map(|output| output.span.clone()).collect();
        apart.sort_by_key(|span| span.start);
        let kind = if is_other(self.api) { Kind::Free } else { Kind::Api };
        let others = changes_around(guard, &data, kind, &self.pointers, &apart);
        if guard.tally.blocked.is_some() {
            return;
        }
        tails.iter().for_each(|tail| out.extend_from_slice(tail));
        edits.extend(others.into_iter().map(|change| (change.start..change.end, change.text)));
        edits.sort_by_key(|(span, _)| span.start);
        self.remember(event, &data, &edits, &answer.outputs);
        match String::from_utf8(splice(data.as_bytes(), &edits)) {
            Ok(edited) if !edits.is_empty() => out.extend_from_slice(&event.with_data(&edited)),
            _ => out.extend_from_slice(event.raw()),
        }
    }

    /// What becomes of the texts of the answer in this event.
    fn edits(&mut self, guard: &mut Guard<'_>, answer: &Answer<'_>) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut seen: Vec<Slot> = Vec::new();
        for output in &answer.outputs {
            let text = output.text.as_ref();
            if output.is_json() {
                let edited = edit_json(guard, text, Kind::Free, &[]).ok().flatten();
                edits.extend(edited.map(|text| (output.span.clone(), text)));
                continue;
            }
            let done = if output.repeats || seen.contains(&output.slot) {
                let mut whole = Tail::default();
                let done = whole.push(guard, text, output.slot.kind);
                done + &whole.finish(guard, output.slot.kind)
            } else {
                seen.push(output.slot);
                let slot = self.slots.entry(output.slot).or_default();
                slot.tail.push(guard, text, output.slot.kind)
            };
            if done != text {
                edits.push((output.span.clone(), quoted(&done)));
            }
        }
        edits
    }

    /// What is left of the texts that end with this event: added to it where their last part is in it, else in events that go
    /// before it.
    fn endings(
        &mut self,
        guard: &mut Guard<'_>,
        answer: &Answer<'_>,
        data: &str,
        edits: &mut Vec<Edit>,
    ) -> Vec<Vec<u8>> {
        let ends = answer.end || answer.error.is_some();
        let block_stop = stopped_block(self.api, data);
        let outputs = &answer.outputs;
        let ended = |slot: &Slot| {
            let finished = answer.finishes.iter().any(|finish| finish.choice == slot.choice);
            ends || finished && (self.api != Api::Messages || block_stop.is_none())
                || block_stop == Some((slot.choice, slot.block))
                // A chat answer has one text at a time: where another begins, this one is over.
                || (matches!(self.api, Api::ChatCompletions | Api::Other)
                    && outputs.iter().any(|o| o.slot.choice == slot.choice && o.slot != *slot))
        };
        let (mut events, framing) = (Vec::new(), self.framing);
        for (slot, text) in self.slots.iter_mut().filter(|(slot, _)| ended(slot)) {
            let rest = text.tail.finish(guard, slot.kind);
            if rest.is_empty() {
                continue;
            }
            let Some(output) = outputs.iter().find(|output| output.slot == *slot && !output.repeats) else {
                events.push(text.as_event(&rest, framing));
                continue;
            };
            match edits.iter_mut().find(|(span, _)| *span == output.span) {
                Some((_, edited)) => {
                    let before: String = serde_json::from_str(edited).unwrap_or_default();
                    *edited = quoted(&(before + &rest));
                }
                None => edits.push((output.span.clone(), quoted(&format!("{}{rest}", output.text)))),
            }
        }
        events
    }

    /// Keeps what an event of its own would need, for each text in this one: all that is in it, but no other text.
    fn remember(&mut self, event: &Frame<'_>, data: &str, edits: &[Edit], outputs: &[Output<'_>]) {
        for output in outputs.iter().filter(|output| !output.repeats && !output.is_json()) {
            let Some(text) = self.slots.get_mut(&output.slot) else { continue };
            text.event.clear();
            text.span = output.span.clone();
            if outputs.len() == 1 && edits.iter().all(|(span, _)| *span == output.span) {
                text.event.extend_from_slice(event.raw());
                continue;
            }
            let is_text = |span: &Range<usize>| outputs.iter().any(|output| output.span == *span);
            let others = outputs.iter().filter(|other| other.span != output.span);
            let empty =
                others.map(|other| (other.span.clone(), if other.is_json() { "{}" } else { "\"\"" }.to_owned()));
            let mut edits: Vec<Edit> = edits.iter().filter(|(span, _)| !is_text(span)).cloned().chain(empty).collect();
            edits.sort_by_key(|(span, _)| span.start);
            for (span, with) in edits.iter().filter(|(span, _)| span.end <= output.span.start) {
                let moved = |at: usize| (at + with.len()).saturating_sub(span.len());
                text.span = moved(text.span.start)..moved(text.span.end);
            }
            let data = String::from_utf8(splice(data.as_bytes(), &edits)).unwrap_or_default();
            text.event = event.with_data(&data);
        }
    }

    fn flush(&mut self, guard: &mut Guard<'_>, out: &mut Vec<u8>) {
        let framing = self.framing;
        for (slot, text) in &mut self.slots {
            let rest = text.tail.finish(guard, slot.kind);
            if !rest.is_empty() && guard.tally.blocked.is_none() {
                out.extend_from_slice(&text.as_event(&rest, framing));
            }
        }
    }
}

impl Text {
    /// An event like the last one of this text, with `text` in the place of its own.
    fn as_event(&self, text: &str, framing: Framing) -> Vec<u8> {
        let mut frames = Frames::new(framing, MAX_EVENT);
        let is_array = framing == Framing::Array;
        if is_array {
            frames.push(&array::as_first(&self.event), true);
        } else {
            frames.push(&self.event, true);
        }
        let Some(event) = frames.next_frame() else { return Vec::new() };
        let Some(data) = event.data() else { return Vec::new() };
        let data = splice(data.as_bytes(), &[(self.span.clone(), quoted(text))]);
        if is_array {
            return array::as_next(&data);
        }
        event.with_data(&String::from_utf8(data).unwrap_or_default())
    }
}

/// A change to the data of an event: what of it is replaced, and by what.
type Edit = (Range<usize>, String);

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether an output is JSON in the event itself.
trait IsJson {
    /// Whether it is.
    fn is_json(&self) -> bool;
}

impl IsJson for Output<'_> {
    fn is_json(&self) -> bool {
        self.slot.kind == OutputKind::Json
    }
}

/// Whether bodies of this API are none that we know.
fn is_other(api: Api) -> bool {
    matches!(api, Api::Other | Api::Models)
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
        content_index: Option<u32>,
        #[serde(default)]
        summary_index: u32,
    }
    if !matches!(api, Api::Messages | Api::Responses) {
        return None;
    }
    let stop: Stop<'_> = serde_json::from_str(data).ok()?;
    match api {
        Api::Messages => (stop.kind == "content_block_stop").then_some((0, stop.index)),
        _ => stop
            .kind
            .ends_with(".done")
            .then_some((stop.output_index, stop.content_index.unwrap_or(stop.summary_index))),
    }
}
