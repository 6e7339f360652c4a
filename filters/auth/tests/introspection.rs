//! What is remembered of an introspection service's answers, and for how long.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod course;

use course::{exchange, filter};
use plugin::Answer;
use serde_json::{Value, json};
use testkit::Memory;

const NOW: u64 = 1_790_000_000;

fn config(max_tokens: usize) -> Value {
    json!({
        "introspection": {"service": {"cluster": "idp", "timeout_ms": 100, "failure_mode": "deny"}, "host": "idp.test",
            "path": "/introspect", "client_id": "gw", "cache_secs": 60, "negative_cache_secs": 10},
        "cache": {"max_tokens": max_tokens},
        "policies": {"default": {}}, "default_policy": "default",
    })
}

/// Status and number of calls for a token so many seconds after [`NOW`].
fn ask(auth: &std::rc::Rc<auth::Auth>, token: &str, after: u64, said: &Value) -> (u16, usize) {
    let host = Memory { now: (NOW + after) * 1_000_000_000, ..Memory::default() };
    let answer = match said {
        Value::Null => Answer::Failed(None),
        said => Answer::Http { status: 200, body: said.to_string().into_bytes() },
    };
    let outcome = exchange(auth, host, &[("authorization", &format!("Bearer {token}"))], &answer);
    (outcome.status, outcome.calls)
}

#[test]
fn an_active_token_is_remembered_for_a_while() {
    let auth = filter(&config(100));
    let active = json!({"active": true, "sub": "alice"});
    assert_eq!(ask(&auth, "a", 0, &active), (200, 1));
    for after in [0, 30, 59] {
        assert_eq!(ask(&auth, "a", after, &json!({"active": false})), (200, 0), "{after} s later");
    }
    assert_eq!(ask(&auth, "b", 1, &active), (200, 1), "another token");
    assert_eq!(ask(&auth, "a", 60, &json!({"active": false})), (401, 1), "it is asked about again");
}

#[test]
fn never_beyond_its_expiry() {
    let auth = filter(&config(100));
    let active = json!({"active": true, "sub": "alice", "exp": NOW + 20});
    assert_eq!(ask(&auth, "a", 0, &active), (200, 1));
    assert_eq!(ask(&auth, "a", 19, &active), (200, 0));
    assert_eq!(ask(&auth, "a", 20, &active), (401, 1), "active, says the service of a token that is over");
}

#[test]
fn an_inactive_token_is_remembered_for_a_shorter_while() {
    let auth = filter(&config(100));
    assert_eq!(ask(&auth, "a", 0, &json!({"active": false})), (401, 1));
    assert_eq!(ask(&auth, "a", 9, &json!({"active": true, "sub": "alice"})), (401, 0));
    assert_eq!(ask(&auth, "a", 10, &json!({"active": true, "sub": "alice"})), (200, 1));
}

#[test]
fn an_outage_is_not_remembered() {
    let auth = filter(&config(100));
    for said in [json!(null), json!("sign in"), json!({"active": "true", "sub": "alice"}), json!([])] {
        assert_eq!(ask(&auth, "a", 0, &said), (503, 1), "{said}");
    }
    assert_eq!(ask(&auth, "a", 0, &json!({"active": true, "sub": "alice"})), (200, 1));
}

#[test]
fn the_memory_is_bounded_and_may_be_none() {
    let active = json!({"active": true, "sub": "alice"});
    let auth = filter(&config(10));
    for number in 0..1000 {
        assert_eq!(ask(&auth, &format!("t{number}"), 0, &active), (200, 1));
    }
    assert_eq!(ask(&auth, "t999", 0, &active), (200, 0), "the newest is remembered");
    assert_eq!(ask(&auth, "t0", 0, &active), (200, 1), "the oldest is not");
    let none = filter(&config(0));
    assert_eq!(ask(&none, "a", 0, &active), (200, 1));
    assert_eq!(ask(&none, "a", 0, &active), (200, 1));
}
