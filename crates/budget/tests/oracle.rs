//! The arithmetic against a slow and simple oracle: a list of all that was ever spent and reserved.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use budget::{Ask, Expiry, Limit, Part, State, Ticket, Unit, Window, Zone, reserve};
use proptest::prelude::*;

/// What may happen to one limit.
#[derive(Debug, Clone)]
enum Act {
    /// Time passes (or goes back), in milliseconds.
    Pass(i64),
    Reserve {
        amount: u64,
        for_ms: u64,
        expiry: Expiry,
        at_once: bool,
    },
    /// Ends the reservation of this number, modulo those that are open, with a part of it in percent.
    Settle {
        which: usize,
        percent: u64,
    },
    /// The state goes through its bytes.
    Store,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let expiry = prop_oneof![Just(Expiry::Charge), Just(Expiry::Refund)];
    let act = prop_oneof![
        3 => (-50_i64..2000).prop_map(Act::Pass),
        1 => (0_i64..200_000).prop_map(Act::Pass),
        5 => (0_u64..60, 1_u64..5000, expiry, any::<bool>())
            .prop_map(|(amount, for_ms, expiry, at_once)| Act::Reserve { amount, for_ms, expiry, at_once }),
        5 => (any::<usize>(), 0_u64..=100).prop_map(|(which, percent)| Act::Settle { which, percent }),
        1 => Just(Act::Store),
    ];
    prop::collection::vec(act, 1..80)
}

fn limits() -> impl Strategy<Value = Limit> {
    let unit = prop_oneof![Just(Unit::Minute), Just(Unit::Hour), Just(Unit::Day)];
    let window = prop_oneof![
        (1_u64..10_000, 0_u64..100).prop_map(|(period_ms, burst)| Window::TokenBucket { period_ms, burst }),
        (1_u64..10_000).prop_map(|period_ms| Window::Sliding { period_ms }),
        unit.prop_map(|unit| Window::Calendar { unit, zone: Zone::new("IST-5:30").unwrap() }),
        (0_u64..500).prop_map(|initial| Window::Balance { initial }),
        Just(Window::Concurrency),
    ];
    (0_u64..100, window).prop_map(|(amount, window)| Limit::new(amount, window).unwrap())
}

/// All that happened, as it would be written on paper.
#[derive(Default)]
struct Paper {
    /// What was spent for good, and when it counts from.
    spent: Vec<(u64, u64)>,
    open: Vec<(Ticket, Act, u64)>,
}

impl Paper {
    /// The most that counts at `now` by the limit's own words, what is reserved among it.
    fn counted(&self, limit: &Limit, now: u64) -> u128 {
        let held: u128 = self.open.iter().map(|(ticket, _, _)| u128::from(ticket.amount)).sum();
        let since = |start: u64| -> u128 {
            self.spent.iter().filter(|(at, _)| *at >= start).map(|(_, amount)| u128::from(*amount)).sum()
        };
        let spent = match limit.window() {
            Window::TokenBucket { period_ms, .. } => {
                // A bucket that drains, with the period as the denominator.
                let mut all = self.spent.clone();
                all.sort_unstable();
                let (mut level, mut then) = (0_u128, 0);
                for (at, amount) in all {
                    level = level.saturating_sub(u128::from(at - then) * u128::from(limit.amount()));
                    level += u128::from(amount) * u128::from(*period_ms);
                    then = at;
                }
                level.saturating_sub(u128::from(now - then) * u128::from(limit.amount())).div_ceil((*period_ms).into())
            }
            Window::Sliding { period_ms } => since((now + 1).saturating_sub(*period_ms)),
            Window::Calendar { unit, .. } => {
                let (length, shift) = match unit {
                    Unit::Minute => (60_000, 0),
                    Unit::Hour => (3_600_000, 1_800_000),
                    _ => (86_400_000, 19_800_000),
                };
                since(now - (now + shift) % length)
            }
            Window::Balance { .. } => since(0),
            Window::Concurrency => 0,
        };
        held + spent
    }
}

/// Runs the acts on a state and on paper.
fn run(limit: &Limit, acts: Vec<Act>) -> Result<(), TestCaseError> {
    let mut state = State::new(7);
    let mut paper = Paper::default();
    // The clock, and the latest that was ever seen.
    let (mut clock, mut now) = (1_780_000_000_000_u64, 0);
    for act in acts {
        match act.clone() {
            Act::Pass(ms) => clock = clock.saturating_add_signed(ms),
            Act::Store => state = State::decode(&state.encode()).unwrap(),
            Act::Reserve { amount, for_ms, expiry, at_once } => {
                now = now.max(clock);
                expire(&mut paper, now);
                let ask = Ask { amount, expires_after_ms: for_ms, expiry, at_once, force: false };
                let before = state.clone();
                let mut parts = [Part { limit, state: &mut state, ask }];
                match reserve(&mut parts, clock, None) {
                    Ok(tickets) if at_once && *limit.window() != Window::Concurrency => {
                        // What counts at once can be given back only as far as it is sure to count: see below.
                        paper.spent.push((now, tickets[0].amount));
                    }
                    Ok(tickets) => {
                        let (least, most) = (now + for_ms, now + for_ms + for_ms.next_power_of_two() / 8 + 1);
                        let end = end_of(&tickets[0]);
                        prop_assert!((least..=most).contains(&end), "{least} {end} {most}");
                        paper.open.push((tickets[0], act, end));
                    }
                    Err(refusal) => {
                        let mut again = before;
                        // Nothing was taken, and before the time that it says there is no room either.
                        again.advance(limit, clock);
                        prop_assert_eq!(&again, &state);
                        if let Some(wait) = refusal.retry_after_ms {
                            prop_assert!(wait > 0);
                            let mut later = state.clone();
                            let early = now + wait.saturating_sub(2);
                            let ended = paper.open.iter().any(|(_, _, end)| *end <= now + wait);
                            let mut parts = [Part { limit, state: &mut later, ask }];
                            if wait != budget::RETRY_HELD_MS && !ended && wait > 1 {
                                prop_assert!(reserve(&mut parts, early, None).is_err(), "too long a wait: {wait}");
                                prop_assert!(reserve(&mut parts, now + wait, None).is_ok(), "too short a wait: {wait}");
                            }
                        }
                        continue;
                    }
                }
                if amount > 0 {
                    let counted = paper.counted(limit, now);
                    prop_assert!(counted <= u128::from(limit.burst()), "{counted} of {}", limit.burst());
                }
            }
            Act::Settle { which, percent } if !paper.open.is_empty() => {
                now = now.max(clock);
                expire(&mut paper, now);
                state.advance(limit, clock);
                if paper.open.is_empty() {
                    continue;
                }
                let (ticket, _, _) = paper.open.swap_remove(which % paper.open.len());
                let spent = ticket.amount * percent / 100;
                state.settle(limit, clock, &ticket, spent);
                paper.spent.push((now, spent));
            }
            Act::Settle { .. } => {}
        }
        let mut seen = state.clone();
        let standing = seen.standing(limit, now.max(clock));
        prop_assert!(standing.remaining >= 0, "{standing:?}");
    }
    now = now.max(clock);
    expire(&mut paper, now);
    state.advance(limit, now);
    let total: u64 = paper.spent.iter().map(|(_, amount)| *amount).sum();
    prop_assert_eq!(state.settled(), total, "all that was ever spent");
    let held: u64 = paper.open.iter().map(|(ticket, _, _)| ticket.amount).sum();
    prop_assert_eq!(state.reserved(), held, "all that is reserved");
    Ok(())
}

/// Reservations that end by themselves.
fn expire(paper: &mut Paper, now: u64) {
    let ended = paper.open.extract_if(.., |(_, _, end)| *end <= now).collect::<Vec<_>>();
    for (ticket, act, end) in ended {
        if matches!(act, Act::Reserve { expiry: Expiry::Charge, .. }) {
            paper.spent.push((end, ticket.amount));
        }
    }
}

fn end_of(ticket: &Ticket) -> u64 {
    serde_json::to_value(ticket).unwrap()["until_ms"].as_u64().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn never_more_than_the_limit_and_nothing_forgotten((limit, acts) in (limits(), acts())) {
        run(&limit, acts)?;
    }

    #[test]
    fn hostile_numbers_never_panic(
        amount: u64, period in 1_u64..3_000_000_000, burst: u64, initial: u64, kind in 0..5,
        steps in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>(), any::<bool>(), 0..6), 1..40),
    ) {
        let window = match kind {
            0 => Window::TokenBucket { period_ms: period, burst },
            1 => Window::Sliding { period_ms: period },
            2 => Window::Calendar { unit: Unit::Month, zone: Zone::new("CET-1CEST,M3.5.0,M10.5.0/3").unwrap() },
            3 => Window::Balance { initial },
            _ => Window::Concurrency,
        };
        let limit = Limit::new(amount, window).unwrap();
        let mut state = State::new(1);
        let mut tickets = Vec::new();
        for (now, asked, time, force, at_once, what) in steps {
            match what {
                0 | 1 => {
                    let ask = Ask { amount: asked, expires_after_ms: time, expiry: Expiry::Charge, at_once, force };
                    let mut parts = [Part { limit: &limit, state: &mut state, ask }];
                    let least = force.then_some(time);
                    tickets.extend(reserve(&mut parts, now, least).unwrap_or_default());
                }
                2 => if let Some(ticket) = tickets.pop() { state.settle(&limit, now, &ticket, asked) },
                3 => state.set(&limit, now, asked),
                4 => state.top_up(&limit, now, asked),
                _ => state.charge(&limit, now, asked),
            }
            let _ = state.standing(&limit, now);
            prop_assert_eq!(&State::decode(&state.encode()).unwrap(), &state);
        }
    }

    #[test]
    fn foreign_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(mut state) = State::decode(&bytes) {
            let limit = Limit::new(10, Window::Sliding { period_ms: 1000 }).unwrap();
            let _ = state.standing(&limit, 5);
        }
    }

    #[test]
    fn what_is_given_back_late_never_makes_room_that_was_used(
        gaps in prop::collection::vec((0_u64..400, 1_u64..30, any::<bool>()), 1..40),
    ) {
        // Spent at once and all given back, in any order: what stays is at most the limit in any moment.
        let limit = Limit::new(30, Window::TokenBucket { period_ms: 300, burst: 0 }).unwrap();
        let (mut state, mut now, mut open, mut kept) = (State::new(1), 1_000_000, Vec::new(), Vec::new());
        for (gap, amount, back) in gaps {
            now += gap;
            let ask = Ask { amount, expires_after_ms: 9000, expiry: Expiry::Charge, at_once: true, force: false };
            let mut parts = [Part { limit: &limit, state: &mut state, ask }];
            if let Ok(tickets) = reserve(&mut parts, now, None) {
                open.push((now, tickets[0]));
            }
            if back && !open.is_empty() {
                let (_, ticket) = open.remove(0);
                state.settle(&limit, now, &ticket, 0);
            }
            let level = level(&open, &kept, now);
            prop_assert!(level <= 30 * 300, "{level}");
            if open.len() > 5 {
                kept.extend(open.drain(..2).map(|(at, ticket)| (at, ticket.amount)));
            }
        }
    }
}

/// The level of a bucket of 30 in 300 ms, scaled by 300.
fn level(open: &[(u64, Ticket)], kept: &[(u64, u64)], now: u64) -> u64 {
    let mut all: Vec<(u64, u64)> = open.iter().map(|(at, ticket)| (*at, ticket.amount)).chain(kept.to_vec()).collect();
    all.sort_unstable();
    let (mut level, mut then) = (0_u64, 0);
    for (at, amount) in all {
        level = level.saturating_sub((at - then) * 30) + amount * 300;
        then = at;
    }
    level.saturating_sub((now - then) * 30)
}
