//! What is wrong with a body: where, by which rule, and in words that never quote a value.

use serde::Serialize;
use std::fmt;

/// The most faults that one body is told of.
pub const MAX_FAULTS: usize = 10;

/// The longest member name that a pointer repeats, in characters.
const MAX_NAME: usize = 64;

/// The longest message, in characters. Some schemas have long lists of words.
const MAX_MESSAGE: usize = 300;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where, as a JSON Pointer (RFC 6901). Empty for the body as a whole.
    #[serde(rename = "path")]
    pub pointer: String,
    /// The schema's keyword that says so, or a short name of ours (`json`, `duplicate_member`).
    pub keyword: String,
    /// What would be right, as the end of a sentence about the place.
    pub message: String,
}

impl Fault {
    /// A fault. What is long is cut.
    pub fn new(pointer: String, keyword: &str, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if let Some((at, _)) = message.char_indices().nth(MAX_MESSAGE) {
            message.truncate(at);
            message.push('…');
        }
        Self { pointer, keyword: keyword.to_owned(), message }
    }

    /// The place as OpenAI writes it in `param`: `messages[1].role`.
    pub fn param(&self) -> Option<String> {
        let mut param = String::new();
        for step in self.pointer.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
                param.push_str(&format!("[{name}]"));
            } else {
                param.push_str(if param.is_empty() { "" } else { "." });
                param.push_str(&name);
            }
        }
        (!param.is_empty()).then_some(param)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "body" } else { &self.pointer };
        write!(out, "{place} {} ({})", self.message, self.keyword)
    }
}

/// Adds a step to a pointer. Control characters and very long names, which only an attack has, are shortened.
pub fn push_step(pointer: &mut String, name: &str) {
    pointer.push('/');
    for (at, c) in name.chars().enumerate() {
        match c {
            _ if at >= MAX_NAME => return pointer.push('…'),
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c if c.is_control() => pointer.push('\u{fffd}'),
            c => pointer.push(c),
        }
    }
}

/// `a`, `b` or `c`.
pub fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.as_slice() {
        [] => "nothing".into(),
        [one] => format!("`{one}`"),
        [most @ .., last] => format!("`{}` or `{last}`", most.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_their_readers_expect() {
        let mut pointer = String::new();
        for step in ["messages", "0", "a/b~c", "x\ny"] {
            push_step(&mut pointer, step);
        }
        let fault = Fault::new(pointer, "enum", "must be `a`");
        assert_eq!(fault.pointer, "/messages/0/a~1b~0c/x\u{fffd}y");
        assert_eq!(fault.param().as_deref(), Some("messages[0].a/b~c.x\u{fffd}y"));
        assert_eq!(Fault::new(String::new(), "json", "is cut short").to_string(), "body is cut short (json)");
        assert_eq!(one_of(["a", "b", "c"]), "`a`, `b` or `c`");
        assert!(Fault::new(String::new(), "enum", "é".repeat(1000)).message.chars().count() <= 301);
    }
}
