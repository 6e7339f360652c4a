//! The cache service itself, with its model: in this process, or as a process that can be killed.

use modelgate_cache::cache::fetch_model;
use modelgate_cache::server::{Config, Running, start};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use testkit::repository;

/// The model's folder: `$MODELGATE_MODEL`, or `target/model`, which is filled where it is empty.
fn model() -> &'static PathBuf {
    static MODEL: OnceLock<PathBuf> = OnceLock::new();
    MODEL.get_or_init(|| {
        let given = std::env::var_os("MODELGATE_MODEL").map(PathBuf::from);
        let folder = given.unwrap_or_else(|| repository().join("target/model"));
        fetch_model::fetch(&folder, None).unwrap_or_else(|error| panic!("{error:#}"));
        folder
    })
}

/// Its configuration, with a store in this folder. Other work on the machine must not make a test miss.
fn configuration(folder: &Path, listen: SocketAddr) -> String {
    serde_json::json!({
        "serve": ["cache"],
        "listen": listen.to_string(),
        "log": {"level": "debug"},
        "metrics": {"listen": "127.0.0.1:0"},
        "cache": {
            "store": {"embedded": {"folder": folder}},
            "embedder": {"local": {"model": "minilm", "folder": model()}},
            "patience": {"read_ms": 5_000, "write_ms": 20_000},
        },
    })
    .to_string()
}

/// A service in this process. It ends when this is dropped.
pub struct Service {
    pub addr: SocketAddr,
    running: Running,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Service {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let yaml = configuration(folder.path(), ([127, 0, 0, 1], 0).into());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let running = runtime.block_on(start(Config::parse(&yaml, []).unwrap())).unwrap();
        let addr = running.addresses().listen.unwrap();
        Self { addr, running, _runtime: runtime, _folder: folder }
    }

    /// How many answers it has kept.
    pub fn kept(&self) -> u64 {
        let url = format!("http://{}/metrics", self.running.addresses().metrics.unwrap());
        let metrics = ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap();
        let counter = "modelgate_cache_stores_total{outcome=\"kept\"} ";
        metrics.lines().find_map(|line| line.strip_prefix(counter)?.parse().ok()).unwrap_or_default()
    }
}

/// A service as a process, killed when this is dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Serves what is in this folder at this address.
    pub fn start(folder: &Path, listen: SocketAddr) -> Self {
        let (config, log) = (folder.join("config.yaml"), folder.join("log"));
        std::fs::write(&config, configuration(&folder.join("store"), listen)).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_modelgate-cache-under-test"))
            .args(["serve", "--config"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::options().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let process = Self { child, log };
        assert!(line.starts_with("ready "), "{line}{}", process.log());
        process
    }

    /// All that it logged, at every start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    /// SIGKILL: nothing is written any more.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
