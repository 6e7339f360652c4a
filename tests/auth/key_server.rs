//! A server of key sets and other documents that does what the test says, and counts; and a gateway in front of it.

use demo_upstream::DemoUpstream;
use envoy::{Envoy, Options};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// What it answers.
#[derive(Clone)]
pub enum Answer {
    /// This document.
    Document(String),
    /// The document of the path that is asked for; 404 for others.
    Paths(Vec<(&'static str, String)>),
    /// This document, after so long.
    Slow(String, Duration),
    /// This status, without a document.
    Status(u16),
    /// A redirect to this place.
    Redirect(String),
    /// So many bytes.
    Huge(usize),
    /// The connection ends.
    Close,
}

/// The server.
pub struct KeyServer {
    /// Where it is.
    pub address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    fetches: Arc<AtomicUsize>,
}

impl KeyServer {
    /// Starts it.
    pub fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, fetches) = (Arc::new(Mutex::new(answer)), Arc::new(AtomicUsize::new(0)));
        let (shared, count) = (answer.clone(), fetches.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, count) = (shared.clone(), count.clone());
                std::thread::spawn(move || serve(stream, &shared, &count));
            }
        });
        Self { address, answer, fetches }
    }

    /// Changes what it answers.
    pub fn set(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How often it was asked.
    pub fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, answer: &Mutex<Answer>, count: &AtomicUsize) {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    count.fetch_add(1, Ordering::SeqCst);
    let answer = answer.lock().unwrap().clone();
    let reply = |status: u16, more: &str, body: &str| {
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{more}content-length: {}\r\n\r\n{body}", body.len())
    };
    let text = match answer {
        Answer::Document(body) => reply(200, "", &body),
        Answer::Paths(documents) => {
            let head = String::from_utf8_lossy(&head);
            let path = head.split(' ').nth(1).unwrap_or_default();
            let found = documents.iter().find(|(of, _)| *of == path);
            found.map_or_else(|| reply(404, "", ""), |(_, body)| reply(200, "", body))
        }
        Answer::Slow(body, pause) => {
            std::thread::sleep(pause);
            reply(200, "", &body)
        }
        Answer::Status(status) => reply(status, "", ""),
        Answer::Redirect(place) => reply(302, &format!("location: {place}\r\n"), ""),
        Answer::Huge(size) => reply(200, "", &" ".repeat(size)),
        Answer::Close => return,
    };
    let _ = stream.write_all(text.as_bytes());
}

/// A gateway of two workers with `auth`, whose cluster `keys` is this server, spoken to in HTTP/1.1.
pub fn behind(server: SocketAddr, config: &Value) -> Gateway {
    let chain = vec![Link::filter("auth", config.clone())];
    let spec = GatewaySpec {
        listeners: vec![ListenerSpec { name: "main".into(), chain, ..ListenerSpec::default() }],
        ..GatewaySpec::default()
    };
    let upstream = DemoUpstream::start(demo_upstream::Options::default()).unwrap();
    let mut bootstrap: Value = serde_json::from_str(&spec.bootstrap(upstream.addr())).unwrap();
    bootstrap["static_resources"]["clusters"].as_array_mut().unwrap().push(json!({
        "name": "keys", "type": "STATIC", "connect_timeout": "5s",
        "load_assignment": {"cluster_name": "keys", "endpoints": [{"lb_endpoints": [{"endpoint": {"address":
            {"socket_address": {"address": "127.0.0.1", "port_value": server.port()}}}}]}]}}));
    let options = Options { concurrency: 2, log_level: "warning".into(), ..Options::default() };
    let envoy = Envoy::start(&testkit::envoy_binary(), &bootstrap.to_string(), &options).unwrap();
    Gateway { envoy, upstream }
}
