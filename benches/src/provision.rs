//! Where the load generator comes from.

use anyhow::{Context, bail};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// `wrk`: from `PATH`, else installed by apt-get where this process may do that.
///
/// # Errors
/// There is none, with what to do.
pub fn wrk() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = in_path("wrk", &path) {
        return Ok(found);
    }
    if !is_root() || in_path("apt-get", &path).is_none() {
        bail!("no wrk in PATH; install it (Debian, Ubuntu: apt-get install wrk; others: https://github.com/wg/wrk)");
    }
    eprintln!("modelgate-bench: no wrk in PATH; installing it with apt-get");
    let refused = match apt_get(&["install", "-y", "--no-install-recommends", "wrk"]) {
        Ok(()) => None,
        // The lists of a fresh image are empty.
        Err(_) => {
            apt_get(&["update"]).and_then(|()| apt_get(&["install", "-y", "--no-install-recommends", "wrk"])).err()
        }
    };
    if let Some(error) = refused {
        return Err(error.context("wrk is missing and apt-get could not install it; install it by hand"));
    }
    in_path("wrk", &path).context("apt-get installed wrk, but it is not in PATH")
}

fn in_path(program: &str, path: &std::ffi::OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(program)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.mode() & 0o111 != 0)
}

/// The owner of `/proc/self` is the effective user of this process.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .context("apt-get does not run")?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    bail!("apt-get {}: {}", arguments.join(" "), words.lines().last().unwrap_or("it ended without a word"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_a_program_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("wrk");
        std::fs::write(&file, "").unwrap();
        let path = std::env::join_paths([Path::new("/nonexistent"), folder.path()]).unwrap();
        assert_eq!(in_path("wrk", &path), None);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(in_path("wrk", &path), Some(file));
    }
}
