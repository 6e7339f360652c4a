//! The error budget: how many wrong hits are bearable, and what is known of them.

use std::collections::BTreeMap;

use super::ComparatorError;

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
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolState {}

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
    /// What was kept of an earlier run.
    #[must_use]
    pub fn restore(pools: BTreeMap<String, PoolState>) -> Self {
        Self { pools }
    }

    /// What to keep.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<String, PoolState> {
        self.pools.clone()
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
        let _ = (pool, max_wrong_hits, error, score, random);
        Served::Sample
    }

    /// A sampled would-be hit was compared: `right` where both answers say the same.
    pub fn learn(&mut self, pool: &str, score: f32, right: bool) {
        let _ = (pool, score, right);
    }

    /// What each pool knows, by name.
    #[must_use]
    pub fn bounds(&self) -> Vec<Bound> {
        Vec::new()
    }
}
