//! The gRPC peer, called as a unary client calls.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code)]

mod client;

use std::time::{Duration, Instant};

use client::{Answer, h2, post};
use demo_upstream::grpc::{EchoAnswer, GrpcEcho, start_echo};

async fn call(peer: &GrpcEcho) -> Result<Answer, client::Error> {
    let request = post(peer.addr(), "/pkg.Svc/Do").header("te", "trailers").header("x-meta", "1");
    h2(request.body("\0\0\0\0\u{2}hi".to_owned()).unwrap()).await
}

#[tokio::test]
async fn echoes_and_records() {
    let peer = start_echo().unwrap();
    let answer = call(&peer).await.unwrap();
    assert_eq!(answer.bytes(), b"\0\0\0\0\x02hi");
    assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");
    let calls = peer.calls();
    assert_eq!((calls[0].path.as_str(), calls[0].message.as_slice(), peer.count()), ("/pkg.Svc/Do", &b"hi"[..], 1));
    assert!(calls[0].well_framed);
    peer.clear();
    assert_eq!((peer.count(), peer.calls()), (0, Vec::new()));
}

#[tokio::test]
async fn answers_as_told() {
    let peer = start_echo().unwrap();
    peer.set_answer(EchoAnswer::Message(b"yo".to_vec()));
    assert_eq!(call(&peer).await.unwrap().bytes(), b"\0\0\0\0\x02yo");
    peer.set_answer(EchoAnswer::Status(14, "gone % away".into()));
    let refused = call(&peer).await.unwrap();
    assert_eq!(
        (&refused.headers["grpc-status"], &refused.headers["grpc-message"]),
        (&"14".parse().unwrap(), &"gone %25 away".parse().unwrap())
    );
    peer.set_answer(EchoAnswer::Garbage(b"\xff\xff".to_vec()));
    assert_eq!(call(&peer).await.unwrap().bytes(), b"\xff\xff");
    peer.set_answer(EchoAnswer::HttpStatus(503));
    assert_eq!(call(&peer).await.unwrap().status, 503);
    peer.set_answer(EchoAnswer::Reset);
    assert!(call(&peer).await.is_err());
    peer.set_answer(EchoAnswer::Echo);
    peer.set_delay(Duration::from_millis(50));
    let began = Instant::now();
    call(&peer).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert_eq!(peer.count(), 6);
}
