//! The body of a response: at once, or paced chunk by chunk, with trailers or an abort at its end.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::received::Recording;

/// How long written bytes get to leave before an abort: HTTP/2 drops what is still queued when a stream is reset.
const BEFORE_ABORT: Duration = Duration::from_millis(10);

/// The answer is broken off on purpose, or the request was.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the exchange was aborted")]
pub(crate) struct Aborted;

/// How the chunks of a body follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As fast as the connection takes them; small ones leave together.
    AtOnce,
    /// Each is flushed to the socket before the next.
    Flushed,
    /// Each is flushed, and this time passes before the next.
    Spaced(Duration),
}

impl Pace {
    /// `Spaced`, or `Flushed` if there is no time to pass.
    pub(crate) fn spaced(gap: Duration) -> Self {
        if gap.is_zero() { Self::Flushed } else { Self::Spaced(gap) }
    }
}

/// How a body ends.
#[derive(Debug)]
pub(crate) enum End {
    Clean,
    Trailers(HeaderMap),
    Abort,
}

/// The body of a response.
pub(crate) struct DemoBody {
    content: Content,
    /// Told when all was handed over; if it is dropped before, the client went away.
    recording: Option<Recording>,
}

enum Content {
    /// Of known length: head and body leave in one write.
    Whole(Option<Bytes>),
    Paced(Box<Paced>),
}

struct Paced {
    chunks: VecDeque<Bytes>,
    pace: Pace,
    end: Option<End>,
    gap: Gap,
}

/// What passes before the next frame.
enum Gap {
    None,
    Flush,
    Time(Pin<Box<Sleep>>),
}

impl DemoBody {
    /// A body whose length is told in `content-length`.
    pub(crate) fn whole(bytes: Bytes, recording: Option<Recording>) -> Self {
        let mut body = Self { content: Content::Whole((!bytes.is_empty()).then_some(bytes)), recording };
        body.note_end();
        body
    }

    /// A body of unknown length: chunked on HTTP/1.
    pub(crate) fn paced(chunks: VecDeque<Bytes>, pace: Pace, end: End, recording: Option<Recording>) -> Self {
        let gap = if chunks.is_empty() && matches!(end, End::Abort) { gap_before_abort() } else { Gap::None };
        let mut body =
            Self { content: Content::Paced(Box::new(Paced { chunks, pace, end: Some(end), gap })), recording };
        body.note_end();
        body
    }

    /// The connection does not ask for frames after the last one, so the end is noted when that one leaves.
    fn note_end(&mut self) {
        if self.is_end_stream()
            && let Some(recording) = &self.recording
        {
            recording.answered();
        }
    }
}

impl Body for DemoBody {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let polled = match &mut self.content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Paced(paced) => paced.poll_frame(cx),
        };
        self.note_end();
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Paced(paced) => paced.chunks.is_empty() && matches!(paced.end, None | Some(End::Clean)),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Content::Paced(_) if self.is_end_stream() => SizeHint::with_exact(0),
            Content::Paced(_) => SizeHint::default(),
        }
    }
}

impl Paced {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match &mut self.gap {
            Gap::None => {}
            // The connection flushes what it has whenever the body is not ready.
            Gap::Flush => {
                self.gap = Gap::None;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Gap::Time(timer) => {
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.gap = Gap::None;
            }
        }
        if let Some(chunk) = self.chunks.pop_front() {
            self.gap = self.next_gap();
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        Poll::Ready(match self.end.take() {
            None | Some(End::Clean) => None,
            Some(End::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Some(End::Abort) => Some(Err(Aborted)),
        })
    }

    fn next_gap(&self) -> Gap {
        match (self.chunks.is_empty(), &self.end) {
            (true, Some(End::Abort)) => gap_before_abort(),
            (true, Some(End::Clean) | None) => Gap::None,
            _ => match self.pace {
                Pace::AtOnce => Gap::None,
                Pace::Flushed => Gap::Flush,
                Pace::Spaced(time) => Gap::Time(Box::pin(sleep(time))),
            },
        }
    }
}

fn gap_before_abort() -> Gap {
    Gap::Time(Box::pin(sleep(BEFORE_ABORT)))
}
