//! Configurations that change under load: `auth` with its keys rotated and `token_budget` with a limit changed, beside one that
//! stays as it is.

use super::wire::Wire;
use super::{block_on, body};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::{Delivery, Dynamic, GatewaySpec, Link, ListenerSpec};

/// How many calls each caller has, whatever else changes.
const CALLS: u64 = 40;

/// A chain of both filters. `old` and `new`: whether the key of that name is taken. `amount`: of the limit that changes.
fn spec(old: bool, new: bool, amount: u64) -> GatewaySpec {
    let key = |name: &str| {
        let digits: String = hmac_sha256::Hash::hash(format!("key-{name}").as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        json!({"digests": [format!("sha256:{digits}")], "consumer": name})
    };
    let rotated = [("old", old), ("new", new)].into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| key(name));
    let keys: Vec<Value> = (0..8).map(|at| key(&format!("c{at}"))).chain(rotated).collect();
    let auth = json!({"attachment": "full", "api_keys": {"keys": keys}, "policies": {"default": {}}, "default_policy": "default"});
    let month = json!({"calendar": {"unit": "month"}});
    let budget = json!({
        "attachment": "full",
        "default_policy": "default",
        "policies": {"default": {"limits": [
            {"name": "calls", "unit": "requests", "amount": CALLS, "window": month},
            {"name": "wide", "unit": "tokens", "amount": amount, "window": month},
            {"name": "at_once", "unit": "in_flight", "amount": 1000},
        ]}},
    });
    let chain = vec![Link::filter("auth", auth), Link::refresh(), Link::filter("token_budget", budget)];
    let listeners = vec![ListenerSpec { name: "all".into(), chain, ..ListenerSpec::default() }];
    GatewaySpec { listeners, concurrency: 2, ..GatewaySpec::default() }
}

/// The status of one call on a connection of its own, so that it meets the listener as it is now.
async fn call(dynamic: &Dynamic, name: &str) -> u16 {
    let mut wire = Wire::open(dynamic.gateway.addr("all")).await;
    wire.chat(&format!("x-api-key: key-{name}\r\n"), &body("Hello", 5)).await.status
}

#[test]
fn nobody_is_wrongly_refused_or_let_in_and_budgets_stay() {
    let dynamic = Arc::new(Dynamic::start(&spec(true, false, 1_000_000)));
    block_on(async {
        let ends = Instant::now() + Duration::from_secs(8);
        let mut callers = tokio::task::JoinSet::new();
        for name in (0..8).map(|at| format!("c{at}")).chain(["nobody".to_owned()]) {
            let dynamic = dynamic.clone();
            callers.spawn(async move {
                let mut seen = BTreeMap::<u16, u64>::new();
                while Instant::now() < ends {
                    *seen.entry(call(&dynamic, &name).await).or_default() += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                (name, seen)
            });
        }
        let mut rounds = 0;
        while Instant::now() < ends {
            tokio::time::sleep(Duration::from_millis(600)).await;
            dynamic.update(&spec(rounds % 3 != 1, rounds % 3 != 0, 1_000_000 + rounds));
            rounds += 1;
        }
        for (name, seen) in callers.join_all().await {
            if name == "nobody" {
                assert!(seen.keys().eq([&401]), "{seen:?}");
                continue;
            }
            let others = seen.keys().filter(|status| ![200, 429].contains(*status)).count();
            assert_eq!((seen[&200], others), (CALLS, 0), "{name} after {rounds} updates: {seen:?}");
        }

        // A key that was taken out opens nothing as soon as the new listener is there, and one that was put in does.
        dynamic.update(&spec(true, false, 9));
        until(&dynamic, "old", &[200, 429]).await;
        dynamic.update(&spec(false, true, 9));
        until(&dynamic, "new", &[200, 429]).await;
        assert_eq!(call(&dynamic, "old").await, 401);
        // And what a caller has spent is spent, whichever amount the other limit has now.
        assert_eq!(call(&dynamic, "c0").await, 429);
    });
    assert_eq!(dynamic.gateway.vm_failures(), 0, "{}", dynamic.gateway.log());
    assert_eq!(dynamic.gateway.count("lds.update_rejected"), 0);
}

#[test]
fn a_key_that_was_taken_out_on_a_connection_that_is_kept() {
    for by in [Delivery::Listener, Delivery::Filter] {
        let dynamic = Dynamic::start_by(by, &spec(true, false, 1_000_000));
        block_on(async {
            let mut kept = Wire::open(dynamic.gateway.addr("all")).await;
            let key = "x-api-key: key-old\r\n";
            assert_eq!(kept.chat(key, &body("Hello", 5)).await.status, 200, "{by:?}");
            dynamic.update(&spec(false, true, 1_000_000));
            until(&dynamic, "new", &[200]).await;
            until(&dynamic, "old", &[401]).await;
            // A listener that was replaced serves the connections that it has until they are drained.
            let expected = if by == Delivery::Listener { 200 } else { 401 };
            assert_eq!(kept.chat(key, &body("Hello", 5)).await.status, expected, "{by:?}");
        });
        assert_eq!(dynamic.gateway.vm_failures(), 0, "{by:?}: {}", dynamic.gateway.log());
    }
}

/// Calls until an answer is one of these.
async fn until(dynamic: &Dynamic, name: &str, statuses: &[u16]) {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let status = call(dynamic, name).await;
        if statuses.contains(&status) {
            return;
        }
        assert!(Instant::now() < deadline, "{name}: {status}\n{}", dynamic.gateway.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
