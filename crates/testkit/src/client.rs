//! A client that can do what real clients do and what they should not: pieces, trailers, bytes above 0x7f.

use crate::case::{RequestSpec, percent_decode};
use crate::outcome::{Fields, Outcome};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

type Outgoing = BoxBody<Bytes, Infallible>;

/// The pause between two pieces of a body, so that they arrive as pieces.
const BETWEEN: Duration = Duration::from_millis(3);

/// How long an exchange may take. Longer is a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a request on a connection of its own, and reads all that comes back. A broken response is `cut`.
pub async fn send(address: SocketAddr, spec: &RequestSpec, case: &str) -> Outcome {
    match tokio::time::timeout(PATIENCE, exchange(address, spec, case)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Outcome { cut: true, ..Outcome::default() },
        Err(_) => Outcome { details: "hung".into(), cut: true, ..Outcome::default() },
    }
}

async fn exchange(
    address: SocketAddr,
    spec: &RequestSpec,
    case: &str,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let request = request(address, spec, case)?;
    let io = TokioIo::new(TcpStream::connect(address).await?);
    let response = if spec.http == 2 {
        let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
        tokio::spawn(connection);
        sender.send_request(request).await?
    } else {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
        tokio::spawn(connection.with_upgrades());
        sender.send_request(request).await?
    };
    Ok(read(response).await)
}

async fn read(response: http::Response<Incoming>) -> Outcome {
    let (head, mut body) = response.into_parts();
    let mut outcome = Outcome { status: head.status.as_u16(), headers: fields(&head.headers), ..Outcome::default() };
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            outcome.cut = true;
            break;
        };
        match frame.into_data() {
            Ok(data) => outcome.body.extend_from_slice(&data),
            Err(frame) => outcome.trailers = frame.trailers_ref().map(fields).unwrap_or_default(),
        }
    }
    outcome
}

fn request(
    address: SocketAddr,
    spec: &RequestSpec,
    case: &str,
) -> Result<Request<Outgoing>, Box<dyn std::error::Error + Send + Sync>> {
    let uri = if spec.http == 2 { format!("http://{address}{}", spec.path) } else { spec.path.clone() };
    let mut request = Request::builder().method(spec.method.as_str()).uri(uri);
    if spec.http == 1 {
        request = request.header("host", &spec.host);
        if !spec.trailers.is_empty() {
            request = request.header("trailer", spec.trailers.keys().cloned().collect::<Vec<_>>().join(", "));
        }
    }
    request = request.header("x-case", case).header("te", "trailers");
    for (name, value) in spec.headers.iter().chain(spec.more_headers.iter().map(|(name, value)| (name, value))) {
        request =
            request.header(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_bytes(&percent_decode(value))?);
    }
    let chunked = spec.body.as_ref().is_some_and(crate::Body::is_chunked) || !spec.trailers.is_empty();
    let chunks = spec.body.as_ref().map(crate::Body::chunks).unwrap_or_default();
    if chunks.is_empty() && spec.trailers.is_empty() {
        return Ok(request.body(http_body_util::Empty::new().boxed())?);
    }
    if !chunked {
        return Ok(request.body(http_body_util::Full::new(Bytes::from(chunks.concat())).boxed())?);
    }
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let trailers = header_map(&spec.trailers)?;
    tokio::spawn(async move {
        for chunk in chunks {
            if sender.send(Frame::data(Bytes::from(chunk))).await.is_err() {
                return;
            }
            tokio::time::sleep(BETWEEN).await;
        }
        if !trailers.is_empty() {
            let _ = sender.send(Frame::trailers(trailers)).await;
        }
    });
    Ok(request.body(BodyExt::boxed(StreamBody::new(Frames(receiver))))?)
}

struct Frames(tokio::sync::mpsc::Receiver<Frame<Bytes>>);

impl futures_core::Stream for Frames {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

fn header_map(
    fields: &std::collections::BTreeMap<String, String>,
) -> Result<HeaderMap, Box<dyn std::error::Error + Send + Sync>> {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_bytes(&percent_decode(value))?);
    }
    Ok(map)
}

fn fields(headers: &HeaderMap) -> Fields {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}
