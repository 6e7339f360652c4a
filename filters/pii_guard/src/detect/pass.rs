//! The one pass over a text: it finds the literals of [`super::words`] and the places where something could stand that is none.
//!
//! It goes by blocks of 64 bytes ([`Block`]) and has no branch for each byte or word: what comes next in a text is as good as
//! random, and a wrong guess costs as much as ten bytes. A literal begins where a word begins, at a sign, or at a character of
//! another script. Only there the start and the length of the word choose the few literals that could follow ([`Code`]): for
//! most words of a text there is none. What is left waits ([`Waiting`]) until there is enough to look at in one loop.

use super::block::Block;
use super::literals::Lengths;
use super::words::{Hit, Words};

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
        let (mut waiting, mut signs) = (Waiting::default(), Vec::new());
        let (mut now, mut next) = (Block::default(), Block::at(words.classes(), bytes, 0));
        for from in (0..=bytes.len()).step_by(Block::LENGTH) {
            let before = std::mem::replace(&mut now, next);
            next = Block::at(words.classes(), bytes, from + Block::LENGTH);
            let starts = now.word & !(now.word << 1 | before.word >> 63);
            pass.words(words, bytes, from, starts, [&before, &now, &next], &mut waiting);
            at_signs(words, bytes, from, now.literal, &mut signs);
            pass.places(bytes, from, starts, [&before, &now, &next], &mut runs);
        }
        waiting.look(words, bytes, &mut pass.hits);
        if !signs.is_empty() {
            pass.hits = merged(&pass.hits, &signs);
        }
        pass
    }

    /// The literals that start at a word of a block.
    fn words(
        &mut self,
        words: &Words,
        bytes: &[u8],
        from: usize,
        starts: u64,
        blocks: [&Block; 3],
        waiting: &mut Waiting,
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
        if waiting.count > Waiting::FULL {
            waiting.look(words, bytes, &mut self.hits);
        }
        let (humps, ends) = ([now.humps(before), next.humps(now)], [!now.word, !next.word]);
        let (lengths, starts) = (words.lengths(), starts | humps[0]);
        match (now.digit | next.digit == 0, humps[0] | humps[1] == 0) {
            (true, true) => words_in::<false, false>(lengths, window, from, starts, ends, humps, waiting),
            (false, true) => words_in::<true, false>(lengths, window, from, starts, ends, humps, waiting),
            (_, false) => words_in::<true, true>(lengths, window, from, starts, ends, humps, waiting),
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

/// The literals that start at a sign of a block, or at a character of another script.
fn at_signs(words: &Words, bytes: &[u8], from: usize, literal: u64, hits: &mut Vec<Hit>) {
    for at in ones(literal) {
        let place = from + at as usize;
        let rest = bytes.get(place..).unwrap_or_default();
        let mut look = |code: Code| {
            if words.may_start(bytes, place, code) {
                words.hits_at(bytes, place, code, hits);
            }
        };
        look(Code::of_sign(rest));
        if !rest.first().is_some_and(u8::is_ascii) {
            look(Code::of(rest));
        }
    }
}

/// Two lists of hits as one, by where they start.
fn merged(one: &[Hit], other: &[Hit]) -> Vec<Hit> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    let mut rest = one;
    for hit in other {
        let before = rest.iter().take_while(|next| next.start < hit.start).count();
        let (first, behind) = rest.split_at(before);
        all.extend_from_slice(first);
        all.push(*hit);
        rest = behind;
    }
    all.extend_from_slice(rest);
    all
}

/// Words at which a literal could start, by their first bytes and their length, until they are looked at together: a loop for
/// each block would end at another turn each time.
struct Waiting {
    count: usize,
    words: [(usize, Code); Self::ROOM],
}

impl Default for Waiting {
    fn default() -> Self {
        Self { count: 0, words: [(0, Code(0)); _] }
    }
}

impl Waiting {
    const ROOM: usize = 256;
    /// With more than these, there may be no room for the words of another block.
    const FULL: usize = Self::ROOM - Block::LENGTH;

    /// Adds a word if it counts.
    #[inline]
    fn add(&mut self, place: usize, code: Code, counts: bool) {
        if let Some(word) = self.words.get_mut(self.count) {
            *word = (place, code);
        }
        self.count += usize::from(counts);
    }

    /// Finds the literals at all of them: at those first that could be one by their next letters.
    #[inline(never)]
    fn look(&mut self, words: &Words, bytes: &[u8], hits: &mut Vec<Hit>) {
        let count = std::mem::take(&mut self.count);
        for at in 0..count {
            let Some((place, code)) = self.words.get(at).copied() else { break };
            self.add(place, code, words.may_start(bytes, place, code));
        }
        for (place, code) in self.words.iter().take(std::mem::take(&mut self.count)) {
            words.hits_at(bytes, *place, *code, hits);
        }
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

/// At which of these words a literal could start. `ends` are the places where no word goes on. What runs for each word is kept
/// short here, has no check that can fail, and does not ask for digits and humps in blocks without.
#[inline(never)]
fn words_in<const DIGITS: bool, const HUMPS: bool>(
    lengths: &Lengths,
    window: &Window,
    from: usize,
    mut starts: u64,
    ends: [u64; 2],
    humps: [u64; 2],
    waiting: &mut Waiting,
) {
    while starts != 0 {
        let at = starts.trailing_zeros() & 63;
        starts &= starts - 1;
        let end = 1 + ahead(ends[0], ends[1], at);
        let hump = if HUMPS { 1 + ahead(humps[0], humps[1], at) } else { end };
        let (start, word) = (start_in(window, at), end.min(hump) as usize);
        let code = if DIGITS { Code::new(start, word) } else { Code::of_letters(start, word) };
        let length = if hump < end { Length::NONE } else { Length::of(end) };
        waiting.add(from + at as usize, code, lengths.of(code) >> length & 1 == 1);
    }
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
