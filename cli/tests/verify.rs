//! `modelgate verify` as an operator runs it: lines in, as many lines out.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write;
use std::process::{Command, Stdio};

/// The lines that come out, and whether the command says that all were questions.
fn say(arguments: &[&str], input: &[u8]) -> (Vec<String>, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
    let mut child = command.arg("verify").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect(), output.status.success())
}

#[test]
fn a_line_that_is_no_question_keeps_no_other_from_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("auth.yaml");
    std::fs::write(&config, "{policies: {default: {}}, default_policy: default}").unwrap();
    let arguments = ["--config", config.to_str().unwrap()];
    let question = b"{\"headers\": {}, \"now\": 1}\n";
    let (lines, good) = say(&arguments, &[question, b"\n{\"headers\": \"\xff\"}\n".as_slice(), question].concat());
    assert!(!good);
    let refused = r#"{"code":"missing_credentials","consumer":null,"status":401,"www_authenticate":"Bearer realm=\"modelgate\""}"#;
    let [first, second, third] = lines.as_slice() else { unreachable!("{lines:?}") };
    assert_eq!([first, third], [refused, refused]);
    assert!(second.starts_with(r#"{"error":"line 3: not a line of JSON with the expected members: "#), "{second}");
    assert_eq!(say(&arguments, question), (vec![refused.to_owned()], true));
}

#[test]
fn what_is_no_compact_serialization_is_not_valid() {
    let (lines, good) =
        say(&["--jws"], br#"{"jws": {"payload": "e30", "signatures": []}, "jwk": {}, "comment": "RFC 7515"}"#);
    assert_eq!((lines.as_slice(), good), (&[r#"{"valid":false}"#.to_owned()][..], true));
}
