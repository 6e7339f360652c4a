//! How a placeholder comes back from a model and its server: as it was, in small letters, escaped for Markdown (`\<EMAIL\_1\>`),
//! for HTML (`&lt;EMAIL_1&gt;`), or by an encoder of JSON that escapes angle brackets (`\u003cEMAIL_1\u003e`, as Go's does).

/// What begins a placeholder. In JSON source text a backslash is written twice.
const OPENERS: [&[u8]; 6] = [b"<", b"\\<", b"\\\\<", b"&lt;", b"\\u003c", b"\\\\\\u003c"];

/// What ends one.
const CLOSERS: [&[u8]; 6] = [b">", b"\\>", b"\\\\>", b"&gt;", b"\\u003e", b"\\\\\\u003e"];

/// The longest name that is read.
const LONGEST_NAME: usize = 62;

/// What a text begins with.
#[derive(Debug, PartialEq, Eq)]
pub enum Spelling {
    /// No placeholder.
    None,
    /// What can become one: its name so far, in capital letters.
    Open(String),
    /// One.
    Whole {
        /// Its name, in capital letters.
        name: String,
        /// How many bytes of the text it takes.
        length: usize,
    },
}

/// The places where a placeholder could begin.
pub fn candidates(text: &[u8]) -> impl Iterator<Item = usize> {
    // Most escapes of a text are line breaks and quotes.
    memchr::memchr3_iter(b'<', b'&', b'\\', text).filter(|at| match (text.get(*at), text.get(at + 1)) {
        (Some(b'\\'), Some(next)) => matches!(next, b'<' | b'\\' | b'u' | b'U'),
        (Some(b'&'), Some(next)) => matches!(next, b'l' | b'L'),
        _ => true,
    })
}

/// What a text begins with.
pub fn spelling(text: &[u8]) -> Spelling {
    let mut name = String::new();
    let mut at = match mark(text, &OPENERS) {
        Mark::None => return Spelling::None,
        Mark::Open => return Spelling::Open(name),
        Mark::Whole(length) => length,
    };
    while name.len() <= LONGEST_NAME {
        let rest = text.get(at..).unwrap_or_default();
        match mark(rest, &CLOSERS) {
            Mark::Whole(length) => return Spelling::Whole { name, length: at + length },
            Mark::Open => return Spelling::Open(name),
            Mark::None => {}
        }
        let backslashes = rest.iter().take(2).take_while(|byte| **byte == b'\\').count();
        match rest.get(backslashes) {
            None => return Spelling::Open(name),
            Some(b'_') => name.push('_'),
            Some(byte) if backslashes == 0 && byte.is_ascii_alphanumeric() => {
                name.push(char::from(byte.to_ascii_uppercase()));
            }
            Some(_) => return Spelling::None,
        }
        at += backslashes + 1;
    }
    Spelling::None
}

enum Mark {
    None,
    /// The text ends inside of it.
    Open,
    Whole(usize),
}

/// Which of these marks a text begins with.
fn mark(text: &[u8], marks: &[&[u8]; 6]) -> Mark {
    let same = |a: &[u8], b: &[u8]| a.len() <= b.len() && b.get(..a.len()).is_some_and(|b| a.eq_ignore_ascii_case(b));
    match marks.iter().find(|mark| same(mark, text)) {
        Some(mark) => Mark::Whole(mark.len()),
        None if marks.iter().any(|mark| same(text, mark)) => Mark::Open,
        None => Mark::None,
    }
}
