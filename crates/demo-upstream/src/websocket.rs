//! Upgrades: a correct WebSocket handshake (RFC 6455, section 4.2; over HTTP/2 RFC 8441), then an echo of raw bytes.
//! Frames are not parsed: a client gets its own back, masked as it sent them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::body::DemoBody;
use crate::delivery::response;
use crate::received::{Recording, Sink};

const HANDSHAKE_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether this request asks for a WebSocket.
pub(crate) fn is_asked<B>(request: &Request<B>) -> bool {
    let is_websocket = |value: &[u8]| value.eq_ignore_ascii_case(b"websocket");
    if *request.method() == Method::CONNECT {
        return request.extensions().get::<Protocol>().is_some_and(|protocol| is_websocket(protocol.as_ref()));
    }
    request.headers().get(header::UPGRADE).is_some_and(|value| is_websocket(value.as_bytes()))
}

/// Completes the handshake and echoes from then on.
pub(crate) fn answer(mut request: Request<Incoming>, recording: Option<Recording>) -> Response<DemoBody> {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(echo(upgrade, recording.as_ref().map(Recording::sink)));
    let (status, headers) = if *request.method() == Method::CONNECT {
        (StatusCode::OK, HeaderMap::new())
    } else {
        (StatusCode::SWITCHING_PROTOCOLS, handshake(request.headers().get(header::SEC_WEBSOCKET_KEY)))
    };
    response(status, headers, DemoBody::whole(Bytes::new(), recording))
}

fn handshake(key: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Some(accept) = key.and_then(|key| HeaderValue::from_str(&accept(key.as_bytes())).ok()) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    headers
}

fn accept(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(HANDSHAKE_GUID).finalize())
}

async fn echo(upgrade: OnUpgrade, sink: Option<Sink>) {
    let Ok(upgraded) = upgrade.await else { return };
    let mut stream = TokioIo::new(upgraded);
    let mut buffer = vec![0; 16 << 10];
    while let Ok(length) = stream.read(&mut buffer).await {
        let bytes = buffer.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            if let Some(sink) = &sink {
                sink.complete();
            }
            break;
        }
        if let Some(sink) = &sink {
            sink.chunk(bytes);
        }
        if stream.write_all(bytes).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

#[cfg(test)]
mod tests {
    #[test]
    fn accepts_as_the_rfc_shows() {
        assert_eq!(super::accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
