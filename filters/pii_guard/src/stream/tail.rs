//! What came of one text and can still become a finding or a placeholder.

use super::fence::Fence;
use super::hold::{boxed, grows_from, is_of_url, labelled, local, paired, quoted};
use super::table::Rows;
use crate::detect::{Look, Script, View, open_field};
use crate::mask::Span;
use crate::text::Guard;
use chat::OutputKind;

/// How much of what went on is looked at again, for the words before a value.
const CONTEXT: usize = 96;

/// The most that is held back, in bytes. What is longer and not a finding yet goes on but for its end.
pub const MAX_HELD: usize = 2048;

/// One text.
#[derive(Debug, Default)]
pub struct Tail {
    /// The end of what went on, as it was, and behind it what is held.
    buffer: String,
    /// Where what is held begins.
    held: usize,
    /// A finding reached the end of all that could be held: what follows belongs to it until it ends.
    swallowing: Option<Swallow>,
    /// Where the text is JSON: what is held begins inside a string of it.
    in_string: bool,
    /// What the text starts with, without spaces.
    lead: String,
    /// The block of code that what is held begins in.
    fence: Fence,
    /// The table that flows by.
    rows: Rows,
}

/// What is swallowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Swallow {
    /// To the end of the token.
    Token,
    /// To the end of a URL, which has signs that end other tokens.
    Url,
    /// To the foot of a private key.
    Armour,
}

impl Tail {
    /// Adds the next part of the text, and gives what of it goes on.
    pub fn push(&mut self, guard: &mut Guard<'_>, text: &str, kind: OutputKind) -> String {
        let script = script_of(kind);
        if script == Script::Json || guard.direction.is_empty() {
            return self.add(guard, text, script);
        }
        let mut out = String::new();
        for part in text.split_inclusive('\n') {
            self.rows.push(part);
            let whole = part.ends_with('\n');
            if self.rows.head().is_none() {
                out += &self.add(guard, part, script);
            } else {
                self.buffer.push_str(part);
                if whole {
                    out += &self.advance(guard, self.buffer.len(), script);
                }
            }
            if whole {
                let open = self.held == self.buffer.len() && self.swallowing.is_none();
                self.rows.end_line(&guard.config.detector, open);
            }
        }
        out
    }

    /// Adds the next part of a text that is no table.
    fn add(&mut self, guard: &mut Guard<'_>, text: &str, script: Script) -> String {
        self.buffer.push_str(text);
        if self.lead.len() < 2 {
            self.lead.extend(text.chars().filter(|c| !c.is_whitespace()).take(2));
        }
        self.swallow();
        if self.swallowing.is_some() {
            return String::new();
        }
        let open = self.open(guard, script);
        let out = self.advance(guard, open, script);
        if self.buffer.len() - self.held > MAX_HELD && self.swallowing.is_none() {
            return out + &self.overflow(guard, script);
        }
        out
    }

    /// The text is over: the rest of it.
    pub fn finish(&mut self, guard: &mut Guard<'_>, kind: OutputKind) -> String {
        let end = if self.swallowing.is_some() { 0 } else { self.buffer.len() };
        let out = self.advance(guard, end, script_of(kind));
        *self = Self::default();
        out
    }

    /// Lets go what is before `to`.
    fn advance(&mut self, guard: &mut Guard<'_>, to: usize, script: Script) -> String {
        if to <= self.held {
            return String::new();
        }
        let spans = self.spans(guard, script);
        // In the place of a number stands a string, where the whole is JSON.
        let json = script == Script::Json || ["{\"", "[{", "[\""].iter().any(|lead| self.lead.starts_with(lead));
        // A finding that reaches over the place stays held as a whole.
        let to = spans.iter().find(|span| span.start < to && span.end > to).map_or(to, |span| span.start);
        let mut out = String::new();
        let mut copied = self.held;
        for span in spans.iter().filter(|span| span.end <= to) {
            let plain = self.buffer.get(copied..span.start).unwrap_or_default();
            out.push_str(plain);
            let before = self.buffer.get(self.held..span.start).unwrap_or_default();
            // What quotes of another kind hold is no number: `['4111…']`, which is no JSON.
            let quote = self.buffer.get(..span.start).is_some_and(|text| text.ends_with(['\'', '`']));
            let number = !quote && if json { !in_string(self.in_string, before) } else { self.fence.is_number(before) };
            let value = self.buffer.get(span.start..span.end).unwrap_or_default();
            match guard.act(span, value, script) {
                Some(text) if number => out.push_str(&format!("\"{text}\"")),
                Some(text) => out.push_str(&text),
                None => out.push_str(value),
            }
            copied = span.end;
        }
        out.push_str(self.buffer.get(copied..to).unwrap_or_default());
        let passed = self.buffer.get(self.held..to).unwrap_or_default();
        self.in_string = in_string(self.in_string, passed);
        self.fence.pass(passed);
        self.held = to.max(self.held);
        self.forget();
        if guard.restores && !guard.placeholders.is_empty() {
            return guard.placeholders.restored(&out, |original| crate::text::written(original, script));
        }
        out
    }

    /// The findings in what is held.
    fn spans(&self, guard: &Guard<'_>, script: Script) -> Vec<Span> {
        let Some(head) = self.rows.head() else {
            return guard.spans(&self.buffer, Look { script, ahead: false }, self.held);
        };
        let text = format!("{head}\n{}", self.buffer.get(self.held..).unwrap_or_default());
        let from = head.len() + 1;
        let mut spans = guard.spans(&text, Look { script, ahead: true }, from);
        for span in &mut spans {
            (span.start, span.end) = (span.start - from + self.held, span.end - from + self.held);
        }
        spans
    }

    /// Drops what is too far back to matter.
    fn forget(&mut self) {
        let mut cut = self.held.saturating_sub(CONTEXT);
        if cut < CONTEXT {
            return;
        }
        while !self.buffer.is_char_boundary(cut) {
            cut += 1;
        }
        self.buffer.drain(..cut);
        self.held -= cut;
    }

    /// Where what can still grow begins.
    fn open(&self, guard: &Guard<'_>, script: Script) -> usize {
        let held = self.buffer.get(self.held..).unwrap_or_default();
        let mut open = held.len();
        if guard.restores {
            open = open.min(guard.placeholders.open_end(held));
        }
        if guard.direction.is_empty() {
            return self.held + open;
        }
        let view = View::unread(held, script);
        open = open.min(view.source(grows_from(view.bytes())));
        if script == Script::Json {
            return self.held + open;
        }
        let names_secret = |label: &str| guard.config.detector.names_secret(label);
        let names_login = |label: &str| guard.config.detector.names_login(label);
        let waiting = [
            labelled(&self.buffer, names_secret),
            paired(&self.buffer, names_login),
            quoted(&self.buffer, names_secret),
            local(&self.buffer),
            boxed(self.buffer.as_bytes()),
            open_field(self.buffer.as_bytes()),
        ];
        waiting.into_iter().flatten().filter(|at| *at >= self.held).fold(self.held + open, usize::min)
    }

    /// More is held than may be: what is a finding to its very end is acted on now and swallows what follows of it; all else
    /// goes on but for the end.
    fn overflow(&mut self, guard: &mut Guard<'_>, script: Script) -> String {
        let spans = guard.spans(&self.buffer, Look { script, ahead: false }, self.held);
        let end = self.buffer.len();
        if spans.last().is_some_and(|span| span.end == end) {
            let held = self.buffer.get(self.held..).unwrap_or_default();
            let url =
                spans.last().and_then(|span| self.buffer.get(span.start..)).is_some_and(|url| url.contains("://"));
            let kind = match () {
                () if held.contains("-----BEGIN ") => Swallow::Armour,
                () if url => Swallow::Url,
                () => Swallow::Token,
            };
            let out = self.advance(guard, end, script);
            self.swallowing = Some(kind);
            self.buffer.clear();
            self.held = 0;
            return out;
        }
        let mut to = end - MAX_HELD / 2;
        while !self.buffer.is_char_boundary(to) {
            to -= 1;
        }
        self.advance(guard, to, script)
    }

    fn swallow(&mut self) {
        let Some(kind) = self.swallowing else { return };
        let end = match kind {
            Swallow::Token => self.buffer.find(|c: char| c.is_whitespace() || "\"'<>(){}[],;".contains(c)),
            Swallow::Url => self.buffer.bytes().position(|b| !is_of_url(b)),
            Swallow::Armour => self.buffer.find("-----END ").and_then(|foot| {
                let rest = self.buffer.get(foot + 9..)?;
                rest.find("-----").map(|end| foot + 9 + end + 5)
            }),
        };
        match end {
            Some(end) => {
                self.buffer.drain(..end);
                self.held = 0;
                self.swallowing = None;
            }
            None => {
                // The foot may come in parts.
                let keep = if kind == Swallow::Armour { 96 } else { 0 };
                let mut cut = self.buffer.len().saturating_sub(keep);
                while !self.buffer.is_char_boundary(cut) {
                    cut -= 1;
                }
                self.buffer.drain(..cut);
            }
        }
    }
}

fn script_of(kind: OutputKind) -> Script {
    if kind == OutputKind::Arguments { Script::Json } else { Script::Plain }
}

/// Whether JSON source text is inside a string at the end of `text`, where it was at its start or not.
fn in_string(mut inside: bool, text: &str) -> bool {
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ => {}
        }
    }
    inside
}
