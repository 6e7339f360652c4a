//! What stands around a value: words for it, words against it, a sentence, or a machine's line.

use super::bits::Bits;
use super::find::{run, run_back};
use super::table::Table;
use super::view::View;
use super::words::{Hit, Words};
use std::cell::Cell;

/// How far before a value a word counts, in bytes of the view.
const BEFORE: usize = 72;
/// How far behind it.
const BEHIND: usize = 28;
/// How far a word against it counts on either side.
const AGAINST: usize = 28;

/// How many letters behind a number are waited for in a stream, where the language has no spaces.
pub const UNSPACED: usize = 4;

/// Whether a word behind a number is short enough for a stream to wait for the next one.
pub fn waits(word: &[u8]) -> bool {
    const LONGEST: usize = 9;
    word.len() <= LONGEST * 3
        && (1..=LONGEST).contains(&word.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count())
}

/// How many spaces part the columns of a list at most.
const GAP: usize = 12;

/// A text with all that was found in it so far.
pub struct Scene<'a> {
    /// The view.
    pub bytes: &'a [u8],
    /// The places of what was encoded for a URL or a form.
    encoded: &'a [u32],
    /// The literals in it.
    pub hits: &'a [Hit],
    /// The table that they are of.
    pub words: &'a Words,
    /// What is behind a value counts: not in a stream, where it is not known yet.
    pub looks_ahead: bool,
    /// The first literal that counted for the value before: values come nearly in their order.
    first: Cell<usize>,
    /// Before this place tables have been read.
    pub tables: Cell<usize>,
    /// The table of the value before.
    table: Cell<Table>,
}

/// What stands around one value.
#[derive(Debug, Clone, Copy)]
pub struct Around {
    /// The recognizers that a word speaks for.
    pub context: Bits,
    /// A word speaks against all.
    pub against: bool,
    /// It is a cell of a table.
    cell: bool,
    /// The place whose surroundings these are.
    place: (usize, usize),
}

impl Around {
    /// Whether it stands in a sentence.
    pub fn is_prose(&self, scene: &Scene<'_>) -> bool {
        !self.cell && scene.is_prose(self.place.0, self.place.1)
    }
}

impl<'a> Scene<'a> {
    /// A text and its literals.
    pub fn new(view: &'a View<'a>, hits: &'a [Hit], words: &'a Words, looks_ahead: bool) -> Self {
        Self {
            bytes: view.bytes(),
            encoded: view.encoded(),
            hits,
            words,
            looks_ahead,
            first: Cell::new(0),
            tables: Cell::new(0),
            table: Cell::default(),
        }
    }

    /// Whether what is at a place was encoded for a URL or a form.
    pub fn is_encoded(&self, at: usize) -> bool {
        u32::try_from(at).is_ok_and(|at| self.encoded.binary_search(&at).is_ok())
    }

    /// The byte at a place, 0 where there is none.
    pub fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte so many places before a place.
    pub fn before(&self, at: usize, back: usize) -> u8 {
        at.checked_sub(back).map_or(0, |at| self.at(at))
    }

    /// The literals near a value, with those that overlap it.
    pub fn near(&self, start: usize, end: usize) -> impl Iterator<Item = Hit> {
        let far = |at: usize| self.hits.get(at).is_some_and(|hit| hit.start + BEFORE < start);
        let mut from = self.first.get();
        while far(from) {
            from += 1;
        }
        while from > 0 && !far(from - 1) {
            from -= 1;
        }
        self.first.set(from);
        let last = if self.looks_ahead { end + BEHIND } else { self.waited(end).max(start) };
        self.hits
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(move |hit| hit.start <= last)
            .copied()
            .filter(move |hit| hit.end <= start || (hit.start >= end && hit.end <= last))
    }

    /// How far a stream has come behind a value with digits when it lets it go, wherever it was split: to the end of the two words
    /// for which numbers wait (`3 March`), or of one that is too long to be waited for; of a language without spaces to the first
    /// few letters.
    fn waited(&self, end: usize) -> usize {
        // `12日`
        let last = if matches!(self.before(end, 3), 0xe3..=0xe9) { end - 3 } else { end };
        let group = run_back(self.bytes, last, 24, |b| b.is_ascii_alphanumeric());
        let has_digit =
            |from: usize, to: usize| self.bytes.get(from..to).is_some_and(|group| group.iter().any(u8::is_ascii_digit));
        if !has_digit(group, last) {
            return end;
        }
        let near = self.unspaced(last);
        if near > last && self.before(last, 1).is_ascii_alphanumeric() {
            return near;
        }
        let mut seen = end;
        let mut to = self.token(end, 4, |b| !b.is_ascii_alphanumeric());
        for most in [3, 1] {
            let from = run(self.bytes, to, 4, |b| b" ,);\"".contains(&b));
            let word = self.token(from, 64, |_| true);
            if from == to || from - to > most {
                break;
            }
            if word == from {
                let after = from == to + 1 && self.at(to) == b' ' && self.before(from, 2).is_ascii_digit();
                return if after { self.unspaced(from).max(seen) } else { seen };
            }
            (seen, to) = (word, word);
            if !self.bytes.get(from..word).is_some_and(waits) || has_digit(from, word) {
                break;
            }
        }
        seen
    }

    /// Where the token ends that starts at `at`, as a stream has it, of so many bytes at most that hold.
    fn token(&self, at: usize, most: usize, holds: fn(u8) -> bool) -> usize {
        let size = |at: usize| match (self.at(at), self.at(at + 1)) {
            (b, _) if b.is_ascii_alphanumeric() || b"@._+-%/:=~#&?$!*^'(<\\".contains(&b) => 1,
            (0xc2..=0xdf, _) => 2,
            (0xe0, 0xa4..=0xb7) | (0xea..=0xed, _) => 3,
            _ => 0,
        };
        let mut to = at;
        while to < at + most && size(to) > 0 && holds(self.at(to)) {
            to += size(to);
        }
        to
    }

    /// Where the first few letters of a language without spaces end that start at `at`.
    fn unspaced(&self, at: usize) -> usize {
        let is_letter = |at: &usize| match (self.at(*at), self.at(at + 1)) {
            (0xe0, 0xa4..=0xb7) | (0xea..=0xed, _) => false,
            (0xe0..=0xef, _) => true,
            _ => false,
        };
        at + 3 * (0..UNSPACED).map(|count| at + 3 * count).take_while(is_letter).count()
    }

    /// What stands around a value.
    pub fn around(&self, start: usize, end: usize) -> Around {
        let (mut context, mut against) = (Bits::default(), false);
        for hit in self.near(start, end) {
            let Some(meaning) = self.words.meaning_beside(self.bytes, hit) else { continue };
            context = context.or(&meaning.context);
            if !meaning.speaks_against || against {
                continue;
            }
            let behind = (meaning.counts || meaning.beside) && self.is_gap(end, hit.start);
            against = (meaning.against && hit.end + AGAINST >= start && hit.start <= end + AGAINST)
                || behind
                || (meaning.beside && self.is_gap(hit.end, start));
        }
        let cell = self.is_cell(start, end);
        if cell && self.looks_ahead {
            context = context.or(&self.head(start));
        }
        Around { context, against, cell, place: (start, end) }
    }

    /// Whether a word beside a value names this recognizer's values, and no kind of values of all countries.
    pub fn names(&self, number: usize, around: &Around) -> bool {
        let mut near = self.near(around.place.0, around.place.1);
        near.any(|hit| {
            let meaning = self.words.meaning_beside(self.bytes, hit);
            meaning.is_some_and(|meaning| !meaning.general && meaning.context.has(number))
        })
    }

    /// Whether all that speaks for this recognizer beside a value are names of types: `Pin::new(…)`.
    pub fn is_named_by_types(&self, number: usize, around: &Around) -> bool {
        let mut types = 0;
        for hit in self.near(around.place.0, around.place.1) {
            let speaks = self.words.meaning_beside(self.bytes, hit).is_some_and(|meaning| meaning.context.has(number));
            match (speaks, self.at(hit.end), self.at(hit.end + 1)) {
                (true, b':', b':') => types += 1,
                (true, ..) => return false,
                _ => {}
            }
        }
        types > 0
    }

    /// The recognizers for which the head of a value's column speaks.
    fn head(&self, start: usize) -> Bits {
        let mut table = self.table.get();
        let cell = table.head(self.bytes, start);
        self.table.set(table);
        let mut context = Bits::default();
        let Some((from, to)) = cell else { return context };
        let first = self.hits.partition_point(|hit| hit.start < from);
        for hit in self.hits.get(first..).unwrap_or_default().iter().take_while(|hit| hit.end <= to) {
            let Some(meaning) = self.words.meaning_beside(self.bytes, *hit) else { continue };
            if meaning.against || meaning.beside {
                return Bits::default();
            }
            context = context.or(&meaning.context);
        }
        context
    }

    /// Whether nothing but a few signs stands between two places.
    fn is_gap(&self, from: usize, to: usize) -> bool {
        let between = self.bytes.get(from..to).filter(|between| between.len() <= 4);
        between.is_some_and(|between| between.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()))
    }

    /// Whether a value is a cell of a table: between separators without a space, as in `7,123456789,open`, or between bars.
    fn is_cell(&self, start: usize, end: usize) -> bool {
        let quoted = matches!(self.before(start, 1), b'"' | b'\'') && self.at(end) == self.before(start, 1);
        let (start, end) = if quoted { (start - 1, end + 1) } else { (start, end) };
        let (left, right, behind) = (self.before(start, 1), self.at(end), self.at(end + 1));
        let bar = |near: u8, far: u8| near == b'|' || (near == b' ' && far == b'|');
        if bar(left, self.before(start, 2)) && (!self.looks_ahead || bar(right, behind)) {
            return true;
        }
        let is_edge = |byte: u8| matches!(byte, b'\n' | b'\r' | 0);
        let opens = matches!(left, b',' | b';' | b'\t');
        if !self.looks_ahead {
            // What stands behind may not have come yet.
            return opens;
        }
        let closes = right == b'\t' || (matches!(right, b',' | b';') && behind != b' ' && !is_edge(behind));
        (opens && (closes || is_edge(right))) || (is_edge(left) && closes)
    }

    /// Whether a value is in a row of a database or a list of code: `VALUES (123, 456, 'abc')`, `[1, 2]`.
    pub fn is_listed(&self, start: usize, end: usize) -> bool {
        let is_item = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'"' | b'\'' | b'-');
        let next = self.at(end + if self.at(end + 1) == b' ' { 2 } else { 1 });
        let goes_on = !self.looks_ahead || (self.at(end) == b',' && is_item(next));
        if self.before(start, 1) == b'(' {
            return self.at(end) == b',' && goes_on;
        }
        let back = if self.before(start, 1) == b' ' { 2 } else { 1 };
        if self.before(start, back) != b',' {
            return false;
        }
        let row = self.bytes.get(start.saturating_sub(160)..start).unwrap_or_default();
        let opens = row.iter().rposition(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'\n'));
        let open = opens.is_some_and(|at| matches!(row.get(at), Some(b'(' | b'[')));
        open && (is_item(self.before(start, back + 1)) || goes_on || matches!(self.at(end), b')' | b']'))
    }

    /// Whether a value is a term beside an operator with spaces around it: `x > 123`, `123 * y`.
    fn is_term(&self, start: usize, end: usize) -> bool {
        let is_operator = |sign: u8| b"<>*^|+%/=".contains(&sign);
        let before = [self.before(start, 3), self.before(start, 1)] == [b' '; 2] && is_operator(self.before(start, 2));
        let behind = self.looks_ahead && self.at(end) == b' ' && {
            let (sign, next) = (self.at(end + 1), self.at(end + 2));
            (is_operator(sign) && next == b' ') || (b"<>!*+-".contains(&sign) && next == b'=')
        };
        before || behind || self.is_paid(start, end) || self.is_counted(start, end)
    }

    /// Whether numbers stand before it and behind it, but for spaces and tabs.
    pub fn crowd(&self, start: usize, end: usize) -> [bool; 2] {
        let is_space = |b: u8| matches!(b, b' ' | b'\t');
        let (from, to) = (run_back(self.bytes, start, GAP, is_space), run(self.bytes, end, GAP, is_space));
        [from < start && self.before(from, 1).is_ascii_digit(), to > end && self.at(to).is_ascii_digit()]
    }

    /// Whether it stands in a column: with a tab or several spaces beside it.
    pub fn is_column(&self, start: usize, end: usize) -> bool {
        let before = self.before(start, 1) == b'\t' || [self.before(start, 2), self.before(start, 1)] == [b' '; 2];
        before || (self.looks_ahead && (self.at(end) == b'\t' || [self.at(end), self.at(end + 1)] == [b' '; 2]))
    }

    /// Whether a unit stands behind it, or what is counted before it: `3520 kB`, `RX packets 23491036`.
    pub fn is_measured(&self, start: usize, end: usize) -> bool {
        const UNITS: [&[u8]; 9] = [b"kb", b"mb", b"gb", b"kib", b"mib", b"gib", b"ms", b"bytes", b"hz"];
        const COUNTED: [&[u8]; 8] = [b"packets", b"bytes", b"errors", b"port", b"pid", b"offset", b"rows", b"lines"];
        let gap = run_back(self.bytes, start, 2, |b| matches!(b, b' ' | b':' | b'='));
        let from = run_back(self.bytes, gap, 8, |b| b.is_ascii_alphanumeric());
        if self.bytes.get(from..gap).is_some_and(|word| COUNTED.iter().any(|known| word.eq_ignore_ascii_case(known))) {
            return true;
        }
        let to = run(self.bytes, end + 1, 6, |b| b.is_ascii_alphanumeric());
        let word = self.bytes.get(end + 1..to).unwrap_or_default();
        self.looks_ahead && self.at(end) == b' ' && UNITS.iter().any(|unit| word.eq_ignore_ascii_case(unit))
    }

    /// Whether it begins a line of a log or a list, and no sentence goes on in that line: `444543610 [main] DEBUG`,
    /// `   18672176 K free memory`; or is given to a name in the way of metrics: `numa_local 27128635`.
    fn is_entry(&self, start: usize, end: usize) -> bool {
        let indent = run_back(self.bytes, start, GAP, |b| b == b' ');
        if matches!(self.before(indent, 1), b'\n' | b'\r' | 0) {
            let (next, after) = (self.at(end), self.at(end + 1));
            let deep = start - indent > 1;
            return self.looks_ahead
                && next == b' '
                && after != 0
                && after.is_ascii()
                && (deep || !(after.is_ascii_lowercase() || (after.is_ascii_uppercase() && !self.is_level(end + 1))));
        }
        let name = run_back(self.bytes, start - 1, 64, |b| b.is_ascii_alphanumeric() || b == b'_');
        let line = matches!(self.before(name, 1), b'\n' | b'\r' | 0);
        self.before(start, 1) == b' ' && line && self.bytes.get(name..start).is_some_and(|name| name.contains(&b'_'))
    }

    /// Whether a word in capital letters stands there: `DEBUG`, `K`.
    fn is_level(&self, at: usize) -> bool {
        !self.bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
    }

    /// Whether words beside it count with it: `there are 123 of them`. They are too common for the table of words.
    fn is_counted(&self, start: usize, end: usize) -> bool {
        const BEFORE: [&[u8]; 5] = [b"here are ", b"here were ", b" than ", b" at least ", b" up to "];
        const BEHIND: [&[u8]; 3] = [b" of them", b" of these", b" of those"];
        let text = self.bytes.get(..start).unwrap_or_default();
        let rest = self.bytes.get(end..).unwrap_or_default();
        BEFORE.iter().any(|word| text.ends_with(word))
            || (self.looks_ahead && BEHIND.iter().any(|word| rest.starts_with(word)))
    }

    /// Whether a sign of a currency stands beside it.
    fn is_paid(&self, start: usize, end: usize) -> bool {
        const SIGNS: [&[u8]; 7] =
            [b"$", "€".as_bytes(), "£".as_bytes(), "¥".as_bytes(), "₽".as_bytes(), "₹".as_bytes(), "₩".as_bytes()];
        let text = self.bytes.get(..start).unwrap_or_default();
        let text = text.strip_suffix(b" ").unwrap_or(text);
        let rest = self.bytes.get(end..).unwrap_or_default();
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        SIGNS.iter().any(|sign| text.ends_with(sign) || (self.looks_ahead && rest.starts_with(sign)))
    }

    /// Whether a value stands in a sentence: at least two words around it, and nothing that makes it a member, a path or an
    /// assignment.
    fn is_prose(&self, start: usize, end: usize) -> bool {
        let mut left = start;
        if matches!(self.before(left, 1), b'"' | b'\'') {
            left -= 1;
            let back = if self.before(left, 1) == b' ' { 2 } else { 1 };
            let key = matches!(self.before(left, back + 1), b'"' | b'\'' | b'`');
            // `"key": "value"`, `key="value"`; not `she said: "value"`.
            if self.before(left, back) == b'=' || (self.before(left, back) == b':' && (key || back == 1)) {
                return false;
            }
        }
        if matches!(self.before(start, 1), b'/' | b'=' | b'#' | b'$' | b'_' | b'@' | b'&' | b'\\' | b'^' | b'{' | b'[')
        {
            return false;
        }
        // The argument of a call, a term, a member: `f(123)`, `x = 123`, `"len": 123`.
        let back = if self.before(start, 1) == b' ' { 2 } else { 1 };
        let sign = self.before(start, back);
        let earlier = self.before(start, back + 1);
        let called = self.looks_ahead && self.at(end) == b'(' && self.at(start).is_ascii_alphabetic();
        if called
            || self.is_listed(start, end)
            || self.is_term(start, end)
            || self.is_column(start, end)
            || self.is_entry(start, end)
        {
            return false;
        }
        if (sign == b'(' && back == 1 && earlier.is_ascii_alphanumeric())
            || sign == b'='
            || (sign == b':' && matches!(earlier, b'"' | b'\'' | b'`'))
        {
            return false;
        }
        let from = start.saturating_sub(56);
        let (mut words, mut numbers) = tokens(self.bytes.get(from..left).unwrap_or_default());
        let to = if self.looks_ahead { (end + 40).min(self.bytes.len()) } else { self.waited(end) };
        let behind = tokens(self.bytes.get(end..to).unwrap_or_default());
        (words, numbers) = (words + behind.0, numbers + behind.1);
        // `window 37290, seq 3477907397, ack 640315`: words that name numbers are no sentence.
        words >= 2 + numbers
    }
}

/// How many words of two letters or more a text has, and how many numbers of three digits or more. A letter of another script
/// counts as a word; a sign or an emoji does not, nor what a tag of XML or HTML holds.
fn tokens(bytes: &[u8]) -> (usize, usize) {
    let (mut words, mut numbers, mut letters, mut digits) = (0, 0, 0_usize, 0_usize);
    let mut outside = None;
    for (at, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_alphabetic() {
            letters += 1;
            digits = 0;
            words += usize::from(letters == 2);
        } else if byte.is_ascii_digit() || *byte == b'_' {
            digits += usize::from(letters == 0);
            numbers += usize::from(digits == 3);
            letters = if letters > 0 { letters.max(2) } else { 0 };
        } else {
            // U+2000 to U+2FFF, and what is beyond the first plane, are no letters.
            words += usize::from(*byte >= 0xc0 && *byte != 0xe2 && *byte < 0xf0);
            (letters, digits) = (0, 0);
            let near = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
            if *byte == b'<' && matches!(near(at.checked_add(1)), b'/' | b'a'..=b'z' | b'A'..=b'Z') {
                outside = Some((words, numbers));
            } else if *byte == b'>' && outside.is_some() {
                (words, numbers) = outside.take().unwrap_or_default();
            } else if *byte == b'>' && matches!(near(at.checked_sub(1)), b'/' | b'"' | b'a'..=b'z' | b'A'..=b'Z') {
                // The text began inside of a tag.
                (words, numbers) = (0, 0);
            }
        }
    }
    outside.unwrap_or((words, numbers))
}
