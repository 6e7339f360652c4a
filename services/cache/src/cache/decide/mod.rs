//! The decision: may an entry of the cache answer this question? In steps, each of which says why it refused.
//!
//! 1. the similarity of the candidates against the threshold,
//! 2. the [slot guard](guard): numbers, units, negation, antonyms, names, order,
//! 3. the verifier, which weighs what is left,
//! 4. where the policy states a bearable share of wrong hits, the [`ErrorBudget`].
//!
//! Steps 1 to 3 are [`Decision::judge`], a pure function of texts and vectors; step 4 needs what was learnt, and is
//! [`ErrorBudget::consult`]. The exact tier comes before all of this and is not judged.
//!
//! How the service uses it, where the rules state `max_wrong_hits`: the pool is named by policy, embedder and comparator. An
//! accepted would-be hit is [consulted](ErrorBudget::consult) on. [`Served::Sample`] is a miss for the caller; its ticket
//! carries the entry's name and the score, and when the fresh answer is stored, the [`Comparator`] is asked and
//! [`ErrorBudget::learn`] is told. Where an answer never comes, nothing is learnt.

mod bounds;
mod budget;
mod candidate;
mod comparator;
mod decision;
pub mod features;
pub mod guard;
mod lexicon;
pub mod sentence;
pub mod verifier;
mod wording;

pub use budget::{Bound, ErrorBudget, PoolState, Served};
pub use candidate::{Asked, Candidate};
pub use comparator::{AnswerEmbedding, Comparator, ComparatorError, Compared, Comparison, Judge};
pub use decision::{Accepted, Decision, Refused, Verdict};
