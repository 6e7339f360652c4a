//! The real `openai` and `anthropic` Python clients, through a real Envoy with this filter in each profile: every parameter of
//! theirs passes, and what is wrong is raised as their BadRequestError with a message to read.
//!
//! The clients are fetched into a virtual environment in `target/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// The Python of an environment with both clients.
fn python() -> PathBuf {
    let venv = testkit::repository().join("target").join("clients").join("venv");
    let python = venv.join("bin").join("python");
    let has_both = |python: &PathBuf| {
        Command::new(python)
            .args(["-c", "import openai, anthropic"])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !has_both(&python) {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        // A newer client may know a parameter that the schemas do not know yet: that is no fault of a change here.
        let clients = ["openai==3.57.0", "anthropic==2.14.0"];
        run(Command::new(venv.join("bin").join("pip")).args(["install", "--quiet"]).args(clients));
    }
    python
}

fn run(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let output = command.output().unwrap_or_else(|error| panic!("{shown} does not start: {error}"));
    assert!(
        output.status.success(),
        "{shown} failed (a Python package index must be in reach once):\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn real_clients_pass_and_are_told_what_is_wrong() {
    let python = python();
    let profiles = ["compatible", "strict"];
    let listeners = profiles.map(|profile| {
        let policies = json!({"p": {"profile": profile}});
        let config = json!({"attachment": "full", "policies": policies, "default_policy": "p"});
        let chain = vec![Link::filter("schema_validator", config)];
        ListenerSpec { name: profile.into(), chain, ..ListenerSpec::default() }
    });
    let gateway = Gateway::start(&GatewaySpec { listeners: listeners.into(), ..GatewaySpec::default() });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients.py");
    for profile in profiles {
        let out = run(Command::new(&python).arg(script).arg(format!("http://{}", gateway.addr(profile))));
        let out: Value = serde_json::from_str(&out).unwrap();
        println!("{profile}: {}", out["sent"]);
        let refused = out["refused"].as_array().unwrap();
        let shown: Vec<String> = refused.iter().take(60).map(ToString::to_string).collect();
        assert!(refused.is_empty(), "{profile}: {} wrong:\n{}", refused.len(), shown.join("\n"));
        assert_eq!(out["raised"].as_array().unwrap().len(), 6);
    }
    assert_eq!(gateway.vm_failures(), 0);
}
