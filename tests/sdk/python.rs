//! A Python with the real clients, made once and kept under `target/`.

use std::path::PathBuf;
use std::process::Command;
use testkit::repository;

/// Its interpreter.
pub fn python() -> PathBuf {
    let wanted = std::fs::read_to_string(repository().join("tests/sdk/requirements.txt")).unwrap();
    let folder = repository().join("target/sdk-venv");
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed.txt"));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(repository().join("tests/sdk/requirements.txt")));
    std::fs::write(stamp, wanted).unwrap();
    python
}

/// What a command says. It has to succeed.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
