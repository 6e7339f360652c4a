//! Budgets through a real Envoy: many callers at once, callers that go away, and sums that are exact.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod chain;
mod killed;
mod leaving;
mod shared;
mod updates;
mod wire;

use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};
use wire::Wire;

/// A service whose budgets are in memory.
async fn service_of() -> modelgate_cache::server::Running {
    service_with("{memory: {}}").await
}

/// A service in this process with this store.
async fn service_with(store: &str) -> modelgate_cache::server::Running {
    let yaml = format!("serve: [budget]\nlisten: 127.0.0.1:0\nbudget: {{store: {store}}}\n");
    modelgate_cache::server::start(modelgate_cache::server::Config::parse(&yaml, []).unwrap()).await.unwrap()
}

/// A gateway of two workers with these limits.
fn gateway(policy: Value) -> Gateway {
    let config = json!({
        "attachment": "full",
        "identity": {"header": {"trusted_header": true, "consumer": "x-consumer"}},
        "estimate": {"output_tokens": 50},
        "default_policy": "default",
        "policies": {"default": policy},
    });
    let listeners = vec![ListenerSpec {
        name: "all".into(),
        chain: vec![Link::filter("token_budget", config)],
        ..ListenerSpec::default()
    }];
    let state = vec!["modelgate.usage".into()];
    Gateway::start(&GatewaySpec { listeners, concurrency: 2, state, ..GatewaySpec::default() })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

fn body(content: &str, max_tokens: u64) -> String {
    json!({"model": "demo-small", "max_tokens": max_tokens, "messages": [{"role": "user", "content": content}]})
        .to_string()
}

/// The statuses of calls that are sent all at once, each on its own connection.
async fn all_at_once(address: SocketAddr, calls: Vec<(String, String)>) -> Vec<u16> {
    let start = Arc::new(tokio::sync::Barrier::new(calls.len()));
    let mut tasks = tokio::task::JoinSet::new();
    for (headers, body) in calls {
        let start = start.clone();
        tasks.spawn(async move {
            let mut wire = Wire::open(address).await;
            start.wait().await;
            wire.chat(&headers, &body).await.status
        });
    }
    tasks.join_all().await
}

#[test]
fn two_hundred_callers_get_fifty_calls() {
    for (what, limit) in [
        ("requests", json!({"name": "l", "unit": "requests", "amount": 50, "window": {"calendar": {"unit": "month"}}})),
        // 20 tokens of output and the prompt are reserved for each; less is used.
        ("tokens", json!({"name": "l", "unit": "output", "amount": 1000, "window": {"calendar": {"unit": "month"}}})),
        ("in flight", json!({"name": "l", "unit": "in_flight", "amount": 50})),
    ] {
        let gateway = gateway(json!({"limits": [limit]}));
        let call = ("x-consumer: one\r\nx-demo-delay-ms: 3000\r\n".to_owned(), body("Hello", 20));
        let statuses = block_on(all_at_once(gateway.addr("all"), vec![call; 200]));
        let admitted = statuses.iter().filter(|status| **status == 200).count();
        assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{what}: {statuses:?}");
        assert_eq!(admitted, 50, "{what}");
        assert_eq!(gateway.vm_failures(), 0);
    }
}

#[test]
fn the_first_calls_of_a_thousand_callers_come_at_once() {
    let limit = json!({"name": "l", "unit": "requests", "amount": 1, "window": {"calendar": {"unit": "month"}}});
    let gateway = gateway(json!({"limits": [limit]}));
    // Two of each, next to each other; never more than one of them.
    let calls: Vec<_> = (0..1000)
        .flat_map(|n| [format!("x-consumer: c{n}\r\n"), format!("x-consumer: c{n}\r\n")])
        .map(|headers| (headers, body("Hello", 5)))
        .collect();
    let statuses = block_on(async {
        let mut statuses = Vec::new();
        for calls in calls.chunks(500) {
            statuses.extend(all_at_once(gateway.addr("all"), calls.to_vec()).await);
        }
        statuses
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1000);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 1000);
    let forgotten = gateway.envoy.stats("modelgate_budget_outcomes");
    assert!(forgotten.iter().all(|(name, _)| !name.contains("forgotten")), "{forgotten:?}");
}

/// The sum of a counter over all workers and labels.
fn settled(gateway: &Gateway, unit: &str) -> u64 {
    let stats = gateway.envoy.stats("modelgate_budget_settled");
    stats.iter().filter(|(name, _)| name.contains(&format!("unit=.={unit}"))).map(|(_, value)| value).sum()
}

/// So many calls, plain and streaming, of some callers; what is settled is what the upstream told, to the token.
fn sums_are_exact(calls: u64) {
    let limit = json!({"name": "tokens", "unit": "tokens", "amount": 1_000_000_000_000_u64, "window": {"calendar": {"unit": "month"}}});
    let gateway = Arc::new(gateway(json!({"limits": [limit]})));
    let (input, output, remaining) = block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for worker in 0..16_u64 {
            let address = gateway.addr("all");
            tasks.spawn(async move {
                let mut wire = Wire::open(address).await;
                let (mut input, mut output) = (0, 0);
                for call in 0..calls / 16 {
                    let words = "word ".repeat(((call * 7 + worker) % 40) as usize);
                    let stream = call % 4 == 0;
                    let mut request: Value = serde_json::from_str(&body(&words, 500)).unwrap();
                    if stream {
                        request["stream"] = true.into();
                        request["stream_options"] = json!({"include_usage": true});
                    }
                    let reply = wire.chat("x-consumer: sum\r\n", &request.to_string()).await;
                    assert_eq!(reply.status, 200);
                    let usage = usage(&reply.body, stream);
                    input += usage["prompt_tokens"].as_u64().unwrap();
                    output += usage["completion_tokens"].as_u64().unwrap();
                }
                (input, output)
            });
        }
        let sums = tasks.join_all().await;
        let mut wire = Wire::open(gateway.addr("all")).await;
        let last = wire.chat("x-consumer: sum\r\n", &body("", 1)).await;
        let usage = usage(&last.body, false);
        let remaining: u64 = last.header("x-ratelimit-remaining-tokens").unwrap().parse().unwrap();
        let add = |name: &str| usage[name].as_u64().unwrap();
        let input = sums.iter().map(|(input, _)| input).sum::<u64>();
        let output = sums.iter().map(|(_, output)| output).sum::<u64>();
        (input + add("prompt_tokens"), output + add("completion_tokens"), (remaining, input + output))
    });
    gateway.wait(|| (settled(&gateway, "output") >= output).then_some(()), "the last settlement");
    assert_eq!((settled(&gateway, "input"), settled(&gateway, "output")), (input, output));
    // The limit itself holds the same sum: what is left before the last call is that much less, but for its own estimate.
    let (remaining, before) = remaining;
    let estimate = 1_000_000_000_000 - before - remaining;
    assert!(estimate < 40, "{estimate}");
    assert_eq!(gateway.vm_failures(), 0);
}

/// The usage of a body or of the last event of a stream that has one.
fn usage(body: &[u8], stream: bool) -> Value {
    let text = std::str::from_utf8(body).unwrap();
    if !stream {
        return serde_json::from_str::<Value>(text).unwrap()["usage"].clone();
    }
    let events = text.lines().filter_map(|line| line.strip_prefix("data: {"));
    let mut usages = events.map(|event| serde_json::from_str::<Value>(&format!("{{{event}")).unwrap()["usage"].clone());
    usages.rfind(Value::is_object).unwrap()
}

#[test]
fn sums_are_exact_over_a_hundred_thousand_calls() {
    sums_are_exact(100_000);
}

#[test]
fn who_goes_away_pays_for_what_came() {
    let limits = json!([
        {"name": "flying", "unit": "in_flight", "amount": 20},
        {"name": "tokens", "unit": "tokens", "amount": 1_000_000_000, "window": {"calendar": {"unit": "month"}}},
    ]);
    let gateway = Arc::new(gateway(json!({"limits": limits})));
    let content = "some words that the demo says again ".repeat(20);
    let mut request: Value = serde_json::from_str(&body(&content, 100_000)).unwrap();
    request["stream"] = true.into();
    let request = request.to_string();
    let seen = block_on(async {
        let mut seen = Vec::new();
        for round in 0..6_usize {
            let mut tasks = tokio::task::JoinSet::new();
            for call in 0..20_usize {
                let (address, request) = (gateway.addr("all"), request.clone());
                let case = format!("gone-{round}-{call}");
                // Nothing, a part of the head, and anywhere in the stream.
                let bytes = (round * 20 + call) * 397 % 16_000;
                tasks.spawn(async move {
                    let wire = Wire::open(address).await;
                    let headers = format!("x-consumer: gone\r\nx-case: {case}\r\nx-demo-chunk-delay-ms: 3\r\n");
                    (case, wire.chat_and_leave(&headers, &request, bytes).await)
                });
            }
            seen.extend(tasks.join_all().await);
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        seen
    });
    let mut charged_calls = 0;
    for (case, bytes) in &seen {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.starts_with("HTTP/1.1 429"), "{case}: a reservation was left behind");
        let sent: usize =
            text.lines().filter_map(|line| line.strip_prefix("data: ")).filter_map(delta).map(|t| t.len()).sum();
        if text.is_empty() {
            continue;
        }
        let line = gateway.access(case);
        let usage = line["state modelgate.usage"].as_str().unwrap_or_default();
        let charged: usize = usage.split("output=").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        // The demo counts a token for four bytes.
        assert!(charged >= sent.div_ceil(4), "{case}: {sent} bytes came, {charged} tokens were charged");
        charged_calls += usize::from(sent > 0);
    }
    assert!(charged_calls > 50, "{charged_calls}");
    let call = ("x-consumer: gone\r\nx-demo-delay-ms: 1000\r\n".to_owned(), body("Hello", 5));
    let statuses = block_on(all_at_once(gateway.addr("all"), vec![call; 20]));
    assert!(statuses.iter().all(|status| *status == 200), "all 20 fly again: {statuses:?}");
}

#[test]
fn a_stream_ends_with_its_budget() {
    let limits = json!([{"name": "tight", "unit": "output", "amount": 400, "window": {"calendar": {"unit": "month"}}}]);
    let gateway = gateway(json!({"limits": limits, "cut_streams": true}));
    let mut request: Value = serde_json::from_str(&body("Hello", 1)).unwrap();
    request["stream"] = true.into();
    request.as_object_mut().unwrap().remove("max_tokens");
    // No bound is named, so 50 are reserved; the answer is longer than the budget.
    let answer = format!("x-consumer: a\r\nx-demo-chunk-delay-ms: 2\r\nx-demo-answer: {}\r\n", "word%20".repeat(800));
    let reply = block_on(async { Wire::open(gateway.addr("all")).await.chat(&answer, &request.to_string()).await });
    let text = String::from_utf8(reply.body).unwrap();
    assert!(!text.contains("[DONE]"));
    let last = text.trim_end().lines().last().unwrap();
    assert!(last.starts_with("data: {\"error\":") && last.contains("insufficient_quota"), "{last}");
    let events: Vec<&str> = text.lines().filter(|line| line.starts_with("data: ")).collect();
    assert!(events.iter().all(|event| serde_json::from_str::<Value>(&event[6..]).is_ok()), "whole events");
}

/// The text of an event.
fn delta(data: &str) -> Option<String> {
    let event: Value = serde_json::from_str(data).ok()?;
    event["choices"][0]["delta"]["content"].as_str().map(str::to_owned)
}
