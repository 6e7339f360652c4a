//! Clients and upstreams that go away in each phase of a call, through all six filters: nothing stays behind.

use super::{all_at_once, block_on, body};
use crate::wire::Wire;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// How many are there at once, which is also how many may be.
const AT_ONCE: usize = 80;

/// The ways to leave.
const PHASES: usize = 8;

/// A gateway of all filters, each of which holds something of a call.
fn gateway(service: SocketAddr) -> Gateway {
    let filter = |module: &str, mut config: serde_json::Value| {
        config["attachment"] = "full".into();
        config["default_policy"] = "default".into();
        Link::filter(module, config)
    };
    let flying = |name: &str, store: &str| json!({"name": name, "unit": "in_flight", "amount": AT_ONCE, "store": store, "failure_mode": "deny"});
    let model = json!({"name": "demo-small", "versions": [{"name": "v1", "weight": 1_000_000}]});
    let chain = vec![
        filter(
            "auth",
            json!({"policies": {"default": {"anonymous": {"consumer": "one", "tenant": "acme"}, "models": ["demo-*"]}}}),
        ),
        filter("schema_validator", json!({"policies": {"default": {"answers": "report"}}})),
        filter(
            "pii_guard",
            json!({"policies": {"default": {
            "request": [{"entities": ["*"], "action": "restore"}], "response": [{"entities": ["cards"], "action": "redact"}]}}}),
        ),
        filter(
            "token_budget",
            json!({"shared": {"cluster": "service", "timeout_ms": 5000},
            "policies": {"default": {"limits": [flying("here", "local"), flying("there", "shared")]}}}),
        ),
        filter("model_router", json!({"policies": {"default": {"models": [model]}}})),
        filter(
            "semantic_cache",
            json!({"service": {"cluster": "service"}, "policies": {"default": {"coalesce_wait_ms": 300}}}),
        ),
    ];
    let listeners = vec![ListenerSpec { name: "all".into(), chain, ..ListenerSpec::default() }];
    let services = vec![("service".into(), service)];
    Gateway::start(&GatewaySpec { listeners, services, concurrency: 2, ..GatewaySpec::default() })
}

/// One client.
async fn leave(address: SocketAddr, number: usize) {
    let wire = Wire::open(address).await;
    // Some ask alike, and wait for each other.
    let content = format!("{} and a card, 4111 1111 1111 1111", "some words ".repeat(number % 11 * 20));
    let mut request: serde_json::Value = serde_json::from_str(&body(&content, 200)).unwrap();
    request["stream"] = (!number.is_multiple_of(3)).into();
    let request = request.to_string();
    let headers = |more: &str| format!("x-demo-chunk-delay-ms: 3\r\n{more}");
    match number % PHASES {
        0 => wire.begin_and_leave(&headers(""), &request, 1 + number % 90).await,
        1 => wire.begin_and_leave(&headers(""), &request, 200 + number % 100).await,
        2 => wire.begin_and_leave(&headers(""), &request, usize::MAX).await,
        3 => {
            let headers = headers("x-demo-delay-ms: 400\r\n");
            let waiting = wire.chat_and_leave(&headers, &request, usize::MAX);
            let _ = tokio::time::timeout(Duration::from_millis(number as u64 % 20 * 15), waiting).await;
        }
        4 => drop(wire.chat_and_leave(&headers(""), &request, 1).await),
        5 => drop(wire.chat_and_leave(&headers(""), &request, number * 397 % 3000).await),
        6 => drop(wire.chat_and_leave(&headers("x-demo-abort: 300\r\n"), &request, usize::MAX).await),
        _ => drop(wire.chat_and_leave(&headers(""), "{", number % 2).await),
    }
}

#[test]
fn who_leaves_in_any_phase_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = format!(
        "listen: 127.0.0.1:0\nbudget: {{store: {{memory: {{}}}}}}\ncache: {{store: {{embedded: {{folder: {}}}}}}}\n",
        folder.path().display()
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = modelgate_cache::server::Config::parse(&yaml, []).unwrap();
    let service = runtime.block_on(modelgate_cache::server::start(config)).unwrap();
    let mut gateway = gateway(service.addresses().listen.unwrap());
    let address = gateway.addr("all");
    let gone = |gateway: &Gateway| {
        let active = |part: &str| gateway.envoy.stats(part).values().sum::<u64>();
        gateway.wait(|| (active("http.all.downstream_rq_active") == 0).then_some(()), "the end of all requests");
        gateway.wait(|| (active("cluster.upstream.upstream_rq_active") == 0).then_some(()), "the end of all calls");
    };
    for wave in 0..8 {
        block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            for at in 0..AT_ONCE {
                // Who is not cut off leaves by itself.
                tasks.spawn(tokio::time::timeout(Duration::from_millis(700), leave(address, wave * AT_ONCE + at)));
            }
            tasks.join_all().await;
        });
        gone(&gateway);
    }
    // As many as there may be: none is held back by one that is gone.
    let calls = (0..AT_ONCE).map(|at| ("x-demo-delay-ms: 1000\r\n".to_owned(), body(&format!("call {at}"), 5)));
    let statuses = block_on(all_at_once(address, calls.collect()));
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert!(gateway.envoy.is_alive(), "{}", gateway.log());
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
    assert_eq!(gateway.count("outcome=.=busy"), 0);
    drop(gateway);
    runtime.block_on(service.end()).unwrap();
}
