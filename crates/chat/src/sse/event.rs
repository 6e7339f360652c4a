//! One event of a stream: its raw bytes, and its fields read from them.

use std::borrow::Cow;

/// The raw bytes of an event with the blank line that ends it, or of a comment or a blank line.
///
/// Fields are read when asked for, by the standard's rules: one space after the colon is dropped, a field without a colon
/// is empty, names are case-sensitive, several `data` fields are joined with LF. Bytes that are not UTF-8 read as U+FFFD
/// and stay what they are in [`Event::raw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    raw: &'a [u8],
    /// Where the first line starts: behind a byte order mark.
    text: usize,
    complete: bool,
}

impl<'a> Event<'a> {
    /// The event of `raw`, which is the first of its stream if `at_start`.
    pub(super) fn new(raw: &'a [u8], at_start: bool) -> Self {
        let text = if at_start && raw.starts_with(super::MARK) { super::MARK.len() } else { 0 };
        Self { raw, text, complete: true }
    }

    /// The same, cut off by the stream's end.
    pub(super) fn incomplete(self) -> Self {
        Self { complete: false, ..self }
    }

    /// The bytes of the stream that make this event.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether the blank line came. Without it a browser ignores the event; other clients read it.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The joined `data` fields. `None` if there is none: a comment or a blank line, which no client is given.
    pub fn data(&self) -> Option<Cow<'a, str>> {
        let mut data: Option<Cow<'a, str>> = None;
        for value in self.values(b"data") {
            data = Some(match data {
                None => String::from_utf8_lossy(value),
                Some(joined) => {
                    let mut joined = joined.into_owned();
                    joined.push('\n');
                    joined.push_str(&String::from_utf8_lossy(value));
                    Cow::Owned(joined)
                }
            });
        }
        data
    }

    /// The event's type: the last `event` field, if it is not empty.
    pub fn event(&self) -> Option<Cow<'a, str>> {
        self.values(b"event").last().filter(|value| !value.is_empty()).map(String::from_utf8_lossy)
    }

    /// The last `id` field without a NUL.
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.values(b"id").filter(|value| memchr::memchr(0, value).is_none()).last().map(String::from_utf8_lossy)
    }

    /// The last `retry` field that is all digits, in milliseconds.
    pub fn retry_ms(&self) -> Option<u64> {
        let digits = self.values(b"retry").filter(|value| !value.is_empty() && value.iter().all(u8::is_ascii_digit));
        std::str::from_utf8(digits.last()?).ok()?.parse().ok()
    }

    /// The event's bytes with `data` in the place of its own; other fields and comments stay as they are, line ends
    /// become LF. The blank line is there if it was.
    pub fn with_data(&self, data: &str) -> Vec<u8> {
        let mut written = Vec::with_capacity(self.raw.len() + data.len());
        let mut pending = true;
        for line in self.lines() {
            if field(line).0 != b"data" {
                written.extend_from_slice(line);
                written.push(b'\n');
            } else if std::mem::take(&mut pending) {
                written.extend_from_slice(super::write::data_lines(data).as_bytes());
            }
        }
        if pending {
            written.extend_from_slice(super::write::data_lines(data).as_bytes());
        }
        if self.complete {
            written.push(b'\n');
        }
        written
    }

    /// The values of the fields called `name`, in order.
    fn values(&self, name: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.lines().map(field).filter(move |(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The lines that are not blank.
    fn lines(&self) -> impl Iterator<Item = &'a [u8]> {
        let text = self.raw.get(self.text..).unwrap_or_default();
        text.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty())
    }
}

/// A line's field name and value. A comment has the empty name.
fn field(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(colon) = memchr::memchr(b':', line) else { return (line, b"") };
    let value = line.get(colon + 1..).unwrap_or_default();
    (line.get(..colon).unwrap_or_default(), value.strip_prefix(b" ").unwrap_or(value))
}
