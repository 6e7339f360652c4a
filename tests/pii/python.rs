//! A Python with the packages that these tests need, made once and kept under `target/`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use testkit::repository;

/// Its interpreter.
pub fn python() -> &'static PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let requirements = repository().join("tests/pii/requirements.txt");
        let wanted = std::fs::read_to_string(&requirements).unwrap();
        let folder = repository().join("target/pii-venv");
        let (python, stamp) = (folder.join("bin/python"), folder.join("installed.txt"));
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return python;
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        run(Command::new(&python).args(pip).arg(requirements));
        std::fs::write(stamp, wanted).unwrap();
        python
    })
}

/// What a command says. It has to succeed.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
