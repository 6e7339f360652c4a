//! The store in a real Milvus: milvus-lite, in a virtual environment of its own below `target`.

use crate::fixture::{Running, asking, body, config, in_milvus};
use crate::load::Load;
use cache_api::cache::Step;
use cache_api::cache::lookup_response::Outcome;
use modelgate_cache::cache::evict::{Limits, Room};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PACKAGES: &str = "milvus-lite==3.2.2\npymilvus==3.0.2\n";

/// `milvus-lite`, installed where it is missing.
fn program() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/milvus-venv");
    std::fs::create_dir_all(&folder).unwrap();
    // Tests run beside each other.
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let venv = folder.join("venv");
    let installed = folder.join("installed");
    if std::fs::read_to_string(&installed).is_ok_and(|packages| packages == PACKAGES) {
        return venv.join("bin/milvus-lite");
    }
    let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
    run(Command::new(venv.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES.lines()));
    std::fs::write(installed, PACKAGES).unwrap();
    venv.join("bin/milvus-lite")
}

/// A milvus-lite on loopback, with a folder of its own.
pub struct Milvus {
    child: Child,
    pub port: u16,
    folder: tempfile::TempDir,
}

impl Milvus {
    pub fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(port, folder.path());
        Self { child, port, folder }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn restart(&mut self) {
        self.child = spawn(self.port, self.folder.path());
    }

    fn instance(&self, prefix: &str, limits: Option<Limits>) -> Running {
        let url = format!("http://127.0.0.1:{}", self.port);
        let mut config = config(in_milvus(url, prefix, None));
        config.limits = limits.unwrap_or(config.limits);
        Running::new(config)
    }
}

impl Drop for Milvus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, folder: &Path) -> Child {
    let mut child = Command::new(program())
        .args(["server", "--host", "127.0.0.1", "--port", &port.to_string(), "--data-dir"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < until && child.try_wait().unwrap().is_none(), "milvus-lite did not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    child
}

#[tokio::test]
async fn it_does_what_every_store_does() {
    let milvus = Milvus::start();
    crate::stores::finding(&milvus.instance("finding", None)).await;
    crate::stores::invalidation(&milvus.instance("invalidation", None)).await;
}

#[tokio::test]
async fn entries_are_shared_and_bounded() {
    let milvus = Milvus::start();
    let room = |entries| Room { entries, bytes: 1 << 20 };
    let limits = Some(Limits { tenant: room(3), total: room(100) });
    let (one, two) = (milvus.instance("shared", limits), milvus.instance("shared", limits));
    let request = asking("how do I reset my password", "");
    let miss = one.miss(request.clone()).await;
    two.store(&request, &miss, "answer").await;
    assert_eq!(body(&one.hit(request).await), "answer");
    for number in 0..6 {
        let text = blake3::hash(&[number]).to_hex().to_string();
        one.answer(&asking(&text, ""), "answer").await;
    }
    let until = Instant::now() + Duration::from_secs(30);
    while one.stats("acme").await.entries > 3 {
        assert!(Instant::now() < until, "the sweep did not make room");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Too long for a field, also compressed.
    let noise: String = (0..4000_u32).map(|number| blake3::hash(&number.to_le_bytes()).to_hex().to_string()).collect();
    assert_eq!(one.answer(&asking("noise", ""), &noise).await, "");
}

#[tokio::test]
async fn a_milvus_that_is_restarted_costs_misses_and_no_errors() {
    let mut milvus = Milvus::start();
    let running = milvus.instance("restart", None);
    let kept = asking("kept", "");
    running.answer(&kept, "answer").await;
    running.hit(kept.clone()).await;
    milvus.kill();
    for _ in 0..10 {
        assert_eq!(running.miss(kept.clone()).await.step(), Step::Unavailable);
    }
    milvus.restart();
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match running.look(kept.clone()).await {
            Outcome::Hit(hit) => break assert_eq!(body(&hit), "answer"),
            Outcome::Miss(_) => assert!(Instant::now() < until, "it does not answer again"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The same with many callers at work all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_milvus_that_is_restarted_in_mid_load_costs_misses_and_no_errors() {
    let mut milvus = Milvus::start();
    let (one, two) = (milvus.instance("load", None), milvus.instance("load", None));
    // It is slow: a search takes a third of a second.
    let mut load = Load::start(&[&one, &two], 2);
    for _ in 0..2 {
        load.until_hits().await;
        milvus.kill();
        load.until_unavailable().await;
        milvus.restart();
    }
    load.until_hits().await;
    assert!(!load.end().await.is_empty());
}
