//! What kinds of bytes a text has, 64 bytes at a time: a number for each kind, with a bit for each byte.

/// Letters and digits.
const WORD: u8 = 1;
const LOWER: u8 = 1 << 1;
const DIGIT: u8 = 1 << 2;
/// A literal can start here that is no word: at a sign, or at a character of another script.
const LITERAL: u8 = 1 << 3;
/// A finder can start here.
const STOP: u8 = 1 << 4;

/// The kinds of each byte.
#[derive(Debug)]
pub struct Classes([u8; 256]);

impl Classes {
    /// Of letters, digits, characters of other scripts and the signs at which finders start.
    pub fn new() -> Self {
        let mut classes = Self([0; 256]);
        for (byte, class) in (0..=u8::MAX).zip(&mut classes.0) {
            *class = match byte {
                b'a'..=b'z' => WORD | LOWER,
                b'A'..=b'Z' => WORD,
                b'0'..=b'9' => WORD | DIGIT,
                b'@' | b':' | b'+' | b'(' | b'~' => STOP,
                0xc0.. => LITERAL,
                _ => 0,
            };
        }
        classes
    }

    /// Notes that a literal starts with this sign.
    pub fn add(&mut self, sign: u8) {
        if let Some(class) = self.0.get_mut(usize::from(sign)) {
            *class |= LITERAL;
        }
    }

    fn of(&self, byte: u8) -> u8 {
        self.0.get(usize::from(byte)).copied().unwrap_or(0)
    }
}

/// 64 bytes: the lowest bit is the first one's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Block {
    /// Letters and digits.
    pub word: u64,
    /// Small letters.
    pub lower: u64,
    /// Digits.
    pub digit: u64,
    /// Where a literal can start that is no word.
    pub literal: u64,
    /// Where a finder can start.
    pub stop: u64,
}

impl Block {
    /// How many bytes it has.
    pub const LENGTH: usize = 64;

    /// The bytes of a text from `from` on. What is behind its end is of no kind.
    pub fn at(classes: &Classes, bytes: &[u8], from: usize) -> Self {
        let rest = bytes.get(from..).unwrap_or_default();
        let kinds = match rest.first_chunk::<{ Self::LENGTH }>() {
            Some(bytes) => bytes.map(|byte| classes.of(byte)),
            None => {
                let mut kinds = [0; Self::LENGTH];
                kinds.iter_mut().zip(rest).for_each(|(kind, byte)| *kind = classes.of(*byte));
                kinds
            }
        };
        Self {
            word: bits(&kinds, WORD),
            lower: bits(&kinds, LOWER),
            digit: bits(&kinds, DIGIT),
            literal: bits(&kinds, LITERAL),
            stop: bits(&kinds, STOP),
        }
    }

    /// The capital letters behind a small one, where a word begins inside of one: `phoneNumber`. `before` is the block before.
    pub fn humps(&self, before: &Self) -> u64 {
        self.word & !self.lower & !self.digit & (self.lower << 1 | before.lower >> 63)
    }
}

/// Which of these are of a kind.
#[inline]
fn bits(kinds: &[u8; Block::LENGTH], kind: u8) -> u64 {
    let (eights, _) = kinds.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        let ones = u64::from_le_bytes(*eight) >> kind.trailing_zeros() & 0x0101_0101_0101_0101;
        // The lowest bits of eight bytes, side by side.
        bits << 8 | ones.wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}
