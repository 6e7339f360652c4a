//! A Python with the packages that a room of the tests needs, made once and kept under `target/`.

use crate::repository;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

/// One environment is made at a time: tests of one process share them.
static MAKING: Mutex<()> = Mutex::new(());

/// The interpreter with what `tests/<room>/requirements.txt` pins.
pub fn python(room: &str) -> PathBuf {
    let _making = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let requirements = repository().join("tests").join(room).join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).unwrap();
    let folder = repository().join(format!("target/{room}-venv"));
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed.txt"));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run(Command::new(&python).args(pip).arg(requirements));
    std::fs::write(stamp, wanted).unwrap();
    python
}

/// What a command says. It has to succeed.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
