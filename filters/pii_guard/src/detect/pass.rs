//! The one pass over a text: it finds the literals of [`super::words`] and the places where something could stand that is none.
//!
//! It goes by blocks of 64 bytes ([`Block`]) and has no branch for each byte or word: what comes next in a text is as good as
//! random, and a wrong guess costs as much as ten bytes. A literal begins where a word begins, at a sign, or at a character of
//! another script. Only there the start and the length of the word choose the few literals that could follow ([`Code`]): for
//! most words of a text there is none.

use super::block::Block;
use super::words::{Hit, Lengths, Words};

/// A place at which a finder or the shapes look closer.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte: of a group of letters and digits its end, of a sign the next byte.
    pub end: usize,
}

/// What the pass found.
#[derive(Debug, Default)]
pub struct Pass {
    /// The literals, by where they start.
    pub hits: Vec<Hit>,
    /// The places, in their order.
    pub stops: Vec<Stop>,
}

/// A number of the first five bytes of a literal, or of its first word where that is shorter: alike for both cases of a letter
/// and for all digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Code(pub usize);

impl Code {
    /// How many there are.
    pub const COUNT: usize = 1 << Self::BITS;
    const BITS: u32 = 14;
    /// The bit of each byte that tells small letters from capital ones.
    const CASE: u64 = 0x2020_2020_2020_2020;
    /// How many bytes count.
    pub const LENGTH: usize = 5;

    /// That of what a text begins with, and the length of its first word.
    pub fn of(text: &[u8]) -> Self {
        Self::new(start(text), first_word(text))
    }

    /// That of what a text begins with, at a sign or at a character of another script: the first two bytes.
    pub fn of_sign(text: &[u8]) -> Self {
        Self::mixed((start(text) | Self::CASE) & 0xffff)
    }

    /// That of a text that begins with these bytes, the first of which is the lowest, and has so many of them in its first
    /// word.
    #[inline]
    fn new(start: u64, word: usize) -> Self {
        let counts = Self::counts(start, word);
        // A digit has neither of the two highest bits. What does not count is nothing already.
        let digits = !(counts | counts >> 1) & (Self::CASE << 1);
        Self::mixed(counts & !((digits >> 2) - (digits >> 6)))
    }

    /// The same, of letters alone.
    #[inline]
    fn of_letters(start: u64, word: usize) -> Self {
        Self::mixed(Self::counts(start, word))
    }

    /// The bytes that count.
    #[inline]
    fn counts(start: u64, word: usize) -> u64 {
        (start | Self::CASE) & !(u64::MAX << (word.min(Self::LENGTH) * 8))
    }

    #[inline]
    fn mixed(bytes: u64) -> Self {
        Self((bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - Self::BITS)) as usize)
    }
}

/// The first eight bytes of a text, or zeros behind a shorter one; the first is the lowest.
#[inline]
pub fn start(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(start) => u64::from_le_bytes(*start),
        None => text.iter().rev().fold(0, |start, byte| start << 8 | u64::from(*byte)),
    }
}

/// How long the word is that a text begins with, as far as it counts. One of another script ends where ASCII begins.
fn first_word(text: &[u8]) -> usize {
    let ascii = text.first().is_some_and(u8::is_ascii);
    let goes_on = |before: u8, byte: u8| {
        if ascii {
            byte.is_ascii_alphanumeric() && !(before.is_ascii_lowercase() && byte.is_ascii_uppercase())
        } else {
            !byte.is_ascii()
        }
    };
    let pairs = text.iter().zip(text.iter().skip(1)).take(Code::LENGTH);
    1 + pairs.take_while(|(before, byte)| goes_on(**before, **byte)).count()
}

/// How long the first word of a literal can be in a text: the numbers of the bits that stand for it.
pub struct Length;

impl Length {
    /// The bit of signs, and of words with a capital letter behind a small one in them, whose length tells nothing.
    pub const NONE: u32 = 0;
    /// That of the longest words.
    pub const MOST: u32 = 15;

    /// The bit of a length.
    #[inline]
    pub fn of(length: u32) -> u32 {
        length.min(Self::MOST)
    }
}

impl Pass {
    /// Runs over a text.
    pub fn over(words: &Words, bytes: &[u8]) -> Self {
        let mut pass = Self { hits: Vec::with_capacity(bytes.len() / 24), stops: Vec::with_capacity(bytes.len() / 48) };
        let mut runs = Runs::default();
        let mut codes = [Code::default(); _];
        let (mut now, mut next) = (Block::default(), Block::at(words.classes(), bytes, 0));
        for from in (0..=bytes.len()).step_by(Block::LENGTH) {
            let before = std::mem::replace(&mut now, next);
            next = Block::at(words.classes(), bytes, from + Block::LENGTH);
            let starts = now.word & !(now.word << 1 | before.word >> 63);
            pass.literals(words, bytes, from, starts, [&before, &now, &next], &mut codes);
            pass.places(bytes, from, starts, [&before, &now, &next], &mut runs);
        }
        pass
    }

    /// The literals that start in a block.
    fn literals(
        &mut self,
        words: &Words,
        bytes: &[u8],
        from: usize,
        starts: u64,
        blocks: [&Block; 3],
        codes: &mut Codes,
    ) {
        let [before, now, next] = blocks;
        let rest = bytes.get(from..).unwrap_or_default();
        let last;
        let window = match rest.first_chunk() {
            Some(window) => window,
            None => {
                last = last_window(rest);
                &last
            }
        };
        let (humps, ends) = ([now.humps(before), next.humps(now)], [!now.word, !next.word]);
        let is_plain = (humps[0] | humps[1] | now.digit | next.digit) == 0;
        let mut found = if is_plain {
            plain_words(words.lengths(), window, starts, ends, codes)
        } else {
            any_words(words.lengths(), window, starts | humps[0], ends, humps, codes)
        };
        let rest_at = |at: u32| rest.get(at as usize..).unwrap_or_default();
        for at in ones(now.literal) {
            let rest = rest_at(at);
            let ascii = rest.first().is_some_and(u8::is_ascii);
            let starts = !ascii || words.can_start(Code::of_sign(rest), Length::NONE);
            found |= u64::from(starts) << at;
        }
        for at in ones(found) {
            let place = from + at as usize;
            if now.word >> at & 1 == 1 {
                let code = codes.get(at as usize).copied().unwrap_or_default();
                words.hits_at(bytes, place, code, &mut self.hits);
                continue;
            }
            let rest = rest_at(at);
            words.hits_at(bytes, place, Code::of_sign(rest), &mut self.hits);
            if !rest.first().is_some_and(u8::is_ascii) {
                words.hits_at(bytes, place, Code::of(rest), &mut self.hits);
            }
        }
    }

    /// The places in a block to look closer at: signs, and the groups that end there.
    fn places(&mut self, bytes: &[u8], from: usize, starts: u64, blocks: [&Block; 3], runs: &mut Runs) {
        let [before, now, next] = blocks;
        let ends = !now.word & (now.word << 1 | before.word >> 63);
        let numbers = runs.digits.ends(now.word, now.digit);
        let capitals = ends & !runs.lower.ends(now.word, now.lower);
        let parted = ends & (now.digit >> 1 | next.digit << 63);
        for at in ones(numbers | capitals | parted | now.stop) {
            let (place, bit) = (from + at as usize, 1 << at);
            if ends & bit != 0 {
                let start = match starts & (bit - 1) {
                    0 => runs.open,
                    starts => from + starts.ilog2() as usize,
                };
                if numbers & bit != 0 || starts_value(bytes, start, place, capitals & bit != 0) {
                    self.stops.push(Stop { start, end: place });
                }
            }
            if now.stop & bit != 0 && bytes.get(place).is_some_and(|sign| is_sign(bytes, place, *sign)) {
                self.stops.push(Stop { start: place, end: place + 1 });
            }
        }
        if let Some(last) = starts.checked_ilog2() {
            runs.open = from + last as usize;
        }
    }
}

/// The codes of the words of a block, by where they start.
type Codes = [Code; Block::LENGTH];

#[inline]
fn note(codes: &mut Codes, at: u32, code: Code) {
    if let Some(place) = codes.get_mut(at as usize) {
        *place = code;
    }
}

/// A block with all that a code counts of its last word: at the end of a text, with zeros behind it.
type Window = [u8; WINDOW];
const WINDOW: usize = Block::LENGTH + 8;

/// The window of a text that ends in it.
fn last_window(rest: &[u8]) -> Window {
    let mut window = [0; WINDOW];
    window.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    window
}

/// At which of these words a literal could start, in a block in which no word has a digit or a hump. `ends` are the places where
/// no word goes on. What runs for each word is kept short here, and has no check that can fail.
#[inline(never)]
fn plain_words(lengths: &Lengths, window: &Window, mut starts: u64, ends: [u64; 2], codes: &mut Codes) -> u64 {
    let mut found = 0;
    while starts != 0 {
        let at = starts.trailing_zeros() & 63;
        starts &= starts - 1;
        let end = 1 + ahead(ends[0], ends[1], at);
        let code = Code::of_letters(start_in(window, at), end as usize);
        note(codes, at, code);
        found |= (lengths.of(code) >> Length::of(end) & 1) << at;
    }
    found
}

/// The same in any block.
#[inline(never)]
fn any_words(
    lengths: &Lengths,
    window: &Window,
    mut starts: u64,
    ends: [u64; 2],
    humps: [u64; 2],
    codes: &mut Codes,
) -> u64 {
    let mut found = 0;
    while starts != 0 {
        let at = starts.trailing_zeros() & 63;
        starts &= starts - 1;
        let (end, hump) = (1 + ahead(ends[0], ends[1], at), 1 + ahead(humps[0], humps[1], at));
        let code = Code::new(start_in(window, at), end.min(hump) as usize);
        note(codes, at, code);
        let length = if hump < end { Length::NONE } else { Length::of(end) };
        found |= (lengths.of(code) >> length & 1) << at;
    }
    found
}

/// The eight bytes from a place in the block on.
#[inline]
fn start_in(window: &Window, at: u32) -> u64 {
    window.get(at as usize..).and_then(<[u8]>::first_chunk).map_or(0, |start| u64::from_le_bytes(*start))
}

/// What goes on from one block to the next.
#[derive(Debug, Default)]
struct Runs {
    /// Where the last word began.
    open: usize,
    digits: Carry,
    lower: Carry,
}

/// The carry of a long addition.
#[derive(Debug, Default)]
struct Carry(bool);

impl Carry {
    /// Behind the ends of the words with at least one of these in them: added to a word, it carries out of it.
    fn ends(&mut self, word: u64, some: u64) -> u64 {
        let (sum, first) = word.overflowing_add(some);
        let (sum, second) = sum.overflowing_add(u64::from(self.0));
        self.0 = first | second;
        sum & !word
    }
}

/// How many bits are not set behind this one.
#[inline]
fn ahead(bits: u64, next: u64, at: u32) -> u32 {
    (bits >> at >> 1 | next << (63 - at)).trailing_zeros()
}

/// The bits that are set.
#[inline]
fn ones(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (at < u64::BITS).then_some(at)
    })
}

/// Whether a finder starts at a sign.
fn is_sign(bytes: &[u8], at: usize, sign: u8) -> bool {
    let next = bytes.get(at + 1).copied().unwrap_or(0);
    match sign {
        b'@' => true,
        b':' => {
            let hex = |b: u8| b.is_ascii_hexdigit() || b == b':';
            let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
            hex(next) && (hex(before) || matches!(before, b' ' | b'"' | b'[' | b'('))
        }
        b'~' => at
            .checked_sub(2)
            .and_then(|at| bytes.get(at..at + 2))
            .is_some_and(|before| matches!(before, [b'0'..=b'9', b'Q'])),
        b'+' | b'(' => next.is_ascii_digit() || matches!(next, b'(' | b'+'),
        _ => false,
    }
}

/// Whether a group of letters can be the first of a value: short, with digits behind, or alone like a bank's code.
fn starts_value(bytes: &[u8], start: usize, end: usize, upper: bool) -> bool {
    let length = end - start;
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let (next, first) = (byte(end), byte(end + 1));
    let parted = matches!(next, b' ' | b'-' | b'.');
    // Tested without branches first: what decides here is as good as random.
    if (length <= 4) & parted & (first.is_ascii_digit() | (upper & first.is_ascii_uppercase())) {
        let most = if length <= 2 { 8 } else { 6 };
        let behind = bytes.get(end + 1..(end + 1 + most).min(bytes.len())).unwrap_or_default();
        return first.is_ascii_digit() || behind.iter().any(u8::is_ascii_digit);
    }
    ((length == 8) | (length == 11)) & upper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Detector, Script, View, all};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static DETECTOR: LazyLock<Detector> =
        LazyLock::new(|| Detector::new(Vec::new()).unwrap_or_else(|fault| panic!("{fault}")));

    /// What is found, counted from `from` on.
    fn places(text: &str, from: usize) -> Vec<(usize, usize, Option<u32>)> {
        let pass = Pass::over(&DETECTOR.words, text.as_bytes());
        let hits = pass.hits.iter().map(|hit| (hit.start - from, hit.end - from, Some(hit.meaning)));
        hits.chain(pass.stops.iter().map(|stop| (stop.start - from, stop.end - from, None))).collect()
    }

    #[test]
    fn every_word_beside_a_value_is_found() {
        for word in all().flat_map(|row| row.context.split('|')).filter(|word| word.len() > 1) {
            for text in [word, &word.to_ascii_uppercase(), &word.replace(' ', "_")] {
                let view = View::new(text, Script::Plain);
                let pass = Pass::over(&DETECTOR.words, view.bytes());
                assert!(pass.hits.iter().any(|hit| (hit.start, hit.end) == (0, view.bytes().len())), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn borders_of_blocks_hide_nothing(
            text in "([a-z]{1,3}|Card|number|SSN|[0-9]{1,9}|[A-Z]{2,8}|[ :@(+._-]|паспорт|卡){0,60}",
            shift in 1..64_usize,
        ) {
            let shifted = format!("{}{text}", "\n".repeat(shift));
            prop_assert_eq!(places(&shifted, shift), places(&format!("\n{text}"), 1));
        }
    }
}
