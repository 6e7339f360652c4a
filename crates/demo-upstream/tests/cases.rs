//! Scripts and records: byte-exact answers, and what arrived.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code)]

mod client;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use client::{h1, post, send, start};
use demo_upstream::{DemoUpstream, Received, Script};
use http::Request;
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn script() -> Script {
    Script {
        status: 418,
        headers: vec![("x-odd".into(), vec![0xff]), ("x-two".into(), b"1".to_vec()), ("x-two".into(), b"2".to_vec())],
        chunks: vec![b"one".to_vec(), b"two\xff".to_vec()],
        chunk_delay: Duration::from_millis(20),
        trailers: vec![("x-end".into(), b"yes".to_vec())],
        delay: Duration::from_millis(20),
        ..Script::default()
    }
}

fn case(demo: &DemoUpstream, key: &str, body: &str) -> Request<String> {
    post(demo.addr(), "/v1/chat/completions?q=1")
        .header("x-case", key)
        .header("te", "trailers")
        .body(body.into())
        .unwrap()
}

/// The only record of a case, once it satisfies a condition.
fn received(demo: &DemoUpstream, key: &str, until: impl Fn(&Received) -> bool) -> Received {
    let began = Instant::now();
    loop {
        let found = demo.received(key).pop();
        match found {
            Some(received) if until(&received) => return received,
            found => assert!(began.elapsed() < Duration::from_secs(5), "{found:?}"),
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test]
async fn answers_exactly_as_scripted() {
    for h2 in [false, true] {
        let demo = start();
        demo.script("a", script());
        let answer = send(case(&demo, "a", "{}"), h2).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.headers["x-odd"].as_bytes()), (418, &b"\xff"[..]));
        assert_eq!(answer.headers.get_all("x-two").iter().count(), 2);
        assert_eq!(answer.chunks, [&b"one"[..], &b"two\xff"[..]]);
        assert_eq!(answer.trailers.unwrap()["x-end"], "yes");
        assert!(!answer.headers.contains_key("x-demo-version") && !answer.headers.contains_key("content-type"));
    }
}

#[tokio::test]
async fn aborts_as_scripted() {
    for h2 in [false, true] {
        let demo = start();
        demo.script("a", Script { abort: true, trailers: Vec::new(), ..script() });
        let answer = send(case(&demo, "a", "{}"), h2).await.unwrap();
        assert!(answer.broke_off);
        assert_eq!(answer.bytes(), b"onetwo\xff");
        demo.script("a", Script { abort: true, chunks: vec![Vec::new()], ..Script::default() });
        let answer = send(case(&demo, "a", "{}"), h2).await.unwrap();
        assert!(answer.broke_off && answer.chunks.concat().is_empty(), "h2: {h2}");
        demo.script("a", Script { abort: true, ..Script::default() });
        assert!(send(case(&demo, "a", "{}"), h2).await.is_err());
        assert!(demo.received("a").iter().all(|received| received.complete && !received.client_gone));
    }
}

#[tokio::test]
async fn a_sequence_ends_with_its_last_script() {
    let demo = start();
    let status = |status| Script { status, ..Script::default() };
    demo.script_sequence("a", vec![status(503), status(200)]);
    for expected in [503, 200, 200] {
        let answer = h1(case(&demo, "a", "")).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.headers["content-length"].to_str().unwrap()), (expected, "0"));
    }
    demo.script("a", status(99));
    assert_eq!(h1(case(&demo, "a", "")).await.unwrap().status, 500);
}

#[tokio::test]
async fn records_what_arrived() {
    for (h2, version) in [(false, "HTTP/1.1"), (true, "HTTP/2.0")] {
        let demo = start();
        send(case(&demo, "k", r#"{"model":"m"}"#), h2).await.unwrap();
        let received = demo.received("k").pop().unwrap();
        assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/v1/chat/completions?q=1"));
        assert_eq!((received.http_version.as_str(), received.body.as_slice()), (version, &br#"{"model":"m"}"#[..]));
        assert_eq!(received.headers[0], (":authority".into(), demo.addr().to_string().into_bytes()));
        assert_eq!(received.header("X-Case"), Some(&b"k"[..]));
        assert!(received.complete && !received.client_gone);
        demo.clear();
        assert_eq!(demo.received("k"), []);
    }
}

#[tokio::test]
async fn records_chunks_and_trailers() {
    let demo = start();
    let mut stream = TcpStream::connect(demo.addr()).unwrap();
    write!(stream, "POST /v1/x HTTP/1.1\r\nhost: h\r\nx-case: k\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        .unwrap();
    let early = received(&demo, "k", |received| received.body_chunks == 1);
    assert!(!early.complete);
    write!(stream, "2\r\nde\r\n0\r\nx-end: 1\r\n\r\n").unwrap();
    let received = received(&demo, "k", |received| received.complete);
    assert_eq!((received.body.as_slice(), received.body_chunks), (&b"abcde"[..], 2));
    assert_eq!(received.trailers, [("x-end".to_owned(), b"1".to_vec())]);
}

#[tokio::test]
async fn notes_a_client_that_went_away() {
    let demo = start();
    demo.script(
        "slow",
        Script { chunks: vec![b"x".to_vec(); 100], chunk_delay: Duration::from_millis(20), ..Script::default() },
    );
    let request = "POST / HTTP/1.1\r\nhost: h\r\nx-case: slow\r\ncontent-length: 0\r\n\r\n";
    let mut stream = TcpStream::connect(demo.addr()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.read_exact(&mut [0; 20]).unwrap();
    drop(stream);
    assert!(received(&demo, "slow", |received| received.client_gone).complete);

    let mut stream = TcpStream::connect(demo.addr()).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: h\r\nx-case: half\r\ncontent-length: 9\r\n\r\nabc").unwrap();
    received(&demo, "half", |received| received.body_chunks == 1);
    drop(stream);
    assert!(!received(&demo, "half", |received| received.client_gone).complete);
}

#[tokio::test]
async fn answers_early_while_the_body_still_comes() {
    let demo = start();
    demo.script("e", Script { answer_early: true, chunks: vec![b"now".to_vec()], ..Script::default() });
    let mut stream = TcpStream::connect(demo.addr()).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: h\r\nx-case: e\r\ncontent-length: 6\r\n\r\nabc").unwrap();
    let mut head = [0; 15];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    stream.write_all(b"def").unwrap();
    assert_eq!(received(&demo, "e", |received| received.complete).body, b"abcdef");
}

#[tokio::test]
async fn waits_for_continue() {
    let demo = start();
    let mut stream = TcpStream::connect(demo.addr()).unwrap();
    write!(stream, "POST /v1/x HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n").unwrap();
    let mut head = [0; 25];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 100 Continue\r\n\r\n");
}

#[tokio::test]
async fn keeps_the_last_records_only() {
    let demo = DemoUpstream::start(demo_upstream::Options { keep_received: 2, ..Default::default() }).unwrap();
    for body in ["1", "2", "3"] {
        h1(case(&demo, "k", body)).await.unwrap();
    }
    let bodies: Vec<_> = demo.received("k").into_iter().map(|received| received.body).collect();
    assert_eq!(bodies, [b"2", b"3"]);
}

#[tokio::test]
async fn is_controlled_over_http() {
    let demo = start();
    let script = json!({"status": 203, "headers": [["x-odd", "%ff"]], "chunks": ["a"], "chunks_base64": ["/w=="]});
    let put = |body: &Value| {
        Request::put(format!("http://{}/_demo/script/a%20b", demo.addr())).body(body.to_string()).unwrap()
    };
    assert_eq!(h1(put(&json!([script]))).await.unwrap().status, 204);
    let answer = h1(case(&demo, "a b", "{}")).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.headers["x-odd"].as_bytes(), answer.bytes()),
        (203, &b"\xff"[..], b"a\xff".to_vec())
    );
    let url = format!("http://{}/_demo/received/a%20b", demo.addr());
    let listed = h1(Request::get(&url).body(String::new()).unwrap()).await.unwrap().json();
    assert_eq!((&listed[0]["body"], &listed[0]["complete"]), (&json!("{}"), &json!(true)));
    assert_eq!(h1(put(&json!({"stauts": 1}))).await.unwrap().status, 400);
    let forget = Request::delete(format!("http://{}/_demo", demo.addr())).body(String::new()).unwrap();
    assert_eq!(h1(forget).await.unwrap().status, 204);
    assert_eq!(h1(Request::get(&url).body(String::new()).unwrap()).await.unwrap().json(), json!([]));
}

#[tokio::test]
async fn echoes_after_an_upgrade() {
    let demo = start();
    let mut stream = TcpStream::connect(demo.addr()).unwrap();
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    write!(stream, "GET /ws HTTP/1.1\r\nhost: h\r\nx-case: w\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: {key}\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101") && head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    stream.write_all(b"\x81raw").unwrap();
    let mut echoed = [0; 4];
    stream.read_exact(&mut echoed).unwrap();
    assert_eq!(&echoed, b"\x81raw");
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(received(&demo, "w", |received| received.complete).body, b"\x81raw");
}

#[tokio::test]
async fn echoes_after_a_connect_over_http2() {
    let demo = start();
    let stream = tokio::net::TcpStream::connect(demo.addr()).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    // The server's settings, which allow this, must have arrived.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut request = Request::connect(format!("http://{}/ws", demo.addr())).body(String::new()).unwrap();
    request.extensions_mut().insert(Protocol::from_static("websocket"));
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut stream = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    stream.write_all(b"raw").await.unwrap();
    let mut echoed = [0; 3];
    stream.read_exact(&mut echoed).await.unwrap();
    assert_eq!(&echoed, b"raw");
}

#[test]
fn stops_when_dropped() {
    let demo = start();
    let addr = demo.addr();
    let mut open = TcpStream::connect(addr).unwrap();
    drop(demo);
    assert!(TcpStream::connect(addr).is_err());
    assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
}
