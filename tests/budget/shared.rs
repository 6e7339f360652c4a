//! Several gateways, and one service that keeps their budgets.

use super::{all_at_once, body, service_of, service_with};
use serde_json::{Value, json};
use std::net::SocketAddr;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// A gateway with this limit, whose service is at an address.
fn gateway(service: SocketAddr, limit: &Value) -> Gateway {
    let config = json!({
        "attachment": "full",
        "identity": {"header": {"trusted_header": true, "consumer": "x-consumer"}},
        "shared": {"cluster": "budgets", "timeout_ms": 5000},
        "default_policy": "default",
        "policies": {"default": {"limits": [limit]}},
    });
    let chain = vec![Link::filter("token_budget", config)];
    let listeners = vec![ListenerSpec { name: "all".into(), chain, ..ListenerSpec::default() }];
    let services = vec![("budgets".to_owned(), service)];
    Gateway::start(&GatewaySpec { listeners, services, concurrency: 2, ..GatewaySpec::default() })
}

fn limit(store: &str, failure_mode: &str) -> Value {
    json!({"name": "output", "unit": "output", "amount": 1000, "window": {"calendar": {"unit": "month"}},
           "store": store, "failure_mode": failure_mode, "lease_amount": 60, "lease_secs": 3})
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// So many calls of 20 tokens at once, over all gateways; how many of them were let in.
async fn admitted(gateways: &[Gateway], calls: usize, headers: &str) -> usize {
    let call = (format!("x-consumer: one\r\n{headers}"), body("Hello", 20));
    let all = gateways.iter().map(|gateway| all_at_once(gateway.addr("all"), vec![call.clone(); calls]));
    let mut tasks = tokio::task::JoinSet::new();
    for statuses in all {
        tasks.spawn(statuses);
    }
    let statuses: Vec<u16> = tasks.join_all().await.concat();
    assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
    statuses.iter().filter(|status| **status == 200).count()
}

#[test]
fn three_gateways_share_one_budget() {
    let runtime = runtime();
    let service = runtime.block_on(service_of());
    let address = service.addresses().listen.unwrap();
    let gateways = [(); 3].map(|()| gateway(address, &limit("shared", "deny")));
    // All are open at once, so all that is reserved is held.
    let admitted = runtime.block_on(admitted(&gateways, 70, "x-demo-delay-ms: 3000\r\n"));
    assert_eq!(admitted, 50, "exactly");
}

#[test]
fn three_gateways_lease_one_budget() {
    let runtime = runtime();
    let service = runtime.block_on(service_of());
    let address = service.addresses().listen.unwrap();
    let gateways = [(); 3].map(|()| gateway(address, &limit("leased", "deny")));
    let admitted = runtime.block_on(admitted(&gateways, 70, "x-demo-delay-ms: 3000\r\n"));
    // Never more; less by what a gateway leased and could not use: under one lease for each.
    assert!((50 - 3 * 3..=50).contains(&admitted), "{admitted}");
}

/// Two instances of the service on one Redis, and three gateways that ask one or the other.
#[test]
fn two_instances_on_one_redis_keep_one_budget() {
    let binary = redis_server::Binary::for_tests().unwrap_or_else(|error| panic!("{error}"));
    let runtime = runtime();
    for (store, least) in [("shared", 50), ("leased", 50 - 3 * 3)] {
        let redis = redis_server::Redis::start(&binary).unwrap_or_else(|error| panic!("{error}"));
        let kept = format!("{{redis: {{url: '{}', timeout_ms: 4000}}}}", redis.url());
        let services = [(); 2].map(|()| runtime.block_on(service_with(&kept)));
        let [one, two] = services.each_ref().map(|service| service.addresses().listen.unwrap());
        let gateways = [one, two, one].map(|address| gateway(address, &limit(store, "deny")));
        let admitted = runtime.block_on(admitted(&gateways, 70, "x-demo-delay-ms: 4000\r\n"));
        // Never more; with leases less by what a gateway holds and cannot use, under one lease for each.
        assert!((least..=50).contains(&admitted), "{store}: {admitted}");
    }
}

#[test]
fn without_the_service_each_mode_does_what_it_says() {
    // Nobody listens there.
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (store, mode, wanted) in
        [("shared", "allow", 200), ("shared", "deny", 503), ("leased", "allow", 200), ("leased", "deny", 503)]
    {
        let gateway = gateway(nowhere, &limit(store, mode));
        let call = ("x-consumer: one\r\n".to_owned(), body("Hello", 20));
        let statuses = runtime().block_on(all_at_once(gateway.addr("all"), vec![call; 80]));
        assert!(statuses.iter().all(|status| *status == wanted), "{store} {mode}: {statuses:?}");
    }
    for store in ["shared", "leased"] {
        let gateway = gateway(nowhere, &limit(store, "local"));
        let admitted = runtime().block_on(admitted(&[gateway], 80, "x-demo-delay-ms: 3000\r\n"));
        assert_eq!(admitted, 50, "{store}: the whole limit in this Envoy");
    }
}
