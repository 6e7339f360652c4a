//! Do two answers say the same? Asked of a sampled would-be hit: the entry's answer and the model's fresh one.

use std::{future::Future, pin::Pin};

/// A comparison in the making. `Err` says why there is none; nothing is learnt then.
pub type Comparison<'a> = Pin<Box<dyn Future<Output = Result<Compared, String>> + Send + 'a>>;

/// Both answers to one question, as plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// Either would do.
    Same,
    /// One of them would be wrong.
    Different,
}

/// Compares two answers to one question. Named in the configuration.
pub trait Comparator: Send + Sync {
    /// `answer_embedding` or `judge:<model>`; part of the pool's name, as its error is part of the bound.
    fn id(&self) -> &str;

    /// Its own error, measured on labelled pairs of answers.
    fn error(&self) -> ComparatorError;

    /// The question asked, the entry's answer and the fresh one.
    fn compare<'a>(&'a self, asked: &'a str, kept: &'a str, fresh: &'a str) -> Comparison<'a>;
}

/// How often a comparator errs: counts of a measurement on labelled pairs of answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparatorError {
    /// Pairs that are different.
    pub different: u64,
    /// Those of them that it called the same: wrong hits that it overlooks.
    pub missed: u64,
    /// Pairs that are the same.
    pub same: u64,
    /// Those of them that it called different: right hits that it blames.
    pub blamed: u64,
}
