//! What kinds of bytes a text has, 64 bytes at a time: a number for each kind, with a bit for each byte.

use wide::u8x16;

/// The signs at which finders start.
const STOPS: [u8; 5] = *b"@:+(~";

/// How many bytes are looked at by one instruction.
const LANES: usize = 16;

/// The signs at which literals start.
#[derive(Debug)]
pub struct Classes {
    /// As many as the built-in literals need: no loop is quicker.
    first: [u8x16; 8],
    count: usize,
    more: Vec<u8x16>,
}

impl Default for Classes {
    fn default() -> Self {
        Self { first: [u8x16::splat(OTHER); _], count: 0, more: Vec::new() }
    }
}

impl Classes {
    /// Notes that a literal starts with this sign.
    pub fn add(&mut self, sign: u8) {
        let sign = u8x16::splat(sign);
        if self.first.contains(&sign) || self.more.contains(&sign) {
            return;
        }
        match self.first.get_mut(self.count) {
            Some(place) => *place = sign,
            None => self.more.push(sign),
        }
        self.count += 1;
    }
}

/// The first byte of characters that are not ASCII is this or a higher one.
const OTHER: u8 = 0xc0;

/// 64 bytes: the lowest bit is the first one's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Block {
    /// Letters and digits.
    pub word: u64,
    /// Small letters.
    pub lower: u64,
    /// Digits.
    pub digit: u64,
    /// Where a literal can start that is no word: at a sign, or at a character of another script.
    pub literal: u64,
    /// Where a finder can start.
    pub stop: u64,
}

impl Block {
    /// How many bytes it has.
    pub const LENGTH: usize = 64;

    /// The bytes of a text from `from` on. What is behind its end is of no kind.
    #[inline]
    pub fn at(classes: &Classes, bytes: &[u8], from: usize) -> Self {
        let rest = bytes.get(from..).unwrap_or_default();
        match rest.first_chunk() {
            Some(whole) => Self::of(classes, whole),
            None => {
                let mut padded = [0; Self::LENGTH];
                padded.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
                Self::of(classes, &padded)
            }
        }
    }

    #[inline]
    fn of(classes: &Classes, bytes: &[u8; Self::LENGTH]) -> Self {
        let mut block = Self::default();
        let (lanes, _) = bytes.as_chunks::<LANES>();
        for lanes in lanes.iter().rev() {
            let lanes = u8x16::new(*lanes);
            let lower = among(lanes, b'a', b'z');
            let digit = among(lanes, b'0', b'9');
            let word = among(lanes | u8x16::splat(0x20), b'a', b'z') | digit;
            let stop = STOPS.iter().fold(u8x16::ZERO, |stop, sign| stop | lanes.simd_eq(u8x16::splat(*sign)));
            let other = among(lanes, OTHER, 0xff);
            let literal = classes.first.iter().fold(other, |literal, sign| literal | lanes.simd_eq(*sign));
            let literal = classes.more.iter().fold(literal, |literal, sign| literal | lanes.simd_eq(*sign));
            let front = |bits: &mut u64, lanes: u8x16| *bits = *bits << LANES | u64::from(lanes.to_bitmask());
            front(&mut block.word, word);
            front(&mut block.lower, lower);
            front(&mut block.digit, digit);
            front(&mut block.literal, literal);
            front(&mut block.stop, stop);
        }
        block
    }

    /// The capital letters behind a small one, where a word begins inside of one: `phoneNumber`. `before` is the block before.
    pub fn humps(&self, before: &Self) -> u64 {
        self.word & !self.lower & !self.digit & (self.lower << 1 | before.lower >> 63)
    }
}

/// A group of letters and digits.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// How many digits it has.
    pub digits: usize,
    /// It has small letters.
    pub small: bool,
}

impl Group {
    /// That from a place on.
    #[inline]
    pub fn at(bytes: &[u8], start: usize) -> Self {
        let mut group = Self { start, end: start, digits: 0, small: false };
        loop {
            let lanes = lanes_at(bytes, group.end);
            let (digit, small) = (among(lanes, b'0', b'9'), among(lanes, b'a', b'z'));
            let word = among(lanes | u8x16::splat(0x20), b'a', b'z') | digit;
            let length = (!word.to_bitmask()).trailing_zeros();
            let counted = !(u32::MAX << length);
            group.digits += (digit.to_bitmask() & counted).count_ones() as usize;
            group.small |= small.to_bitmask() & counted != 0;
            group.end += length as usize;
            if length < LANES as u32 {
                return group;
            }
        }
    }

    /// Puts it behind what has come before, with capital letters. `false` where there is no room.
    #[inline]
    pub fn copy_capital(&self, bytes: &[u8], out: &mut [u8], before: usize) -> bool {
        let mut from = self.start;
        let mut rest = out.get_mut(before..).unwrap_or_default();
        while from < self.end {
            let Some((room, behind)) = rest.split_first_chunk_mut::<LANES>() else { return false };
            let lanes = lanes_at(bytes, from);
            *room = (lanes & !(among(lanes, b'a', b'z') & u8x16::splat(0x20))).to_array();
            (from, rest) = (from + LANES, behind);
        }
        true
    }
}

/// Sixteen bytes of a text, with zeros behind its end.
#[inline]
fn lanes_at(bytes: &[u8], from: usize) -> u8x16 {
    let rest = bytes.get(from..).unwrap_or_default();
    let mut lanes = [0; LANES];
    match rest.first_chunk() {
        Some(whole) => lanes = *whole,
        None => lanes.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte),
    }
    u8x16::new(lanes)
}

/// The bytes from `first` to `last`.
#[inline]
fn among(lanes: u8x16, first: u8, last: u8) -> u8x16 {
    let above = lanes - u8x16::splat(first);
    above.min(u8x16::splat(last - first)).simd_eq(above)
}

/// How many bytes from the start are ASCII, and no backslash.
pub fn plain_run(bytes: &[u8]) -> usize {
    let (whole, rest) = bytes.as_chunks::<LANES>();
    let clear = whole.iter().map(others).take_while(|others| *others == 0).count();
    match whole.get(clear) {
        Some(lanes) => clear * LANES + others(lanes).trailing_zeros() as usize,
        None => clear * LANES + plain_rest(rest),
    }
}

/// Copies them: sixteen at once, since a copy of any length is a call out of a module. How many they are.
pub fn copy_plain_run(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    let before = out.len();
    let (whole, rest) = bytes.as_chunks::<LANES>();
    for lanes in whole {
        out.extend_from_slice(lanes);
        let others = others(lanes);
        if others != 0 {
            out.truncate(out.len() - LANES + others.trailing_zeros() as usize);
            return out.len() - before;
        }
    }
    out.extend(rest.iter().take(plain_rest(rest)));
    out.len() - before
}

/// Which of these bytes are not ASCII, or a backslash.
fn others(lanes: &[u8; LANES]) -> u32 {
    // The highest bit of a byte is set where it is one.
    let lanes = u8x16::new(*lanes);
    (lanes | lanes.simd_eq(u8x16::splat(b'\\'))).to_bitmask()
}

/// The same of fewer bytes than are looked at at once.
fn plain_rest(bytes: &[u8]) -> usize {
    let is_other = |byte: &u8| !byte.is_ascii() || *byte == b'\\';
    bytes.iter().position(is_other).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_byte_is_of_its_kinds() {
        let mut classes = Classes::default();
        b"$:$!\"'%&*,-/<".iter().for_each(|sign| classes.add(*sign));
        for byte in 0..=u8::MAX {
            for at in 0..Block::LENGTH {
                let mut bytes = [b' '; 2 * Block::LENGTH];
                bytes[Block::LENGTH + at] = byte;
                let block = Block::at(&classes, &bytes, Block::LENGTH);
                let is = |kind: bool| u64::from(kind) << at;
                assert_eq!(block.word, is(byte.is_ascii_alphanumeric()));
                assert_eq!(block.lower, is(byte.is_ascii_lowercase()));
                assert_eq!(block.digit, is(byte.is_ascii_digit()));
                assert_eq!(block.literal, is(byte >= 0xc0 || b"$:!\"'%&*,-/<".contains(&byte)));
                assert_eq!(block.stop, is(matches!(byte, b'@' | b':' | b'+' | b'(' | b'~')));
            }
        }
        assert_eq!(Block::at(&classes, b"a1", 0).word, 0b11);
        assert_eq!(Block::at(&classes, b"a1", 2).word, 0);
        assert_eq!(Block::at(&classes, b"a1", 64).word, 0);
    }

    proptest! {
        #[test]
        fn a_group_is_what_it_is_byte_by_byte(text in "[ .é]{0,20}[a-zA-Z0-9]{0,50}(é|[ -]|)[a-z]{0,3}", from in 0..20_usize) {
            let bytes = text.as_bytes();
            let rest = bytes.get(from..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let (value, _) = rest.split_at(length);
            let group = Group::at(bytes, from);
            prop_assert_eq!(group.end, from + length);
            prop_assert_eq!(group.digits, value.iter().filter(|byte| byte.is_ascii_digit()).count());
            prop_assert_eq!(group.small, value.iter().any(u8::is_ascii_lowercase));
            let mut out = [b'!'; 82];
            prop_assert!(group.copy_capital(bytes, &mut out, 2));
            prop_assert_eq!(out.get(2..2 + length), Some(&*value.to_ascii_uppercase()));
            prop_assert!(out.starts_with(b"!!"));
            prop_assert_eq!(group.copy_capital(bytes, &mut out, 80), length == 0);
        }

        #[test]
        fn a_plain_run_ends_where_it_must(text in "[a-z ~]{0,70}(é|\\\\|)[a-zé]{0,20}") {
            let end = text.find(|c: char| !c.is_ascii() || c == '\\').unwrap_or(text.len());
            prop_assert_eq!(plain_run(text.as_bytes()), end);
            let mut copied = b"a".to_vec();
            prop_assert_eq!(copy_plain_run(text.as_bytes(), &mut copied), end);
            prop_assert_eq!(copied.get(1..), text.as_bytes().get(..end));
        }
    }
}
