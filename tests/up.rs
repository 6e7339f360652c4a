//! The command that the README begins with, as an operator runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;
use std::process::{Command, Output};

/// Runs `modelgate` in a folder deep inside the repository.
fn modelgate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_modelgate-under-test"))
        .args(arguments)
        .current_dir(testkit::repository().join("crates/plugin/src"))
        .env_remove("OPENAI_API_KEY")
        .output()
        .expect("cargo runs")
}

fn fails_with(arguments: &[&str], words: &[&str]) {
    let output = modelgate(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?}");
    for word in words {
        assert!(said.contains(word), "{arguments:?} should say `{word}`:\n{said}");
    }
}

#[test]
fn a_round_through_the_demo_is_as_expected() {
    let output = modelgate(&["up", "--demo", "--once", "--listen", "127.0.0.1:0"]);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("plain chat") && out.contains("streaming chat"), "{out}");
    for did in ["pii_guard: restore CREDIT_CARD, EMAIL_ADDRESS", "auth: refused", "token_budget: refused"] {
        assert!(out.contains(did), "{did}: {out}");
    }
    let again = out.lines().find(|line| line.starts_with("asked again, as a stream"));
    assert!(again.is_some_and(|line| line.contains("semantic_cache: hit, exact") && line.ends_with("ok")), "{out}");
}

#[test]
fn mistakes_are_named() {
    fails_with(&["up"], &["--demo", "--upstream"]);
    fails_with(&["up", "--demo", "--upstream", "http://127.0.0.1:1"], &["exclude"]);
    fails_with(&["up", "--upstream", "127.0.0.1:1"], &["no http:// or https:// URL"]);
    fails_with(&["up", "--upstream", "a=http://h", "--upstream", "a=http://i"], &["two upstreams are named `a`"]);
    fails_with(&["up", "--upstream", "http://h", "--once"], &["--model"]);
    fails_with(
        &["up", "--upstream", "http://127.0.0.1:1", "--listen", "127.0.0.1:0"],
        &["cannot be reached", "--no-check"],
    );
    fails_with(
        &["up", "--demo", "--listen", "127.0.0.1:0", "--dist", "/nowhere"],
        &["model_router.wasm", "wasm-build.sh"],
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    fails_with(&["up", "--demo", "--listen", &taken.local_addr().unwrap().to_string()], &["is taken", "--listen"]);
}
