//! What the workers remember of an introspection service's answers, counted at the service.

use crate::callers;
use crate::key_server::{Answer, KeyServer, behind};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::Gateway;

fn call(gateway: &Gateway, token: &str, callers: usize) -> Vec<(u16, usize)> {
    callers::call(gateway.addr("main"), &[("authorization", &format!("Bearer {token}"))], callers)
}

fn says(document: &Value) -> Answer {
    Answer::Document(document.to_string())
}

#[test]
fn each_worker_asks_once_in_a_while() {
    let active = says(&json!({"active": true, "sub": "alice"}));
    let server = KeyServer::start(active.clone());
    let gateway = behind(
        server.address,
        &json!({
            "introspection": {"service": {"cluster": "keys", "timeout_ms": 2000, "failure_mode": "deny"},
                "host": "idp.test", "path": "/introspect", "client_id": "gateway", "cache_secs": 4, "negative_cache_secs": 2},
            "policies": {"default": {}}, "default_policy": "default",
        }),
    );
    // Both workers learn it.
    assert_eq!(call(&gateway, "a", 40), [(200, 40)], "{}", gateway.log());
    let asked = server.fetches();
    server.set(says(&json!({"active": false})));
    assert_eq!(call(&gateway, "a", 40), [(200, 40)], "an active token is remembered");
    assert!(server.fetches() <= asked + 1, "by each worker: {asked}, then {}", server.fetches());
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(call(&gateway, "a", 20), [(401, 20)], "but not for ever");

    server.set(active);
    let asked = server.fetches();
    assert_eq!(call(&gateway, "a", 20), [(401, 20)], "an inactive token is remembered");
    assert!(server.fetches() <= asked + 1, "by each worker");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(call(&gateway, "a", 20), [(200, 20)], "for a shorter while");

    for broken in
        [Answer::Status(500), Answer::Close, Answer::Redirect("/x".into()), says(&json!({})), Answer::Huge(100_000)]
    {
        server.set(broken);
        let token = format!("b{}", server.fetches());
        let asked = server.fetches();
        assert_eq!(call(&gateway, &token, 5), [(503, 5)], "{}", gateway.log());
        assert!(server.fetches() >= asked + 5, "an outage is not remembered");
    }
    assert_eq!(gateway.vm_failures(), 0);
}
