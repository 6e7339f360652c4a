//! Many calls after and beside each other, on the machine of the seam: local budgets, shared ones and leases, against a service
//! that is made of `crates/budget` here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod service;

use budget::State;
use plugin::stream::Place;
use plugin::{Call, Plugin, Reply, RootCx, Stream};
use proptest::prelude::*;
use serde_json::{Value, json};
use service::Service;
use std::cell::Cell;
use std::rc::Rc;
use testkit::Memory;
use token_budget::TokenBudget;

const NOON: u64 = 1_790_000_000_000;

/// Several gateways that share one service and one clock.
struct World {
    gateways: Vec<(Rc<TokenBudget>, Memory)>,
    service: Service,
    now_ms: u64,
    /// The input that answers report.
    input: u64,
    /// Where answers come from, as the details of responses tell.
    origin: &'static str,
    /// The last call's refusal.
    refusal: Option<Reply>,
}

/// A call that is let in and runs.
struct Flight {
    gateway: usize,
    stream: Stream<<TokenBudget as Plugin>::Exchange>,
}

impl World {
    fn new(gateways: usize, limit: Value) -> Self {
        let config = json!({
            "attachment": "full",
            "identity": {"header": {"trusted_header": true, "consumer": "x-consumer"}},
            "local": {"slots": 4},
            "shared": {"cluster": "budgets"},
            "prices": {"m": {"input": 1_000_000, "output": 2_000_000, "request": 1000}},
            "default_policy": "d",
            "policies": {"d": {"limits": [limit], "cache_hit_percent": 25}},
        });
        let gateway = |seed: usize| {
            let plugin =
                Rc::new(TokenBudget::configure(config.to_string().as_bytes()).unwrap_or_else(|f| panic!("{f}")));
            let mut host = Memory { now: NOON * 1_000_000, seed: seed as u64, ..Memory::default() };
            plugin.on_start(&mut RootCx::new(&mut host));
            (plugin, host)
        };
        Self {
            gateways: (0..gateways).map(gateway).collect(),
            service: Service::default(),
            now_ms: NOON,
            refusal: None,
            input: 0,
            origin: "via_upstream",
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        for (_, host) in &mut self.gateways {
            host.now = self.now_ms * 1_000_000;
        }
    }

    /// Begins a call that asks for so much output; `None` where it is refused.
    fn begin(&mut self, gateway: usize, output: u64) -> Option<Flight> {
        let (plugin, host) = &mut self.gateways[gateway];
        let settings = Rc::new(plugin.settings().clone());
        let place = Place { filter: TokenBudget::NAME, settings, proven: Rc::new(Cell::new(true)) };
        let mut stream = Stream::new(plugin.open(), place);
        host.reply = None;
        host.resumed = [false; 2];
        host.calls.clear();
        host.state.clear();
        host.heads = [
            [(":method", "POST"), (":path", "/v1/chat/completions"), (":authority", "x"), ("x-consumer", "one")]
                .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
                .to_vec(),
            Vec::new(),
        ];
        let body = json!({"model": "m", "max_tokens": output, "messages": [{"role": "user", "content": "a text that tells how this model counts"}]}).to_string();
        stream.on_request_headers(host, false);
        host.bodies[0] = body.clone().into_bytes();
        stream.on_request_body(host, body.len(), true);
        let mut answered = 0;
        while let Some(call) = host.calls.get(answered).cloned() {
            answered += 1;
            let Call::Grpc(call) = call else { panic!("{call:?}") };
            stream.on_answer(host, answered as u32, self.service.answer(&call, self.now_ms));
        }
        self.refusal = host.reply.take();
        self.background(gateway);
        self.refusal.is_none().then_some(Flight { gateway, stream })
    }

    /// Ends a call with so much output, or before it could tell.
    fn end(&mut self, mut flight: Flight, output: Option<u64>) {
        let (_, host) = &mut self.gateways[flight.gateway];
        if let Some(output) = output {
            host.heads[1] =
                vec![(":status".into(), b"200".to_vec()), ("content-type".into(), b"application/json".to_vec())];
            host.attributes.insert("response|code_details".into(), self.origin.as_bytes().to_vec());
            flight.stream.on_response_headers(host, false);
            host.bodies[1] =
                json!({"usage": {"prompt_tokens": self.input, "completion_tokens": output}}).to_string().into_bytes();
            let size = host.bodies[1].len();
            flight.stream.on_response_body(host, size, true);
        }
        flight.stream.on_end(host);
        self.background(flight.gateway);
    }

    fn background(&mut self, gateway: usize) {
        let (_, host) = &mut self.gateways[gateway];
        for call in host.background.drain(..).chain(host.forgotten.drain(..)) {
            let Call::Grpc(call) = call else { panic!("{call:?}") };
            self.service.answer(&call, self.now_ms);
        }
    }

    fn tick(&mut self) {
        for gateway in 0..self.gateways.len() {
            let (plugin, host) = &mut self.gateways[gateway];
            let calls = plugin.on_tick(&mut RootCx::new(host)).calls;
            for call in calls {
                let Call::Grpc(call) = call else { panic!("{call:?}") };
                self.service.answer(&call, self.now_ms);
            }
        }
    }

    fn settled(&self) -> u64 {
        self.service.states.values().map(State::settled).sum()
    }
}

fn limit(store: &str) -> Value {
    let mut limit = json!({"name": "output", "unit": "output", "amount": 1000, "window": {"calendar": {"unit": "month"}}, "store": store});
    if store != "local" {
        limit["failure_mode"] = json!("local");
    }
    if store == "leased" {
        (limit["lease_amount"], limit["lease_secs"]) = (json!(120), json!(5));
    }
    limit
}

/// What happens to the calls of several gateways.
#[derive(Debug, Clone)]
enum Act {
    Begin { gateway: usize, output: u64 },
    End { which: usize, percent: u64 },
    Pass(u64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        5 => (0_usize..3, 1_u64..90).prop_map(|(gateway, output)| Act::Begin { gateway, output }),
        4 => (any::<usize>(), 0_u64..=100).prop_map(|(which, percent)| Act::End { which, percent }),
        2 => (1_u64..2500).prop_map(Act::Pass),
    ];
    prop::collection::vec(act, 1..120)
}

/// What became of a run.
struct Sums {
    /// What was really spent.
    spent: u64,
    /// The most that was spent and reserved at any time.
    most: u64,
    /// What calls had reserved, and did not spend, that may have been running while a lease was given back.
    late: u64,
}

/// A call that runs.
struct Open {
    flight: Flight,
    output: u64,
    late: bool,
}

/// So many calls at a time may make a gateway give a lease back before its end.
const CROWD: usize = 8;

/// Runs the acts.
fn run(world: &mut World, acts: Vec<Act>) -> Sums {
    let mut open: Vec<Open> = Vec::new();
    let (mut spent, mut most, mut late) = (0, 0, 0);
    for act in acts {
        match act {
            Act::Begin { gateway, output } => {
                open.extend(world.begin(gateway, output).map(|flight| Open { flight, output, late: false }));
            }
            Act::End { which, percent } if !open.is_empty() => {
                let call = open.swap_remove(which % open.len());
                let used = call.output * percent / 100;
                spent += used;
                late += if call.late { call.output - used } else { 0 };
                world.end(call.flight, Some(used));
            }
            Act::End { .. } => {}
            Act::Pass(ms) => {
                world.pass(ms);
                world.tick();
                open.iter_mut().for_each(|call| call.late = true);
            }
        }
        if open.len() >= CROWD {
            open.iter_mut().for_each(|call| call.late = true);
        }
        most = most.max(spent + open.iter().map(|call| call.output).sum::<u64>());
    }
    for call in open {
        late += if call.late { call.output } else { 0 };
        world.end(call.flight, Some(0));
    }
    Sums { spent, most, late }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn shared_budgets_are_exact(acts in acts()) {
        let mut world = World::new(3, limit("shared"));
        let Sums { spent, most, .. } = run(&mut world, acts);
        prop_assert!(most <= 1000, "{most}");
        prop_assert_eq!(world.settled(), spent);
        prop_assert!(world.service.open.is_empty());
    }

    #[test]
    fn leases_never_admit_more_and_come_back(acts in acts()) {
        let mut world = World::new(3, limit("leased"));
        let Sums { spent, most, late } = run(&mut world, acts);
        prop_assert!(most <= 1000, "{most}");
        world.pass(6000);
        world.tick();
        prop_assert!(world.service.open.is_empty(), "each lease is given back");
        prop_assert!(world.settled() >= spent, "{} of {spent}", world.settled());
        // What was reserved while a lease was given back stays counted: at most what ran then.
        prop_assert!(world.settled() <= spent + late, "{} of {spent} and {late}", world.settled());
    }
}

#[test]
fn a_lease_spares_calls_and_is_told_exactly() {
    let mut world = World::new(1, limit("leased"));
    for _ in 0..12 {
        let flight = world.begin(0, 10).expect("it is let in");
        world.end(flight, Some(7));
    }
    assert_eq!(world.service.states.values().map(State::reserved).sum::<u64>(), 120, "one lease");
    world.pass(5000);
    world.tick();
    assert_eq!(world.settled(), 84);
    assert_eq!(world.service.states.values().map(State::reserved).sum::<u64>(), 0);
}

#[test]
fn what_is_overdrawn_is_told_too() {
    let mut world = World::new(1, limit("leased"));
    let flight = world.begin(0, 100).unwrap();
    world.end(flight, Some(400));
    world.pass(5000);
    world.tick();
    assert_eq!(world.settled(), 400);
}

#[test]
fn without_the_service_this_envoy_counts_by_itself() {
    for store in ["shared", "leased"] {
        let mut world = World::new(2, limit(store));
        world.service.is_down = true;
        for gateway in [0, 1] {
            let admitted: Vec<_> = (0..50).filter_map(|_| world.begin(gateway, 50)).collect();
            assert_eq!(admitted.len(), 20, "{store}: the whole limit for each gateway, and no more");
            for flight in admitted {
                world.end(flight, Some(50));
            }
        }
    }
}

#[test]
fn what_is_counted_in_place_of_a_lease_stays_counted() {
    let mut world = World::new(1, limit("leased"));
    let mut admitted = 0;
    for _ in 0..30 {
        for is_down in [true, false] {
            world.service.is_down = is_down;
            // More than what a lease has left, so that the service is asked.
            if let Some(flight) = world.begin(0, 70) {
                world.end(flight, Some(70));
                admitted += 70;
            }
        }
    }
    assert!((1800..=2000).contains(&admitted), "{admitted}: the limit here, and the shared one");
    world.service.is_down = false;
    world.pass(6000);
    world.tick();
    assert!((800..=1000).contains(&world.settled()), "{}", world.settled());
}

#[test]
fn a_shadow_refuses_nothing_where_the_store_is_busy() {
    for (when_spent, is_admitted) in [("shadow", true), ("refuse", false)] {
        let mut limit = limit("local");
        limit["when_spent"] = json!(when_spent);
        let mut world = World::new(1, limit);
        world.gateways[0].1.shared_fails = true;
        let flight = world.begin(0, 100);
        assert_eq!(flight.is_some(), is_admitted);
        flight.into_iter().for_each(|flight| world.end(flight, Some(100)));
    }
}

#[test]
fn refusals_of_the_service_tell_how_it_stands() {
    for store in ["shared", "leased"] {
        let mut world = World::new(1, limit(store));
        let flight = world.begin(0, 900).expect("it is let in");
        world.end(flight, Some(900));
        assert!(world.begin(0, 600).is_none());
        let refusal = world.refusal.take().unwrap();
        let header =
            |name: &str| refusal.headers.iter().find(|(named, _)| *named == name).map(|(_, value)| value.as_slice());
        assert_eq!(header("x-ratelimit-limit-tokens"), Some(&b"1000"[..]), "{store}");
        assert_eq!(header("x-ratelimit-remaining-tokens"), Some(&b"100"[..]), "{store}");
    }
}

#[test]
fn what_was_learned_makes_no_call_too_large_for_good() {
    let mut world = World::new(
        1,
        json!({"name": "tokens", "unit": "tokens", "amount": 150, "window": {"sliding": {"period_secs": 60}}}),
    );
    world.input = 1000;
    for _ in 0..40 {
        let flight = world.begin(0, 10).expect("it fits by its text");
        world.end(flight, Some(10));
        assert!(world.begin(0, 10).is_none(), "it is overdrawn");
        world.pass(70_000);
    }
    assert!(world.begin(0, 300).is_none(), "it is too large by its text");
}

#[test]
fn an_answer_from_the_cache_costs_its_part_of_all_that_it_would_have_cost() {
    for (unit, spent) in [("output", 25), ("tokens", 50), ("money", 325), ("requests", 1)] {
        let mut limit = limit("shared");
        (limit["unit"], limit["amount"]) = (json!(unit), json!(100_000));
        let mut world = World::new(1, limit);
        (world.input, world.origin) = (100, "modelgate_cache_hit");
        let flight = world.begin(0, 100).expect("it is let in");
        world.end(flight, Some(100));
        assert_eq!(world.settled(), spent, "{unit}");
    }
}

#[test]
fn a_shadow_counts_and_never_refuses() {
    for (store, is_down) in [("shared", false), ("leased", false), ("shared", true), ("leased", true)] {
        let mut limit = limit(store);
        limit["when_spent"] = json!("shadow");
        limit["failure_mode"] = json!("deny");
        let mut world = World::new(2, limit);
        world.service.is_down = is_down;
        for gateway in [0, 1] {
            for _ in 0..20 {
                let flight = world.begin(gateway, 100).expect("it is let in");
                world.end(flight, Some(100));
            }
        }
        world.pass(6000);
        world.tick();
        assert_eq!(world.settled(), if is_down { 0 } else { 4000 }, "{store}");
    }
}

#[test]
fn a_reservation_of_a_client_that_went_away_is_given_back() {
    let mut world = World::new(1, limit("shared"));
    for _ in 0..50 {
        let flight = world.begin(0, 900).expect("the one before was given back");
        world.end(flight, None);
    }
    assert_eq!(world.settled(), 0);
    assert!(world.service.open.is_empty());
}

/// What the upstream wrote is paid for, though another filter takes it back before its end.
#[test]
fn an_answer_that_is_refused_is_paid_for() {
    for (answers, paid) in [(true, true), (false, false)] {
        let mut world = World::new(1, limit("shared"));
        let mut flight = world.begin(0, 100).unwrap();
        let (_, host) = &mut world.gateways[0];
        if answers {
            host.heads[1] =
                vec![(":status".into(), b"200".to_vec()), ("content-type".into(), b"application/json".to_vec())];
            host.attributes.insert("response|code_details".into(), b"via_upstream".to_vec());
            flight.stream.on_response_headers(host, false);
            host.bodies[1] = br#"{"choices":[{"message":{"content":"a long answer that goes on"#.to_vec();
            let size = host.bodies[1].len();
            flight.stream.on_response_body(host, size, false);
        }
        host.attributes.insert("response|code_details".into(), b"modelgate_refusal_response_body_too_large".to_vec());
        flight.stream.on_end(host);
        world.background(0);
        assert_eq!(world.settled() > 0, paid, "{}", world.settled());
    }
}
