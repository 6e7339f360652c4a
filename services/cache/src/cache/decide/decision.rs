//! Steps 1 to 3 in their order.

use cache_api::cache::{Rules, Step};

use super::{
    Asked, Candidate,
    features::{self, CROWD_SIZE},
    guard::{self, Slot},
    sentence::Sentence,
    verifier::Verifier,
    wording,
};

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
    floor: f32,
    enough: f32,
    verifier: Option<Verifier>,
}

impl Decision {
    /// How many candidates [`Decision::judge`] wants, best first: one would do, the others show how crowded the place is.
    pub const CANDIDATES: usize = CROWD_SIZE;

    /// For the embedder with this id. One that no verifier was trained for gets a strict threshold and the guard.
    #[must_use]
    pub fn of(embedder: &str) -> Self {
        Self::with(Verifier::of(embedder))
    }

    /// With this verifier.
    #[must_use]
    pub fn with(verifier: Option<Verifier>) -> Self {
        let enough = verifier.as_ref().map_or(0.0, |verifier| verifier.enough);
        let threshold = if verifier.is_some() { 0.80 } else { 0.95 };
        Self { threshold, floor: threshold.min(0.80), enough, verifier }
    }

    /// With another least probability, such as `modelgate-cache calibrate` prints.
    #[must_use]
    pub fn enough(mut self, enough: f32) -> Self {
        self.enough = enough;
        self
    }

    /// Which candidate may answer. `candidates` are sorted by similarity, best first.
    ///
    /// Where the rules state a share of wrong hits, everything above a low floor that the guard lets through is accepted
    /// with its score, and the error budget decides on it. Else the policy's threshold (or the embedder's), the guard and
    /// the verifier decide.
    #[must_use]
    pub fn judge(&self, rules: &Rules, asked: Asked<'_>, candidates: &[Candidate<'_>]) -> Verdict {
        let budgeted = rules.max_wrong_hits > 0.0;
        let threshold = match rules.threshold {
            given if given != 0.0 => given,
            _ if budgeted => self.floor,
            _ => self.threshold,
        };
        let nearest = candidates.first().map_or(0.0, |near| near.similarity);
        let refused = |step, reason| Verdict::Refused(Refused { step, similarity: nearest, reason });
        let question = Sentence::of(asked.text);
        let mut objection: Option<Slot> = None;
        // Comparisons with NaN are false: a broken similarity never passes.
        for (index, candidate) in candidates.iter().enumerate().take_while(|(_, one)| one.similarity >= threshold) {
            let kept = Sentence::of(candidate.text);
            if let Some(slot) = guard::judge(asked.text, &question, candidate.text, &kept) {
                objection = objection.or(Some(slot));
                continue;
            }
            let (score, step) = self.score(asked, &question, candidates, index, &kept);
            if !budgeted && score < self.enough {
                return refused(Step::Verifier, "unlikely");
            }
            return Verdict::Accepted(Accepted { index, similarity: candidate.similarity, score, step });
        }
        match objection {
            Some(slot) => refused(Step::Guard, slot.name()),
            None if candidates.is_empty() => refused(Step::Similarity, "no entry"),
            None => refused(Step::Similarity, "not near enough"),
        }
    }

    fn score(
        &self,
        asked: Asked<'_>,
        question: &Sentence,
        candidates: &[Candidate<'_>],
        index: usize,
        kept: &Sentence,
    ) -> (f32, Step) {
        let Some(candidate) = candidates.get(index) else { return (0.0, Step::Similarity) };
        let plain = (candidate.similarity.clamp(0.0, 1.0), Step::Guard);
        if wording::is_same(asked.text, candidate.text) {
            return (1.0, Step::Guard);
        }
        let Some(verifier) = &self.verifier else { return plain };
        let pair = features::pair(question, asked.text, kept, candidate.text, candidate.similarity);
        let crowd = features::all(&pair, asked, candidates, index);
        let crowd = crowd.and_then(|all| verifier.crowd.probability(&all));
        let near = || pair.first_chunk::<{ features::NEAR }>().and_then(|near| verifier.near.probability(near));
        crowd.or_else(near).map_or(plain, |score| (score, Step::Verifier))
    }
}
