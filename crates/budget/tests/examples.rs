//! What a reader would expect of each kind of limit, in numbers.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use budget::{Ask, Expiry, Limit, Part, Refusal, Standing, State, Ticket, Unit, Window, Zone, reserve};

const DAY: u64 = 86_400_000;
const NOON: u64 = 20_000 * DAY + DAY / 2;

fn ask(amount: u64) -> Ask {
    Ask { amount, expires_after_ms: 60_000, expiry: Expiry::Charge, at_once: false, force: false }
}

fn take(limit: &Limit, state: &mut State, now: u64, amount: u64) -> Result<Ticket, Refusal> {
    reserve(&mut [Part { limit, state, ask: ask(amount) }], now, None).map(|tickets| tickets[0])
}

fn limit(amount: u64, window: Window) -> Limit {
    Limit::new(amount, window).unwrap()
}

#[test]
fn a_bucket_refills_unit_by_unit_without_drift() {
    // 7 in 10 seconds: no unit takes a whole number of milliseconds, and after any time the sum is right.
    let limit = limit(7, Window::TokenBucket { period_ms: 10_000, burst: 1 });
    let (mut state, mut now, mut admitted) = (State::new(0), NOON, 0);
    while now < NOON + 10_000_000 {
        match take(&limit, &mut state, now, 1) {
            Ok(ticket) => {
                admitted += 1;
                state.settle(&limit, now, &ticket, 1);
            }
            Err(refusal) => now += refusal.retry_after_ms.unwrap(),
        }
    }
    // One at once, and one more each 1429 ms: a unit comes back after 1428.57.
    assert_eq!(admitted, 10_000_000_u64.div_ceil(1429));
}

#[test]
fn a_reservation_does_not_drain() {
    let limit = limit(50, Window::TokenBucket { period_ms: 1000, burst: 0 });
    let mut state = State::new(0);
    let long = take(&limit, &mut state, NOON, 40).unwrap();
    assert!(take(&limit, &mut state, NOON + 30_000, 40).is_err());
    state.settle(&limit, NOON + 30_000, &long, 10);
    assert_eq!(state.standing(&limit, NOON + 30_000), Standing { limit: 50, remaining: 40, reset_ms: 200 });
}

#[test]
fn a_day_begins_anew_and_what_is_reserved_goes_along() {
    let limit = limit(100, Window::Calendar { unit: Unit::Day, zone: Zone::UTC });
    let mut state = State::new(0);
    state.charge(&limit, NOON, 70);
    assert!(take(&limit, &mut state, NOON, 20).is_ok());
    let refusal = take(&limit, &mut state, NOON, 20).unwrap_err();
    assert_eq!(refusal.retry_after_ms, Some(DAY / 2));
    let evening = NOON + DAY / 2 - 10_000;
    let late = take(&limit, &mut state, evening, 10).unwrap();
    assert_eq!(state.standing(&limit, evening + 20_000).remaining, 90, "10 of the new day are reserved");
    state.settle(&limit, evening + 20_000, &late, 5);
    assert_eq!(state.standing(&limit, evening + 20_000).remaining, 95);
    assert_eq!(state.settled(), 95, "70, 20 that nobody settled, and 5");
}

#[test]
fn a_balance_is_spent_once_and_topped_up() {
    let limit = limit(0, Window::Balance { initial: 10 });
    let mut state = State::new(0);
    state.charge(&limit, NOON, 12);
    assert_eq!(state.standing(&limit, NOON), Standing { limit: 10, remaining: -2, reset_ms: 0 });
    assert_eq!(take(&limit, &mut state, NOON, 1).unwrap_err().retry_after_ms, None);
    state.top_up(&limit, NOON, 5);
    assert_eq!(state.standing(&limit, NOON), Standing { limit: 15, remaining: 3, reset_ms: 0 });
    state.set(&limit, NOON, 8);
    assert_eq!(state.standing(&limit, NOON).remaining, 8);
    state.reset(&limit, NOON);
    assert_eq!(state.settled(), 0);
}

#[test]
fn all_or_nothing_and_the_longest_wait_is_told() {
    let requests = limit(2, Window::Sliding { period_ms: 1000 });
    let tokens = limit(100, Window::Calendar { unit: Unit::Hour, zone: Zone::UTC });
    let (mut one, mut other) = (State::new(0), State::new(0));
    let both = |one: &mut State, other: &mut State, now, amount| {
        let mut parts = [
            Part { limit: &requests, state: one, ask: ask(1) },
            Part { limit: &tokens, state: other, ask: ask(amount) },
        ];
        reserve(&mut parts, now, None)
    };
    assert!(both(&mut one, &mut other, NOON, 60).is_ok());
    let refusal = both(&mut one, &mut other, NOON, 60).unwrap_err();
    assert_eq!(refusal, Refusal { by: 1, retry_after_ms: Some(budget::RETRY_HELD_MS) }, "60 are reserved by another");
    assert_eq!(one.reserved(), 1, "the part that would have admitted was not taken");
    let refusal = both(&mut one, &mut other, NOON, 101).unwrap_err();
    assert_eq!(refusal, Refusal { by: 1, retry_after_ms: None }, "more than the limit ever gives");
}

#[test]
fn a_lease_takes_what_is_there() {
    let limit = limit(100, Window::Calendar { unit: Unit::Day, zone: Zone::UTC });
    let mut state = State::new(0);
    let mut lease = |amount, least| {
        reserve(&mut [Part { limit: &limit, state: &mut state, ask: ask(amount) }], NOON, Some(least))
            .map(|tickets| tickets[0].amount)
    };
    assert_eq!(lease(80, 10), Ok(80));
    assert_eq!(lease(80, 10), Ok(20));
    assert_eq!(lease(80, 10).unwrap_err().by, 0);
}

#[test]
fn a_forced_reservation_is_counted_all_the_same() {
    let limit = limit(5, Window::Concurrency);
    let mut state = State::new(0);
    let forced = Ask { force: true, ..ask(9) };
    let tickets = reserve(&mut [Part { limit: &limit, state: &mut state, ask: forced }], NOON, None).unwrap();
    assert_eq!(state.standing(&limit, NOON).remaining, -4);
    state.settle(&limit, NOON, &tickets[0], 9);
    assert_eq!(state.standing(&limit, NOON).remaining, 5, "nothing of concurrency stays");
}

#[test]
fn what_comes_after_the_end_is_corrected() {
    let limit = limit(100, Window::Calendar { unit: Unit::Day, zone: Zone::UTC });
    for (expiry, after_end) in [(Expiry::Charge, 40), (Expiry::Refund, 0)] {
        let mut state = State::new(0);
        let ask = Ask { expiry, ..ask(40) };
        let tickets = reserve(&mut [Part { limit: &limit, state: &mut state, ask }], NOON, None).unwrap();
        let late = NOON + 70_000;
        state.advance(&limit, late);
        assert_eq!((state.reserved(), state.settled()), (0, after_end));
        state.settle(&limit, late, &tickets[0], 25);
        assert_eq!((state.settled(), state.standing(&limit, late).remaining), (25, 75), "{expiry:?}");
    }
}

#[test]
fn a_state_that_was_forgotten_is_charged_anew() {
    let limit = limit(100, Window::Calendar { unit: Unit::Day, zone: Zone::UTC });
    let mut state = State::new(1);
    let ticket = take(&limit, &mut state, NOON, 40).unwrap();
    let mut state = State::new(2);
    let other = take(&limit, &mut state, NOON, 40).unwrap();
    state.settle(&limit, NOON, &ticket, 25);
    assert_eq!((state.reserved(), state.settled()), (40, 25), "another's reservation was not touched");
    state.settle(&limit, NOON, &other, 0);
    assert!(!state.is_as_new());
    assert_eq!(state.standing(&limit, NOON + DAY).remaining, 100);
    assert!(state.is_as_new());
}

#[test]
fn a_busy_key_stays_small() {
    let limit = limit(1_000_000, Window::Sliding { period_ms: 60_000 });
    let mut state = State::new(u64::MAX);
    let mut tickets = Vec::new();
    for n in 0..10_000 {
        tickets.push(take(&limit, &mut state, NOON + n * 5, 10).unwrap());
    }
    for ticket in tickets.iter().step_by(2) {
        state.settle(&limit, NOON + 50_000, ticket, 9);
    }
    assert!(state.encode().len() < 400, "{} bytes", state.encode().len());
}

#[test]
fn a_state_knows_when_it_may_be_forgotten() {
    let bucket = limit(10, Window::TokenBucket { period_ms: 1000, burst: 0 });
    let mut state = State::new(0);
    assert!(state.forget_at_ms(&bucket) == 0);
    let _open = take(&bucket, &mut state, NOON, 5).unwrap();
    let at = state.forget_at_ms(&bucket);
    assert!((NOON + 60_000 + 500..NOON + 70_000).contains(&at), "{}", at - NOON);
    state.advance(&bucket, at);
    assert!(state.is_as_new());
    let balance = limit(0, Window::Balance { initial: 10 });
    let mut state = State::new(0);
    state.charge(&balance, NOON, 1);
    assert_eq!(state.forget_at_ms(&balance), u64::MAX);
}

#[test]
fn other_bytes_are_no_state() {
    let bytes = State::new(3).encode();
    assert!(State::decode(&bytes).is_ok());
    assert!(State::decode(&[]).is_err());
    assert!(State::decode(&bytes[1..]).is_err());
    assert!(State::decode(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn a_clock_that_was_wrong_locks_nobody_out() {
    for window in [
        Window::TokenBucket { period_ms: 60_000, burst: 0 },
        Window::Sliding { period_ms: 60_000 },
        Window::Calendar { unit: Unit::Minute, zone: Zone::UTC },
    ] {
        let limit = limit(10, window);
        let mut state = State::new(0);
        let wrong = NOON + 4000 * DAY;
        let running = take(&limit, &mut state, wrong, 4).unwrap();
        state.charge(&limit, wrong, 6);
        let refusal = take(&limit, &mut state, NOON, 1).unwrap_err();
        assert!(refusal.retry_after_ms.is_some_and(|wait| wait <= 65_000), "{limit:?}: {refusal:?}");
        state.settle(&limit, NOON, &running, 4);
        assert_eq!(state.standing(&limit, NOON).remaining, 0, "{limit:?}: nothing is forgotten");
        assert_eq!(state.standing(&limit, NOON + 65_000).remaining, 10, "{limit:?}");
    }
}

#[test]
fn clocks_that_differ_a_little_drain_nothing() {
    let limit = limit(10, Window::TokenBucket { period_ms: 60_000, burst: 0 });
    let mut state = State::new(0);
    state.charge(&limit, NOON, 10);
    for _ in 0..100 {
        assert!(take(&limit, &mut state, NOON, 10).is_err());
        assert!(take(&limit, &mut state, NOON - DAY / 2, 10).is_err());
    }
}

/// What a service stored with an earlier version is read by the next one.
#[test]
fn stored_bytes_never_change() {
    let month = limit(1000, Window::Calendar { unit: Unit::Month, zone: Zone::new("UTC0").unwrap() });
    let sliding = limit(1000, Window::Sliding { period_ms: 1000 });
    for (limit, stored) in [
        (
            &month,
            "01fd7b6c50c4a0010000fd056c50c4a00100000303fd056c50c4a0010000fd00c4c2f4a0010000fbdc0501fd008050c4a0010000fd000000000001000000fbdc05",
        ),
        (
            &sliding,
            "01fd7b6c50c4a0010000fd056c50c4a0010000022001fd608322060d000000fbdc0501fd008050c4a0010000fd000000000001000000fbdc05",
        ),
    ] {
        let mut state = State::new(1_790_000_000_123);
        let now = 1_790_000_000_005;
        state.charge(limit, now, 1500);
        let ask = Ask { amount: 1 << 40, expires_after_ms: 5000, force: true, ..ask(0) };
        reserve(&mut [Part { limit, state: &mut state, ask }], now, None).unwrap();
        let bytes = state.encode();
        assert_eq!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), stored);
        // The service's records hold it by way of serde, a filter's slots directly: both write the same.
        let by_serde = bincode::serde::encode_to_vec(&state, bincode::config::standard()).unwrap();
        assert_eq!(by_serde, bytes[1..]);
        assert_eq!(State::decode(&bytes), Ok(state));
    }
}
