//! Byte-exact answers for requests that name a case.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde::Deserialize;

use crate::body::{Aborted, DemoBody, End, Pace};
use crate::delivery::{abort, response, trailers_end};
use crate::header_bytes;
use crate::intake::{self, IntakeError};
use crate::received::{Recording, lock};

/// An answer, byte by byte. Only framing and `date` are added: `content-length: 0` where there are no chunks, else
/// `transfer-encoding: chunked` on HTTP/1 unless the headers give a `content-length`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The status, 200 to 999. Anything else is answered with a 500 that says so.
    pub status: u16,
    /// The headers; values are bytes.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, each chunk flushed before the next one is written.
    pub chunks: Vec<Vec<u8>>,
    /// The time between two chunks.
    pub chunk_delay: Duration,
    /// The trailers. HTTP/1 sends them only to a request with `te: trailers`.
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Close the connection (HTTP/1) or reset the stream (HTTP/2) after the chunks: before the headers if there is
    /// no chunk at all, right after them if there is one empty chunk.
    pub abort: bool,
    /// The time before the headers.
    pub delay: Duration,
    /// Answer before the body of the request is read, and read it while answering.
    pub answer_early: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            chunks: Vec::new(),
            chunk_delay: Duration::ZERO,
            trailers: Vec::new(),
            abort: false,
            delay: Duration::ZERO,
            answer_early: false,
        }
    }
}

/// A [`Script`] as JSON, for drivers in other processes.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ScriptJson {
    status: u16,
    headers: Vec<(String, String)>,
    chunks: Vec<String>,
    chunks_base64: Vec<String>,
    chunk_delay_ms: u64,
    trailers: Vec<(String, String)>,
    abort: bool,
    delay_ms: u64,
    answer_early: bool,
}

impl Default for ScriptJson {
    fn default() -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            chunks: Vec::new(),
            chunks_base64: Vec::new(),
            chunk_delay_ms: 0,
            trailers: Vec::new(),
            abort: false,
            delay_ms: 0,
            answer_early: false,
        }
    }
}

impl TryFrom<ScriptJson> for Script {
    type Error = base64::DecodeError;

    fn try_from(json: ScriptJson) -> Result<Self, Self::Error> {
        let pairs = |pairs: Vec<(String, String)>| -> Vec<(String, Vec<u8>)> {
            pairs.into_iter().map(|(name, value)| (name, header_bytes::decode(value.as_bytes()))).collect()
        };
        let mut chunks: Vec<Vec<u8>> = json.chunks.into_iter().map(String::into_bytes).collect();
        for chunk in json.chunks_base64 {
            chunks.push(STANDARD.decode(chunk)?);
        }
        Ok(Self {
            status: json.status,
            headers: pairs(json.headers),
            chunks,
            chunk_delay: Duration::from_millis(json.chunk_delay_ms),
            trailers: pairs(json.trailers),
            abort: json.abort,
            delay: Duration::from_millis(json.delay_ms),
            answer_early: json.answer_early,
        })
    }
}

/// The scripts by case. The last of a sequence stays.
#[derive(Default)]
pub(crate) struct Scripts(Mutex<HashMap<String, VecDeque<Script>>>);

impl Scripts {
    pub(crate) fn set(&self, key: &str, scripts: Vec<Script>) {
        lock(&self.0).insert(key.to_owned(), scripts.into());
    }

    pub(crate) fn next(&self, key: &str) -> Option<Script> {
        let mut all = lock(&self.0);
        let scripts = all.get_mut(key)?;
        if scripts.len() > 1 { scripts.pop_front() } else { scripts.front().cloned() }
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// Answers by a script.
pub(crate) async fn answer(
    script: Script,
    request: Request<Incoming>,
    recording: Option<Recording>,
) -> Result<Response<DemoBody>, Aborted> {
    let version = request.version();
    let sink = recording.as_ref().map(Recording::sink);
    let body = request.into_body();
    if script.answer_early {
        tokio::spawn(async move { intake::read(body, sink.as_ref()).await });
    } else if let Err(IntakeError::Broken) = intake::read(body, sink.as_ref()).await {
        return Err(Aborted);
    }
    if !script.delay.is_zero() {
        tokio::time::sleep(script.delay).await;
    }
    if script.abort && script.chunks.is_empty() {
        return Err(abort(recording));
    }
    let head = StatusCode::from_u16(script.status).ok().filter(|status| status.as_u16() >= 200);
    let (Some(status), Some(headers), Some(trailers)) = (head, pairs(&script.headers), pairs(&script.trailers)) else {
        let message = Bytes::from_static(b"the script has a status, header or trailer that cannot be sent\n");
        return Ok(response(StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), DemoBody::whole(message, recording)));
    };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, value);
    }
    let end = match (script.abort, trailers.is_empty()) {
        (true, _) => End::Abort,
        (false, true) => End::Clean,
        (false, false) => trailers_end(&trailers, version, &mut map),
    };
    let chunks = script.chunks.into_iter().map(Bytes::from).collect();
    Ok(response(status, map, DemoBody::paced(chunks, Pace::spaced(script.chunk_delay), end, recording)))
}

fn pairs(pairs: &[(String, Vec<u8>)]) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let header = |(name, value): &(String, Vec<u8>)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?))
    };
    pairs.iter().map(header).collect()
}
