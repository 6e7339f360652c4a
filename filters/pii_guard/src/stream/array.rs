//! A stream that is one JSON array (Gemini's, for those who do not ask for events): what stands around its elements.

use chat::Frame;

/// What stands between the elements, and around them (RFC 8259, section 2).
fn is_syntax(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',')
}

/// Whether there is nothing in a frame but an element and the array's own signs. What is no array is none.
pub fn is_clean(frame: &Frame<'_>) -> bool {
    let others = |bytes: &[u8]| bytes.iter().filter(|byte| !is_syntax(byte)).count();
    let element = frame.data();
    others(frame.raw()) == element.as_ref().map_or(0, |element| others(element.as_bytes()))
}

/// A frame's bytes as those of the first element of an array: no other is known without those before it.
pub fn as_first(frame: &[u8]) -> Vec<u8> {
    let frame = frame.trim_ascii_start();
    [b"[", frame.strip_prefix(b",").or(frame.strip_prefix(b"[")).unwrap_or(frame)].concat()
}

/// An element as the next one of an array that has some.
pub fn as_next(element: &[u8]) -> Vec<u8> {
    [b",\n", element].concat()
}

/// The rest of an array that ends with this element, `begun` or not.
pub fn last(element: &str, begun: bool) -> String {
    format!("{}{element}]\n", if begun { "," } else { "[" })
}
