//! The error budget's promise, tried on simulated traffic with a known share of wrong would-be hits.

use modelgate_cache::cache::decide::{ComparatorError, ErrorBudget, Served};

/// A comparator that was measured on 3,000 pairs of each kind and errs in one of 500.
const MEASURED: ComparatorError = ComparatorError { different: 3000, missed: 6, same: 3000, blamed: 6 };

/// xorshift64*, seeded: every run is the same.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[derive(Default, Debug)]
struct Seen {
    served: u64,
    wrong: u64,
}

impl Seen {
    fn share(&self) -> f64 {
        self.wrong as f64 / self.served.max(1) as f64
    }
}

/// `risk` says for a score how likely its answer is wrong; the comparator errs as measured.
fn run(budget: &mut ErrorBudget, random: &mut Random, max: f64, hits: u64, risk: impl Fn(f64) -> f64) -> Seen {
    let mut seen = Seen::default();
    for _ in 0..hits {
        let score = 1.0 - 0.6 * random.next().powi(2);
        let wrong = random.next() < risk(score);
        match budget.consult("policy", max, &MEASURED, score as f32, random.next()) {
            Served::Serve => {
                seen.served += 1;
                seen.wrong += u64::from(wrong);
            }
            Served::Sample => {
                let mistaken = random.next() < 0.002;
                budget.learn("policy", score as f32, wrong == mistaken);
            }
            Served::Refuse => {}
        }
    }
    seen
}

#[test]
fn the_share_of_wrong_hits_holds_in_nearly_every_world() {
    let (mut broken, mut served) = (0, 0);
    for seed in 0..100 {
        let mut random = Random::new(seed + 1);
        // Wrong would-be hits get rarer with the score: 12 % at the bottom, none at the top, 2 % in all.
        let seen = run(&mut ErrorBudget::default(), &mut random, 0.01, 15_000, |score| 0.3 * (1.0 - score).powi(2));
        broken += u64::from(seen.share() > 0.01);
        served += seen.served;
    }
    assert!(broken <= 5, "{broken} of 100 worlds broke a promise of 95 %");
    assert!(served > 100 * 15_000 / 5, "it opened too seldom: {served} of {}", 100 * 15_000);
}

#[test]
fn the_share_holds_at_its_very_limit() {
    let mut broken = 0;
    for seed in 0..100 {
        // Every score is as bad as the next, a little above what is bearable: it must not open.
        let seen = run(&mut ErrorBudget::default(), &mut Random::new(seed + 1), 0.02, 8_000, |_| 0.021);
        broken += u64::from(seen.served > 200);
    }
    assert!(broken <= 5, "{broken} of 100 worlds opened");
}

#[test]
fn it_opens_where_hits_are_right() {
    let seen = run(&mut ErrorBudget::default(), &mut Random::new(7), 0.02, 20_000, |_| 0.001);
    assert!(seen.served > 10_000, "{seen:?}");
    assert!(seen.share() <= 0.02, "{seen:?}");
}

#[test]
fn nothing_is_served_before_there_is_evidence() {
    let mut budget = ErrorBudget::default();
    let seen = run(&mut budget, &mut Random::new(3), 0.01, 300, |_| 0.0);
    assert_eq!(seen.served, 0);
    assert!(budget.bounds()[0].threshold > 1.0);
    assert_eq!(budget.bounds()[0].samples, 300);
}

#[test]
fn traffic_that_turns_bad_closes_it() {
    for seed in 0..10 {
        let (mut budget, mut random) = (ErrorBudget::default(), Random::new(seed + 1));
        let before = run(&mut budget, &mut random, 0.02, 20_000, |_| 0.001);
        assert!(before.served > 10_000, "{before:?}");
        let turned = run(&mut budget, &mut random, 0.02, 20_000, |_| 0.25);
        // It takes samples to notice: a few hundred answers, not thousands.
        assert!(turned.served < 2_000, "seed {seed}: {turned:?}");
    }
}

#[test]
fn a_comparator_that_was_never_measured_teaches_nothing() {
    let mut budget = ErrorBudget::default();
    for at in 0..5000 {
        let said = budget.consult("policy", 0.05, &ComparatorError::default(), 0.999, f64::from(at % 100) / 100.0);
        assert_eq!(said, Served::Sample);
        budget.learn("policy", 0.999, true);
    }
}

#[test]
fn a_comparator_that_blames_much_keeps_it_closed_rather_than_wrong() {
    // Five in a hundred right answers are blamed: one wrong in a hundred can't be told from none.
    let blaming = ComparatorError { different: 3000, missed: 60, same: 3000, blamed: 150 };
    let (mut budget, mut random) = (ErrorBudget::default(), Random::new(9));
    for _ in 0..3000 {
        let said = budget.consult("policy", 0.01, &blaming, 0.999, random.next());
        assert_eq!(said, Served::Sample);
        budget.learn("policy", 0.999, random.next() >= 0.05);
    }
}

#[test]
fn what_was_learnt_survives_a_restart() {
    let (mut budget, mut random) = (ErrorBudget::default(), Random::new(5));
    run(&mut budget, &mut random, 0.02, 10_000, |_| 0.001);
    let kept = serde_json::to_string(&budget.snapshot()).unwrap();
    let mut again = ErrorBudget::default();
    again.adopt(serde_json::from_str(&kept).unwrap());
    assert_eq!(again.consult("policy", 0.02, &MEASURED, 1.0, 0.99), Served::Serve);
    assert_eq!(again.bounds()[0].threshold, budget.bounds()[0].threshold);
    assert_eq!(again.consult("another", 0.02, &MEASURED, 1.0, 0.99), Served::Sample, "pools are apart");
}

#[test]
fn broken_numbers_never_open_it() {
    let mut budget = ErrorBudget::default();
    for (max, score) in [(f64::NAN, 1.0), (0.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (0.5, f32::NAN)] {
        for _ in 0..100 {
            assert_ne!(budget.consult("policy", max, &MEASURED, score, 0.999), Served::Serve);
        }
        budget.learn("policy", score, true);
    }
}
