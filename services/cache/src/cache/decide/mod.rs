//! The decision: may an entry of the cache answer this question? In steps, each of which says why it refused.
//!
//! 1. the similarity of the candidates against the threshold,
//! 2. the [slot guard](guard): numbers, units, negation, antonyms, names, order,
//! 3. the verifier, which weighs what is left,
//! 4. where the policy states a bearable share of wrong hits, the [`ErrorBudget`].
//!
//! Steps 1 to 3 are [`Decision::judge`], a pure function of texts and vectors; step 4 needs what was learnt, and is
//! [`ErrorBudget::consult`]. The exact tier comes before all of this and is not judged.

mod budget;
mod candidate;
mod comparator;
mod decision;
pub mod guard;

pub use budget::{Bound, ErrorBudget, PoolState, Served};
pub use candidate::{Asked, Candidate};
pub use comparator::{Comparator, ComparatorError, Compared, Comparison};
pub use decision::{Accepted, Decision, Refused, Verdict};
