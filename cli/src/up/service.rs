//! The service `modelgate-cache` beside the gateway: in this process, on a free port of loopback.

use super::Error;
use modelgate_cache::server::{Config, Thread};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A running service. It ends with this.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    thread: Option<Thread>,
    /// Taken away at the end, where nothing of it shall stay.
    folder: Option<PathBuf>,
}

impl Service {
    /// Starts the service; its data lie in `folder`. They are forgotten at the end if `forget`. What goes wrong in it is told
    /// on standard error.
    ///
    /// # Errors
    /// [`Error::Service`]
    pub fn start(folder: &Path, forget: bool) -> Result<Self, Error> {
        let config = json!({
            "listen": "127.0.0.1:0",
            "log": {"level": "warn", "format": "text"},
            "budget": {"store": {"embedded": {"path": folder.join("budget.redb")}}},
            "cache": {"store": {"embedded": {"folder": folder}}},
        });
        // A setting of this shell is not meant for this service.
        let config = Config::parse(&config.to_string(), [])?;
        let mut service = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            thread: None,
            folder: forget.then(|| folder.to_owned()),
        };
        let thread = Thread::start(config)?;
        if let Some(address) = thread.addresses().listen {
            service.address = address;
        }
        service.thread = Some(thread);
        Ok(service)
    }

    /// Where gateways reach it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.thread.take());
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::net::TcpStream;

    #[test]
    fn it_answers_until_it_is_dropped_and_leaves_what_it_shall() {
        for forget in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let data = folder.path().join("data");
            let service = Service::start(&data, forget).unwrap();
            let address = service.address();
            TcpStream::connect(address).unwrap();
            drop(service);
            TcpStream::connect(address).unwrap_err();
            assert_eq!(data.exists(), !forget);
        }
    }
}
