//! A walk through a JSON text that changes single values and keeps every other byte: order of keys, spelling of numbers,
//! spaces, members that come twice, members that nobody knows.

use super::Guard;
use super::guard::{Change, apply};
use super::position::{Kind, Place, place};
use crate::detect::{Look, Script};
use serde::de::IgnoredAny;
use std::ops::Range;

/// The text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not JSON")]
pub struct Malformed;

/// How often JSON may be a string in JSON.
const MAX_NESTING: usize = 3;

/// The shortest number that is looked at: no shorter one is an account or a card.
const SHORTEST_NUMBER: usize = 7;

/// `body` with all that the guard does to its texts; none if it stays as it is. `pointers`, if there are some, name the only
/// values that are looked at.
///
/// # Errors
/// Where `body` is no JSON.
pub fn edit_json(
    guard: &mut Guard<'_>,
    body: &str,
    kind: Kind,
    pointers: &[Vec<String>],
) -> Result<Option<String>, Malformed> {
    edit_nested(guard, body, kind, pointers, 0)
}

/// The same of what is JSON of any kind, or else a text.
pub fn edit_any(guard: &mut Guard<'_>, body: &str, pointers: &[Vec<String>]) -> Option<String> {
    let edited = edit_json(guard, body, Kind::Free, pointers);
    edited.unwrap_or_else(|Malformed| guard.edit(body, Look::WHOLE, 0))
}

/// The same of a body whose lines are JSON each, or texts.
pub fn edit_lines(guard: &mut Guard<'_>, body: &str, pointers: &[Vec<String>]) -> Option<String> {
    let mut changes = Vec::new();
    let mut start = 0;
    for raw in body.split_inclusive('\n') {
        let line = raw.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{1e}');
        let at = start + (line.as_ptr().addr() - raw.as_ptr().addr());
        let edited = edit_any(guard, line, pointers);
        changes.extend(edited.map(|text| Change { start: at, end: at + line.len(), text }));
        start += raw.len();
    }
    (!changes.is_empty()).then(|| apply(body, 0, &changes))
}

/// What the guard does to all texts of a body but those at `apart`, which others change: the changes, in order. `body` is
/// JSON, and `apart` are values in it, in their order.
pub fn changes_around(
    guard: &mut Guard<'_>,
    body: &str,
    kind: Kind,
    pointers: &[Vec<String>],
    apart: &[Range<usize>],
) -> Vec<Change> {
    Walk { apart, ..Walk::new(body, kind, pointers) }.run(guard)
}

fn edit_nested(
    guard: &mut Guard<'_>,
    body: &str,
    kind: Kind,
    pointers: &[Vec<String>],
    nesting: usize,
) -> Result<Option<String>, Malformed> {
    serde_json::from_str::<IgnoredAny>(body).map_err(|_| Malformed)?;
    let changes = Walk { nesting, ..Walk::new(body, kind, pointers) }.run(guard);
    Ok((!changes.is_empty()).then(|| apply(body, 0, &changes)))
}

/// An object or an array that is walked through.
struct Frame<'a> {
    /// The key of the member that it is, or that its array is.
    name: &'a str,
    /// The current key, with the place where its text starts.
    key: &'a str,
    key_at: usize,
    index: usize,
    array: bool,
    within: Place,
    /// Its `type` is `base64`, `image` or `audio`.
    is_media: bool,
    /// A value that waits for `type`: where its text is.
    waiting: Option<(usize, usize)>,
}

struct Walk<'a, 'p> {
    body: &'a str,
    at: usize,
    stack: Vec<Frame<'a>>,
    changes: Vec<Change>,
    pointers: &'p [Vec<String>],
    /// The values that are passed over, in their order.
    apart: &'p [Range<usize>],
    nesting: usize,
    root: Place,
}

impl<'a, 'p> Walk<'a, 'p> {
    fn new(body: &'a str, kind: Kind, pointers: &'p [Vec<String>]) -> Self {
        let root = if kind == Kind::Api { Place::Text } else { Place::Free };
        Self { body, at: 0, stack: Vec::new(), changes: Vec::new(), pointers, apart: &[], nesting: 0, root }
    }

    fn run(mut self, guard: &mut Guard<'_>) -> Vec<Change> {
        let bytes = self.body.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if let Some((apart, rest)) = self.apart.split_first().filter(|(apart, _)| apart.start <= self.at) {
                self.at = self.at.max(apart.end);
                self.apart = rest;
                continue;
            }
            match byte {
                b'{' | b'[' => self.open(*byte == b'['),
                b'}' | b']' => {
                    self.close(guard);
                    self.at += 1;
                }
                b'"' => self.string(guard),
                b'-' | b'0'..=b'9' => self.number(guard),
                b',' => {
                    if let Some(frame) = self.stack.last_mut() {
                        frame.index += 1;
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.changes
    }

    /// What the value at hand is.
    fn place(&self) -> Place {
        let Some(frame) = self.stack.last() else { return self.root };
        if frame.array {
            return frame.within;
        }
        // Images and sound of Gemini, and files that MCP's servers give, in a body that no API of ours has.
        let media = matches!(
            (frame.name, frame.key),
            ("inlineData" | "inline_data", "data") | ("resource" | "contents", "blob")
        );
        if media && self.is_foreign() {
            return Place::Skip;
        }
        place(frame.name, frame.key, frame.within, self.stack.len())
    }

    /// Whether it is a body of an API that is none of ours, and no JSON in a string of one.
    fn is_foreign(&self) -> bool {
        self.root == Place::Free && self.nesting == 0
    }

    /// Whether the string at hand is bytes if its object is of such a type: MCP's images and sound.
    fn may_be_media(&self) -> bool {
        let holds = |frame: &Frame<'_>| frame.key == "data" && frame.name == "content" && !frame.array;
        self.is_foreign() && self.stack.last().is_some_and(holds)
    }

    fn open(&mut self, array: bool) {
        let within = match self.place() {
            Place::Arguments => Place::Free,
            Place::Source => Place::Skip,
            place => place,
        };
        let name = match self.stack.last() {
            Some(frame) if frame.array => frame.name,
            Some(frame) => frame.key,
            None => "",
        };
        if within == Place::Logprobs {
            self.drop_value();
            return;
        }
        let key_at = self.at;
        self.stack.push(Frame { name, key: "", key_at, index: 0, array, within, is_media: false, waiting: None });
        self.at += 1;
    }

    /// Empties the object or array at hand: it repeats what was changed.
    fn drop_value(&mut self) {
        let start = self.at;
        let bytes = self.body.as_bytes();
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => self.at = end_of_string(bytes, self.at + 1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        // Clients expect an array where one stood.
        let text = if bytes.get(start) == Some(&b'[') { "[]" } else { "null" };
        if self.body.get(start..self.at) != Some(text) {
            self.changes.push(Change { start, end: self.at, text: text.into() });
        }
    }

    fn close(&mut self, guard: &mut Guard<'_>) {
        if let Some(frame) = self.stack.pop()
            && let Some((start, end)) = frame.waiting.filter(|_| !frame.is_media)
        {
            self.edit(guard, start, start, end);
            self.changes.sort_by_key(|change| change.start);
        }
    }

    fn string(&mut self, guard: &mut Guard<'_>) {
        let body = self.body;
        let start = self.at + 1;
        let end = end_of_string(body.as_bytes(), start);
        self.at = end + 1;
        let text = body.get(start..end).unwrap_or_default();
        if self.is_key(end) {
            if let Some(frame) = self.stack.last_mut() {
                (frame.key, frame.key_at) = (text, start);
            }
            return;
        }
        if let Some(frame) = self.stack.last_mut().filter(|frame| frame.key == "type" && !frame.array) {
            frame.is_media = matches!(text, "base64" | "image" | "audio");
        }
        // What an event adds to a text is apart, and sound is no text (Responses API).
        let is_delta = self.stack.len() == 1 && self.stack.last().is_some_and(|frame| frame.key == "delta");
        if !self.is_wanted() || is_delta && self.root == Place::Text {
            return;
        }
        match self.place() {
            Place::Text => self.edit(guard, start, start, end),
            Place::Free if !self.may_be_media() => self.named(guard, start, end),
            Place::Arguments => self.arguments(guard, start, end),
            Place::Free | Place::Source => {
                if let Some(frame) = self.stack.last_mut() {
                    frame.waiting = Some((start, end));
                }
            }
            Place::Schema | Place::Logprobs | Place::Skip => {}
        }
    }

    /// Whether the string that ends at `end` is the key of a member.
    fn is_key(&self, end: usize) -> bool {
        if self.stack.last().is_none_or(|frame| frame.array) {
            return false;
        }
        let behind = self.body.as_bytes().get(end + 1..).unwrap_or_default();
        behind.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
    }

    /// A string whose key speaks for or against it.
    fn named(&mut self, guard: &mut Guard<'_>, start: usize, end: usize) {
        let from = self.stack.last().filter(|frame| !frame.array).map_or(start, |frame| frame.key_at);
        let from = if start - from > 64 { start } else { from };
        self.edit(guard, from, start, end);
    }

    /// Edits the inside of a string, which is read from `from` on.
    fn edit(&mut self, guard: &mut Guard<'_>, from: usize, start: usize, end: usize) {
        let edited = self.edited(guard, from, start, end);
        self.changes.extend(edited.map(|text| Change { start, end, text }));
    }

    fn edited(&self, guard: &mut Guard<'_>, from: usize, start: usize, end: usize) -> Option<String> {
        guard.stand_at(from);
        let text = self.body.get(from..end).unwrap_or_default();
        guard.edit(text, Look { script: Script::Json, ahead: true }, start - from)
    }

    /// A string that holds JSON, or should.
    fn arguments(&mut self, guard: &mut Guard<'_>, start: usize, end: usize) {
        let quoted = self.body.get(start - 1..end + 1).unwrap_or_default();
        let inner: Option<String> = serde_json::from_str(quoted).ok();
        let Some(inner) = inner.filter(|_| self.nesting < MAX_NESTING) else {
            return self.named(guard, start, end);
        };
        guard.hold(Some((start, end)));
        let edited = edit_nested(guard, &inner, Kind::Free, &[], self.nesting + 1);
        let edited = edited.unwrap_or_else(|Malformed| guard.edit(&inner, Look::WHOLE, 0));
        if self.nesting == 0 {
            guard.hold(None);
        }
        if let Some(edited) = edited {
            self.changes.push(Change { start, end, text: super::guard::written(&edited, Script::Json) });
        }
    }

    /// A number: replaced whole, by a string, where something in it is.
    fn number(&mut self, guard: &mut Guard<'_>) {
        let start = self.at;
        let bytes = self.body.as_bytes();
        let rest = bytes.get(start..).unwrap_or_default();
        let length =
            rest.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E')).count();
        self.at = start + length;
        let digits = rest.get(..length).unwrap_or_default().iter().all(u8::is_ascii_digit);
        if length < SHORTEST_NUMBER || !digits || self.place() != Place::Free || !self.is_wanted() {
            return;
        }
        let from = self
            .stack
            .last()
            .filter(|frame| !frame.array && start - frame.key_at <= 64)
            .map_or(start, |frame| frame.key_at);
        let end = self.at;
        let edited = self.edited(guard, from, start, end);
        self.changes.extend(edited.map(|text| Change { start, end, text: format!("\"{text}\"") }));
    }

    /// Whether the pointers, if there are some, name the value at hand or something that holds it.
    fn is_wanted(&self) -> bool {
        self.pointers.is_empty() || self.pointers.iter().any(|pointer| self.leads_here(pointer))
    }

    fn leads_here(&self, pointer: &[String]) -> bool {
        pointer.len() <= self.stack.len()
            && pointer.iter().zip(&self.stack).all(|(token, frame)| {
                token == "*" || if frame.array { *token == frame.index.to_string() } else { token == frame.key }
            })
    }
}

/// The index of the quote that ends the string whose first character is at `at`; the text's end if there is none.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    bytes.len()
}
