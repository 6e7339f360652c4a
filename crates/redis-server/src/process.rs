//! A running Redis.

use crate::Binary;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// How often another port is tried where somebody was faster.
const PORTS: usize = 5;

/// Redis did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or the process could not be made.
    #[error("cannot start Redis: {0}")]
    Io(#[from] io::Error),
    /// It ended or was not ready in time, and this is its log.
    #[error("Redis did not become ready:\n{0}")]
    NotReady(String),
}

/// A Redis on loopback with a folder of its own. It ends when this is dropped.
///
/// It keeps an append-only file, synced each time, so that what it acknowledged is there again after [`Redis::restart`].
#[derive(Debug)]
pub struct Redis {
    binary: Binary,
    child: Option<Child>,
    address: SocketAddr,
    tls: Option<Tls>,
    more: &'static [&'static str],
    folder: tempfile::TempDir,
}

/// The files of a Redis that speaks TLS alone, PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Its certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Authorities of clients, which must show a certificate then.
    pub client_ca: Option<PathBuf>,
}

impl Redis {
    /// Starts one on a free port and waits until it answers.
    ///
    /// # Errors
    /// [`StartError`], with Redis's log.
    pub fn start(binary: &Binary) -> Result<Self, StartError> {
        Self::start_with(binary, None, &[])
    }

    /// As [`Redis::start`], with further options: `["--cluster-enabled", "yes"]`.
    ///
    /// # Errors
    /// [`StartError`], with Redis's log.
    pub fn start_as(binary: &Binary, more: &'static [&'static str]) -> Result<Self, StartError> {
        Self::start_with(binary, None, more)
    }

    /// As [`Redis::start`], with TLS. [`Redis::ask`] does not speak it.
    ///
    /// # Errors
    /// [`StartError`], with Redis's log.
    pub fn start_tls(binary: &Binary, tls: Tls) -> Result<Self, StartError> {
        Self::start_with(binary, Some(tls), &[])
    }

    fn start_with(binary: &Binary, tls: Option<Tls>, more: &'static [&'static str]) -> Result<Self, StartError> {
        let mut tries = 1;
        loop {
            let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
            let (binary, folder) = (binary.clone(), tempfile::tempdir()?);
            let mut redis = Self { binary, child: None, address, tls: tls.clone(), more, folder };
            match redis.restart() {
                Ok(()) => return Ok(redis),
                // Between our look and its start somebody else may have taken the port.
                Err(StartError::NotReady(log)) if log.contains("already in use") && tries < PORTS => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as clients like it: `redis://127.0.0.1:6379`, `rediss://…` with TLS.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "rediss" } else { "redis" };
        format!("{scheme}://{}", self.address)
    }

    /// Ends it at once, as `kill -9` does. Its files stay.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again, on the same port and the same files.
    ///
    /// # Errors
    /// [`StartError`], with Redis's log.
    pub fn restart(&mut self) -> Result<(), StartError> {
        self.kill();
        let log = std::fs::File::create(self.folder.path().join("log"))?;
        let child = self
            .binary
            .command()
            .args(self.listening())
            .args(["--bind", "127.0.0.1"])
            .args(["--appendonly", "yes", "--appendfsync", "always", "--save", ""])
            .args(self.more)
            .arg("--dir")
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            // Another Redis may answer on this port while ours is about to find it taken.
            let ended = self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            if ended || Instant::now() > deadline {
                let log = self.log();
                self.kill();
                return Err(StartError::NotReady(log));
            }
            let answers = || self.tls.is_some() || self.ask("PING").is_ok_and(|word| word == "+PONG");
            if self.log().contains("Ready to accept connections") && answers() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The options by which it listens on its port.
    fn listening(&self) -> Vec<OsString> {
        let port = self.address.port().to_string();
        let Some(tls) = &self.tls else { return ["--port", &port].map(OsString::from).into() };
        let mut options = ["--port", "0", "--tls-port", &port].map(OsString::from).to_vec();
        let mut file = |option: &str, path: &Path| options.extend([option.into(), path.into()]);
        file("--tls-cert-file", &tls.certificate);
        file("--tls-key-file", &tls.key);
        if let Some(authorities) = &tls.client_ca {
            file("--tls-ca-cert-file", authorities);
        }
        let asks = if tls.client_ca.is_some() { "yes" } else { "no" };
        options.extend(["--tls-auth-clients", asks].map(OsString::from));
        options
    }

    /// Stops it without ending it: connections stay open, and nothing is answered until [`Redis::thaw`].
    ///
    /// # Errors
    /// It does not run.
    pub fn freeze(&self) -> io::Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on after [`Redis::freeze`].
    ///
    /// # Errors
    /// It does not run.
    pub fn thaw(&self) -> io::Result<()> {
        self.signal("-CONT")
    }

    /// Sends one command as it would be typed, and gives the first line of the answer: `+PONG`, `:3`, `$5`, `-ERR …`.
    ///
    /// # Errors
    /// It does not answer within a second.
    pub fn ask(&self, command: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    /// All of its log since it was last started.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.path().join("log")).unwrap_or_default()).into_owned()
    }

    fn signal(&self, signal: &str) -> io::Result<()> {
        let child = self.child.as_ref().ok_or_else(|| io::Error::other("this Redis does not run"))?;
        let done = Command::new("kill").arg(signal).arg(child.id().to_string()).status()?;
        if done.success() { Ok(()) } else { Err(io::Error::other("kill refused the signal")) }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
