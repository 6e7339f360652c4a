//! Services to talk to: in this process, or as a child of it.

use cache_api::budget as message;
use cache_api::budget::budget_client::BudgetClient;
use modelgate_cache::server::{Config, Running, start};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use tonic::transport::{Channel, Endpoint};

pub type Client = BudgetClient<Channel>;

/// A service in this process, with a store in memory unless the configuration says otherwise.
pub async fn service(yaml: &str) -> Running {
    start(Config::parse(yaml, []).unwrap_or_else(|error| panic!("{error}"))).await.unwrap()
}

pub const IN_MEMORY: &str = "serve: [budget]\nlisten: 127.0.0.1:0\nbudget: {store: {memory: {}}}\n";

pub async fn client(running: &Running) -> Client {
    connect(&running.addresses().listen.unwrap().to_string()).await
}

pub async fn connect(address: &str) -> Client {
    BudgetClient::new(Endpoint::new(format!("http://{address}")).unwrap().connect().await.unwrap())
}

/// The binary as a child process, killed when this is dropped.
pub struct Process {
    child: Child,
    pub ready: String,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Process {
    pub fn start(folder: &Path, yaml: &str) -> Self {
        let mut child = spawn(folder, yaml);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        if !ready.starts_with("ready ") {
            let _ = child.kill();
            let mut words = String::new();
            child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
            panic!("not ready: {ready}{words}");
        }
        // Its log must not fill the pipe.
        let mut stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Self { child, ready, stdout }
    }

    /// What the ready line says of `listen`, `unix_socket` or `metrics`.
    pub fn address(&self, of: &str) -> String {
        let words = self.ready.split_whitespace();
        words.filter_map(|word| word.split_once('=')).find(|(name, _)| *name == of).unwrap().1.to_owned()
    }

    pub async fn client(&self) -> Client {
        connect(&self.address("listen")).await
    }

    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").arg(signal).arg(self.child.id().to_string()).status().unwrap().success());
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn wait(&mut self) -> ExitStatus {
        let mut rest = String::new();
        let _ = self.stdout.read_to_string(&mut rest);
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary to its end, and gives its exit code and what it says.
pub fn fail(folder: &Path, yaml: &str) -> (i32, String) {
    let output = spawn(folder, yaml).wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn spawn(folder: &Path, yaml: &str) -> Child {
    let path = folder.join("config.yaml");
    std::fs::write(&path, yaml).unwrap();
    Command::new(env!("CARGO_BIN_EXE_modelgate-cache"))
        .args(["serve", "--config"])
        .arg(path)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A name that no other reservation of this test run has.
pub fn name() -> Vec<u8> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = std::process::id().to_be_bytes().repeat(2);
    name.extend(NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    name
}

/// So much in each hour of UTC.
pub fn hourly(amount: u64) -> message::Limit {
    let calendar = message::Calendar { unit: message::CalendarUnit::Hour.into(), time_zone: String::new() };
    message::Limit { amount, window: Some(message::limit::Window::Calendar(calendar)) }
}

/// What was topped up, and `initial`.
pub fn balance(initial: u64) -> message::Limit {
    message::Limit { amount: 0, window: Some(message::limit::Window::Balance(message::Balance { initial })) }
}

/// So much at any moment.
pub fn at_most(amount: u64) -> message::Limit {
    message::Limit { amount, window: Some(message::limit::Window::Concurrency(message::Concurrency {})) }
}

pub fn demand(key: &str, limit: message::Limit, amount: u64) -> message::Demand {
    message::Demand { key: key.into(), limit: Some(limit), amount, at_once: false }
}

pub fn reserve(demands: &[message::Demand]) -> message::ReserveRequest {
    message::ReserveRequest {
        reservation: name(),
        demands: demands.to_vec(),
        expires_after_ms: 60_000,
        ..message::ReserveRequest::default()
    }
}

pub fn settle(reservation: &[u8], spent: &[u64]) -> message::SettleRequest {
    let settlement =
        message::Settlement { reservation: reservation.to_vec(), spent: spent.to_vec(), demands: Vec::new() };
    message::SettleRequest { settlements: vec![settlement] }
}

/// How one key stands.
pub async fn peek(client: &mut Client, demand: message::Demand) -> message::Known {
    let sent = message::PeekRequest { demands: vec![demand], ..Default::default() };
    client.peek(sent).await.unwrap().into_inner().known.remove(0)
}

/// A configuration with a store on a Redis.
pub fn on_redis(redis: &redis_server::Redis) -> String {
    on_redis_at(&redis.url())
}

/// The same, by its address.
pub fn on_redis_at(url: &str) -> String {
    format!(
        "serve: [budget]\nlisten: 127.0.0.1:0\nbudget: {{store: {{redis: {{url: '{url}', timeout_ms: 2000}}}}}}\nlog: {{level: error}}\n"
    )
}

pub fn redis() -> redis_server::Redis {
    let binary = redis_server::Binary::for_tests().unwrap_or_else(|error| panic!("{error}"));
    redis_server::Redis::start(&binary).unwrap_or_else(|error| panic!("{error}"))
}
