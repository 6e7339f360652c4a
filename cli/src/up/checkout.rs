//! The checkout of the repository that the command runs in.

use super::{Error, Stop};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// What the top folder holds, and no other folder.
const MARKS: [&str; 2] = ["wasm-build.sh", "envoy/envoy.yaml"];

/// The top folder of a checkout.
#[derive(Debug, Clone)]
pub struct Checkout(PathBuf);

impl Checkout {
    /// The checkout around the current folder.
    pub fn find() -> Result<Self, Error> {
        let here = std::env::current_dir()?;
        here.ancestors()
            .find(|folder| MARKS.iter().all(|mark| folder.join(mark).is_file()))
            .map(|folder| Self(folder.to_owned()))
            .ok_or(Error::NoCheckout)
    }

    /// The gateway's configuration.
    pub fn envoy_yaml(&self) -> std::io::Result<String> {
        std::fs::read_to_string(self.0.join("envoy/envoy.yaml"))
    }

    /// Where a fetched Envoy is kept.
    pub fn envoy_cache(&self) -> PathBuf {
        self.0.join("target/envoy")
    }

    /// Builds those of these modules that are missing or stale, and says where they are. Others, such as variants, are not
    /// waited for.
    pub fn build_modules(&self, needed: &[String], stop: &Stop) -> Result<PathBuf, Error> {
        let names = needed.iter().map(|module| module.strip_suffix(".wasm").unwrap_or(module));
        build(Command::new(self.0.join("wasm-build.sh")).args(names), stop).map(|()| self.0.join("dist"))
    }

    /// Where the cache service of a gateway on this port keeps its data.
    pub fn cache_folder(&self, port: u16) -> PathBuf {
        self.0.join("target/modelgate-cache").join(port.to_string())
    }
}

/// Runs a build to its end, or until this process is told to stop.
fn build(command: &mut Command, stop: &Stop) -> Result<(), Error> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    let mut build = command.spawn().map_err(|source| Error::Build(source.to_string()))?;
    let status = loop {
        if let Some(status) = build.try_wait()? {
            break status;
        }
        if stop.is_told() {
            // The whole group: what builds is below the script.
            Command::new("kill").args(["-TERM", "--", &format!("-{}", build.id())]).status()?;
            build.wait()?;
            return Err(Error::Stopped);
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    if status.success() { Ok(()) } else { Err(Error::Build("see above".into())) }
}

/// A folder of modules, checked to hold one for each filter of the gateway's configuration.
pub fn modules(dist: &Path, needed: &[String]) -> Result<PathBuf, Error> {
    let folder = std::path::absolute(dist)?;
    let missing: Vec<&str> =
        needed.iter().filter(|module| !folder.join(module).is_file()).map(String::as_str).collect();
    if missing.is_empty() { Ok(folder) } else { Err(Error::NoModules { folder, missing: missing.join(", ") }) }
}
