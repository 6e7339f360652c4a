//! The service is killed in mid-load and started again: what each `failure_mode` lets in meanwhile, and that nothing is forgotten.

use super::{block_on, body};
use crate::wire::Wire;
use serde_json::json;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// Callers at once.
const CALLERS: usize = 8;

/// Where the child of these tests finds its configuration.
const CONFIG: &str = "MODELGATE_TESTS_SERVICE";

/// No test of its own: the service in a process that can be killed, where [`Service::start`] runs this binary again.
#[test]
fn service_as_a_child() {
    let Ok(yaml) = std::env::var(CONFIG) else { return };
    let config = modelgate_cache::server::Config::parse(&yaml, []).unwrap();
    block_on(modelgate_cache::server::run(config, std::future::pending(), |_: &_| {})).unwrap();
}

/// A service in a process of its own, with its budgets on disk.
struct Service {
    child: Child,
}

impl Service {
    fn start(folder: &Path, address: SocketAddr) -> Self {
        let path = folder.join("budget.redb");
        let yaml = json!({"serve": ["budget"], "listen": address, "budget": {"store": {"embedded": {"path": path}}}});
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::service_as_a_child", "--nocapture"])
            .env(CONFIG, yaml.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut service = Self { child };
        while TcpStream::connect(address).is_err() {
            assert!(service.child.try_wait().unwrap().is_none(), "the service ended");
            std::thread::sleep(Duration::from_millis(5));
        }
        service
    }
}

impl Drop for Service {
    /// SIGKILL.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How the service is while a call begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before = 0,
    /// It is being killed, or started.
    Between = 1,
    Away = 2,
    Back = 3,
    Over = 4,
}

/// What became of the calls.
#[derive(Debug, Default)]
struct Seen {
    /// Each call: the stages in which it began and ended, and its status.
    calls: Vec<(u8, u8, u16)>,
    /// What is left of the budget of requests, when all is over.
    remaining: u64,
}

impl Seen {
    /// How many calls had this status, of those that were wholly in a stage.
    fn count(&self, stage: Stage, status: u16) -> usize {
        self.calls.iter().filter(|call| **call == (stage as u8, stage as u8, status)).count()
    }

    /// How many calls had this status.
    fn all(&self, status: u16) -> usize {
        self.calls.iter().filter(|(.., seen)| *seen == status).count()
    }
}

/// Calls without a pause, while the service is killed and started again.
fn load(failure_mode: &str, amount: u64) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut service = Some(Service::start(folder.path(), address));
    let limit = json!({"name": "requests", "unit": "requests", "amount": amount, "window": {"calendar": {"unit": "month"}},
                       "store": "shared", "failure_mode": failure_mode});
    let config = json!({
        "attachment": "full",
        "identity": {"header": {"trusted_header": true, "consumer": "x-consumer"}},
        "shared": {"cluster": "budgets", "timeout_ms": 2000},
        "default_policy": "default",
        "policies": {"default": {"limits": [limit]}},
    });
    let chain = vec![Link::filter("token_budget", config)];
    let listeners = vec![ListenerSpec { name: "all".into(), chain, ..ListenerSpec::default() }];
    let services = vec![("budgets".to_owned(), address)];
    let gateway = Gateway::start(&GatewaySpec { listeners, services, concurrency: 2, ..GatewaySpec::default() });
    let stage = Arc::new(AtomicU8::new(Stage::Before as u8));
    let seen = block_on(async {
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..CALLERS {
            let (address, stage) = (gateway.addr("all"), stage.clone());
            callers.spawn(async move {
                let (mut wire, mut calls) = (Wire::open(address).await, Vec::new());
                let now = || stage.load(Ordering::SeqCst);
                while now() != Stage::Over as u8 {
                    let began = now();
                    let status =
                        wire.chat("x-consumer: one\r\nx-demo-delay-ms: 20\r\n", &body("Hello", 5)).await.status;
                    calls.push((began, now(), status));
                }
                calls
            });
        }
        let go = async |next: Stage, millis| {
            stage.store(next as u8, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(millis)).await;
        };
        go(Stage::Before, 400).await;
        go(Stage::Between, 0).await;
        drop(service.take());
        go(Stage::Away, 1500).await;
        go(Stage::Between, 0).await;
        service = Some(Service::start(folder.path(), address));
        // Envoy connects again when it is asked to.
        go(Stage::Between, 500).await;
        go(Stage::Back, 500).await;
        go(Stage::Over, 0).await;
        let calls = callers.join_all().await.concat();
        let last = Wire::open(gateway.addr("all")).await.chat("x-consumer: one\r\n", &body("Hello", 5)).await;
        let remaining = last.header("x-ratelimit-remaining-requests").unwrap_or("0").parse().unwrap();
        Seen { calls, remaining }
    });
    assert_eq!(gateway.vm_failures(), 0);
    drop(service);
    seen
}

const PLENTY: u64 = 1_000_000;

#[test]
fn allow_loses_no_call() {
    let seen = load("allow", PLENTY);
    assert_eq!(seen.all(200), seen.calls.len(), "{seen:?}");
    assert!(seen.count(Stage::Before, 200) > 0 && seen.count(Stage::Away, 200) > 0 && seen.count(Stage::Back, 200) > 0);
    // What the service said yes to before it was killed is on its disk.
    let known = PLENTY - seen.remaining;
    assert!(known >= (seen.count(Stage::Before, 200) + seen.count(Stage::Back, 200)) as u64, "{known} of {seen:?}");
}

#[test]
fn deny_lets_none_in_and_nothing_is_forgotten() {
    let seen = load("deny", PLENTY);
    assert_eq!(seen.count(Stage::Away, 200), 0, "{seen:?}");
    assert!(seen.count(Stage::Away, 503) > 0);
    assert_eq!(seen.all(200) + seen.all(503), seen.calls.len());
    assert!(seen.count(Stage::Before, 200) > 0 && seen.count(Stage::Back, 200) > 0, "{seen:?}");
    // Each that was let in is known, and the last one; of those that were under way at the kill perhaps more.
    let (known, least) = (PLENTY - seen.remaining, seen.all(200) as u64 + 1);
    assert!((least..=least + CALLERS as u64).contains(&known), "{known}, at least {least}");
}

#[test]
fn local_stays_within_its_bound() {
    let amount = 200;
    let seen = load("local", amount);
    let away = seen.count(Stage::Away, 200);
    assert!(away > 0 && away <= amount as usize, "{away} while it is away");
    // The whole limit once in this Envoy, and once in the service, which has not forgotten what it gave before.
    assert!(seen.all(200) <= 2 * amount as usize, "{}", seen.all(200));
    assert_eq!(seen.all(200) + seen.all(429), seen.calls.len());
    assert!(seen.count(Stage::Before, 200) > 0);
}
