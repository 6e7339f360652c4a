//! The error budget: `max_wrong_hits` of a policy, kept by evidence.
//!
//! **What is promised.** With probability 95 %, at every moment, the share of wrong answers among the would-be hits at and
//! above the score in force is at most `max_wrong_hits`, the comparator's own error included. Nothing is promised of a single
//! tenant or question: evidence is pooled per policy and embedder.
//!
//! **How.** Would-be hits are sampled by a coin that knows the past but neither the question nor its score, so that those
//! sampled are like those served. For each of a fixed grid of scores a test martingale ([`bounds`]) bets against "too many are
//! wrong from here on"; a score is opened once its bet has won enough for the whole grid (a union bound), and the lowest open
//! score is in force. Before the first is open all would-be hits are sampled, which costs nothing: they would have missed.
//!
//! **The comparator errs, too.** If it overlooks a share `β` of differences and blames a share `γ` of equals, a true share `r` shows
//! as `γ + r·(1 - β - γ)` (Rogan and Gladen 1978). That is what the bet is against, with Clopper and Pearson's upper bound of `β` and
//! lower bound of `γ` from its measurement, both of which can only make it stricter.
//!
//! **Traffic changes.** Evidence older than two generations of samples is forgotten, and the promise is made anew for each. Between
//! them an alarm, a CUSUM of likelihood ratios over the samples at and above the score in force, forgets everything at once; where
//! the share is at its limit, it goes off falsely once in a thousand samples or less often (Lorden 1971; Shin, Ramdas and
//! Rinaldo 2024).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ComparatorError, bounds};

/// The scores that can be in force.
const GRID: [f32; 14] = [0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999];

/// The probability with which the promise may fail: a half for the grid, a quarter for each of the comparator's two errors.
const ALPHA: f64 = 0.05;

/// What is left for each score of the grid.
const EACH: f64 = ALPHA / 2.0 / GRID.len() as f64;

/// Samples of a generation.
const GENERATION: u64 = 10_000;

/// The share of would-be hits that are sampled in the long run, where they could be served.
const RATE: f64 = 0.05;

/// So many samples are taken soon after opening, by a rate that falls as they come in.
const EAGER: f64 = 400.0;

/// The alarm looks for a share that is this many times too large, and goes off at this ratio of likelihoods.
const ALARM_FACTOR: f64 = 4.0;
const ALARM: f64 = 1000.0;

/// A score that is never reached.
const CLOSED: f32 = 2.0;

/// What the error budget says to a would-be hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// Answer with the entry.
    Serve,
    /// Let it pass to the model, then compare the two answers and [`ErrorBudget::learn`].
    Sample,
    /// Let it pass: there is no evidence that it would be right. Nothing is learnt from it.
    Refuse,
}

/// The pools of one service: what was learnt per policy and embedder, never per tenant or text.
#[derive(Debug, Default)]
pub struct ErrorBudget {
    pools: BTreeMap<String, PoolState>,
}

/// What one pool has learnt; what is kept across a restart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolState {
    /// Of this generation, per step of the grid.
    recent: Counts,
    /// Of the one before.
    older: Counts,
    /// The alarm's ratio of likelihoods.
    alarm: f64,
    /// All samples that were ever compared, and the wrong ones.
    samples: u64,
    wrong: u64,
    /// What follows from all that; made anew when it changes.
    #[serde(skip)]
    force: Option<Force>,
}

/// Samples and wrong ones with a score from each step of the grid to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    samples: [u64; GRID.len()],
    wrong: [u64; GRID.len()],
}

impl Counts {
    fn add(&mut self, score: f32, right: bool) {
        let Some(at) = GRID.iter().rposition(|step| score >= *step) else { return };
        if let (Some(samples), Some(wrong)) = (self.samples.get_mut(at), self.wrong.get_mut(at)) {
            *samples += 1;
            *wrong += u64::from(!right);
        }
    }

    fn total(&self) -> u64 {
        self.samples.iter().sum()
    }
}

/// What is in force, for which share and comparator.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Force {
    max_wrong_hits: f64,
    error: ComparatorError,
    /// The share of samples that may show as wrong.
    shows: f64,
    threshold: f32,
    /// Samples at and above it, and the wrong ones.
    evidence: (u64, u64),
}

impl Force {
    /// Upper bound of the share of wrong answers from the threshold on.
    fn bound(&self) -> f64 {
        let (samples, wrong) = self.evidence;
        if samples == 0 {
            return 1.0;
        }
        let (missed, blamed) = errs(&self.error);
        let shown = bounds::always_below(samples, wrong, EACH);
        ((shown - blamed) / (1.0 - missed - blamed)).clamp(0.0, 1.0)
    }
}

/// What one pool says of itself, for statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The pool's name.
    pub pool: String,
    /// Would-be hits that were compared.
    pub samples: u64,
    /// Those whose answers differed.
    pub wrong: u64,
    /// The score from which on it serves; above 1: it does not.
    pub threshold: f32,
    /// Upper confidence bound of the share of wrong hits from that score on; 1 where it does not serve.
    pub bound: f64,
}

impl ErrorBudget {
    /// What to keep.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<String, PoolState> {
        self.pools.clone()
    }

    /// Takes over what was kept of an earlier run, or what all instances have learnt together, in the place of what is known here.
    pub fn adopt(&mut self, pools: BTreeMap<String, PoolState>) {
        for (name, known) in std::mem::replace(&mut self.pools, pools) {
            // What is in force follows from the evidence and from what the policy bears, which is known here alone.
            let state = self.pools.entry(name).or_default();
            state.force = known.force.map(|force| state.judge(force.max_wrong_hits, force.error, force.shows));
        }
    }

    /// A would-be hit with this [score](super::Accepted::score). `max_wrong_hits` is the bearable share, above 0 and below 1;
    /// `error` the comparator's; `random` uniform in [0, 1).
    pub fn consult(
        &mut self,
        pool: &str,
        max_wrong_hits: f64,
        error: &ComparatorError,
        score: f32,
        random: f64,
    ) -> Served {
        let state = match self.pools.get_mut(pool) {
            Some(state) => state,
            None => self.pools.entry(pool.to_owned()).or_default(),
        };
        let force = state.force(max_wrong_hits, *error);
        let seen = (state.recent.total() + state.older.total()) as f64;
        // Nothing in here may depend on the score: what is sampled has to be like what is served.
        let rate = if force.threshold > 1.0 { 1.0 } else { (EAGER / seen.max(1.0)).clamp(RATE, 1.0) };
        if random < rate {
            Served::Sample
        } else if score >= force.threshold {
            Served::Serve
        } else {
            Served::Refuse
        }
    }

    /// A sampled would-be hit was compared: `right` where both answers say the same.
    pub fn learn(&mut self, pool: &str, score: f32, right: bool) {
        self.pools.entry(pool.to_owned()).or_default().learn(score, right);
    }

    /// What each pool knows, by name.
    #[must_use]
    pub fn bounds(&self) -> Vec<Bound> {
        let bound = |(pool, state): (&String, &PoolState)| Bound {
            pool: pool.clone(),
            samples: state.samples,
            wrong: state.wrong,
            threshold: state.force.map_or(CLOSED, |force| force.threshold),
            bound: state.force.map_or(1.0, |force| force.bound()),
        };
        self.pools.iter().map(bound).collect()
    }
}

impl PoolState {
    fn learn(&mut self, score: f32, right: bool) {
        self.samples += 1;
        self.wrong += u64::from(!right);
        self.recent.add(score, right);
        if self.recent.total() >= GENERATION {
            self.older = std::mem::take(&mut self.recent);
        }
        if let Some(force) = self.force.filter(|force| score >= force.threshold) {
            let feared = (force.shows * ALARM_FACTOR).min((1.0 + force.shows) / 2.0);
            let ratio = if right { (1.0 - feared) / (1.0 - force.shows) } else { feared / force.shows };
            self.alarm = self.alarm.max(1.0) * ratio;
            if self.alarm >= ALARM {
                (self.recent, self.older, self.alarm) = (Counts::default(), Counts::default(), 1.0);
            }
        }
        // A new threshold needs the share and the comparator, which the next consultation brings.
        if let Some(force) = self.force {
            self.force = Some(self.judge(force.max_wrong_hits, force.error, force.shows));
        }
    }

    fn force(&mut self, max_wrong_hits: f64, error: ComparatorError) -> Force {
        if let Some(force) = self.force.filter(|known| known.max_wrong_hits == max_wrong_hits && known.error == error) {
            return force;
        }
        let (missed, blamed) = errs(&error);
        // Where the comparator may be no better than a coin, nothing can be learnt from it.
        let shows = if missed + blamed < 1.0 { blamed + max_wrong_hits * (1.0 - missed - blamed) } else { 0.0 };
        let force = self.judge(max_wrong_hits, error, shows);
        self.force = Some(force);
        force
    }

    /// The lowest score whose bet has won.
    fn judge(&self, max_wrong_hits: f64, error: ComparatorError, shows: f64) -> Force {
        let mut force = Force { max_wrong_hits, error, shows, threshold: CLOSED, evidence: (0, 0) };
        // NaN fails the comparison and stays closed.
        if !(shows > 0.0 && shows < 1.0) {
            return force;
        }
        let (mut samples, mut wrong) = (0, 0);
        let mut lowest = None;
        let counts = [&self.recent, &self.older];
        for (at, step) in GRID.iter().enumerate().rev() {
            samples += counts.iter().filter_map(|counts| counts.samples.get(at)).sum::<u64>();
            wrong += counts.iter().filter_map(|counts| counts.wrong.get(at)).sum::<u64>();
            if bounds::wealth(samples, wrong, shows) >= -EACH.ln() {
                lowest = Some((*step, samples, wrong));
            }
        }
        if let Some((step, samples, wrong)) = lowest {
            force.threshold = step;
            force.evidence = (samples, wrong);
        }
        force
    }
}

/// The most that the comparator overlooks and the least that it blames, each with a quarter of the promise's probability.
fn errs(error: &ComparatorError) -> (f64, f64) {
    let missed = bounds::at_most(error.different, error.missed, ALPHA / 4.0);
    let blamed = bounds::at_least(error.same, error.blamed, ALPHA / 4.0);
    (missed, blamed)
}
