//! The budget before other filters: a router that serves a cheaper model, and answers from a cache.

use super::{block_on, body};
use crate::wire::Wire;
use serde_json::{Value, json};
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

fn identity() -> Value {
    json!({"header": {"trusted_header": true, "consumer": "x-consumer", "models": "x-models"}})
}

fn budget(policy: Value) -> Link {
    let config = json!({
        "attachment": "full",
        "identity": identity(),
        "prices": {"large": {"input": 10_000_000, "output": 10_000_000}, "small": {"input": 1_000_000, "output": 1_000_000}},
        "default_policy": "default",
        "policies": {"default": policy},
    });
    Link::filter("token_budget", config)
}

fn start(chain: Vec<Link>) -> Gateway {
    let listeners = vec![ListenerSpec { name: "all".into(), chain, ..ListenerSpec::default() }];
    let state = ["modelgate.usage", "modelgate.degrade", "modelgate.model"].map(str::to_owned).to_vec();
    Gateway::start(&GatewaySpec { listeners, concurrency: 2, state, ..GatewaySpec::default() })
}

/// A number of `modelgate.usage`.
fn used(line: &Value, name: &str) -> u64 {
    let usage = line["state modelgate.usage"].as_str().unwrap_or_default();
    let value = usage.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name} in {line}")).parse().unwrap()
}

/// Two calls to the dear model are let in; from then on the cheaper one serves, and is paid at its own price.
#[test]
fn a_spent_budget_is_served_by_the_cheaper_model() {
    let whole = |name: &str, version: &str| json!({"name": name, "versions": [{"name": version, "weight": 1_000_000}]});
    let limit = json!({"name": "best", "unit": "requests", "amount": 2, "models": ["large"],
        "window": {"calendar": {"unit": "month"}}, "when_spent": "degrade", "degrade_to": "small"});
    let router = json!({
        "attachment": "full",
        "identity": identity(),
        "default_policy": "default",
        "policies": {"default": {"models": [whole("large", "v1"), whole("small", "v7")]}},
    });
    let gateway = start(vec![budget(json!({"limits": [limit]})), Link::filter("model_router", router)]);
    let request = body("Hello", 5).replace("demo-small", "large");
    let statuses = block_on(async {
        let mut wire = Wire::open(gateway.addr("all")).await;
        let mut statuses = Vec::new();
        for (case, models) in [("1", "*"), ("2", "*"), ("3", "*"), ("4", "*,!small")] {
            let headers = format!("x-consumer: one\r\nx-models: {models}\r\nx-case: degrade-{case}\r\n");
            statuses.push(wire.chat(&headers, &request).await.status);
        }
        statuses
    });
    assert_eq!(statuses, [200, 200, 200, 403], "the caller of the last may not use the cheaper one");
    for (case, model, version, price) in [("1", "large", "v1", 10), ("2", "large", "v1", 10), ("3", "small", "v7", 1)] {
        let case = format!("degrade-{case}");
        let sent = gateway.upstream.received(&case).pop().unwrap();
        let in_body = serde_json::from_slice::<Value>(&sent.body).unwrap()["model"].clone();
        let in_header = sent.header("x-model-version").map(|value| String::from_utf8_lossy(value).into_owned());
        assert_eq!((in_body, in_header.as_deref()), (model.into(), Some(version)), "{case}");
        let line = gateway.access(&case);
        assert_eq!(line["state modelgate.model"], model);
        assert_eq!(used(&line, "cost"), (used(&line, "input") + used(&line, "output")) * price, "{line}");
    }
    assert!(gateway.upstream.received("degrade-4").is_empty());
    assert_eq!(gateway.vm_failures(), 0);
}

/// Answers from the cache tell 100 tokens, of a budget of 200.
#[test]
fn answers_from_the_cache_are_free_or_at_a_rate() {
    for (percent, tokens, wanted) in [
        (0, 0, vec![200; 6]),
        (50, 50, vec![200, 200, 200, 200, 429, 429]),
        (100, 100, vec![200, 200, 429, 429, 429, 429]),
    ] {
        let limits = json!([
            {"name": "requests", "unit": "requests", "amount": 10, "window": {"calendar": {"unit": "month"}}},
            {"name": "tokens", "unit": "tokens", "amount": 200, "window": {"calendar": {"unit": "month"}}},
        ]);
        let usage = json!({"usage": {"prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100}}).to_string();
        let gateway = start(vec![
            budget(json!({"limits": limits, "cache_hit_percent": percent})),
            // What a cache replays is JSON; the probe calls its answers text.
            Link::probe(json!({"attachment": "full", "response": {"set": {"content-type": "application/json"}}})),
            Link::probe(json!({"attachment": "full", "request": {"hit": usage}})),
        ]);
        let (statuses, left) = block_on(async {
            let mut wire = Wire::open(gateway.addr("all")).await;
            let (mut statuses, mut left) = (Vec::new(), Vec::new());
            for call in 0..6 {
                let headers = format!("x-consumer: one\r\nx-case: hit-{call}\r\n");
                let reply = wire.chat(&headers, &body("Hello", 5)).await;
                left.extend(
                    reply.header("x-ratelimit-remaining-requests").filter(|_| reply.status == 200).map(str::to_owned),
                );
                statuses.push(reply.status);
            }
            (statuses, left)
        });
        assert_eq!(statuses, wanted, "at {percent} percent");
        let counted: Vec<String> = (0..left.len()).map(|call| (9 - call).to_string()).collect();
        assert_eq!(left, counted, "each is a request");
        let line = gateway.access("hit-0");
        assert_eq!(line["details"], "modelgate_cache_hit");
        assert_eq!(used(&line, "input") + used(&line, "output"), tokens, "{line}");
        assert_eq!(gateway.vm_failures(), 0);
    }
}
