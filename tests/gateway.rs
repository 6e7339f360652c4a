//! The gateway that operators get (`envoy/envoy.yaml`, filled in by `modelgate up`), asked what its comments promise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use flate2::Compression;
use flate2::write::GzEncoder;
use modelgate::up::{Gateway, Options, Stop, start};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const CHAT: &str = "/v1/chat/completions";
const SECRET: &str = "a sentence that no log may hold";

/// A gateway in front of these servers; of the demo servers without any.
fn gateway(upstream: &[&str]) -> Gateway {
    let options = Options {
        upstream: upstream.iter().map(|url| url.parse().unwrap()).collect(),
        model: Vec::new(),
        demo: upstream.is_empty(),
        once: false,
        listen: "127.0.0.1:0".parse().unwrap(),
        dist: None,
        concurrency: 1,
        no_check: true,
    };
    start(&options, &Stop::listen().unwrap()).unwrap()
}

fn body(model: &str) -> Vec<u8> {
    format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"{SECRET}"}}]}}"#).into_bytes()
}

/// The status and the body of an answer.
fn post(gateway: &Gateway, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20)));
    let agent: ureq::Agent = config.build().into();
    let mut request = agent.post(format!("http://{}{path}", gateway.address()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send(body).unwrap();
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap_or_default())
}

/// The `code` of an error of the OpenAI API, all four of whose keys are there.
fn code(error: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(error).unwrap_or_else(|fault| panic!("{fault}: {error}"));
    let object = body.get("error").and_then(serde_json::Value::as_object).unwrap();
    assert!(["message", "type", "param", "code"].iter().all(|key| object.contains_key(*key)), "{error}");
    object.get("code").and_then(serde_json::Value::as_str).unwrap().to_owned()
}

fn prometheus(gateway: &Gateway) -> String {
    let mut response = ureq::get(format!("http://{}/stats/prometheus", gateway.admin())).call().unwrap();
    response.body_mut().with_config().limit(32 << 20).read_to_string().unwrap()
}

#[test]
fn the_gateway_keeps_its_promises() {
    let gateway = gateway(&[]);

    // One spelling of each path.
    assert_eq!(post(&gateway, "//v1/./chat//completions", &[], &body("demo-small")).0, 200);
    let (status, error) = post(&gateway, "/v1%2fchat/completions", &[], &body("demo-small"));
    assert_eq!((status, code(&error).as_str()), (400, "request_refused"), "{error}");

    // What HTTP forbids is told in the API's shape, too. Envoy takes 100 headers.
    let names: Vec<String> = (0..101).map(|at| format!("x-{at}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "a")).collect();
    let (status, error) = post(&gateway, CHAT, &many, &body("demo-small"));
    assert_eq!((status, code(&error).as_str()), (431, "request_refused"), "{error}");
    assert!(error.contains("http1.too_many_headers"), "{error}");

    // Compressed requests are opened before the filters read them.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&body("no-such-model")).unwrap();
    let (status, error) = post(&gateway, CHAT, &[("content-encoding", "gzip")], &gzip.finish().unwrap());
    assert_eq!((status, error.contains("model_not_found")), (404, true), "{error}");

    // Bodies up to the limit, beyond Envoy's own of 1 MiB.
    let mut large = body("demo-small");
    large.resize(15 << 20, b' ');
    assert_eq!(post(&gateway, CHAT, &[], &large).0, 200);
    large.resize((16 << 20) + 1, b' ');
    let (status, error) = post(&gateway, CHAT, &[], &large);
    assert_eq!((status, code(&error).as_str()), (413, "request_too_large"), "{error}");

    // No upgrades.
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket")];
    assert_eq!(post(&gateway, CHAT, &upgrade, &[]).0, 403);

    // A version that no route knows reaches nobody, whoever asked for it. Nor does the cache answer instead.
    let forged = [("x-model-version", "v9"), ("x-model", "other"), ("cache-control", "no-store")];
    assert_eq!(post(&gateway, CHAT, &forged, &body("demo-small")).0, 200);

    // The demo's callers have no names and share answers.
    let again = [("cache-control", "only-if-cached")];
    assert_eq!(post(&gateway, CHAT, &again, &body("demo-small")).0, 200);

    // Clients insist on a key, so there is one, in the header of either API.
    let client = &gateway.keys().unwrap().client;
    let bearer = format!("Bearer {client}");
    assert_eq!(post(&gateway, CHAT, &[("authorization", &bearer)], &body("demo-small")).0, 200);
    let message = br#"{"model":"demo-small","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}"#;
    let anthropic = [("x-api-key", client.as_str()), ("anthropic-version", "2023-06-01")];
    assert_eq!(post(&gateway, "/v1/messages", &anthropic, message).0, 200);

    // Labels of metrics are labels in Prometheus, and their names are clean.
    let metrics = prometheus(&gateway);
    let refused = r#"modelgate_refusals{filter="model_router",reason="model_not_found"} 1"#;
    assert!(metrics.lines().any(|line| line == refused), "{}", lines_with(&metrics, "modelgate_"));
    assert!(!metrics.contains("=."), "{}", lines_with(&metrics, "=."));

    the_log_says_all_but_bodies(&gateway);
}

/// Clients of a real server have its keys, which nobody else can judge.
#[test]
fn keys_of_real_servers_arrive_there() {
    let server = demo_upstream::DemoUpstream::start(demo_upstream::Options::default()).unwrap();
    let gateway = gateway(&[&format!("http://{}/v1", server.addr())]);
    let headers = [("authorization", "Bearer of-the-server"), ("x-api-key", "of-the-server"), ("x-case", "key")];
    assert_eq!(post(&gateway, CHAT, &headers, &body("any-model")).0, 200);
    let received = server.received("key").pop().unwrap();
    for (name, value) in headers.iter().take(2) {
        assert!(received.headers.iter().any(|(known, sent)| known == name && sent == value.as_bytes()), "{name}");
    }
}

#[test]
fn a_server_that_is_gone_is_an_error_of_the_api() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = gateway(&[&format!("http://{gone}")]);
    let (status, error) = post(&gateway, CHAT, &[], &body("any-model"));
    assert_eq!((status, code(&error).as_str()), (503, "upstream_unavailable"), "{error}");
    // Callers without a tenant share nothing where it is no demo: the cache is not even asked.
    let metrics = prometheus(&gateway);
    let bypassed =
        |line: &str| line.starts_with("modelgate_cache_bypasses") && line.contains(r#"reason="no_identity""#);
    assert!(metrics.lines().any(bypassed), "{}", lines_with(&metrics, "modelgate_cache"));
}

/// A server whose answers are no HTTP is one that gives none.
#[test]
fn an_answer_that_is_no_http_is_an_error_of_the_api() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let gateway = gateway(&[&format!("http://{}", server.local_addr().unwrap())]);
    let answering = std::thread::spawn(move || {
        let (mut connection, _) = server.accept().unwrap();
        let mut head = [0; 16];
        connection.read_exact(&mut head).unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}").unwrap();
        // Until Envoy closes it: what is closed with bytes unread is reset.
        let _ = connection.read_to_end(&mut Vec::new());
    });
    let (status, error) = post(&gateway, CHAT, &[], &body("any-model"));
    assert_eq!((status, code(&error).as_str()), (502, "upstream_unavailable"), "{error}");
    answering.join().unwrap();
}

fn the_log_says_all_but_bodies(gateway: &Gateway) {
    let deadline = Instant::now() + Duration::from_secs(15);
    let whole = |log: &str| {
        [r#""details":"modelgate_refusal_model_not_found""#, r#""model":"demo-small""#, r#""model_version":"v"#]
            .iter()
            .all(|part| log.contains(part))
    };
    while !whole(&gateway.log()) {
        assert!(Instant::now() < deadline, "{}", gateway.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!gateway.log().contains(SECRET));
    let complaints = lines_with(&gateway.log(), "[warning]") + &lines_with(&gateway.log(), "[error]");
    assert!(complaints.is_empty(), "{complaints}");
}

fn lines_with(text: &str, part: &str) -> String {
    text.lines().filter(|line| line.contains(part)).fold(String::new(), |all, line| all + line + "\n")
}
