//! How many tokens a text may be, without a tokenizer.

/// An estimate of the tokens of `text`, rounded up; linear in its bytes and independent of any model.
///
/// Each character counts by its length in UTF-8, in twelfths of a token:
///
/// | bytes | scripts | characters per token | twelfths |
/// |---|---|---|---|
/// | 1 | English, code, numbers | 4 | 3 |
/// | 2 | accented Latin, Greek, Cyrillic, Hebrew, Arabic | 2.4 | 5 |
/// | 3 | Chinese, Japanese, Korean, Thai, Devanagari | 1.5 | 8 |
/// | 4 | emoji, rare scripts | 0.5 | 24 |
///
/// The rates are rules of thumb for byte-pair vocabularies of 100 000 entries and more. They serve to reserve a budget
/// before the answer tells the truth, never to bill. The framing of messages (a few tokens each) is not in it.
///
/// ```
/// assert_eq!(chat::estimate_tokens("The quick brown fox jumps.".as_bytes()), 7);
/// assert_eq!(chat::estimate_tokens("你好世界".as_bytes()), 3);
/// ```
pub fn estimate_tokens(text: &[u8]) -> u64 {
    if text.is_ascii() {
        // Known by its length, without a look at each byte.
        return (text.len() as u64).div_ceil(4);
    }
    by_bytes(text)
}

fn by_bytes(text: &[u8]) -> u64 {
    let twelfths: u64 = text.iter().map(|byte| twelfths(*byte)).sum();
    twelfths.div_ceil(12)
}

/// The weight of the character that `lead` starts; nothing for the bytes that continue one.
fn twelfths(lead: u8) -> u64 {
    match lead {
        0x00..=0x7f => 3,
        0x80..=0xbf => 0,
        0xc0..=0xdf => 5,
        0xe0..=0xef => 8,
        0xf0..=0xff => 24,
    }
}

#[cfg(test)]
mod tests {
    use super::{by_bytes, estimate_tokens};

    #[test]
    fn texts_of_single_bytes_are_no_special_case() {
        for text in ["", "a", "abcd", "abcde", "\u{e9}", "ab\u{4f60}\u{597d}", "\u{1f600}a"] {
            assert_eq!(estimate_tokens(text.as_bytes()), by_bytes(text.as_bytes()), "{text}");
        }
    }
}
