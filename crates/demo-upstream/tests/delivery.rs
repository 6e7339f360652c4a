//! What `x-demo-*` headers do to an answer, over both versions of HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code)]

mod client;

use std::io::Read;
use std::time::{Duration, Instant};

use client::{Answer, Error, post, send, start};

const CHAT: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
const STREAM: &str = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;

async fn call(h2: bool, body: &str, headers: &[(&str, &str)]) -> Result<Answer, Error> {
    let demo = start();
    let mut request = post(demo.addr(), "/v1/chat/completions");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request.body(body.to_owned()).unwrap(), h2).await
}

#[tokio::test]
async fn writes_of_a_fixed_size_with_a_delay() {
    for h2 in [false, true] {
        let began = Instant::now();
        let settings = [("x-demo-body", "abcdefg"), ("x-demo-chunk-bytes", "2"), ("x-demo-chunk-delay-ms", "20")];
        let answer = call(h2, CHAT, &settings).await.unwrap();
        assert_eq!(answer.chunks, ["ab", "cd", "ef", "g"]);
        assert!(began.elapsed() >= Duration::from_millis(60));
    }
}

#[tokio::test]
async fn events_in_several_writes() {
    let settings = [("x-demo-chunks-per-event", "3"), ("x-demo-chunk-delay-ms", "2")];
    let answer = call(false, STREAM, &settings).await.unwrap();
    let events = answer.events().len();
    assert!(answer.chunks.len() > 2 * events, "{} writes for {events} events", answer.chunks.len());
}

#[tokio::test]
async fn trailers() {
    for h2 in [false, true] {
        let settings = [("te", "trailers"), ("x-demo-trailer", "x-a=1"), ("x-demo-trailer", "x-b=%ff")];
        let answer = call(h2, CHAT, &settings).await.unwrap();
        let trailers = answer.trailers.unwrap();
        assert_eq!((trailers["x-a"].as_bytes(), trailers["x-b"].as_bytes()), (&b"1"[..], &b"\xff"[..]), "h2: {h2}");
    }
}

#[tokio::test]
async fn gzip_of_documents_and_streams() {
    for body in [CHAT, STREAM] {
        let answer = call(false, body, &[("x-demo-gzip", "true")]).await.unwrap();
        assert_eq!(answer.headers["content-encoding"], "gzip");
        let mut text = String::new();
        flate2::read::GzDecoder::new(&answer.bytes()[..]).read_to_string(&mut text).unwrap();
        assert!(text.contains("[demo"));
    }
}

#[tokio::test]
async fn aborts_after_exactly_so_many_bytes() {
    for h2 in [false, true] {
        for sent in ["0", "9"] {
            let answer = call(h2, STREAM, &[("x-demo-abort", sent)]).await.unwrap();
            assert!(answer.broke_off);
            assert_eq!(answer.bytes().len().to_string(), sent, "h2: {h2}");
        }
        assert!(call(h2, CHAT, &[("x-demo-abort", "headers")]).await.is_err());
    }
}

#[tokio::test]
async fn broken_bodies_that_end_cleanly() {
    let answer = call(false, CHAT, &[("x-demo-cut", "half")]).await.unwrap();
    assert!(!answer.broke_off && serde_json::from_slice::<serde_json::Value>(&answer.bytes()).is_err());
    let answer = call(false, STREAM, &[("x-demo-cut", "100")]).await.unwrap();
    assert_eq!((answer.broke_off, answer.bytes().len()), (false, 100));
    let answer = call(false, STREAM, &[("x-demo-body", "data: {\"a\":%0a%0a%fe")]).await.unwrap();
    assert_eq!(answer.bytes(), b"data: {\"a\":\n\n\xfe");
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/event-stream"));
}

#[tokio::test]
async fn headers_of_any_bytes_and_the_status() {
    for h2 in [false, true] {
        let settings =
            [("x-demo-header", "x-odd=%ff%fe"), ("x-demo-header", "content-type=text/plain"), ("x-demo-status", "201")];
        let answer = call(h2, CHAT, &settings).await.unwrap();
        assert_eq!(answer.headers["x-odd"].as_bytes(), b"\xff\xfe");
        assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (201, &"text/plain".parse().unwrap()));
    }
}

#[tokio::test]
async fn a_wrong_content_length_is_sent_as_asked() {
    let answer = call(false, CHAT, &[("x-demo-header", "content-length=4000"), ("x-demo-body", "abc")]).await.unwrap();
    assert_eq!((answer.broke_off, answer.text().as_str()), (true, "abc"));
}

#[tokio::test]
async fn delays_the_headers() {
    let began = Instant::now();
    call(false, CHAT, &[("x-demo-delay-ms", "50")]).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(50));
}
