//! What is reserved and not settled: sums by the moment at which they end by themselves.
//!
//! Reservations have no names here. A [`Ticket`](crate::Ticket) knows its amount and its end, so the state of a busy key
//! is as small as that of a calm one.

use crate::Expiry;
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Reservations that end at different moments of one sixteenth of their time are one sum.
const ENDS: u64 = 16;

/// All that is reserved, the first to end first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub(crate) struct Held(Vec<Sum>);

/// What ends at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub(crate) struct Sum {
    /// The moment.
    pub until_ms: u64,
    /// What counts as spent then.
    pub charge: u128,
    /// What is given back then.
    pub refund: u128,
}

/// When a reservation of `for_ms` ends: at least that long from now, and at most an eighth longer.
pub(crate) fn end(now_ms: u64, for_ms: u64) -> u64 {
    let step = (for_ms.checked_next_power_of_two().unwrap_or(1 << 63) / ENDS).max(1);
    now_ms.saturating_add(for_ms.max(1)).checked_next_multiple_of(step).unwrap_or(u64::MAX)
}

impl Held {
    /// All of it.
    pub fn total(&self) -> u128 {
        self.0.iter().map(|sum| sum.charge.saturating_add(sum.refund)).fold(0, u128::saturating_add)
    }

    /// Nothing is reserved.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reserves `amount` until a moment.
    pub fn add(&mut self, until_ms: u64, amount: u64, expiry: Expiry) {
        let at = self.0.partition_point(|sum| sum.until_ms < until_ms);
        if self.0.get(at).is_none_or(|sum| sum.until_ms != until_ms) {
            self.0.insert(at, Sum { until_ms, charge: 0, refund: 0 });
        }
        if let Some(sum) = self.0.get_mut(at) {
            let part = sum.part(expiry);
            *part = part.saturating_add(u128::from(amount));
        }
    }

    /// Ends a reservation. What is not there has been forgotten.
    pub fn remove(&mut self, until_ms: u64, amount: u64, expiry: Expiry) {
        let at = self.0.partition_point(|sum| sum.until_ms < until_ms);
        let Some(sum) = self.0.get_mut(at).filter(|sum| sum.until_ms == until_ms) else { return };
        let part = sum.part(expiry);
        *part = part.saturating_sub(u128::from(amount));
        if sum.charge == 0 && sum.refund == 0 {
            self.0.remove(at);
        }
    }

    /// When the last of it ends.
    pub fn last_end(&self) -> Option<u64> {
        self.0.last().map(|sum| sum.until_ms)
    }

    /// Takes out the first that ended.
    pub fn pop_ended(&mut self, now_ms: u64) -> Option<Sum> {
        let ended = self.0.first().is_some_and(|sum| sum.until_ms <= now_ms);
        ended.then(|| self.0.remove(0))
    }
}

impl Sum {
    fn part(&mut self, expiry: Expiry) -> &mut u128 {
        match expiry {
            Expiry::Charge => &mut self.charge,
            Expiry::Refund => &mut self.refund,
        }
    }
}
