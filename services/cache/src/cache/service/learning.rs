//! What the error budget has learnt, kept with the entries and shared by all instances of a store.
//!
//! A lesson is learnt on the note as the store has it, and the note is replaced only where it is still that one. So the lessons
//! of several instances add up as if one had learnt them all, and what they forget after an alarm is forgotten by all.

use crate::cache::decide::{Bound, ComparatorError, ErrorBudget, PoolState, Served};
use crate::cache::store::Store;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The note that holds it.
const NOTE: &str = "error_budget";

/// How often a note is read again where another instance was faster.
const TRIES: usize = 32;

/// How many lessons wait for a store that is away; those beyond are not learnt.
const WAITING: usize = 4096;

/// Would-be hits that were compared, and what follows from them.
#[derive(Default)]
pub(super) struct Learning {
    budget: Mutex<ErrorBudget>,
    /// Lessons that are not in the note yet.
    waiting: Mutex<Vec<Lesson>>,
    /// When the note was last read. Whoever reads or replaces it holds this.
    read: tokio::sync::Mutex<Option<Instant>>,
}

/// A would-be hit that was compared.
#[derive(Debug, Clone)]
pub(super) struct Lesson {
    /// The pool that learns.
    pub(super) pool: String,
    /// The verifier's score.
    pub(super) score: f32,
    /// Both answers say the same.
    pub(super) right: bool,
}

impl Learning {
    /// How old the lessons of other instances may be for a decision.
    pub(super) const FRESH: Duration = Duration::from_secs(5);

    /// As [`ErrorBudget::consult`].
    pub(super) fn consult(&self, pool: &str, max: f64, error: &ComparatorError, score: f32, random: f64) -> Served {
        self.budget.lock().consult(pool, max, error, score, random)
    }

    /// As [`ErrorBudget::bounds`].
    pub(super) fn bounds(&self) -> Vec<Bound> {
        self.budget.lock().bounds()
    }

    /// Reads what all have learnt, unless that was done in this time.
    pub(super) async fn refresh(&self, store: &dyn Store, within: Duration) {
        // Whoever holds it is about to know.
        let Ok(mut read) = self.read.try_lock() else { return };
        if read.is_some_and(|at| at.elapsed() < within) {
            return;
        }
        // A store that is away is not asked for every request.
        *read = Some(Instant::now());
        if let Ok(note) = store.note(NOTE).await {
            self.budget.lock().adopt(decode(note.as_deref()));
        }
    }

    /// Adds a lesson, and those that wait, to what all have learnt.
    pub(super) async fn learn(&self, store: &dyn Store, lesson: Lesson) {
        self.wait([lesson]);
        let mut read = self.read.lock().await;
        let lessons = std::mem::take(&mut *self.waiting.lock());
        if lessons.is_empty() {
            // Somebody took it along.
            return;
        }
        for _ in 0..TRIES {
            let Ok(note) = store.note(NOTE).await else { return self.wait(lessons) };
            let learnt = self.learnt(note.as_deref(), &lessons);
            let Ok(learnt) = serde_json::to_vec(&learnt) else { return };
            match store.replace_note(NOTE, note.as_deref(), learnt).await {
                Ok(true) => {
                    *read = Some(Instant::now());
                    return;
                }
                Ok(false) => {}
                // It may have been replaced all the same: nothing is learnt twice.
                Err(_) => return,
            }
        }
        self.wait(lessons);
    }

    /// What is known after these lessons to whom this note was known.
    fn learnt(&self, note: Option<&[u8]>, lessons: &[Lesson]) -> BTreeMap<String, PoolState> {
        let mut budget = self.budget.lock();
        budget.adopt(decode(note));
        for Lesson { pool, score, right } in lessons {
            budget.learn(pool, *score, *right);
        }
        budget.snapshot()
    }

    fn wait(&self, lessons: impl IntoIterator<Item = Lesson>) {
        let mut waiting = self.waiting.lock();
        let room = WAITING.saturating_sub(waiting.len());
        waiting.extend(lessons.into_iter().take(room));
    }
}

/// A note that cannot be read, such as one of another version, teaches nothing.
fn decode(note: Option<&[u8]>) -> BTreeMap<String, PoolState> {
    note.and_then(|note| serde_json::from_slice(note).ok()).unwrap_or_default()
}
