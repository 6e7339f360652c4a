//! A text as recognizers read it, and the way back to the bytes that it was.
//!
//! Whoever wants to slip a number past a pattern writes it with no-break spaces, zero-width characters or full-width
//! digits. The view has one ASCII byte in the place of each of these, or none; every other character stays what it was, and
//! is no part of a word. In JSON source text the escapes are read too, so that `\njane@` is a line break and a name; and those of
//! JSON or Markdown that a text itself holds: `{\"ssn\": …`, `jane\_doe@`. So are those of URLs and forms
//! ([`super::percent`]).

use super::block::{copy_plain_run, plain_run};
use super::percent::{self, Encoded};
use std::borrow::Cow;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// As it is.
    Plain,
    /// The inside of a JSON string, or JSON source text, with its escapes.
    Json,
}

/// A normalised text.
#[derive(Debug)]
pub struct View<'a> {
    bytes: Cow<'a, [u8]>,
    /// Where the distance to the source changes: from this place in the view on, this place in the source.
    steps: Vec<(u32, u32)>,
    /// The places in the view of what was encoded for a URL or a form.
    encoded: Vec<u32>,
}

impl<'a> View<'a> {
    /// The view of `text`.
    pub fn new(text: &'a str, script: Script) -> Self {
        Self::of(text, script, percent::encoded(text))
    }

    /// The view of `text` in which URLs and forms stay as they are: each is one word, and what it is part of ends with it.
    pub fn unread(text: &'a str, script: Script) -> Self {
        Self::of(text, script, Vec::new())
    }

    fn of(text: &'a str, script: Script, encoded: Vec<Encoded>) -> Self {
        if encoded.is_empty() && plain_run(text.as_bytes()) == text.len() {
            return Self { bytes: Cow::Borrowed(text.as_bytes()), steps: Vec::new(), encoded: Vec::new() };
        }
        let mut view = Builder { bytes: Vec::with_capacity(text.len() + 16), ..Builder::default() };
        let mut at = 0;
        for Encoded { start, end, c } in encoded {
            view.copy(text.get(..start).unwrap_or_default(), at, script);
            let from = view.bytes.len();
            view.push(c, start);
            view.encoded.extend((from..view.bytes.len()).filter_map(|place| u32::try_from(place).ok()));
            at = end;
        }
        view.copy(text, at, script);
        view.place(text.len());
        Self { bytes: Cow::Owned(view.bytes), steps: view.steps, encoded: view.encoded }
    }

    /// The bytes to look at.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The places in the view of what was encoded for a URL or a form, in their order.
    pub fn encoded(&self) -> &[u32] {
        &self.encoded
    }

    /// The place in the source of a place in the view, which is the start of a character of the view or its end.
    pub fn source(&self, at: usize) -> usize {
        let index = self.steps.partition_point(|(view, _)| *view as usize <= at);
        match index.checked_sub(1).and_then(|index| self.steps.get(index)) {
            Some((view, source)) => *source as usize + (at - *view as usize),
            None => at,
        }
    }

    /// The end in the source of what ends at `end` in the view, without characters behind it that the view leaves out.
    pub fn source_end(&self, end: usize) -> usize {
        match end.checked_sub(1) {
            None => 0,
            // The last byte may stand for several in the source: then a step is behind it, the first of those there.
            Some(last) => {
                let index = self.steps.partition_point(|(view, _)| *view as usize <= last);
                let step = self.steps.get(index).filter(|(view, _)| *view as usize == end);
                step.map_or_else(|| self.source(last) + 1, |(_, source)| *source as usize)
            }
        }
    }
}

#[derive(Default)]
struct Builder {
    bytes: Vec<u8>,
    steps: Vec<(u32, u32)>,
    encoded: Vec<u32>,
    /// How far the source is ahead of the view.
    ahead: usize,
}

impl Builder {
    /// Adds `text` from `at` on, to its end.
    fn copy(&mut self, text: &str, mut at: usize, script: Script) {
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            match *rest.as_bytes() {
                // Most escapes of JSON are line breaks and quotes.
                [b'\\', sign, ..] if script == Script::Json && short_escape(sign).is_some() => {
                    self.place(at);
                    self.bytes.extend(short_escape(sign));
                    at += 2;
                    continue;
                }
                [byte, ..] if byte.is_ascii() && byte != b'\\' => {
                    self.place(at);
                    at += copy_plain_run(rest.as_bytes(), &mut self.bytes);
                    continue;
                }
                _ => {}
            }
            let Some(c) = rest.chars().next() else { break };
            let (c, size) = match c {
                '\\' if script == Script::Json => match escape(text.get(at + 1..).unwrap_or_default()) {
                    ('\\', size) => {
                        let (c, held) = held_escape(text.get(at + size..).unwrap_or_default());
                        (c, size + held)
                    }
                    other => other,
                },
                '\\' => {
                    let (c, held) = held_escape(text.get(at + 1..).unwrap_or_default());
                    (c, 1 + held)
                }
                c => (c, c.len_utf8()),
            };
            self.push(c, at);
            at += size;
        }
    }

    /// Notes that the next byte of the view stands at `source`.
    fn place(&mut self, source: usize) {
        let at = self.bytes.len();
        if source.wrapping_sub(at) != self.ahead {
            self.step(source);
        }
    }

    fn step(&mut self, source: usize) {
        let at = self.bytes.len();
        self.ahead = source.wrapping_sub(at);
        // Texts are far below 4 GiB: bodies are bounded.
        self.steps.push((u32::try_from(at).unwrap_or(u32::MAX), u32::try_from(source).unwrap_or(u32::MAX)));
    }

    /// Notes that what is left out begins at `source`: a value that ends here ends before it.
    fn leave_out(&mut self, source: usize) {
        let at = self.bytes.len();
        if self.steps.last().is_none_or(|(view, _)| *view as usize != at) {
            self.step(source);
        }
    }

    #[inline]
    fn push(&mut self, c: char, source: usize) {
        let fold = match u8::try_from(c).ok().filter(u8::is_ascii) {
            Some(byte) => Fold::To(byte),
            // Between spaces it is a hyphen: three spaces would part columns.
            None if matches!(c, '\u{2014}' | '\u{2015}') && self.bytes.last() == Some(&b' ') => Fold::To(b'-'),
            None => folded(c),
        };
        match fold {
            // A mark belongs to its letter, what hides between characters to none.
            Fold::Gone if matches!(c, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}') => {}
            Fold::Gone => self.leave_out(source),
            Fold::To(byte) => {
                self.place(source);
                self.bytes.push(byte);
            }
            Fold::Same => self.push_char(c, source),
            Fold::Small(small) => self.push_char(small, source),
        }
    }

    fn push_char(&mut self, c: char, source: usize) {
        self.place(source);
        let mut buffer = [0; 4];
        self.bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
}

enum Fold {
    Same,
    /// The small letter of a script that words are listed in.
    Small(char),
    Gone,
    To(u8),
}

/// What the view has in the place of a character that is not ASCII.
fn folded(c: char) -> Fold {
    let code = c as u32;
    let digit = |zero: u32| Fold::To(b'0' + u8::try_from(code - zero).unwrap_or(0));
    match code {
        // Soft hyphen, zero-width characters, direction marks, word joiner, byte order mark, variation selectors, tags.
        0xad
        | 0x180e
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x2064
        | 0x2066..=0x206f
        | 0xfeff
        | 0xfe00..=0xfe0f
        | 0xe0000..=0xe01ef
        // Marks of a letter that is written apart from them.
        | 0x300..=0x36f
        | 0x061c => Fold::Gone,
        0xa0 | 0x1680 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => Fold::To(b' '),
        0x2028 | 0x2029 => Fold::To(b'\n'),
        // A dash between two clauses stands where a space could: `the card—4111 1111 1111 1111—was lost`.
        0x2014 | 0x2015 => Fold::To(b' '),
        0x2010..=0x2013 | 0x2212 | 0x2043 | 0xfe58 | 0xfe63 | 0xff0d | 0x30fc => Fold::To(b'-'),
        0x2018..=0x201b | 0x2032 | 0x2039 | 0x203a => Fold::To(b'\''),
        0xab | 0xbb | 0x201c..=0x201f | 0x300c..=0x300f => Fold::To(b'"'),
        0x2024 | 0x3002 | 0xff61 | 0xb7 => Fold::To(b'.'),
        0x2044 | 0x2215 => Fold::To(b'/'),
        // Full-width forms of the ASCII characters.
        0xff01..=0xff5e => Fold::To(u8::try_from(code - 0xff01 + 0x21).unwrap_or(b'?')),
        // Decimal digits: Arabic-Indic, extended, Devanagari, Bengali, Thai, mathematical.
        0x660..=0x669 => digit(0x660),
        0x6f0..=0x6f9 => digit(0x6f0),
        0x966..=0x96f => digit(0x966),
        0x9e6..=0x9ef => digit(0x9e6),
        0xe50..=0xe59 => digit(0xe50),
        0x1d7ce..=0x1d7ff => Fold::To(b'0' + u8::try_from((code - 0x1d7ce) % 10).unwrap_or(0)),
        0xc0..=0x17f => LATIN.get((code - 0xc0) as usize).map_or(Fold::Same, |byte| Fold::To(*byte)),
        // Greek and Cyrillic: context words are listed in small letters, and capital ones are written without accents.
        0x386 | 0x3ac => Fold::Small('α'),
        0x388 | 0x3ad => Fold::Small('ε'),
        0x389 | 0x3ae => Fold::Small('η'),
        0x38a | 0x390 | 0x3aa | 0x3af | 0x3ca => Fold::Small('ι'),
        0x38c | 0x3cc => Fold::Small('ο'),
        0x38e | 0x3ab | 0x3b0 | 0x3cb | 0x3cd => Fold::Small('υ'),
        0x38f | 0x3ce => Fold::Small('ω'),
        0x3c2 => Fold::Small('σ'),
        0x391..=0x3a9 | 0x400..=0x42f => c.to_lowercase().next().map_or(Fold::Same, Fold::Small),
        0x1a0 => Fold::To(b'O'),
        0x1a1 => Fold::To(b'o'),
        0x1af => Fold::To(b'U'),
        0x1b0 => Fold::To(b'u'),
        0x1ea0..=0x1ef9 => {
            let letter = match code {
                0x1ea0..0x1eb8 => b'A',
                0x1eb8..0x1ec8 => b'E',
                0x1ec8..0x1ecc => b'I',
                0x1ecc..0x1ee4 => b'O',
                0x1ee4..0x1ef2 => b'U',
                _ => b'Y',
            };
            Fold::To(if code.is_multiple_of(2) { letter } else { letter.to_ascii_lowercase() })
        }
        0x218 | 0x219 => Fold::To(if code == 0x218 { b'S' } else { b's' }),
        0x21a | 0x21b => Fold::To(if code == 0x21a { b'T' } else { b't' }),
        _ => Fold::Same,
    }
}

/// U+00C0 to U+017F without their marks.
const LATIN: &[u8; 192] = b"AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuytyAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

/// What an escape sequence of JSON stands for that has one sign behind its backslash.
fn short_escape(sign: u8) -> Option<u8> {
    match sign {
        b'n' | b'r' => Some(b'\n'),
        b't' | b'b' | b'f' => Some(b' '),
        b'"' | b'/' => Some(sign),
        _ => None,
    }
}

/// The character of any other escape sequence, whose text after the backslash is `rest`, and its size with the backslash.
fn escape(rest: &str) -> (char, usize) {
    let unit = |at: usize| rest.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match rest.bytes().next() {
        Some(b'u') => match unit(1) {
            Some(high @ 0xd800..=0xdbff) => {
                let low = rest.get(5..7).filter(|mark| *mark == "\\u").and_then(|_| unit(7));
                match low.filter(|low| (0xdc00..=0xdfff).contains(low)) {
                    Some(low) => {
                        (char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)).unwrap_or('\u{fffd}'), 12)
                    }
                    None => ('\u{fffd}', 6),
                }
            }
            Some(code) => (char::from_u32(code).unwrap_or('\u{fffd}'), 6),
            // Cut off: whatever it will be, it may belong to a word.
            None => ('x', 1),
        },
        Some(b'\\') => ('\\', 2),
        _ => ('x', 1),
    }
}

/// The character that a text's own escape sequence stands for, whose text after the backslash is `rest`, and how much of `rest`
/// it takes. In JSON source text a quote has a backslash of its own there.
fn held_escape(rest: &str) -> (char, usize) {
    match rest.bytes().next() {
        Some(b'n' | b'r') => ('\n', 1),
        Some(b't') => (' ', 1),
        Some(byte @ (b'"' | b'\'' | b'/' | b'_' | b'*' | b'.' | b'-' | b'#' | b'+' | b'@')) => (char::from(byte), 1),
        Some(b'\\') if rest.as_bytes().get(1) == Some(&b'"') => ('"', 2),
        Some(b'u') => match rest.get(1..5).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            Some(c) => (c, 5),
            None => ('\\', 0),
        },
        _ => ('\\', 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(text: &str, script: Script) -> String {
        String::from_utf8_lossy(View::new(text, script).bytes()).into_owned()
    }

    #[test]
    fn hiding_characters_are_seen_through() {
        assert_eq!(seen("4111\u{a0}1111\u{2011}1111\u{200b}１１１１", Script::Plain), "4111 1111-11111111");
        assert_eq!(seen("Führerschein ١٢٣ Łódź", Script::Plain), "Fuhrerschein 123 Lodz");
        assert_eq!(seen("我的卡4111", Script::Plain), "我的卡4111");
        assert_eq!(seen(r"a\njane\u0040x.de \ud83d\ude00 \/ \u00", Script::Json), "a\njane@x.de 😀 / xu00");
        assert_eq!(seen(r#"{\"a\": \"4111\"}\nx\_y\u0040z C:\1"#, Script::Plain), "{\"a\": \"4111\"}\nx_y@z C:\\1");
        assert_eq!(seen(r#"{\\\"a\\\": 4111}\\nx"#, Script::Json), "{\"a\": 4111}\nx");
        assert_eq!(seen("ПАСПОРТ «a»—b", Script::Plain), "паспорт \"a\" b");
        assert_eq!(LATIN.get(0xfc - 0xc0), Some(&b'u'));
        assert_eq!(LATIN.get(0x17e - 0xc0), Some(&b'z'));
    }

    #[test]
    fn places_lead_back() {
        let text = "é 4\u{200b}1１ z";
        let view = View::new(text, Script::Plain);
        assert_eq!(view.bytes(), b"e 411 z");
        assert_eq!(text.get(view.source(2)..view.source_end(5)), Some("4\u{200b}1１"));
        assert_eq!(text.get(view.source(0)..view.source_end(1)), Some("é"));
        let text = "4\u{200b}1\u{ad}\u{200b} e\u{301} １\u{ad}";
        let view = View::new(text, Script::Plain);
        assert_eq!(view.bytes(), b"41 e 1");
        assert_eq!(text.get(view.source(0)..view.source_end(2)), Some("4\u{200b}1"));
        assert_eq!(text.get(view.source(3)..view.source_end(4)), Some("e\u{301}"));
        assert_eq!(text.get(view.source(5)..view.source_end(6)), Some("１"));
        let text = r"x\u0041b\n";
        let view = View::new(text, Script::Json);
        assert_eq!(view.bytes(), b"xAb\n");
        assert_eq!(text.get(view.source(1)..view.source_end(2)), Some(r"\u0041"));
    }

    proptest! {
        #[test]
        fn every_place_is_a_border_of_characters(text in "[a-z0-9é１\u{200b}\u{a0}我😀\\\\nu\"]{0,40}", json: bool) {
            let view = View::new(&text, if json { Script::Json } else { Script::Plain });
            let mut last = 0;
            for at in 0..view.bytes().len() {
                if std::str::from_utf8(view.bytes().get(at..).unwrap_or_default()).is_err() {
                    continue;
                }
                let (start, end) = (view.source(at), view.source_end(at));
                prop_assert!(text.is_char_boundary(start));
                prop_assert!(text.is_char_boundary(end));
                prop_assert!(start >= last && end <= start);
                last = start;
            }
        }
    }
}
