//! The service `modelgate-cache` beside the gateway: a child process on a free port of loopback, which ends with it.

use super::{Error, Stop};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long the service may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How long it may take to end once it is told to.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// A running service.
#[derive(Debug)]
pub struct Service {
    child: Child,
    address: SocketAddr,
    /// Taken away at the end, where nothing of it shall stay.
    folder: Option<PathBuf>,
}

impl Service {
    /// Starts this binary; its data lie in `folder`. They are forgotten at the end if `forget`.
    pub fn start(binary: &Path, folder: &Path, forget: bool, stop: &Stop) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)?;
        let mut child = Command::new(binary)
            .arg("serve")
            // A setting of this shell is not meant for this one.
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("MODELGATE_CACHE_")))
            .env("MODELGATE_CACHE_LISTEN", "127.0.0.1:0")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.join("log"))?)
            .spawn()
            .map_err(|source| Error::Service(format!("{}: {source}", binary.display())))?;
        let (said, says) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || {
                BufReader::new(out).lines().map_while(Result::ok).for_each(|line| _ = said.send(line))
            });
        }
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut service = Self { child, address: local, folder: forget.then(|| folder.to_owned()) };
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN && !stop.is_told() {
            match says.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => {
                    if let Some(address) = ready(&line) {
                        service.address = address;
                        return Ok(service);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        if stop.is_told() {
            return Err(Error::Stopped);
        }
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        Err(Error::Service(format!("it was not ready in time; it says:\n{log}")))
    }

    /// Where gateways reach it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The address in the line by which the service says that it is ready: `ready listen=127.0.0.1:9090 …`.
fn ready(line: &str) -> Option<SocketAddr> {
    let words = line.strip_prefix("ready ")?.split(' ');
    words.filter_map(|word| word.strip_prefix("listen=")).find_map(|address| address.parse().ok())
}

impl Drop for Service {
    fn drop(&mut self) {
        // By way of `kill`: the standard library only knows the signal that leaves no time to write.
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let began = Instant::now();
        while told.is_ok() && began.elapsed() < ENDS_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_ready_service_is_read() {
        let address: SocketAddr = ([127, 0, 0, 1], 7).into();
        assert_eq!(ready("ready listen=127.0.0.1:7 metrics=127.0.0.1:9"), Some(address));
        assert_eq!(ready("ready unix_socket=/x listen=127.0.0.1:7"), Some(address));
        assert_eq!(ready("listen=127.0.0.1:7"), None);
        assert_eq!(ready("ready listen=soon"), None);
    }
}
