//! What a call used, what that costs, and how it is read from a response.

mod price;
mod ratio;
mod reader;

pub(crate) use price::{Measure, Price, Work};
pub(crate) use ratio::Ratios;
pub(crate) use reader::{Progress, Reader};

/// As [`chat::estimate_tokens`], which looks at each byte: a text of single bytes is known by its length.
pub(crate) fn estimate_tokens(text: &[u8]) -> u64 {
    if text.is_ascii() { (text.len() as u64).div_ceil(4) } else { chat::estimate_tokens(text) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_estimated_alike() {
        for text in ["", "a", "abcd", "abcde", "\u{e9}", "ab\u{4f60}\u{597d}", "\u{1f600}a"] {
            assert_eq!(super::estimate_tokens(text.as_bytes()), chat::estimate_tokens(text.as_bytes()), "{text}");
        }
    }
}
