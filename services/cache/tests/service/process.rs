//! The process: what it says at its start, how it ends, and with which code.

use crate::support::{IN_MEMORY, Process, demand, fail, hourly, on_redis, redis, reserve};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tonic::Code;

#[test]
fn all_faults_of_a_configuration_are_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "listen: 0.0.0.0:9090\nlimts: {}\ncallers: {tokens: []}\nlimits: {max_calls: 0}\n\
                budget: {store: {redis: {url: 'redis://u:hunter2@', prefix: 'a b'}}}\n";
    let (code, words) = fail(folder.path(), yaml);
    assert_eq!(code, 3, "{words}");
    assert!(words.contains("limts: unknown key") && words.contains("`limits`"), "{words}");
    let (code, words) = fail(folder.path(), &yaml.replace("limts: {}\n", ""));
    assert_eq!(code, 3, "{words}");
    for key in ["listen: is beyond loopback", "limits.max_calls", "budget.store.redis.url", "budget.store.redis.prefix"]
    {
        assert!(words.contains(key), "no {key} in: {words}");
    }
    assert!(!words.contains("hunter2"), "{words}");
}

#[test]
fn each_failure_has_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, words) = fail(
        folder.path(),
        &format!("serve: [budget]\nlisten: {}\nbudget: {{store: {{memory: {{}}}}}}\n", taken.local_addr().unwrap()),
    );
    assert_eq!(code, 4, "{words}");
    std::fs::write(folder.path().join("budget.redb"), "no database").unwrap();
    let (code, words) =
        fail(folder.path(), "serve: [budget]\nlisten: 127.0.0.1:0\nbudget: {store: {embedded: {path: budget.redb}}}\n");
    assert_eq!(code, 5, "{words}");
    std::fs::write(folder.path().join("empty.pem"), "").unwrap();
    let (code, words) = fail(
        folder.path(),
        "serve: [budget]\nlisten: 127.0.0.1:0\nbudget: {store: {memory: {}}}\ntls: {certificate: empty.pem, key: empty.pem}\n",
    );
    assert_eq!(code, 3, "{words}");
    let (code, words) = fail(folder.path(), "listen: [");
    assert_eq!(code, 3, "{words}");
}

#[tokio::test]
async fn a_call_in_flight_finishes_after_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let server = redis();
    let mut process = Process::start(folder.path(), &on_redis(&server));
    let mut client = process.client().await;
    client.reserve(reserve(&[demand("warm", hourly(10), 1)])).await.unwrap();
    server.freeze().unwrap();
    let mut second = client.clone();
    let call = tokio::spawn(async move { second.reserve(reserve(&[demand("flight", hourly(10), 1)])).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    process.signal("-TERM");
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.thaw().unwrap();
    assert!(call.await.unwrap().unwrap().into_inner().admitted);
    assert_eq!(process.wait().code(), Some(0));
    let error = client.reserve(reserve(&[demand("after", hourly(10), 1)])).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
}

#[tokio::test]
async fn a_call_that_does_not_finish_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let server = redis();
    let yaml =
        format!("{}shutdown_grace_ms: 200\n", on_redis(&server).replace("timeout_ms: 2000", "timeout_ms: 20000"));
    let mut process = Process::start(folder.path(), &yaml);
    let mut client = process.client().await;
    client.reserve(reserve(&[demand("warm", hourly(10), 1)])).await.unwrap();
    server.freeze().unwrap();
    let call = tokio::spawn(async move { client.reserve(reserve(&[demand("flight", hourly(10), 1)])).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    process.signal("-INT");
    assert_eq!(process.wait().code(), Some(6));
    assert!(call.await.unwrap().is_err());
}

#[tokio::test]
async fn prometheus_finds_what_was_measured_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path(), &format!("{IN_MEMORY}metrics: {{listen: '127.0.0.1:0'}}\n"));
    let mut client = process.client().await;
    client.reserve(reserve(&[demand("secret-consumer", hourly(10), 1)])).await.unwrap();
    client.reserve(reserve(&[demand("secret-consumer", hourly(10), 100)])).await.unwrap();
    let mut stream = TcpStream::connect(process.address("metrics")).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    for line in [
        "modelgate_budget_reservations_total{outcome=\"admitted\"} 1",
        "modelgate_budget_reservations_total{outcome=\"refused\"} 1",
        "modelgate_service_call_duration_seconds_count{code=\"OK\",method=\"modelgate.budget.v1.Budget/Reserve\"} 2",
    ] {
        assert!(text.contains(line), "no {line} in:\n{text}");
    }
    assert!(!text.contains("secret-consumer"), "{text}");
}

#[test]
fn the_environment_overrides_the_file() {
    use modelgate_cache::budget::config::StoreConfig;
    use modelgate_cache::server::Config;
    let set = |name: &str, value: &str| (format!("MODELGATE_CACHE_{name}"), value.to_owned());
    let config = Config::parse(
        "listen: 127.0.0.1:1\nlimits: {max_calls: 5}\n",
        [
            set("LISTEN", "127.0.0.1:2"),
            set("LIMITS__MAX_CALL_MS", "77"),
            set("BUDGET__STORE__REDIS__URL", "redis://127.0.0.1:6379"),
            ("PATH".to_owned(), "/bin".to_owned()),
        ],
    )
    .unwrap();
    assert_eq!(config.listen.unwrap().port(), 2);
    assert_eq!((config.limits.max_calls, config.limits.max_call_ms), (5, 77));
    assert!(matches!(config.budget.unwrap().store, StoreConfig::Redis(_)));
    let error = Config::parse("", [set("LISTN", "127.0.0.1:2")]).unwrap_err().to_string();
    assert!(error.contains("listn") && error.contains("`listen`"), "{error}");
    let error = Config::parse("", [set("LISTEN__PORT", "2")]).unwrap_err().to_string();
    assert!(error.contains("listen"), "{error}");
}

#[cfg(feature = "otlp")]
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_disturbs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = format!("{IN_MEMORY}metrics: {{otlp: {{endpoint: 'http://127.0.0.1:9', interval_secs: 1}}}}\n");
    let mut process = Process::start(folder.path(), &yaml);
    let mut client = process.client().await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    client.reserve(reserve(&[demand("warm", hourly(10), 1)])).await.unwrap();
    process.signal("-TERM");
    assert_eq!(process.wait().code(), Some(0));
}
