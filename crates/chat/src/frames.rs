//! Streams of messages, whatever their framing: where each message begins and ends, and where its data stands in it.
//!
//! Not a reader of what they say: the data is JSON mostly, and may be anything.

mod cutter;
mod lengths;
mod scan;

use std::borrow::Cow;

use ct_codecs::{Base64, Decoder, Encoder};

use crate::sse::{Event, Framer, Item};

use self::cutter::Cutter;

/// How the messages of a stream are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By blank lines: server-sent events, see [`sse`](crate::sse).
    Events,
    /// By line ends: JSON in lines (`application/x-ndjson`, `application/jsonl`), as Ollama and Cohere stream it.
    Lines,
    /// By a record separator before and a line end behind each (`application/json-seq`, RFC 7464), whose JSON may have lines of
    /// its own.
    Sequence,
    /// As the elements of one JSON array, which Gemini streams to those who do not ask for events. No media type tells it.
    Array,
    /// By their lengths (`application/vnd.amazon.eventstream`, as Bedrock streams).
    Lengths,
}

impl Framing {
    /// How a body of this media type is framed, if it is a stream.
    pub fn of(media_type: &str) -> Option<Self> {
        let kind = media_type.split(';').next().unwrap_or_default().trim_ascii_end().as_bytes();
        Some(match () {
            () if ends_with(kind, b"/event-stream") => Self::Events,
            () if ends_with(kind, b"ndjson") || ends_with(kind, b"jsonl") => Self::Lines,
            () if ends_with(kind, b"jsonlines") || ends_with(kind, b"stream+json") => Self::Lines,
            () if ends_with(kind, b"json-seq") => Self::Sequence,
            () if ends_with(kind, b"amazon.eventstream") => Self::Lengths,
            () => return None,
        })
    }
}

/// Whether a media type ends so, in either case.
#[inline(never)]
fn ends_with(kind: &[u8], end: &[u8]) -> bool {
    let at = kind.len().checked_sub(end.len());
    at.and_then(|at| kind.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// What stands before an event that is enclosed in another one.
const ENCLOSED: &[u8] = b"{\"bytes\":\"";

/// Cuts a stream into frames, whatever its chunks.
///
/// Push chunks and take frames until there is none. The raw bytes of all frames in order are the stream. But for the pieces of one
/// that is too long, the frames do not depend on how the stream was split. What is held is at most twice `max_bytes` and one chunk.
///
/// ```
/// use chat::{Frames, Framing};
///
/// let mut frames = Frames::new(Framing::Lines, 1024);
/// frames.push(b"{\"a\":1}\n{\"a\"", false);
/// assert_eq!(frames.next_frame().and_then(|frame| frame.data()).as_deref(), Some("{\"a\":1}"));
/// assert!(frames.next_frame().is_none());
/// frames.push(b":2}", true);
/// assert_eq!(frames.next_frame().and_then(|frame| frame.data()).as_deref(), Some("{\"a\":2}"));
/// ```
#[derive(Clone, Debug)]
pub struct Frames(By);

#[derive(Clone, Debug)]
enum By {
    Events(Framer),
    Other(Cutter),
}

impl Frames {
    /// At the start of a stream. A frame of more than `max_bytes` comes as [`Frame::Oversized`].
    pub fn new(framing: Framing, max_bytes: usize) -> Self {
        Self(match framing {
            Framing::Events => By::Events(Framer::new(max_bytes)),
            framing => By::Other(Cutter::new(framing, max_bytes)),
        })
    }

    /// Adds the next bytes; of the `last` ones the rest is a frame too.
    pub fn push(&mut self, chunk: &[u8], last: bool) {
        match &mut self.0 {
            By::Events(framer) => {
                framer.push(chunk);
                if last {
                    framer.finish();
                }
            }
            By::Other(cutter) => cutter.push(chunk, last),
        }
    }

    /// The next frame, if one is whole.
    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        match &mut self.0 {
            By::Events(framer) => Some(match framer.next_item()? {
                Item::Event(event) => Frame::Event(event),
                Item::Oversized { raw, .. } => Frame::Oversized(raw),
            }),
            By::Other(cutter) => cutter.next_frame(),
        }
    }
}

/// One message of a stream, or what stands between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event, a comment or a blank line.
    Event(Event<'a>),
    /// A message of another framing, a blank line, or what closes an array.
    Message(Message<'a>),
    /// A frame that is too long, or a piece of it.
    Oversized(&'a [u8]),
}

/// A message that is no server-sent event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    raw: &'a [u8],
    /// Where its data begins and ends.
    data: (usize, usize),
    framing: Framing,
    is_whole: bool,
}

impl<'a> Frame<'a> {
    /// The bytes of the stream.
    pub fn raw(&self) -> &'a [u8] {
        match self {
            Self::Event(event) => event.raw(),
            Self::Message(message) => message.raw,
            Self::Oversized(raw) => raw,
        }
    }

    /// What it says, or the event [enclosed](Message::enclosed) in it; none of a comment, a blank line, or what is too long. Bytes
    /// that are not UTF-8 read as U+FFFD.
    pub fn data(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Event(event) => event.data(),
            Self::Message(message) => match message.enclosed() {
                Some(event) => Some(String::from_utf8_lossy(&event).into_owned().into()),
                None => Some(message.data()).filter(|data| !data.is_empty()).map(String::from_utf8_lossy),
            },
            Self::Oversized(_) => None,
        }
    }

    /// The same with other data: with its lengths and checksums, where it has some.
    pub fn with_data(&self, data: &str) -> Vec<u8> {
        match self {
            Self::Event(event) => event.with_data(data),
            Self::Message(message) => message.with_data(data),
            Self::Oversized(raw) => raw.to_vec(),
        }
    }

    /// Whether the stream ended before it did: nothing can follow it.
    pub fn is_cut(&self) -> bool {
        match self {
            Self::Event(event) => !event.is_complete(),
            Self::Message(message) => !message.is_whole,
            Self::Oversized(_) => false,
        }
    }
}

impl<'a> Message<'a> {
    /// Its data: JSON, without what frames it.
    pub fn data(&self) -> &'a [u8] {
        self.raw.get(self.data.0..self.data.1).unwrap_or_default()
    }

    /// The event that its data holds in Base64, if it does: `{"bytes":"…"}`, as Bedrock sends the events of models' own APIs.
    pub fn enclosed(&self) -> Option<Vec<u8>> {
        self.opened().map(|(event, _)| event)
    }

    /// Whether nobody can tell what is in it: one with lengths that is torn, or whose lengths contradict each other.
    pub fn is_broken(&self) -> bool {
        self.framing == Framing::Lengths && self.data.0 == self.raw.len()
    }

    /// A message with lengths that says that its stream ended in an error.
    pub fn error(code: &str, text: &str) -> Vec<u8> {
        lengths::error(code, text)
    }

    fn with_data(&self, data: &str) -> Vec<u8> {
        let (from, to) = self.data;
        if self.framing != Framing::Lengths {
            let side = |side: Option<&'a [u8]>| side.unwrap_or_default();
            return [side(self.raw.get(..from)), data.as_bytes(), side(self.raw.get(to..))].concat();
        }
        let headers = lengths::headers(self.raw, self.data);
        match self.opened() {
            Some((_, rest)) => {
                let event = Base64::encode_to_string(data).unwrap_or_default();
                lengths::message(headers, &[ENCLOSED, event.as_bytes(), rest].concat())
            }
            None => lengths::message(headers, data.as_bytes()),
        }
    }

    /// The enclosed event, and what stands behind it.
    fn opened(&self) -> Option<(Vec<u8>, &'a [u8])> {
        let text = self.data().strip_prefix(ENCLOSED).filter(|_| self.framing == Framing::Lengths)?;
        let (event, rest) = text.split_at_checked(memchr::memchr(b'"', text)?)?;
        Some((Base64::decode_to_vec(event, None).ok()?, rest))
    }

    /// Whether its head says that it is an error.
    pub fn is_error(&self) -> bool {
        let head = self.raw.get(..self.data.0).unwrap_or_default();
        let says = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
        self.framing == Framing::Lengths && (says(b":exception-type") || says(b":error-code"))
    }
}
