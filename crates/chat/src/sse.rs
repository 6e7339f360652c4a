//! Server-sent events: where each begins and ends in a stream of chunks, and how one is written.
//!
//! Source: WHATWG HTML standard, section "Server-sent events" (parsing and interpreting an event stream). Lines end with
//! CR, LF or CRLF, a blank line ends an event, a byte order mark at the start is skipped. Unlike a browser, a gateway
//! forwards what it reads: so each item has its raw bytes, nothing is dropped (comments, blank lines, the unfinished
//! event at the end), and the raw bytes of all items in order are the stream.

mod event;
mod write;

pub use event::Event;
pub use write::write_event;

/// Cuts a stream into events, whatever its chunks.
///
/// Push chunks and take items until there is none; at the end of the stream call [`Framer::finish`] and take the rest.
/// The items do not depend on how the stream was split. Each byte is looked at once for its place and once more when its
/// event's fields are read. What is held is at most twice `max_event_bytes` and one chunk.
///
/// ```
/// use chat::sse::{Framer, Item};
///
/// let mut framer = Framer::new(1024);
/// framer.push(b"data: {\"a\":1}\n\ndata: [DO");
/// let Some(Item::Event(event)) = framer.next_item() else { panic!() };
/// assert_eq!(event.data().as_deref(), Some("{\"a\":1}"));
/// assert!(framer.next_item().is_none());
/// framer.push(b"NE]");
/// assert!(framer.next_item().is_none());
/// framer.finish();
/// let Some(Item::Event(event)) = framer.next_item() else { panic!() };
/// assert_eq!((event.data().as_deref(), event.is_complete()), (Some("[DONE]"), false));
/// ```
#[derive(Clone, Debug)]
pub struct Framer {
    max_event_bytes: usize,
    /// What was pushed and not taken yet, from `start` on.
    buffer: Vec<u8>,
    /// Where the current event's (or piece's) raw bytes start in `buffer`.
    start: usize,
    /// How far `buffer` was looked at.
    seen: usize,
    /// The line that `seen` is in.
    line: Line,
    /// The last line of the stream that ended did so with CRLF: a CR that ends an event will have its LF.
    crlf: bool,
    /// The last byte looked at was a CR; a LF now belongs to it.
    after_cr: bool,
    /// A blank line ended with this CR in a stream of CRLF: the event ends after the next byte if that is LF.
    awaits_lf: bool,
    /// Nothing of the stream was taken yet.
    at_start: bool,
    /// The current event is over the limit; what is taken are its pieces.
    oversized: bool,
    finished: bool,
}

/// What is known of the line that is not ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Nothing yet.
    Blank,
    /// At the stream's start: this many bytes of a byte order mark and nothing else.
    Mark(usize),
    /// Something.
    Text,
}

/// The UTF-8 byte order mark, which may start a stream.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// One thing taken from a [`Framer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An event, a comment, or a blank line.
    Event(Event<'a>),
    /// A piece of an event longer than the limit. All pieces but the last have exactly `max_event_bytes`.
    Oversized {
        /// The bytes, to forward or to drop.
        raw: &'a [u8],
        /// The event ends with this piece.
        last: bool,
    },
}

impl<'a> Item<'a> {
    /// The bytes of the stream that the item stands for.
    pub fn raw(&self) -> &'a [u8] {
        match self {
            Item::Event(event) => event.raw(),
            Item::Oversized { raw, .. } => raw,
        }
    }
}

impl Framer {
    /// A framer at the start of a stream. Events whose raw bytes, with the blank line, are more than `max_event_bytes` (at
    /// least 1) come as [`Item::Oversized`].
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes: max_event_bytes.max(1),
            buffer: Vec::new(),
            start: 0,
            seen: 0,
            line: Line::Mark(0),
            crlf: false,
            after_cr: false,
            awaits_lf: false,
            at_start: true,
            oversized: false,
            finished: false,
        }
    }

    /// Adds the next bytes of the stream. Bytes after [`Framer::finish`] are taken as its continuation.
    pub fn push(&mut self, chunk: &[u8]) {
        self.finished = false;
        // Moves at most as many bytes as were taken since the last move, so the cost per byte stays constant.
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.seen = self.seen.saturating_sub(self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(chunk);
    }

    /// Says that the stream has ended: the rest, if any, can be taken. By the standard an unfinished event is not
    /// dispatched; [`Event::is_complete`] tells.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// How many bytes were pushed and not taken yet.
    pub fn pending_bytes(&self) -> usize {
        self.buffer.len().saturating_sub(self.start)
    }

    /// The next item, if one is whole.
    pub fn next_item(&mut self) -> Option<Item<'_>> {
        let limit = self.start.saturating_add(self.max_event_bytes);
        match self.find_end(limit) {
            Some(end) => Some(self.take(end, true)),
            None if self.buffer.len() > limit => {
                self.oversized = true;
                Some(self.take(limit, false))
            }
            None if self.finished && self.start < self.buffer.len() => {
                let complete = std::mem::take(&mut self.awaits_lf);
                let end = self.buffer.len();
                let item = self.take(end, true);
                Some(match item {
                    Item::Event(event) if !complete => Item::Event(event.incomplete()),
                    other => other,
                })
            }
            None => None,
        }
    }

    /// Takes the bytes up to `end` as an event, or as a piece of one.
    fn take(&mut self, end: usize, last: bool) -> Item<'_> {
        let at_start = std::mem::replace(&mut self.at_start, false);
        let oversized = self.oversized;
        self.oversized = oversized && !last;
        let raw = self.buffer.get(self.start..end).unwrap_or_default();
        self.start = end;
        if oversized { Item::Oversized { raw, last } } else { Item::Event(Event::new(raw, at_start)) }
    }

    /// Looks at new bytes up to `limit` for the end of the current event.
    fn find_end(&mut self, limit: usize) -> Option<usize> {
        let limit = limit.min(self.buffer.len());
        loop {
            if self.awaits_lf {
                return self.end_after_cr(limit);
            }
            if self.seen >= limit {
                return None;
            }
            if let Some(end) = self.step(limit) {
                return Some(end);
            }
        }
    }

    /// The end of an event whose blank line has its CR, once the next byte tells whether a LF belongs to it.
    fn end_after_cr(&mut self, limit: usize) -> Option<usize> {
        let lf = *self.buffer.get(self.seen)? == b'\n';
        if lf && self.seen >= limit {
            return None;
        }
        self.awaits_lf = false;
        self.after_cr = false;
        self.crlf = lf;
        self.seen += usize::from(lf);
        Some(self.seen)
    }

    /// Looks at one line end, or at the text before it. Gives the event's end if this was a blank line's.
    fn step(&mut self, limit: usize) -> Option<usize> {
        let unseen = self.buffer.get(self.seen..limit).unwrap_or_default();
        let byte = *unseen.first()?;
        if std::mem::take(&mut self.after_cr) {
            self.crlf = byte == b'\n';
            if self.crlf {
                self.seen += 1;
                return None;
            }
        }
        if byte != b'\n' && byte != b'\r' {
            let text = memchr::memchr2(b'\n', b'\r', unseen).unwrap_or(unseen.len());
            self.line = self.line.and(unseen.get(..text).unwrap_or_default());
            self.seen += text;
            return None;
        }
        self.seen += 1;
        let blank = self.line.is_blank();
        self.line = Line::Blank;
        if byte == b'\n' {
            self.crlf = false;
        } else {
            self.after_cr = true;
            self.awaits_lf = blank && self.crlf;
        }
        (blank && !self.awaits_lf).then_some(self.seen)
    }
}

impl Line {
    /// The line with `text` behind it.
    fn and(self, text: &[u8]) -> Self {
        match self {
            Line::Mark(held) if MARK.get(held..).is_some_and(|rest| rest.starts_with(text)) => {
                Line::Mark(held + text.len())
            }
            _ => Line::Text,
        }
    }

    /// Whether the line is empty, should it end here.
    fn is_blank(self) -> bool {
        matches!(self, Line::Blank | Line::Mark(0)) || self == Line::Mark(MARK.len())
    }
}
