//! The one pass over a text: it finds the literals of [`super::words`] and the places where something could stand that is none.
//!
//! A literal begins where a word begins, at a sign, or at a character of another script. Only there three bytes choose the few
//! literals that could follow, from a table that fits the first cache: for most words of a text there is none.

use super::words::{Hit, Words};

/// Letters and digits.
const WORD: u8 = 1 << 5;
const LOWER: u8 = 1 << 6;
const DIGIT: u8 = 1 << 7;
/// The part of a class that chooses literals: alike for both cases of a letter, and for all that joins words.
const CODE: u8 = 31;

/// What each byte is.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
        {
            let b = byte as u8;
            table[byte] = match b {
                b'a'..=b'z' => (b & CODE) | WORD | LOWER,
                b'A'..=b'Z' => (b & CODE) | WORD,
                b'0'..=b'9' => 27 | WORD | DIGIT,
                b' ' | b'_' | b'-' => 0,
                0x80.. => b & CODE,
                _ => 28 + (b & 3),
            };
        }
        byte += 1;
    }
    table
};

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

fn class(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).and_then(|byte| CLASS.get(usize::from(*byte))).copied().unwrap_or(0)
}

/// The number of the first three bytes of a literal, and that of the first four: alike for both cases. 15 bits each.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// Of three bytes, exact.
    pub three: usize,
    /// Of four bytes, mixed.
    pub four: usize,
}

impl Code {
    /// That of the bytes at a place.
    #[inline]
    pub fn of(bytes: &[u8], at: usize) -> Self {
        let part = |at: usize| usize::from(class(bytes, at) & CODE);
        let three = part(at) << 10 | part(at + 1) << 5 | part(at + 2);
        let mixed = (three << 5 | part(at + 3)).wrapping_mul(0x9e37_79b1) >> 12;
        Self { three, four: mixed & 0x7fff }
    }
}

impl Pass {
    /// Runs over a text.
    pub fn over(words: &Words, bytes: &[u8]) -> Self {
        let mut pass = Self { hits: Vec::with_capacity(bytes.len() / 24), stops: Vec::with_capacity(bytes.len() / 48) };
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let mut now = class(bytes, at);
            if now & WORD == 0 {
                // Neither a space nor inside a character.
                if *byte != b' ' && !(0x80..0xc0).contains(byte) {
                    words.hits_at(bytes, at, &mut pass.hits);
                    if is_sign(bytes, at, *byte) {
                        pass.stops.push(Stop { start: at, end: at + 1 });
                    }
                }
                at += 1;
                continue;
            }
            let start = at;
            words.hits_at(bytes, at, &mut pass.hits);
            let mut seen = 0;
            loop {
                seen |= now;
                at += 1;
                let next = class(bytes, at);
                if next & WORD == 0 {
                    break;
                }
                // A word begins inside: `phoneNumber`.
                if now & LOWER != 0 && next & (LOWER | DIGIT) == 0 {
                    words.hits_at(bytes, at, &mut pass.hits);
                }
                now = next;
            }
            if seen & DIGIT != 0 || starts_value(bytes, start, at, seen & LOWER == 0) {
                pass.stops.push(Stop { start, end: at });
            }
        }
        pass
    }
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
        b'+' | b'(' => next.is_ascii_digit() || matches!(next, b'(' | b'+'),
        _ => false,
    }
}

/// Whether a group of letters can be the first of a value: short, with digits behind, or alone like a bank's code.
fn starts_value(bytes: &[u8], start: usize, end: usize, upper: bool) -> bool {
    let length = end - start;
    match bytes.get(end) {
        Some(b' ' | b'-' | b'.') if length <= 4 => {
            let first = bytes.get(end + 1).copied().unwrap_or(0);
            let near = |most: usize| {
                let behind = bytes.get(end + 1..(end + 1 + most).min(bytes.len())).unwrap_or_default();
                behind.iter().any(u8::is_ascii_digit)
            };
            first.is_ascii_digit() || (upper && first.is_ascii_uppercase() && near(if length <= 2 { 8 } else { 4 }))
        }
        _ => matches!(length, 8 | 11) && upper,
    }
}
