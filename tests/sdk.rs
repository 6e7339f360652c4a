//! The real `openai` and `anthropic` clients through a real Envoy with the router: plain, streaming, and errors that become
//! the clients' own exceptions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "sdk/python.rs"]
mod python;

use python::{python, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec, repository};

#[test]
fn the_real_clients() {
    let router = json!({
        "attachment": "full",
        "default_policy": "all",
        "policies": {"all": {"models": [{"name": "demo-small", "versions": [{"name": "v1", "weight": 1_000_000}]}]}},
    });
    let listeners = vec![ListenerSpec {
        name: "all".into(),
        chain: vec![Link::filter("model_router", router)],
        ..ListenerSpec::default()
    }];
    let gateway = Gateway::start(&GatewaySpec { listeners, ..GatewaySpec::default() });
    let script = repository().join("tests/sdk/clients.py");
    let said = run(Command::new(python()).arg(script).arg(gateway.addr("all").to_string()));
    let checks: BTreeMap<String, Value> = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["check"].as_str().unwrap().to_owned(), line))
        .collect();

    let echo = "What is a gateway? ✓";
    for check in ["openai plain", "openai stream", "anthropic plain", "anthropic stream"] {
        assert!(checks[check]["text"].as_str().unwrap().contains(echo), "{check}: {}", checks[check]);
    }
    assert_eq!(checks["openai plain"]["version"], "v1");
    assert!(checks["openai stream"]["chunks"].as_u64().unwrap() > 3 && checks["openai stream"]["usage"] == true);
    let unknown = &checks["openai unknown model"];
    assert_eq!(
        (&unknown["error"], &unknown["status"], &unknown["code"]),
        (&json!("NotFoundError"), &json!(404), &json!("model_not_found"))
    );
    assert!(unknown["message"].as_str().unwrap().contains("GET /v1/models"), "the message says what to do: {unknown}");
    assert!(!checks["openai empty model"]["error"].is_null(), "{}", checks["openai empty model"]);
    assert_eq!(checks["openai models"]["ids"], json!(["demo-small"]));
    let unknown = &checks["anthropic unknown model"];
    assert_eq!(
        (&unknown["error"], &unknown["status"], &unknown["type"]),
        (&json!("NotFoundError"), &json!(404), &json!("not_found_error"))
    );
    assert_eq!(gateway.vm_failures(), 0);
}

/// A spent budget becomes the clients' own exception, and their retries wait as they are told.
#[test]
fn a_spent_budget() {
    let budget = json!({
        "attachment": "full",
        "identity": {"header": {"trusted_header": true, "consumer": "x-consumer"}},
        "default_policy": "all",
        "policies": {"all": {"limits": [
            {"name": "requests", "unit": "requests", "amount": 1, "window": {"token_bucket": {"period_secs": 4}}},
            {"name": "tokens", "unit": "tokens", "amount": 100_000, "window": {"calendar": {"unit": "month"}}},
        ]}},
    });
    let chain = vec![Link::filter("token_budget", budget)];
    let listeners = vec![ListenerSpec { name: "all".into(), chain, ..ListenerSpec::default() }];
    let gateway = Gateway::start(&GatewaySpec { listeners, ..GatewaySpec::default() });
    let script = repository().join("tests/sdk/budget.py");
    let said = run(Command::new(python()).arg(script).arg(gateway.addr("all").to_string()));
    let checks: BTreeMap<String, Value> = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["check"].as_str().unwrap().to_owned(), line))
        .collect();

    assert_eq!(checks["first"]["error"], Value::Null);
    let refused = &checks["refused"];
    assert_eq!((&refused["error"], &refused["code"]), (&json!("RateLimitError"), &json!("rate_limit_exceeded")));
    let after: f64 = refused["after"].as_str().unwrap().parse().unwrap();
    let patient = &checks["patient"];
    assert_eq!(patient["error"], Value::Null, "{patient}");
    // Without the header the clients try again after half a second, and again.
    let waited = patient["seconds"].as_f64().unwrap();
    assert!((after - 1.5..after + 2.0).contains(&waited), "{waited} s where {after} s were asked for");
    let large = &checks["too large"];
    assert_eq!((&large["error"], &large["code"]), (&json!("RateLimitError"), &json!("request_exceeds_limit")));
    assert!(large["seconds"].as_f64().unwrap() < 1.0, "no retry is of use: {large}");
    assert_eq!(checks["anthropic"]["error"], "RateLimitError");
    assert_eq!(checks["anthropic"]["type"], "rate_limit_error");
}
