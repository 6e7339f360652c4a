//! The one pass over a text: it finds the literals of [`super::words`] and the places where something could stand that is none.
//!
//! A literal begins where a word begins, at a sign, or at a character of another script. Only there five bytes choose the few
//! literals that could follow ([`Code`]): for most words of a text there is none.

use super::words::{Hit, Words};

/// Letters and digits.
const WORD: u8 = 1;
const LOWER: u8 = 2;
const DIGIT: u8 = 4;

/// What each byte is.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
        {
            table[byte] = match byte as u8 {
                b'a'..=b'z' => WORD | LOWER,
                b'A'..=b'Z' => WORD,
                b'0'..=b'9' => WORD | DIGIT,
                _ => 0,
            };
        }
        byte += 1;
    }
    table
};

/// The part of each byte in the choice of literals, six bits: alike for both cases of a letter, for all digits, and for all that
/// joins words.
const PART: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
        {
            let b = byte as u8;
            table[byte] = match b {
                b'a'..=b'z' | b'A'..=b'Z' => b & 31,
                b'0'..=b'9' => 27,
                b' ' | b'_' | b'-' => 0,
                0x80.. => 32 | (b & 31),
                _ => 28 | (b & 3),
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

fn class_of(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Whether a word begins inside of one: `phoneNumber`.
fn is_hump(now: u8, next: u8) -> bool {
    now & LOWER != 0 && next & (LOWER | DIGIT) == 0
}

/// A number of the first five bytes of a literal, or of its first word where that is shorter: what ends the word, and what is
/// behind, counts alike. 16 bits, mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(pub usize);

impl Code {
    /// How many there are.
    pub const COUNT: usize = 1 << 16;
    /// How many bytes count.
    pub const LENGTH: usize = 5;

    /// That of what a text begins with.
    #[inline]
    pub fn of(text: &[u8]) -> Self {
        let start = match text.first_chunk::<{ Self::LENGTH }>() {
            Some(start) => *start,
            None => {
                let mut start = [0; Self::LENGTH];
                start.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
                start
            }
        };
        let [first, rest @ ..] = start;
        let part = |byte: u8| u32::from(PART.get(usize::from(byte)).copied().unwrap_or(0));
        let (mut code, mut now, mut inside) = (part(first), class_of(first), u32::MAX);
        for byte in rest {
            let next = class_of(byte);
            let ends = (now & WORD != 0) & ((next & WORD == 0) | is_hump(now, next));
            inside = if ends { 0 } else { inside };
            code = code << 6 | (part(byte) & inside);
            now = next;
        }
        Self((code.wrapping_mul(0x9e37_79b1) >> 16) as usize)
    }
}

impl Pass {
    /// Runs over a text.
    pub fn over(words: &Words, bytes: &[u8]) -> Self {
        let mut pass = Self { hits: Vec::with_capacity(bytes.len() / 24), stops: Vec::with_capacity(bytes.len() / 48) };
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if class_of(*byte) & WORD == 0 {
                // Neither a space nor inside a character.
                if *byte >= 0xc0 {
                    words.hits_at(bytes, at, &mut pass.hits);
                    words.hits_at_sign(bytes, at, 0, &mut pass.hits);
                } else if *byte != b' ' && *byte < 0x80 {
                    words.hits_at_sign(bytes, at, *byte, &mut pass.hits);
                    if is_sign(bytes, at, *byte) {
                        pass.stops.push(Stop { start: at, end: at + 1 });
                    }
                }
                at += 1;
                continue;
            }
            let start = at;
            words.hits_at(bytes, at, &mut pass.hits);
            let (mut now, mut seen) = (0, 0);
            for byte in bytes.get(start..).unwrap_or_default() {
                let next = class_of(*byte);
                if next & WORD == 0 {
                    break;
                }
                if is_hump(now, next) {
                    words.hits_at(bytes, at, &mut pass.hits);
                }
                seen |= next;
                now = next;
                at += 1;
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
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let (next, first) = (byte(end), byte(end + 1));
    let parted = matches!(next, b' ' | b'-' | b'.');
    // Tested without branches first: what decides here is as good as random.
    if (length <= 4) & parted & (first.is_ascii_digit() | (upper & first.is_ascii_uppercase())) {
        let most = if length <= 2 { 8 } else { 4 };
        let behind = bytes.get(end + 1..(end + 1 + most).min(bytes.len())).unwrap_or_default();
        return first.is_ascii_digit() || behind.iter().any(u8::is_ascii_digit);
    }
    ((length == 8) | (length == 11)) & upper
}
