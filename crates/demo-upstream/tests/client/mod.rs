//! A client for the tests: one call, over either version of HTTP, and what came back.

use std::net::SocketAddr;

use bytes::Bytes;
use demo_upstream::{DemoUpstream, Options};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

pub type Error = hyper_util::client::legacy::Error;

pub fn start() -> DemoUpstream {
    DemoUpstream::start(Options::default()).unwrap()
}

/// What came back, up to where it broke off.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub chunks: Vec<Bytes>,
    pub trailers: Option<HeaderMap>,
    pub broke_off: bool,
}

impl Answer {
    pub fn bytes(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    pub fn json(&self) -> Value {
        assert!(!self.broke_off);
        serde_json::from_slice(&self.bytes()).unwrap()
    }

    /// The events of a stream: name and JSON (`[DONE]` as a string).
    pub fn events(&self) -> Vec<(Option<String>, Value)> {
        assert_eq!(self.headers["content-type"], "text/event-stream; charset=utf-8");
        let text = self.text();
        let events = text.strip_suffix("\n\n").unwrap().split("\n\n");
        events
            .map(|event| {
                let (name, data) = event.rsplit_once("data: ").unwrap();
                let name = name.strip_prefix("event: ").map(|name| name.trim_end().to_owned());
                (name, serde_json::from_str(data).unwrap_or_else(|_| data.into()))
            })
            .collect()
    }
}

pub fn post(addr: SocketAddr, path: &str) -> http::request::Builder {
    Request::post(format!("http://{addr}{path}")).header("content-type", "application/json")
}

pub async fn h1(request: Request<String>) -> Result<Answer, Error> {
    send(request, false).await
}

pub async fn h2(request: Request<String>) -> Result<Answer, Error> {
    send(request, true).await
}

pub async fn send(request: Request<String>, h2: bool) -> Result<Answer, Error> {
    let client = Client::builder(TokioExecutor::new()).http2_only(h2).build_http::<Full<Bytes>>();
    let response = client.request(request.map(|body| Full::new(Bytes::from(body)))).await?;
    let (parts, mut body) = response.into_parts();
    let mut answer =
        Answer { status: parts.status, headers: parts.headers, chunks: Vec::new(), trailers: None, broke_off: false };
    while let Some(frame) = body.frame().await {
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(chunk)) => answer.chunks.push(chunk),
            Ok(Err(frame)) => answer.trailers = frame.into_trailers().ok(),
            Err(_) => {
                answer.broke_off = true;
                break;
            }
        }
    }
    Ok(answer)
}
