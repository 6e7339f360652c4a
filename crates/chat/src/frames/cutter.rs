//! Cuts a stream of messages that are no server-sent events.

use super::lengths::{self, LEAST};
use super::scan::{SEPARATOR, Scan};
use super::{Frame, Framing, Message};

/// A stream at work.
#[derive(Clone, Debug)]
pub(super) struct Cutter {
    framing: Framing,
    max_bytes: usize,
    /// What was pushed and not taken yet, from `start` on.
    buffer: Vec<u8>,
    start: usize,
    /// How far the current frame was looked at; of one with lengths, where it ends.
    seen: usize,
    scan: Scan,
    /// A piece of the current frame was taken already.
    is_torn: bool,
    finished: bool,
}

impl Cutter {
    pub fn new(framing: Framing, max_bytes: usize) -> Self {
        let scan = Scan::new(framing == Framing::Array);
        Self { framing, max_bytes, buffer: Vec::new(), start: 0, seen: 0, scan, is_torn: false, finished: false }
    }

    pub fn push(&mut self, chunk: &[u8], last: bool) {
        // Moves at most as many bytes as were taken since the last move.
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.seen = self.seen.saturating_sub(self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(chunk);
        self.finished = last;
    }

    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        let end = self.find_end();
        let from = self.start;
        let to = end.unwrap_or(self.buffer.len());
        let is_long = self.is_torn || to - from > self.max_bytes;
        if from == to || (end.is_none() && !is_long && !self.finished) {
            return None;
        }
        self.start = to;
        self.seen = self.seen.max(to);
        self.is_torn = is_long && end.is_none();
        let element = if self.is_torn { (0, 0) } else { self.scan.take() };
        let raw = self.buffer.get(from..to).unwrap_or_default();
        if is_long {
            return Some(Frame::Oversized(raw));
        }
        let data = match self.framing {
            Framing::Lengths => lengths::payload(raw),
            Framing::Array => element,
            _ => inside(raw),
        };
        Some(Frame::Message(Message { raw, data, framing: self.framing, is_whole: end.is_some() }))
    }

    /// Where the present frame ends, once that is there.
    fn find_end(&mut self) -> Option<usize> {
        let unseen = self.buffer.get(self.seen..).unwrap_or_default();
        let end = match self.framing {
            Framing::Lengths => {
                if self.seen == self.start {
                    let length = u32::from_be_bytes(*unseen.first_chunk()?) as usize;
                    self.seen = self.start.saturating_add(length.max(LEAST));
                }
                return Some(self.seen).filter(|end| *end <= self.buffer.len());
            }
            Framing::Lines => memchr::memchr(b'\n', unseen).map(|at| self.seen + at + 1),
            _ => self.scan.end(unseen, self.seen - self.start).map(|end| self.start + end),
        };
        self.seen = end.unwrap_or(self.buffer.len());
        end
    }
}

/// Where the text of a line or a record is: without space, its end, and the sign that starts a record.
fn inside(raw: &[u8]) -> (usize, usize) {
    let edge = |byte: &&u8| byte.is_ascii_whitespace() || **byte == SEPARATOR;
    let from = raw.iter().take_while(edge).count();
    let behind = raw.iter().skip(from).rev().take_while(edge).count();
    (from, raw.len() - behind)
}
