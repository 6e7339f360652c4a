//! A small HTTP/1.1 client on a connection of its own: fast enough for a hundred thousand calls, and able to go away at any
//! byte.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept.
pub struct Wire {
    stream: TcpStream,
    held: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Wire {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, held: Vec::new() }
    }

    /// A POST to the chat API.
    pub async fn chat(&mut self, headers: &str, body: &str) -> Reply {
        self.send(headers, body).await;
        let head = self.until(b"\r\n\r\n").await;
        let head = String::from_utf8(head).unwrap();
        let mut reply = Reply { status: head[9..12].parse().unwrap(), head, body: Vec::new() };
        if let Some(length) = reply.header("content-length").map(|length| length.parse::<usize>().unwrap()) {
            self.fill(length).await;
            reply.body = self.held.drain(..length).collect();
            return reply;
        }
        loop {
            let size = self.until(b"\r\n").await;
            let size = usize::from_str_radix(std::str::from_utf8(&size).unwrap().trim(), 16).unwrap();
            self.fill(size + 2).await;
            reply.body.extend(self.held.drain(..size));
            self.held.drain(..2);
            if size == 0 {
                return reply;
            }
        }
    }

    /// Sends so many bytes of a call, but for its last one, and goes away.
    pub async fn begin_and_leave(mut self, headers: &str, body: &str, bytes: usize) {
        let call = call(headers, body);
        self.stream.write_all(&call.as_bytes()[..bytes.min(call.len() - 1)]).await.unwrap();
    }

    /// Sends a call, reads about so many bytes of what comes, and goes away. All that was read.
    pub async fn chat_and_leave(mut self, headers: &str, body: &str, bytes: usize) -> Vec<u8> {
        self.send(headers, body).await;
        while self.held.len() < bytes && self.more().await > 0 {}
        self.held
    }

    async fn send(&mut self, headers: &str, body: &str) {
        self.stream.write_all(call(headers, body).as_bytes()).await.unwrap();
    }

    async fn until(&mut self, mark: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.held.windows(mark.len()).position(|window| window == mark) {
                return self.held.drain(..at + mark.len()).collect();
            }
            assert!(self.more().await > 0, "the connection ended: {}", String::from_utf8_lossy(&self.held));
        }
    }

    async fn fill(&mut self, length: usize) {
        while self.held.len() < length {
            assert!(self.more().await > 0, "the connection ended within a body");
        }
    }

    async fn more(&mut self) -> usize {
        self.stream.read_buf(&mut self.held).await.unwrap()
    }
}

/// A POST to the chat API, as it goes over the wire.
fn call(headers: &str, body: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/json\r\n{headers}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
