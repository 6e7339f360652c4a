//! A peer for callouts: a tiny server that answers any unary gRPC call (HTTP/2 with prior knowledge) as it is told,
//! and records it. It knows the framing of messages and the status trailers, not what is in a message.
//!
//! Source: gRPC over HTTP2, `doc/PROTOCOL-HTTP2.md` of the gRPC project.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;

use crate::body::{Aborted, DemoBody, End, Pace};
use crate::delivery::response;
use crate::header_bytes;
use crate::intake;
use crate::received::lock;
use crate::serving::Serving;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// A message's prefix: one byte that says whether it is compressed, four for its length, big-endian.
const PREFIX_BYTES: usize = 5;
/// Older calls are counted, but forgotten.
const KEPT_CALLS: usize = 1_000;

/// What the peer answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EchoAnswer {
    /// The message of the call.
    #[default]
    Echo,
    /// This message, and status 0.
    Message(Vec<u8>),
    /// No message, but this `grpc-status` and `grpc-message`, as trailers only.
    Status(u32, String),
    /// These bytes as the body, framed or not, and status 0.
    Garbage(Vec<u8>),
    /// A reset of the stream instead of an answer.
    Reset,
    /// This HTTP status, without anything of gRPC.
    HttpStatus(u16),
}

/// A call that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `/package.Service/Method`.
    pub path: String,
    /// The request headers without pseudo-headers: the call's metadata.
    pub metadata: Vec<(String, Vec<u8>)>,
    /// The message. If the body was not exactly one plain message, the whole body.
    pub message: Vec<u8>,
    /// Whether the body was exactly one plain message.
    pub well_framed: bool,
}

/// A running peer. It stops when this is dropped.
pub struct GrpcEcho {
    serving: Serving,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answer: EchoAnswer,
    delay: Duration,
    calls: VecDeque<Call>,
    count: u64,
}

/// Starts a peer on a free port of the loopback address. It echoes until told otherwise.
pub fn start_echo() -> io::Result<GrpcEcho> {
    start_echo_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
}

/// Starts a peer on this address: to come back where one went away.
pub fn start_echo_on(listen: SocketAddr) -> io::Result<GrpcEcho> {
    let state = Arc::<Mutex<State>>::default();
    let served = Arc::clone(&state);
    let serving = Serving::start(listen, 1, service_fn(move |request| answer(Arc::clone(&served), request)))?;
    Ok(GrpcEcho { serving, state })
}

impl GrpcEcho {
    /// The address that is served.
    pub fn addr(&self) -> SocketAddr {
        self.serving.addr()
    }

    /// Answers like this from now on.
    pub fn set_answer(&self, answer: EchoAnswer) {
        lock(&self.state).answer = answer;
    }

    /// Waits this long before each answer from now on.
    pub fn set_delay(&self, delay: Duration) {
        lock(&self.state).delay = delay;
    }

    /// The last 1,000 calls, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state).calls.iter().cloned().collect()
    }

    /// How many calls there were since the start or the last [`Self::clear`].
    pub fn count(&self) -> u64 {
        lock(&self.state).count
    }

    /// Forgets the calls; answer and delay stay.
    pub fn clear(&self) {
        let mut state = lock(&self.state);
        state.calls.clear();
        state.count = 0;
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<DemoBody>, Aborted> {
    let (parts, body) = request.into_parts();
    let body = intake::read(body, None).await.map_err(|_| Aborted)?;
    let message = unframed(&body);
    let call = Call {
        path: parts.uri.path().to_owned(),
        metadata: parts.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect(),
        message: message.unwrap_or(&body).to_vec(),
        well_framed: message.is_some(),
    };
    let echoed = call.message.clone();
    let (answer, delay) = noted(&mut lock(&state), call);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match answer {
        EchoAnswer::Echo => Ok(with_status_trailer(framed(&echoed))),
        EchoAnswer::Message(message) => Ok(with_status_trailer(framed(&message))),
        EchoAnswer::Garbage(bytes) => Ok(with_status_trailer(bytes.into())),
        EchoAnswer::Status(status, message) => Ok(trailers_only(status, &message)),
        EchoAnswer::HttpStatus(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok(response(status, HeaderMap::new(), DemoBody::whole(Bytes::new(), None)))
        }
        EchoAnswer::Reset => Err(Aborted),
    }
}

fn noted(state: &mut State, call: Call) -> (EchoAnswer, Duration) {
    state.count += 1;
    state.calls.push_back(call);
    if state.calls.len() > KEPT_CALLS {
        state.calls.pop_front();
    }
    (state.answer.clone(), state.delay)
}

/// The only message of a body.
fn unframed(body: &[u8]) -> Option<&[u8]> {
    let (prefix, message) = body.split_at_checked(PREFIX_BYTES)?;
    let (compressed, length) = prefix.split_first()?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    (*compressed == 0 && usize::try_from(length).ok()? == message.len()).then_some(message)
}

fn framed(message: &[u8]) -> Bytes {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[0], length.to_be_bytes().as_slice(), message].concat().into()
}

fn with_status_trailer(body: Bytes) -> Response<DemoBody> {
    let trailers = HeaderMap::from_iter([(STATUS, HeaderValue::from_static("0"))]);
    let body = DemoBody::paced([body].into(), Pace::AtOnce, End::Trailers(trailers), None);
    response(StatusCode::OK, grpc_headers(), body)
}

fn trailers_only(status: u32, message: &str) -> Response<DemoBody> {
    let mut headers = grpc_headers();
    headers.insert(STATUS, HeaderValue::from(status));
    if let Ok(message) = HeaderValue::from_str(&header_bytes::encode(message.as_bytes())) {
        headers.insert(MESSAGE, message);
    }
    response(StatusCode::OK, headers, DemoBody::paced(VecDeque::new(), Pace::AtOnce, End::Clean, None))
}

fn grpc_headers() -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"))])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn unframes_what_was_framed_and_nothing_else(message: Vec<u8>, other: Vec<u8>) {
            let whole = framed(&message);
            prop_assert_eq!(unframed(&whole), Some(message.as_slice()));
            if let Some(found) = unframed(&other) {
                prop_assert_eq!(framed(found), other);
            }
        }
    }
}
