//! Steps 1 to 3 in their order.

use cache_api::cache::Step;

use super::{Asked, Candidate};

/// What the steps say of a question and its candidates.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// An entry would answer. Where the rules state `max_wrong_hits`, the error budget is asked next.
    Accepted(Accepted),
    /// No entry answers.
    Refused(Refused),
}

/// An entry that would answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// Its place in the candidates.
    pub index: usize,
    /// Cosine of the two questions.
    pub similarity: f32,
    /// What the verifier believes, 0 to 1; this is what the error budget ranks by.
    pub score: f32,
    /// The step that had the last word.
    pub step: Step,
}

/// Why no entry answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The step that refused the candidate that came furthest.
    pub step: Step,
    /// Cosine of the nearest candidate; 0 where there was none.
    pub similarity: f32,
    /// What differs, in a word or two for an operator, such as `number`; never a piece of the text.
    pub reason: &'static str,
}

/// The decision for one embedder: its thresholds and its verifier.
#[derive(Debug, Clone)]
pub struct Decision {
    threshold: f32,
}

impl Decision {
    /// How many candidates [`Decision::judge`] wants, best first: one would do, the others show how crowded the place is.
    pub const CANDIDATES: usize = 10;

    /// For the embedder with this id; an unknown one gets the strictest threshold.
    #[must_use]
    pub fn of(embedder: &str) -> Self {
        let _ = embedder;
        Self { threshold: 0.95 }
    }

    /// `threshold` is the policy's; 0 leaves the choice to what is known of the embedder. `candidates` are sorted by
    /// similarity, best first.
    #[must_use]
    pub fn judge(&self, threshold: f32, asked: Asked<'_>, candidates: &[Candidate<'_>]) -> Verdict {
        let _ = asked;
        let threshold = if threshold == 0.0 { self.threshold } else { threshold };
        match candidates.first() {
            Some(nearest) if nearest.similarity >= threshold => Verdict::Accepted(Accepted {
                index: 0,
                similarity: nearest.similarity,
                score: nearest.similarity,
                step: Step::Similarity,
            }),
            nearest => Verdict::Refused(Refused {
                step: Step::Similarity,
                similarity: nearest.map_or(0.0, |near| near.similarity),
                reason: "nothing near",
            }),
        }
    }
}
