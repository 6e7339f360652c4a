//! Where the Redis binary comes from.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The suite of Debian that has Redis 8, and the name of the folder that it is kept in.
const SUITE: &str = "trixie";

/// Redis, and all shared libraries that it needs, the loader among them: it runs on a Debian that is older than it.
const PACKAGES: [&str; 11] = [
    "redis-tools",
    "libc6",
    "libatomic1",
    "libjemalloc2",
    "liblzf1",
    "libssl3t64",
    "libstdc++6",
    "libgcc-s1",
    "libsystemd0",
    "libcap2",
    "libzstd1",
];

/// One more library, whose name is its own on some architectures.
const ZLIB: &str = "zlib1g";

/// A Redis of version 8 or newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    program: PathBuf,
    /// What stands before Redis's own arguments.
    arguments: Vec<OsString>,
}

/// No Redis could be had.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// `$REDIS_SERVER_BIN` names something else.
    #[error(
        "$REDIS_SERVER_BIN is {0}, which does not run as Redis 8 or newer; unset it, or name a redis-server that has vector sets"
    )]
    NotRedis(PathBuf),
    /// No package could be fetched.
    #[error(
        "no Redis 8 found in $REDIS_SERVER_BIN or PATH, and none to be had from Debian {SUITE}: {step}: {reason}; install redis-server 8"
    )]
    Fetch {
        /// What was tried.
        step: &'static str,
        /// The last words of who tried it.
        reason: String,
    },
    /// The cache folder cannot be written.
    #[error("cannot keep Redis in {path}: {source}")]
    Cache {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Binary {
    /// The one of this repository's tests, kept under its `target` folder.
    ///
    /// # Errors
    /// [`FindError`] says what was tried.
    pub fn for_tests() -> Result<Self, FindError> {
        let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/redis");
        Self::find(&cache, &mut |step| eprintln!("redis-server: {step}"))
    }

    /// `$REDIS_SERVER_BIN`, then `redis-server` in `PATH` where it is new enough, then the packages of Debian, kept under
    /// `cache`. `progress` hears of slow steps.
    ///
    /// # Errors
    /// [`FindError`] says what was tried.
    pub fn find(cache: &Path, progress: &mut dyn FnMut(&str)) -> Result<Self, FindError> {
        if let Some(path) = std::env::var_os("REDIS_SERVER_BIN") {
            let binary = Self::plain(&path);
            return if binary.has_vector_sets() { Ok(binary) } else { Err(FindError::NotRedis(path.into())) };
        }
        let in_path = Self::plain(OsStr::new("redis-server"));
        if in_path.has_vector_sets() {
            return Ok(in_path);
        }
        let kept = cache.join(SUITE);
        if let Some(binary) = Self::unpacked(&kept) {
            return Ok(binary);
        }
        fetch(cache, &kept, progress)?;
        Self::unpacked(&kept).filter(Self::has_vector_sets).ok_or_else(|| FindError::Fetch {
            step: "running what the packages hold",
            reason: format!("no Redis 8 in {}", kept.display()),
        })
    }

    /// A command that runs it. Redis's own arguments are still to come.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }

    fn plain(path: &OsStr) -> Self {
        Self { program: path.into(), arguments: Vec::new() }
    }

    /// What [`fetch`] left behind, started through the loader that came with it.
    fn unpacked(folder: &Path) -> Option<Self> {
        // `redis-server` is a link to this file; which of them it is asked to be stands in its first argument.
        let server = folder.join("usr/bin/redis-check-rdb");
        let libraries = std::fs::read_dir(folder.join("usr/lib"))
            .ok()?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|path| path.join("libc.so.6").is_file())?;
        let loader = std::fs::read_dir(&libraries)
            .ok()?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux")))?;
        let arguments =
            ["--library-path".into(), libraries.into(), "--argv0".into(), "redis-server".into(), server.clone().into()];
        server.is_file().then_some(Self { program: loader, arguments: arguments.into() })
    }

    /// Whether it runs, and is 8 or newer.
    fn has_vector_sets(&self) -> bool {
        let Ok(output) = self.command().arg("--version").output() else { return false };
        // "Redis server v=8.0.2 sha=…". Valkey says "Valkey server v=…" and has no vector sets.
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.strip_prefix("Redis server v=").and_then(|rest| rest.split('.').next());
        version.and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 8)
    }
}

/// Fetches the packages and unpacks them as `kept`.
fn fetch(cache: &Path, kept: &Path, progress: &mut dyn FnMut(&str)) -> Result<(), FindError> {
    let cannot_keep = |source| FindError::Cache { path: cache.into(), source };
    progress("fetching Redis 8 from Debian (about 10 MB, once)");
    std::fs::create_dir_all(cache).map_err(cannot_keep)?;
    // A folder of our own, moved into place when whole: two processes may fetch at once.
    let work = tempfile::tempdir_in(cache).map_err(cannot_keep)?;
    let folder = work.path();
    for part in ["lists/partial", "cache/archives/partial", "root"] {
        std::fs::create_dir_all(folder.join(part)).map_err(cannot_keep)?;
    }
    std::fs::write(folder.join("status"), "").map_err(cannot_keep)?;
    let source = format!("deb {} {SUITE} main\n", mirror()?);
    std::fs::write(folder.join("sources.list"), source).map_err(cannot_keep)?;
    // A private view of one suite: nothing of the machine's own apt is touched.
    let private = [
        format!("Dir::State={}", folder.display()),
        format!("Dir::State::lists={}", folder.join("lists").display()),
        format!("Dir::State::status={}", folder.join("status").display()),
        format!("Dir::Cache={}", folder.join("cache").display()),
        format!("Dir::Etc::sourcelist={}", folder.join("sources.list").display()),
        "Dir::Etc::sourceparts=/nonexistent".to_owned(),
        "Acquire::Languages=none".to_owned(),
    ];
    let apt = || {
        let mut command = Command::new("apt-get");
        command.arg("--quiet").current_dir(folder);
        private.iter().for_each(|option| _ = command.arg("-o").arg(option));
        command
    };
    run("apt-get update", apt().arg("update"))?;
    run("apt-get download", apt().arg("download").args(PACKAGES).arg(ZLIB))?;
    let packages = std::fs::read_dir(folder).map_err(cannot_keep)?.filter_map(Result::ok).map(|entry| entry.path());
    for package in packages.filter(|path| path.extension() == Some(OsStr::new("deb"))) {
        run("dpkg-deb", Command::new("dpkg-deb").arg("-x").arg(package).arg(folder.join("root")))?;
    }
    match std::fs::rename(folder.join("root"), kept) {
        // Another process was faster.
        Err(_) if Binary::unpacked(kept).is_some() => Ok(()),
        done => done.map_err(cannot_keep),
    }
}

/// The mirror that this machine already uses.
fn mirror() -> Result<String, FindError> {
    let targets =
        run("apt-get indextargets", Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]))?;
    let text = String::from_utf8_lossy(&targets.stdout).into_owned();
    let mirror = text.lines().find(|line| !line.contains("security")).map(str::to_owned);
    mirror.ok_or_else(|| FindError::Fetch { step: "apt-get indextargets", reason: "apt knows no mirror".into() })
}

fn run(step: &'static str, command: &mut Command) -> Result<Output, FindError> {
    let output = command.output().map_err(|error| FindError::Fetch { step, reason: error.to_string() })?;
    if output.status.success() {
        return Ok(output);
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let reason = words.lines().last().unwrap_or("it ended without a word").to_owned();
    Err(FindError::Fetch { step, reason })
}
