//! What arrived at the server, for tests to read back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request};

/// A longer body is counted to its end, but kept only up to here. 32 MiB.
pub(crate) const KEPT_BODY_BYTES: usize = 32 << 20;

/// A request as it arrived, up to the moment it is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The method, in capitals.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub http_version: String,
    /// First `:authority` (on HTTP/1 the host), then the headers in their order of arrival, names in lower case.
    /// Values of one name stand together.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body; of an upgraded connection, the bytes after the handshake. At most 32 MiB of it are kept.
    pub body: Vec<u8>,
    /// How long the body was, kept or not.
    pub body_bytes: u64,
    /// In how many pieces the body was read.
    pub body_chunks: usize,
    /// The trailers.
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Whether the body came to its proper end.
    pub complete: bool,
    /// Whether the client left before its request was complete or the answer was handed over.
    pub client_gone: bool,
}

impl Received {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    fn of<B>(request: &Request<B>) -> Self {
        let authority = match request.uri().authority() {
            Some(authority) => Some(authority.as_str().as_bytes()),
            None => request.headers().get(http::header::HOST).map(|host| host.as_bytes()),
        };
        let mut headers: Vec<_> =
            authority.map(|value| (":authority".to_owned(), value.to_vec())).into_iter().collect();
        headers.extend(pairs(request.headers()));
        Self {
            method: request.method().to_string(),
            path: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            http_version: format!("{:?}", request.version()),
            headers,
            ..Self::default()
        }
    }
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (String, Vec<u8>)> + '_ {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
}

/// The last requests that carried an `x-case` header.
pub(crate) struct Recorder {
    keep: usize,
    entries: Mutex<VecDeque<(String, Sink)>>,
}

impl Recorder {
    pub(crate) fn new(keep: usize) -> Self {
        Self { keep, entries: Mutex::default() }
    }

    /// Begins a record, which is readable from now on.
    pub(crate) fn begin<B>(&self, key: &str, request: &Request<B>) -> Recording {
        let sink = Sink(Arc::new(Mutex::new(Received::of(request))));
        let mut entries = lock(&self.entries);
        entries.push_back((key.to_owned(), sink.clone()));
        while entries.len() > self.keep {
            entries.pop_front();
        }
        Recording { sink, open: true.into() }
    }

    pub(crate) fn received(&self, key: &str) -> Vec<Received> {
        lock(&self.entries).iter().filter(|(known, _)| known == key).map(|(_, sink)| lock(&sink.0).clone()).collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.entries).clear();
    }
}

/// Where the bytes of a request are noted.
#[derive(Clone)]
pub(crate) struct Sink(Arc<Mutex<Received>>);

impl Sink {
    pub(crate) fn chunk(&self, bytes: &[u8]) {
        let mut received = lock(&self.0);
        let room = KEPT_BODY_BYTES.saturating_sub(received.body.len()).min(bytes.len());
        received.body.extend_from_slice(bytes.get(..room).unwrap_or_default());
        received.body_bytes += bytes.len() as u64;
        received.body_chunks += 1;
    }

    pub(crate) fn trailers(&self, trailers: &HeaderMap) {
        lock(&self.0).trailers.extend(pairs(trailers));
    }

    pub(crate) fn complete(&self) {
        lock(&self.0).complete = true;
    }
}

/// A record while its exchange goes on. Dropped before [`Recording::answered`], it notes that the client went away:
/// the connection drops what serves a client that is gone.
pub(crate) struct Recording {
    sink: Sink,
    open: std::sync::atomic::AtomicBool,
}

impl Recording {
    pub(crate) fn sink(&self) -> Sink {
        self.sink.clone()
    }

    /// All that there was to say was handed to the connection.
    pub(crate) fn answered(&self) {
        self.open.store(false, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if *self.open.get_mut() {
            lock(&self.sink.0).client_gone = true;
        }
    }
}

/// A panic in another thread says nothing about the value: all changes here are single steps.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a chunk where there is something to note it in.
pub(crate) fn note(sink: Option<&Sink>, bytes: &Bytes) {
    if let Some(sink) = sink {
        sink.chunk(bytes);
    }
}
