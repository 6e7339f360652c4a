//! Where a text is JSON (what a tool said, what a model wrote as it was told to), a number in it becomes a string when
//! something stands in its place: it stays JSON.

use super::guard::Change;
use crate::detect::Script;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::ops::Range;

/// Makes strings of what stands in the place of numbers, where `text` from `from` on is JSON, or a block of code in it. The
/// changes are in order.
pub fn quote_numbers(text: &str, from: usize, script: Script, changes: &mut [Change]) {
    let whole = text.get(from..).unwrap_or_default();
    if is_json(whole, script) {
        return quote_in(text, from..text.len(), script, changes);
    }
    let mut at = from;
    while let Some(block) = fenced(text, at) {
        at = block.end + FENCE.len();
        let first = changes.partition_point(|change| change.start < block.start);
        let last = changes.partition_point(|change| change.end <= block.end);
        let Some(changes) = changes.get_mut(first..last).filter(|changes| !changes.is_empty()) else { continue };
        if text.get(block.clone()).is_some_and(|json| is_json(json, script)) {
            quote_in(text, block, script, changes);
        }
    }
}

/// What starts and ends a block of code in Markdown.
const FENCE: &str = "```";

/// The inside of the next block of code from `at` on, behind the line of its first fence.
fn fenced(text: &str, at: usize) -> Option<Range<usize>> {
    let open = at + text.get(at..)?.find(FENCE)? + FENCE.len();
    let start = open + text.get(open..)?.find(['{', '[', '`'])?;
    let end = open + text.get(open..)?.find(FENCE)?;
    Some(start.min(end)..end)
}

/// Whether a text is JSON, or in JSON the escaped text of it.
fn is_json(json: &str, script: Script) -> bool {
    if !json.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let plain = match script {
        Script::Plain => Some(Cow::Borrowed(json)),
        Script::Json => serde_json::from_str(&format!("\"{json}\"")).ok().map(Cow::Owned),
    };
    plain.is_some_and(|plain| serde_json::from_str::<IgnoredAny>(&plain).is_ok())
}

/// Makes strings of what stands in the place of numbers in the JSON in `range`.
fn quote_in(text: &str, range: Range<usize>, script: Script, changes: &mut [Change]) {
    let from = range.start;
    let quote = if script == Script::Json { "\\\"" } else { "\"" };
    let in_number = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let bytes = text.as_bytes();
    let mut strings = Strings { escaped: script == Script::Json, ..Strings::default() };
    let mut at = from;
    for change in changes {
        strings.pass(bytes.get(at..change.start).unwrap_or_default());
        at = change.start.max(at);
        if !strings.inside {
            let before = bytes.get(from..change.start).unwrap_or_default().iter().rev().take_while(in_number).count();
            let behind = bytes.get(change.end..).unwrap_or_default().iter().take_while(in_number).count();
            (change.start, change.end) = (change.start - before, change.end + behind);
            change.text = format!("{quote}{}{quote}", change.text);
        }
    }
}

/// Whether a place in JSON is inside of a string.
#[derive(Debug, Default)]
struct Strings {
    /// The JSON is itself written inside a string of JSON.
    escaped: bool,
    /// It is.
    inside: bool,
    /// A backslash stands before the next sign of the JSON.
    after_backslash: bool,
    /// One stands before the next byte, where it is `escaped`.
    half: bool,
}

impl Strings {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.escaped && !self.half && *byte == b'\\' {
                self.half = true;
                continue;
            }
            let bare = self.escaped && !std::mem::take(&mut self.half);
            match byte {
                _ if std::mem::take(&mut self.after_backslash) => {}
                b'\\' => self.after_backslash = self.inside,
                b'"' if !bare => self.inside = !self.inside,
                _ => {}
            }
        }
    }
}
