//! What a stream is cut into: server-sent events, or lines that are JSON each (`application/x-ndjson`, RFC 7464).

use chat::sse::{Event, Framer, Item};
use std::borrow::Cow;

/// The longest event or line that is looked into. A longer one is a fault of the upstream's, and ends the stream.
pub const MAX_EVENT: usize = 4 << 20;

/// How a stream is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By blank lines.
    Events,
    /// By line ends.
    Lines,
}

/// Cuts a stream, whatever its chunks.
#[derive(Debug)]
pub enum Frames {
    /// Into events.
    Events(Framer),
    /// Into lines.
    Lines(Lines),
}

/// One event or one line.
#[derive(Debug, Clone, Copy)]
pub enum Frame<'a> {
    /// An event, a comment or a blank line.
    Event(Event<'a>),
    /// A line with its end.
    Line(&'a [u8]),
}

/// One is longer than [`MAX_EVENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

impl Frames {
    /// At the start of a stream that is cut so.
    pub fn new(framing: Framing) -> Self {
        match framing {
            Framing::Events => Self::Events(Framer::new(MAX_EVENT)),
            Framing::Lines => Self::Lines(Lines::default()),
        }
    }

    /// Adds the next bytes; of the `last` ones the rest is a frame too.
    pub fn push(&mut self, chunk: &[u8], last: bool) {
        match self {
            Self::Events(framer) => {
                framer.push(chunk);
                if last {
                    framer.finish();
                }
            }
            Self::Lines(lines) => lines.push(chunk, last),
        }
    }

    /// The next one, if it is whole.
    pub fn next_frame(&mut self) -> Option<Result<Frame<'_>, TooLong>> {
        match self {
            Self::Events(framer) => Some(match framer.next_item()? {
                Item::Event(event) => Ok(Frame::Event(event)),
                Item::Oversized { .. } => Err(TooLong),
            }),
            Self::Lines(lines) => lines.next_line(),
        }
    }
}

impl<'a> Frame<'a> {
    /// The bytes of the stream.
    pub fn raw(&self) -> &'a [u8] {
        match self {
            Self::Event(event) => event.raw(),
            Self::Line(raw) => raw,
        }
    }

    /// What it says; none of a comment or a blank line.
    pub fn data(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Event(event) => event.data(),
            Self::Line(raw) => {
                let (from, to) = inside(raw);
                raw.get(from..to).filter(|text| !text.is_empty()).map(String::from_utf8_lossy)
            }
        }
    }

    /// The same with other data.
    pub fn with_data(&self, data: &str) -> Vec<u8> {
        match self {
            Self::Event(event) => event.with_data(data),
            Self::Line(raw) => {
                let (from, to) = inside(raw);
                let side = |side: Option<&'a [u8]>| side.unwrap_or_default();
                [side(raw.get(..from)), data.as_bytes(), side(raw.get(to..))].concat()
            }
        }
    }

    /// Whether the stream ended before it did: nothing can follow it.
    pub fn is_cut(&self) -> bool {
        match self {
            Self::Event(event) => !event.is_complete(),
            Self::Line(raw) => raw.last() != Some(&b'\n'),
        }
    }
}

/// Where a line's text is: without spaces, its end, and the sign that starts a record of `application/json-seq`.
fn inside(raw: &[u8]) -> (usize, usize) {
    let edge = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0x1e;
    let from = raw.iter().take_while(edge).count();
    let behind = raw.iter().skip(from).rev().take_while(edge).count();
    (from, raw.len() - behind)
}

/// Cuts a stream into lines.
#[derive(Debug, Default)]
pub struct Lines {
    buffer: Vec<u8>,
    /// What was taken of it.
    start: usize,
    /// How far it was looked at.
    seen: usize,
    finished: bool,
}

impl Lines {
    fn push(&mut self, chunk: &[u8], last: bool) {
        self.buffer.drain(..self.start);
        self.seen -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(chunk);
        self.finished = last;
    }

    fn next_line(&mut self) -> Option<Result<Frame<'_>, TooLong>> {
        let found = memchr::memchr(b'\n', self.buffer.get(self.seen..).unwrap_or_default());
        let end = found.map_or(self.buffer.len(), |at| self.seen + at + 1);
        self.seen = end;
        if end - self.start > MAX_EVENT {
            return Some(Err(TooLong));
        }
        if end == self.start || (found.is_none() && !self.finished) {
            return None;
        }
        let from = std::mem::replace(&mut self.start, end);
        self.buffer.get(from..end).map(|raw| Ok(Frame::Line(raw)))
    }
}
