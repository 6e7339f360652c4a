//! A borrowed view of JSON text that is read one level at a time: the outermost by `serde_json`, which judges all of the text, and
//! what lies in it by its brackets and quotes.
//!
//! What is not asked for is skipped, not decoded. `serde_json` skips without recursion, so depth costs no stack here;
//! it is bounded all the same ([`MAX_DEPTH`]) for the servers behind us. Not a JSON tree: a [`Value`] is its text and
//! its place in the body, so it can be reported and replaced.

mod read;
mod walk;

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use serde::de::Deserializer as _;
use serde_json::error::Category;

use self::read::{Elements, Key, Members, Named, Wtf8};
use self::walk::Walk;
use crate::{BodyError, BodyFault};

/// How deep a request body may nest. Also where `serde_json` and most model servers stop.
pub const MAX_DEPTH: usize = 128;

/// One JSON value of a body: its text, without the space around it, and where it starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    text: &'a str,
    at: usize,
    /// It stands in a text that was read as JSON, so that its members can be found without judging them again.
    was_read: bool,
}

impl<'a> Value<'a> {
    /// The whole of `body`. Checks that it is UTF-8, not yet that it is JSON: the first read does.
    pub fn whole(body: &'a [u8]) -> Result<Self, BodyError> {
        match std::str::from_utf8(body) {
            Ok(text) => Ok(Self { text, at: 0, was_read: false }),
            Err(error) => Err(BodyError::at(error.valid_up_to(), BodyFault::NotUtf8)),
        }
    }

    /// The same, once all of it was read as JSON.
    pub fn judged(self) -> Self {
        Self { was_read: true, ..self }
    }

    /// The value's text as it stands.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Where the value stands in the body, in bytes.
    pub fn span(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// The first byte, which tells a value's type.
    fn first(self) -> u8 {
        self.text.bytes().next().unwrap_or_default()
    }

    pub fn is_object(self) -> bool {
        self.first() == b'{'
    }

    pub fn is_array(self) -> bool {
        self.first() == b'['
    }

    pub fn is_empty_array(self) -> bool {
        self.text.strip_prefix('[').is_some_and(|rest| rest.trim_ascii_start().starts_with(']'))
    }

    pub fn is_string(self) -> bool {
        self.first() == b'"'
    }

    pub fn is_null(self) -> bool {
        self.text == "null"
    }

    /// "This must be …".
    pub fn refuse(self, expected: &'static str) -> BodyError {
        BodyError::at(self.at, BodyFault::Not(expected))
    }

    /// Checks that nothing nests deeper than [`MAX_DEPTH`]. Only for text that was read as JSON before.
    pub fn check_depth(self) -> Result<(), BodyError> {
        let bytes = self.text.as_bytes();
        let (mut depth, mut at) = (0_usize, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => at = end_of_string(bytes, at + 1),
                _ => {}
            }
            if depth > MAX_DEPTH {
                return Err(BodyError::at(self.at + at, BodyFault::TooDeep));
            }
            at += 1;
        }
        Ok(())
    }

    /// The members called `names` of this object. A name that comes twice, or in another case, is an error; other
    /// members are skipped.
    pub fn members<const N: usize>(self, names: &[&'static str; N]) -> Result<[Option<Value<'a>>; N], BodyError> {
        let mut found = [None; N];
        self.collect(names, &mut found)?;
        Ok(found)
    }

    /// `members` for any number of names: one copy in the module, not one for each number.
    fn collect(self, names: &[&'static str], found: &mut [Option<Value<'a>>]) -> Result<(), BodyError> {
        if self.was_read && self.is_object() && self.walk_members(names, found).is_some() {
            return Ok(());
        }
        found.fill(None);
        let mut fault = None;
        let visitor = Members { whole: self, names, found, fault: &mut fault };
        let mut json = serde_json::Deserializer::from_str(self.text);
        let read = json.deserialize_map(visitor).and_then(|()| json.end());
        match (read, fault) {
            (Ok(()), _) => Ok(()),
            (Err(error), None) => Err(self.syntax(&error, "an object")),
            (Err(error), Some((fault, member))) => Err(BodyError::at(self.offset(&error), fault).of(member)),
        }
    }

    /// `collect` for text that was read before; `None` for whatever is refused.
    fn walk_members(self, names: &[&'static str], found: &mut [Option<Value<'a>>]) -> Option<()> {
        let mut walk = Walk::inside(self.text);
        while let Some((name, value)) = walk.member()? {
            let named = if memchr::memchr(b'\\', name.as_bytes()).is_some() {
                Key(names).find(&serde_json::from_str::<String>(&format!("\"{name}\"")).ok()?)
            } else {
                Key(names).find(name)
            };
            match named {
                Named::Known(_, slot) => {
                    let slot = found.get_mut(slot).filter(|slot| slot.is_none())?;
                    *slot = Some(self.inner(value));
                }
                Named::OtherCase(_) => return None,
                Named::Unknown => {}
            }
        }
        Some(())
    }

    /// Calls `visit` with each element of this array, in order, and stops at its first error.
    pub fn elements(self, mut visit: impl FnMut(usize, Value<'a>) -> Result<(), BodyError>) -> Result<(), BodyError> {
        self.each(&mut visit)
    }

    /// The values of an object, by whatever names; of anything else itself. Only of text that was read as JSON before.
    pub fn columns(self) -> impl Iterator<Item = Value<'a>> {
        let mut walk = self.is_object().then(|| Walk::inside(self.text));
        let mut itself = Some(self).filter(|_| walk.is_none());
        std::iter::from_fn(move || match &mut walk {
            Some(walk) => walk.member()?.map(|(_, value)| self.inner(value)),
            None => itself.take(),
        })
    }

    /// `elements` for any visitor: one copy in the module.
    fn each(self, visit: &mut dyn FnMut(usize, Value<'a>) -> Result<(), BodyError>) -> Result<(), BodyError> {
        if self.was_read && self.is_array() {
            let (mut walk, mut index) = (Walk::inside(self.text), 0);
            // Elements that were shown cannot be taken back: what looks odd here, which no JSON does, is refused.
            while let Some(element) = walk.element().ok_or(BodyError::at(self.at, BodyFault::NotJson))? {
                visit(index, self.inner(element))?;
                index += 1;
            }
            return Ok(());
        }
        let mut fault = None;
        let visitor = Elements { whole: self, visit, fault: &mut fault };
        let mut json = serde_json::Deserializer::from_str(self.text);
        let read = json.deserialize_seq(visitor).and_then(|()| json.end());
        match (read, fault) {
            (Ok(()), _) => Ok(()),
            (Err(error), None) => Err(self.syntax(&error, "an array")),
            (Err(_), Some(fault)) => Err(fault),
        }
    }

    /// The decoded string.
    pub fn string(self) -> Result<Cow<'a, str>, BodyError> {
        if !self.is_string() {
            return Err(self.refuse("a string"));
        }
        if memchr::memchr(b'\\', self.text.as_bytes()).is_none() {
            let inner = self.text.get(1..self.text.len().saturating_sub(1)).unwrap_or_default();
            return Ok(Cow::Borrowed(inner));
        }
        let decoded: Result<String, _> = serde_json::from_str(self.text);
        decoded.map(Cow::Owned).map_err(|_| BodyError::at(self.at, BodyFault::LoneSurrogate))
    }

    /// The decoded string of an answer: a lone surrogate, which some servers stream, becomes U+FFFD.
    pub fn lossy_string(self) -> Option<Cow<'a, str>> {
        match self.string() {
            Ok(text) => Some(text),
            Err(BodyError { fault: BodyFault::LoneSurrogate, .. }) => {
                let mut json = serde_json::Deserializer::from_str(self.text);
                json.deserialize_bytes(Wtf8).ok().map(Cow::Owned)
            }
            Err(_) => None,
        }
    }

    /// The number as `T`, where it is written as one. JSON's way to write numbers is a part of Rust's, which has words, too.
    pub fn number<T: FromStr>(self) -> Option<T> {
        matches!(self.first(), b'0'..=b'9' | b'-').then(|| self.text.parse().ok()).flatten()
    }

    /// `true` or `false`.
    pub fn bool(self) -> Result<bool, BodyError> {
        match self.text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.refuse("a boolean")),
        }
    }

    /// The value whose text is a slice of this one's, which is being read.
    fn inner(self, text: &'a str) -> Self {
        // The address tells the place: `RawValue` does not, and borrows from `self.text`.
        let at = (text.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        Self { text, at: self.at.wrapping_add(at), was_read: true }
    }

    /// The body's offset of an error that `serde_json` reports by line and column of this text.
    fn offset(self, error: &serde_json::Error) -> usize {
        let line_start = match error.line().checked_sub(2) {
            Some(skipped) => memchr::memchr_iter(b'\n', self.text.as_bytes()).nth(skipped).map_or(0, |at| at + 1),
            None => 0,
        };
        self.at + (line_start + error.column().saturating_sub(1)).min(self.text.len())
    }

    /// An error of `serde_json` in our words: its own would quote the body.
    fn syntax(self, error: &serde_json::Error, expected: &'static str) -> BodyError {
        let trimmed = self.text.trim_ascii_start();
        let other_type = !trimmed.starts_with(['{', '[']) || (trimmed.starts_with('{') != (expected == "an object"));
        if error.classify() == Category::Data && other_type {
            return BodyError::at(self.at + self.text.len() - trimmed.len(), BodyFault::Not(expected));
        }
        let fault = match error.classify() {
            _ if trimmed.is_empty() => BodyFault::Truncated,
            Category::Eof => BodyFault::Truncated,
            // `end()` is the only place where the text before the error is a whole value.
            _ if error.to_string().starts_with("trailing characters") => BodyFault::TrailingData,
            _ => BodyFault::NotJson,
        };
        BodyError::at(self.offset(error), fault)
    }
}

/// The index of the quote that ends the string whose first character is at `at`; the text's end if there is none.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Place = (Range<usize>, String);

    const NAMES: [&str; 3] = ["a", "content", "k"];

    /// What is found in a value: spans of members, or of elements, or the error.
    fn seen(value: Value<'_>) -> Result<Vec<Option<Place>>, BodyError> {
        let place = |value: Value<'_>| (value.span(), value.text().to_owned());
        if value.is_object() {
            return value.members(&NAMES).map(|found| found.map(|value| value.map(place)).to_vec());
        }
        let mut found = Vec::new();
        value.elements(|index, element| {
            assert_eq!(index, found.len());
            found.push(Some(place(element)));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn what_was_read_once_is_found_again_as_serde_json_finds_it() {
        for text in [
            r#"{"a":1,"content":"x","k":null}"#,
            "{ \"a\" : -1.5e+3 ,\n\t\"b\":{\"a\":[1,{\"k\":\"}]\"}]} , \"k\" :[ ]\r\n}",
            r#"{"a":"\\","content":"\"}","k":{"k":"\\\""}}"#,
            r#"{"\u0061":true,"c\u006fntent":false,"\ud800":1,"k\n":2}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"A":1}"#,
            "{\"\u{212a}\":1}",
            "{\"\u{17f}\":1,\"content\":\"\u{4f60}\u{1f600}\"}",
            "{}",
            "{ }",
            "[]",
            "[ ]",
            r#"[1,"a,b",[2,[3]],{"a":[]}, null , true]"#,
            "[\"\\\\\", \"\\\"]\",\n{}]",
            "[0]",
        ] {
            let body = format!(" [ 7,{text} ]");
            let start = body.find(text).unwrap_or_default();
            let again = seen(Value { text, at: start, was_read: true });
            assert_eq!(again, seen(Value { text, at: start, was_read: false }), "{text}");
        }
    }
}
