//! `modelgate keys` as an operator runs it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::Command;

/// What `keys new` says with this pepper: its output, or its complaint.
fn new_with(pepper: &str) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
    let output = command.args(["keys", "new", "--pepper-env", "PEPPER"]).env("PEPPER", pepper).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn a_pepper_is_one_that_the_filter_takes() {
    assert!(new_with("sixteen bytes 16").unwrap().contains("hmac-sha256:"));
    for pepper in ["", "fifteen bytes 5"] {
        let said = new_with(pepper).unwrap_err();
        assert!(said.contains("the pepper in PEPPER is shorter than 16 bytes"), "{said}");
    }
}
