//! One history, two stores: an embedded one, and two instances that take turns on a Redis. Every answer is the same.

use budget::{Expiry, Limit, Unit, Window, Zone};
use modelgate_cache::budget::call::{Call, Demand, Reserve, Settlement};
use modelgate_cache::budget::config::{RedisConfig, StoreConfig};
use modelgate_cache::budget::engine::{Clock, Engine};
use modelgate_cache::budget::ledger::Answer;
use modelgate_cache::budget::measures::Measures;
use modelgate_cache::budget::store::Store;
use modelgate_cache::server::config::Secret;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long histories are kept.
const IDLE: Duration = Duration::from_secs(35 * 86_400);

/// What happens next: after so many milliseconds, a call.
#[derive(Debug, Clone)]
enum Event {
    Reserve { id: u8, demands: Vec<(u8, u64, bool)>, expires_after_ms: u64, charge: bool, least: u64, force: bool },
    Settle { id: u8, spent: Vec<u64>, again: Vec<(u8, u64, bool)> },
    Set(u8, u64),
    Reset(u8),
    TopUp(u8, u64, u8),
}

fn limit(key: u8) -> Limit {
    let zone = Zone::new("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let (amount, window) = match key {
        0 => (1000, Window::TokenBucket { period_ms: 700, burst: 300 }),
        1 => (500, Window::Sliding { period_ms: 900 }),
        2 => (800, Window::Calendar { unit: Unit::Minute, zone }),
        3 => (0, Window::Balance { initial: 600 }),
        // Beyond what a Lua number holds exactly.
        4 => (u64::MAX / 3, Window::TokenBucket { period_ms: 86_400_007, burst: 0 }),
        _ => (20, Window::Concurrency),
    };
    Limit::new(amount, window).unwrap()
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..400_u64, 1 => Just(u64::MAX / 7 + 3), 1 => Just(u64::MAX)]
}

fn demands() -> impl Strategy<Value = Vec<(u8, u64, bool)>> {
    proptest::collection::btree_map(0..6_u8, (amount(), any::<bool>()), 1..4)
        .prop_map(|map| map.into_iter().map(|(key, (amount, at_once))| (key, amount, at_once)).collect())
}

fn event() -> impl Strategy<Value = Event> {
    let expires = prop_oneof![Just(40_u64), Just(100_000)];
    prop_oneof![
        6 => (0..12_u8, demands(), expires, any::<bool>(), 0..3_u64, proptest::bool::weighted(0.1)).prop_map(
            |(id, demands, expires_after_ms, charge, least, force)| {
                Event::Reserve { id, demands, expires_after_ms, charge, least: least * 20, force }
            }
        ),
        6 => (0..14_u8, proptest::collection::vec(amount(), 0..4), demands())
            .prop_map(|(id, spent, again)| Event::Settle { id, spent, again }),
        1 => (0..6_u8, 0..400_u64).prop_map(|(key, amount)| Event::Set(key, amount)),
        1 => (0..6_u8).prop_map(Event::Reset),
        1 => (0..6_u8, 0..400_u64, 0..3_u8).prop_map(|(key, amount, once)| Event::TopUp(key, amount, once)),
    ]
}

/// The calls of an event, in a history that shares no name with others.
fn call(history: u64, event: &Event) -> Call {
    let key = |key: u8| format!("{history}:{key}");
    let id = |id: u8| {
        let mut name = [id; 16];
        name[..8].copy_from_slice(&history.to_be_bytes());
        name
    };
    let demand = |(of, amount, at_once): &(u8, u64, bool)| Demand {
        key: key(*of),
        limit: limit(*of),
        amount: *amount,
        at_once: *at_once,
    };
    match event {
        Event::Reserve { id: name, demands, expires_after_ms, charge, least, force } => Call::Reserve(Reserve {
            id: id(*name),
            demands: demands.iter().map(demand).collect(),
            expires_after_ms: *expires_after_ms,
            expiry: if *charge { Expiry::Charge } else { Expiry::Refund },
            least: (*least > 0).then_some(*least),
            force: *force,
        }),
        Event::Settle { id: name, spent, again } => Call::Settle(vec![Settlement {
            id: id(*name),
            spent: spent.clone(),
            demands: again.iter().map(demand).collect(),
        }]),
        Event::Set(of, amount) => Call::Set(key(*of), *amount),
        Event::Reset(of) => Call::Reset(key(*of)),
        Event::TopUp(of, amount, 0) => Call::TopUp(key(*of), *amount, String::new()),
        Event::TopUp(of, amount, once) => Call::TopUp(key(*of), *amount, once.to_string()),
    }
}

fn engine(store: StoreConfig, clock: &Arc<AtomicU64>) -> Engine {
    let measures = Measures::new(&opentelemetry::global::meter("test"));
    Engine::start(move || Store::open(&store, IDLE), Clock::Fixed(Arc::clone(clock)), measures).unwrap().0
}

#[test]
fn one_history_on_two_stores_has_one_outcome() {
    let server = crate::support::redis();
    let redis = StoreConfig::Redis(RedisConfig {
        url: Secret::from(server.url()),
        prefix: "test".into(),
        timeout: Duration::from_secs(10),
    });
    let clock = Arc::new(AtomicU64::new(1_790_000_000_000));
    let embedded = engine(StoreConfig::Memory, &clock);
    let shared = [engine(redis.clone(), &clock), engine(redis, &clock)];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let histories = AtomicU64::new(0);
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let history = proptest::collection::vec((0..60_u64, event(), 0..2_usize), 1..60);
    runner
        .run(&history, |history| {
            let number = histories.fetch_add(1, Ordering::SeqCst);
            let all = |after: &str| Call::Prefix(format!("{number}:"), after.to_owned());
            for (after_ms, event, instance) in &history {
                clock.fetch_add(*after_ms, Ordering::SeqCst);
                let call = call(number, event);
                let one = runtime.block_on(embedded.ask(call.clone())).unwrap();
                let other = runtime.block_on(shared[*instance].ask(call)).unwrap();
                prop_assert_eq!(one, other, "after {:?}", event);
            }
            let behind = format!("{number}:2");
            let mut keys = Vec::new();
            for after in ["", "0", &behind, "~"] {
                let one = runtime.block_on(embedded.ask(all(after))).unwrap();
                let other = runtime.block_on(shared[0].ask(all(after))).unwrap();
                prop_assert_eq!(&one, &other, "behind {}", after);
                let Answer::Known(known) = one else { panic!("another answer") };
                keys.push(known.into_iter().map(|known| known.key).collect::<Vec<_>>());
            }
            prop_assert!(keys[3].is_empty() && keys[0] == keys[1]);
            keys[0].retain(|key| *key > behind);
            prop_assert_eq!(&keys[0], &keys[2]);
            Ok(())
        })
        .unwrap();
}
