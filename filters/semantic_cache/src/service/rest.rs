//! A rest for a service that fails: while it lasts nobody waits for its deadline. Per worker, by the time that is given.

use std::cell::Cell;

/// So many failures in a row begin a rest.
const FAILURES: u32 = 5;

/// How long it lasts, in nanoseconds.
const LASTS: u64 = 1_000_000_000;

/// Whether the service is asked.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    failures: Cell<u32>,
    until: Cell<u64>,
}

impl Rest {
    /// Whether it rests at this time.
    pub fn is_on(&self, now: u64) -> bool {
        now < self.until.get()
    }

    /// It answered, whatever it said.
    pub fn answered(&self) {
        self.failures.set(0);
        self.until.set(0);
    }

    /// It did not.
    pub fn failed(&self, now: u64) {
        let failures = self.failures.get().saturating_add(1);
        self.failures.set(failures);
        if failures >= FAILURES {
            self.until.set(now.saturating_add(LASTS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_after_failures_in_a_row_and_tries_again() {
        let rest = Rest::default();
        (0..4).for_each(|_| rest.failed(10));
        assert!(!rest.is_on(10));
        rest.answered();
        (0..5).for_each(|_| rest.failed(10));
        assert!(rest.is_on(11) && !rest.is_on(10 + LASTS));
        rest.failed(10 + LASTS);
        assert!(rest.is_on(11 + LASTS), "one failure after a rest is enough");
        rest.answered();
        assert!(!rest.is_on(11 + LASTS));
    }
}
