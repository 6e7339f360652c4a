//! A running Envoy.

use crate::Binary;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How an Envoy is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Worker threads.
    pub concurrency: u32,
    /// The level of its log, and of single components: `warning`, `info,wasm:debug`.
    pub log_level: String,
    /// How long it may take until it is ready. Modules are compiled before that.
    pub ready_within: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { concurrency: 1, log_level: "warning".into(), ready_within: Duration::from_secs(60) }
    }
}

/// Envoy did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or the process could not be made.
    #[error("cannot start Envoy: {0}")]
    Io(#[from] io::Error),
    /// It ended, and this is the end of its log.
    #[error("Envoy ended at its start:\n{0}")]
    Ended(String),
    /// It did not become ready in time, and this is the end of its log.
    #[error("Envoy was not ready in time:\n{0}")]
    NotReady(String),
}

/// A running Envoy. It ends when this is dropped.
#[derive(Debug)]
pub struct Envoy {
    child: Child,
    admin: SocketAddr,
    folder: tempfile::TempDir,
    ready_after: Duration,
}

impl Envoy {
    /// Starts Envoy with a configuration and waits until it is ready. The configuration's `admin` may use port 0.
    ///
    /// # Errors
    /// [`StartError`], with the end of Envoy's log.
    pub fn start(binary: &Binary, config: &str, options: &Options) -> Result<Self, StartError> {
        let begun = Instant::now();
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("envoy.yaml"), config)?;
        let log = std::fs::File::create(folder.path().join("envoy.log"))?;
        let mut levels = options.log_level.splitn(2, ',');
        let mut command = Command::new(binary.path());
        command
            .arg("--config-path")
            .arg(folder.path().join("envoy.yaml"))
            .arg("--admin-address-path")
            .arg(folder.path().join("admin"))
            // An access log line is there soon after its exchange.
            .args(["--file-flush-interval-msec", "50"])
            .args(["--disable-hot-restart", "--concurrency", &options.concurrency.to_string()])
            .args(["--log-level", levels.next().unwrap_or("warning")])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        if let Some(components) = levels.next() {
            command.args(["--component-log-level", components]);
        }
        let child = command.spawn()?;
        let mut envoy =
            Self { child, admin: SocketAddr::from(([127, 0, 0, 1], 0)), folder, ready_after: Duration::ZERO };
        envoy.await_ready(begun + options.ready_within)?;
        envoy.ready_after = begun.elapsed();
        Ok(envoy)
    }

    /// Checks a configuration as Envoy does at its start, modules included.
    ///
    /// # Errors
    /// What Envoy says is wrong.
    pub fn validate(binary: &Binary, config: &str) -> Result<(), StartError> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("envoy.yaml");
        std::fs::write(&path, config)?;
        let output = Command::new(binary.path())
            .args(["--mode", "validate", "--log-level", "error", "--disable-hot-restart", "--config-path"])
            .arg(path)
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() { Ok(()) } else { Err(StartError::Ended(tail(&output.stderr))) }
    }

    fn await_ready(&mut self, deadline: Instant) -> Result<(), StartError> {
        loop {
            if self.child.try_wait()?.is_some() {
                return Err(StartError::Ended(self.log_tail()));
            }
            if let Some(admin) =
                std::fs::read_to_string(self.folder.path().join("admin")).ok().and_then(|text| text.trim().parse().ok())
            {
                self.admin = admin;
                if self.admin_get("/ready").is_ok_and(|text| text.trim() == "LIVE") {
                    return Ok(());
                }
            }
            if Instant::now() > deadline {
                return Err(StartError::NotReady(self.log_tail()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Where the admin interface listens.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// How long it took from the start until all was ready.
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What a path of the admin interface answers.
    ///
    /// # Errors
    /// The interface did not answer, or not with 200.
    pub fn admin_get(&self, path: &str) -> io::Result<String> {
        let url = format!("http://{}{path}", self.admin);
        let agent: ureq::Agent =
            ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(10))).build().into();
        let mut response = agent.get(&url).call().map_err(io::Error::other)?;
        response.body_mut().with_config().limit(64 << 20).read_to_string().map_err(io::Error::other)
    }

    /// The address of a listener, also where its configuration says port 0.
    pub fn listener(&self, name: &str) -> Option<SocketAddr> {
        let listeners: serde_json::Value =
            serde_json::from_str(&self.admin_get("/listeners?format=json").ok()?).ok()?;
        let listener = listeners
            .get("listener_statuses")?
            .as_array()?
            .iter()
            .find(|l| l.get("name").is_some_and(|n| n == name))?;
        let socket = listener.get("local_address")?.get("socket_address")?;
        let address = socket.get("address")?.as_str()?;
        format!("{address}:{}", socket.get("port_value")?).parse().ok()
    }

    /// All counters and gauges whose name holds `part`.
    pub fn stats(&self, part: &str) -> BTreeMap<String, u64> {
        let text = self.admin_get("/stats").unwrap_or_default();
        text.lines()
            .filter_map(|line| line.rsplit_once(": "))
            .filter(|(name, _)| name.contains(part))
            .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
            .collect()
    }

    /// All of the log so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.log_path()).unwrap_or_default()).into_owned()
    }

    /// Where the log is written.
    pub fn log_path(&self) -> PathBuf {
        self.folder.path().join("envoy.log")
    }

    /// A folder that lives as long as this Envoy.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    fn log_tail(&self) -> String {
        tail(self.log().as_bytes())
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        // It keeps nothing that a kill could damage.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tail(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(20)).copied().collect::<Vec<_>>().join("\n")
}
