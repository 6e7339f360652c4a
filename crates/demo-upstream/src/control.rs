//! Scripts and records over HTTP, for drivers that are not in this process.
//!
//! * `PUT /_demo/script/{key}`: a script, or a list of scripts for one request each, as JSON. All fields are optional:
//!   `status`, `headers` and `trailers` (lists of `[name, value]`, the value percent-encoded), `chunks` (texts),
//!   `chunks_base64` (bytes, after the texts), `chunk_delay_ms`, `delay_ms`, `abort`, `answer_early`. Their meaning is
//!   that of [`crate::Script`]. Answers 204.
//! * `GET /_demo/received/{key}`: a list of [`crate::Received`] as JSON: `method`, `path`, `http_version`, `headers`
//!   and `trailers` as above, `body` (text, or null if it is not UTF-8), `body_base64`, `body_bytes`, `body_chunks`,
//!   `complete`, `client_gone`.
//! * `DELETE /_demo`: forgets all scripts and records. Answers 204.
//!
//! Keys are percent-decoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::body::DemoBody;
use crate::delivery::response;
use crate::header_bytes;
use crate::intake;
use crate::received::Received;
use crate::refusal::{Dialect, refusal};
use crate::reply::{Payload, Reply};
use crate::script::{Script, ScriptJson};
use crate::service::Site;

/// Answers a request under `/_demo`.
pub(crate) async fn answer(site: &Site, request: Request<Incoming>) -> Response<DemoBody> {
    let (parts, body) = request.into_parts();
    let refuse = |status, message: &str| refusal(Dialect::OpenAi, status, message);
    let Ok(body) = intake::read(body, None).await else {
        return sent(refuse(StatusCode::BAD_REQUEST, "the body broke off or is too long"));
    };
    let path = parts.uri.path();
    if parts.method == Method::DELETE && path.trim_end_matches('/') == "/_demo" {
        site.clear();
        return no_content();
    }
    if let (&Method::GET, Some(key)) = (&parts.method, path.strip_prefix("/_demo/received/")) {
        let received: Vec<Value> = site.recorder.received(&decoded(key)).iter().map(shown).collect();
        return sent(Reply::json(Value::from(received).to_string()));
    }
    if let (&Method::PUT, Some(key)) = (&parts.method, path.strip_prefix("/_demo/script/")) {
        return match scripts(&body) {
            Ok(scripts) => {
                site.scripts.set(&decoded(key), scripts);
                no_content()
            }
            Err(error) => sent(refuse(StatusCode::BAD_REQUEST, &error.to_string())),
        };
    }
    sent(refuse(StatusCode::NOT_FOUND, "no such path and method"))
}

/// Why a script cannot be read.
#[derive(Debug, thiserror::Error)]
enum ScriptError {
    #[error("the script is not what it should be: {0}")]
    Json(#[from] serde_json::Error),
    #[error("chunks_base64: {0}")]
    Base64(#[from] base64::DecodeError),
}

fn scripts(body: &[u8]) -> Result<Vec<Script>, ScriptError> {
    let listed: Vec<ScriptJson> = match serde_json::from_slice(body)? {
        list @ Value::Array(_) => serde_json::from_value(list)?,
        one => vec![serde_json::from_value(one)?],
    };
    Ok(listed.into_iter().map(Script::try_from).collect::<Result<_, _>>()?)
}

fn shown(received: &Received) -> Value {
    let pairs = |pairs: &[(String, Vec<u8>)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.clone(), header_bytes::encode(value))).collect()
    };
    json!({
        "method": received.method,
        "path": received.path,
        "http_version": received.http_version,
        "headers": pairs(&received.headers),
        "body": std::str::from_utf8(&received.body).ok(),
        "body_base64": STANDARD.encode(&received.body),
        "body_bytes": received.body_bytes,
        "body_chunks": received.body_chunks,
        "trailers": pairs(&received.trailers),
        "complete": received.complete,
        "client_gone": received.client_gone,
    })
}

fn decoded(key: &str) -> String {
    String::from_utf8_lossy(&header_bytes::decode(key.as_bytes())).into_owned()
}

fn sent(reply: Reply) -> Response<DemoBody> {
    let body = match reply.payload {
        Payload::Whole(body) => body,
        Payload::Events(events) => events.concat().into(),
    };
    response(reply.status, reply.headers, DemoBody::whole(body, None))
}

fn no_content() -> Response<DemoBody> {
    response(StatusCode::NO_CONTENT, HeaderMap::new(), DemoBody::whole(Bytes::new(), None))
}
