//! An answer before it is delivered: what is said, not yet how it is sent.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// An answer before it is delivered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
}

/// What is said.
#[derive(Debug)]
pub(crate) enum Payload {
    /// One document.
    Whole(Bytes),
    /// The events, or lines, of a stream.
    Events(Vec<Bytes>),
}

impl Reply {
    pub(crate) fn json(body: impl Into<Bytes>) -> Self {
        Self::new("application/json", Payload::Whole(body.into()))
    }

    pub(crate) fn events(events: Vec<Bytes>) -> Self {
        let mut reply = Self::new("text/event-stream; charset=utf-8", Payload::Events(events));
        reply.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        reply
    }

    /// JSON objects, one per line.
    pub(crate) fn lines(lines: Vec<Bytes>) -> Self {
        Self::new("application/x-ndjson", Payload::Events(lines))
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    fn new(content_type: &'static str, payload: Payload) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status: StatusCode::OK, headers, payload }
    }
}
