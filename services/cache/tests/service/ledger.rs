//! The ledger against a sheet of paper: reservations that are asked for twice, settled twice, settled before they came or after
//! they were forgotten, under a clock that goes back.

use budget::{Expiry, Limit, Unit, Window, Zone};
use modelgate_cache::budget::book::{Book, Missing};
use modelgate_cache::budget::call::{Call, Demand, Reserve, Settlement};
use modelgate_cache::budget::ledger::{Answer, Impossible, Moment, apply};
use modelgate_cache::budget::record::Name;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const AMOUNT: u64 = 1000;

#[derive(Debug, Clone)]
enum Act {
    Pass(i64),
    Reserve {
        id: u8,
        amount: u64,
    },
    Settle {
        id: u8,
        spent: u64,
        tells: bool,
    },
    GiveBack {
        id: u8,
    },
    /// The store forgets how a reservation ended, or that there was one.
    Forget {
        id: u8,
    },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        1 => (-3_600_000_i64..3_600_000).prop_map(Act::Pass),
        4 => (0_u8..9, prop_oneof![0_u64..600, Just(u64::MAX)]).prop_map(|(id, amount)| Act::Reserve { id, amount }),
        4 => (0_u8..9, 0_u64..300, any::<bool>()).prop_map(|(id, spent, tells)| Act::Settle { id, spent, tells }),
        1 => (0_u8..9).prop_map(|id| Act::GiveBack { id }),
        1 => (0_u8..9).prop_map(|id| Act::Forget { id }),
    ];
    prop::collection::vec(act, 1..80)
}

/// What there would be on paper.
#[derive(Default)]
struct Paper {
    open: BTreeMap<u8, u64>,
    ended: BTreeSet<u8>,
    spent: u64,
}

impl Paper {
    fn held(&self) -> u64 {
        self.open.values().sum()
    }

    fn settle(&mut self, id: u8, spent: u64, tells: bool) {
        if !self.ended.insert(id) {
            return;
        }
        // What is not known is charged where it says on what.
        if self.open.remove(&id).is_some() || tells {
            self.spent += spent;
        }
    }
}

fn ask(book: &mut Book, call: &Call, now_ms: u64) -> Answer {
    loop {
        match apply(book, call, Moment { now_ms, random: 7 }) {
            Ok(answer) => {
                book.keep_draft();
                book.committed(1);
                return answer;
            }
            Err(Missing(name)) => {
                book.drop_draft();
                book.learn(name, None, None);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_reservation_ends_once(acts in acts()) {
        let limit = Limit::new(AMOUNT, Window::Calendar { unit: Unit::Month, zone: Zone::UTC }).unwrap();
        let demand = |amount| Demand { key: "k".into(), limit: limit.clone(), amount, at_once: false };
        let (mut book, mut paper, mut now_ms) = (Book::default(), Paper::default(), 1_789_000_000_000_u64);
        for act in acts {
            match act {
                Act::Pass(ms) => now_ms = now_ms.saturating_add_signed(ms),
                Act::Reserve { id, amount } => {
                    let reserve = Reserve { id: [id; 16], demands: vec![demand(amount)], expires_after_ms: 604_800_000,
                                            expiry: Expiry::Charge, least: None, force: false };
                    let answer = ask(&mut book, &Call::Reserve(reserve), now_ms);
                    if paper.ended.contains(&id) {
                        prop_assert_eq!(answer, Answer::Impossible(Impossible::Settled));
                        continue;
                    }
                    let Answer::Reserved(answer) = answer else { panic!("{answer:?}") };
                    let free = AMOUNT.saturating_sub(paper.spent + paper.held());
                    let is_open = paper.open.contains_key(&id);
                    prop_assert_eq!(answer.admitted, is_open || amount <= free);
                    if answer.admitted {
                        prop_assert_eq!(&answer.granted, &[*paper.open.entry(id).or_insert(amount)]);
                    }
                }
                Act::Settle { id, spent, tells } => {
                    let demands = if tells { vec![demand(5)] } else { Vec::new() };
                    let settlement = Settlement { id: [id; 16], spent: vec![spent], demands };
                    // Twice in one call, as a gateway does that got no answer.
                    ask(&mut book, &Call::Settle(vec![settlement.clone(), settlement]), now_ms);
                    paper.settle(id, spent, tells);
                }
                Act::GiveBack { id } => {
                    let settlement = Settlement { id: [id; 16], spent: Vec::new(), demands: Vec::new() };
                    ask(&mut book, &Call::Settle(vec![settlement]), now_ms);
                    paper.settle(id, 0, false);
                }
                Act::Forget { id } if !paper.open.contains_key(&id) => {
                    book.learn(Name::Reservation([id; 16]), None, None);
                    paper.ended.remove(&id);
                }
                Act::Forget { .. } => {}
            }
            let Answer::Known(known) = ask(&mut book, &Call::Peek(vec![("k".into(), Some(limit.clone()))]), now_ms) else {
                panic!("no answer to a question")
            };
            let standing = known[0].standing.unwrap();
            prop_assert_eq!((known[0].settled, known[0].reserved), (paper.spent, paper.held()));
            prop_assert_eq!(i128::from(standing.remaining), i128::from(AMOUNT) - i128::from(paper.spent + paper.held()));
        }
    }
}
