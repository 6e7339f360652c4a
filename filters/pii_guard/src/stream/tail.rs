//! What came of one text and can still become a finding or a placeholder.

use super::fence::Fence;
use super::table::Rows;
use crate::detect::{Look, Script, View};
use crate::mask::Span;
use crate::text::Guard;
use chat::OutputKind;

/// How much of what went on is looked at again, for the words before a value.
const CONTEXT: usize = 96;

/// The most that is held back, in bytes. What is longer and not a finding yet goes on but for its end.
pub const MAX_HELD: usize = 2048;

/// How many groups back a value can begin.
const MAX_GROUPS: usize = 9;

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
            let number = if json { !in_string(self.in_string, before) } else { self.fence.is_number(before) };
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
        let waiting = [labelled(self.buffer.as_bytes()), quoted(&self.buffer, names_secret), local(&self.buffer)];
        waiting.into_iter().flatten().filter(|at| *at >= self.held).fold(self.held + open, usize::min)
    }

    /// More is held than may be: what is a finding to its very end is acted on now and swallows what follows of it; all else
    /// goes on but for the end.
    fn overflow(&mut self, guard: &mut Guard<'_>, script: Script) -> String {
        let spans = guard.spans(&self.buffer, Look { script, ahead: false }, self.held);
        let end = self.buffer.len();
        if spans.last().is_some_and(|span| span.end == end) {
            let armour = self.buffer.get(self.held..).is_some_and(|held| held.contains("-----BEGIN "));
            let out = self.advance(guard, end, script);
            self.swallowing = Some(if armour { Swallow::Armour } else { Swallow::Token });
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

/// Whether a byte can be inside a value of one token: an address, a URL, a key.
fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"@._+-%/:=~#&?$!*^'(<\\".contains(&byte)
}

/// Where the suffix of a text begins that can still become a finding: its last token, and before it groups with digits, one
/// separator apart; an open key's armour.
fn grows_from(bytes: &[u8]) -> usize {
    if let Some(at) = memchr::memmem::rfind(bytes, b"-----BEGIN ") {
        let rest = bytes.get(at..).unwrap_or_default();
        let label = rest.get(..64.min(rest.len())).unwrap_or_default();
        let is_key = rest.len() < 48 || memchr::memmem::find(label, b"PRIVATE KEY").is_some();
        let foot = memchr::memmem::find(rest, b"-----END ");
        let closed =
            foot.is_some_and(|foot| memchr::memmem::find(rest.get(foot + 9..).unwrap_or_default(), b"-----").is_some());
        if is_key && !closed {
            return at;
        }
    }
    let token = |to: usize| token(bytes.get(..to).unwrap_or_default());
    let mut start = token(bytes.len());
    // Up to two words may stand behind a number: `3 March`, `42 years old`.
    let (mut kept, mut words) = (start, 0);
    for _ in 0..MAX_GROUPS {
        // One or two separators, then a group that could be part of one value with what follows.
        let gap = bytes.get(..start).unwrap_or_default().iter().rev().take_while(|b| b" ,);\"".contains(b)).count();
        if gap == 0 || gap > 3 {
            break;
        }
        let before = token(start - gap);
        let group = bytes.get(before..start - gap).unwrap_or_default();
        if group.iter().any(u8::is_ascii_digit) || is_short(group) {
            kept = before;
            words = 0;
        } else if words < 2 && gap == 1 && (1..=9).contains(&group.len()) {
            words += 1;
        } else {
            break;
        }
        start = before;
    }
    kept
}

/// Where a text in quotes starts that can be the first part of an address (`"jane doe"@…`), open or closed at the end of `text`, or
/// before its last token, which begins with an `@`. A value of JSON is none.
fn local(text: &str) -> Option<usize> {
    const LONGEST: usize = 66;
    let bytes = text.as_bytes();
    let token = token(bytes);
    let closed = if bytes.get(token) == Some(&b'@') { bytes.get(..token)? } else { bytes };
    let quote = |byte: &u8| *byte == b'"';
    let from = closed.len().saturating_sub(LONGEST);
    let near = closed.get(from..)?;
    let last = near.iter().rposition(quote)?;
    let open = if last + 1 == near.len() { near.get(..last)?.iter().rposition(quote).unwrap_or(last) } else { last };
    let inside = near.get(open + 1..)?;
    let before = near.get(..open)?;
    let alone = match before {
        [.., sign, b' '] => !b":=,{[".contains(sign),
        [.., sign] => b"<(\n*|>".contains(sign),
        [] => from == 0,
    };
    (alone && !inside.contains(&b'\n')).then_some(from + open)
}

/// Where the text in quotes starts that stands behind a label for a secret and is not closed: `password: "correct horse ba`. It may have
/// spaces.
fn quoted(text: &str, names_secret: impl Fn(&str) -> bool) -> Option<usize> {
    const LONGEST: usize = 130;
    let bytes = text.as_bytes();
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    let from = bytes.len().saturating_sub(LONGEST);
    let line = bytes.get(from..)?.iter().rposition(|byte| *byte == b'\n').map_or(from, |at| from + at + 1);
    let open = bytes.get(line..)?.iter().rposition(is_quote).map(|at| line + at)?;
    let label = bytes.get(..open)?.trim_ascii_end();
    let start = (label.len().saturating_sub(40)..=label.len()).find(|at| text.is_char_boundary(*at))?;
    let given =
        matches!(label.last(), Some(b':' | b'=')) || label.ends_with(b" is") || label.ends_with("：".as_bytes());
    (given && names_secret(text.get(start..label.len())?)).then_some(open)
}

/// Where a word behind a label starts (`password: Sommer`), while the word behind it is not over: what follows tells whether it
/// is a password.
fn labelled(bytes: &[u8]) -> Option<usize> {
    let back = |to: usize, most: usize, holds: fn(&u8) -> bool| {
        to - bytes.get(..to).unwrap_or_default().iter().rev().take(most).take_while(|byte| holds(byte)).count()
    };
    let part = back(bytes.len(), 64, |b| b.is_ascii_alphanumeric() || *b == b'_');
    let gap = back(part, 2, |b| b" ,.!)<".contains(b));
    let word = back(gap, 64, u8::is_ascii_alphabetic);
    let sign = back(word, 3, |b| matches!(b, b' ' | b'*'));
    (gap < part && word < gap && matches!(bytes.get(..sign)?.last(), Some(b':' | b'='))).then_some(word)
}

/// Where the token starts that a text ends with. Letters of languages with spaces are part of it, others only behind a letter or
/// digit.
fn token(text: &[u8]) -> usize {
    let size = |text: &[u8]| match text {
        [.., last] if in_token(*last) => 1,
        [.., 0xc2..=0xdf, 0x80..=0xbf] => 2,
        // The scripts of India, and Korean.
        [.., 0xe0, 0xa4..=0xb7, _] | [.., 0xea..=0xed, _, _] => 3,
        [.., before, 0xe0..=0xef, _, _] if before.is_ascii_alphanumeric() => 3,
        _ => 0,
    };
    let mut start = text.len();
    while let Some(more) = text.get(..start).map(size).filter(|more| *more > 0) {
        start -= more;
    }
    start
}

/// Letters that can begin a value: `AB 12 34 56 C`, `B-MA 1234`, `April 4, 1977`; of other alphabets small ones too, as the view has
/// them. Signs before them do not count.
fn is_short(group: &[u8]) -> bool {
    let group = group.rsplit(|byte| b"'(=:/*".contains(byte)).next().unwrap_or_default();
    let foreign = group.len() <= 6 && group.iter().all(|byte| (0x80..0xe0).contains(byte));
    let capital = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'-';
    let code = group.len() <= if group.contains(&b'-') { 6 } else { 4 } && group.iter().all(capital);
    !group.is_empty() && (code || foreign || is_month(group))
}

/// Whether a word starts as an English month does.
fn is_month(word: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    word.len() <= 10 && MONTHS.iter().any(|month| word.starts_with(month))
}

#[cfg(test)]
mod tests {
    use super::grows_from;

    fn held(text: &str) -> &str {
        text.get(grows_from(text.as_bytes())..).unwrap_or_default()
    }

    #[test]
    fn only_what_can_grow_is_held() {
        assert_eq!(held("we said hello"), "hello");
        assert_eq!(held("we said hello "), "");
        assert_eq!(held("the card 4111 1111 11"), "4111 1111 11");
        assert_eq!(held("write to jane@exam"), "jane@exam");
        assert_eq!(held("напиши почта@при"), "почта@при");
        assert_eq!(held("그 차는 12가 34"), "12가 34");
        assert_eq!(held("她的卡是4111吗谢谢"), "");
        assert_eq!(held("she is 42 years o"), "42 years o");
        assert_eq!(held("the plate 'B-MA "), "'B-MA ");
        assert_eq!(held("born April 4, "), "April 4, ");
        assert_eq!(held("in spring "), "");
        assert_eq!(held("x -----BEGIN PRIVATE KEY-----\nMIIE \n"), "-----BEGIN PRIVATE KEY-----\nMIIE \n");
    }
}
