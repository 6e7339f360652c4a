//! The sockets that gateways reach.

use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixStream as Probe;
use std::path::{Path, PathBuf};
use tokio::net::UnixListener;

/// A Unix socket, whose file goes when this is dropped.
pub(crate) struct Unix {
    path: PathBuf,
}

impl Unix {
    /// Listens at a path. A file that a service left behind there is replaced; one that somebody listens on is not.
    ///
    /// # Errors
    /// Somebody listens there, or the file cannot be made.
    pub fn bind(path: &Path, mode: u32) -> io::Result<(Self, UnixListener)> {
        if path.exists() {
            if Probe::connect(path).is_ok() {
                return Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there"));
            }
            if !is_socket(path)? {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket"));
            }
            std::fs::remove_file(path)?;
        }
        // Made in a folder that is closed to all others, and put into its place with its mode.
        let folder = path.with_extension(format!("{}.new", std::process::id()));
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let hidden = folder.join("socket");
        let bound = UnixListener::bind(&hidden).and_then(|listener| {
            std::fs::set_permissions(&hidden, std::fs::Permissions::from_mode(mode))?;
            std::fs::rename(&hidden, path)?;
            Ok(listener)
        });
        let _ = std::fs::remove_dir_all(&folder);
        let listener = bound?;
        Ok((Self { path: path.to_owned() }, listener))
    }
}

impl Drop for Unix {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn is_socket(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::FileTypeExt;
    Ok(std::fs::symlink_metadata(path)?.file_type().is_socket())
}
