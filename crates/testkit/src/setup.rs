//! What a test needs on a bare machine: it is built or fetched here.

use envoy::Binary;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

/// The module of a filter (`model_router`) or of another crate by its path (`tests/probe`), built if need be.
///
/// # Panics
/// Where it cannot be built, with what the build says.
pub fn module(name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built.entry(name.to_owned()).or_insert_with(|| build(name)).clone()
}

fn build(name: &str) -> PathBuf {
    let output = Command::new(repository().join("wasm-build.sh")).arg(name).output().expect("bash runs wasm-build.sh");
    assert!(output.status.success(), "wasm-build.sh {name} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let stem = Path::new(name).file_name().unwrap().to_str().unwrap();
    repository().join("dist").join(format!("{stem}.wasm"))
}

/// The Envoy of the tests.
///
/// # Panics
/// Where none can be had, with what was tried.
pub fn envoy_binary() -> Binary {
    Binary::find(&cache(), &mut |step| eprintln!("testkit: {step}")).unwrap_or_else(|error| panic!("{error}"))
}

/// An Envoy of this very version.
///
/// # Panics
/// Where it cannot be had, with what was tried.
pub fn envoy_of(version: &str) -> Binary {
    Binary::fetch(version, &cache(), &mut |step| eprintln!("testkit: {step}")).unwrap_or_else(|error| panic!("{error}"))
}

fn cache() -> PathBuf {
    repository().join("target").join("envoy")
}
