//! What is spent, as each kind of window counts it.

use crate::limit::{Limit, Window};
use crate::{RETRY_HELD_MS, Unit};
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A sliding window is counted in this many cells.
const CELLS: u64 = 32;

/// What is spent under one limit, up to a moment to which it was advanced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub(crate) enum Spent {
    /// Nothing yet; also all that a limit of concurrency ever has.
    #[default]
    Nothing,
    /// A level that drains. It is scaled by the period, so that a millisecond drains exactly the limit's amount.
    Bucket { scaled: u128, period_ms: u64, at_ms: u64 },
    /// Cells of equal width by their number since the epoch, the oldest first.
    Sliding { width_ms: u64, cells: Vec<(u64, u128)> },
    /// One window, what was spent in it, and the moment of its first use.
    Calendar { unit: Unit, since_ms: u64, end_ms: u64, used: u128 },
    /// What was added to the first balance (or taken, by setting it), and what was spent since the last reset.
    Balance { added: i128, spent: u128 },
}

impl Spent {
    /// Lets time pass, and makes this of the limit's kind. What was counted by another kind is forgotten.
    pub fn advance(&mut self, limit: &Limit, now_ms: u64) {
        match (limit.window(), &mut *self) {
            (Window::TokenBucket { period_ms, .. }, Self::Bucket { scaled, period_ms: of, at_ms }) => {
                if of != period_ms {
                    // The limit was changed: as many units, rounded up.
                    *scaled = units(*scaled, *of).saturating_mul(u128::from(*period_ms));
                    *of = *period_ms;
                }
                let passed = u128::from(now_ms.saturating_sub(*at_ms));
                *scaled = scaled.saturating_sub(passed * u128::from(limit.amount()));
                *at_ms = now_ms.max(*at_ms);
            }
            (Window::TokenBucket { period_ms, .. }, _) => {
                *self = Self::Bucket { scaled: 0, period_ms: *period_ms, at_ms: now_ms };
            }
            (Window::Sliding { period_ms }, Self::Sliding { width_ms, cells }) => {
                if *width_ms != width(*period_ms) {
                    let sum = cells.iter().map(|(_, spent)| *spent).fold(0, u128::saturating_add);
                    *width_ms = width(*period_ms);
                    *cells = vec![(now_ms / *width_ms, sum)];
                }
                // A cell counts until its youngest spending is a period old.
                cells.retain(|(cell, spent)| *spent > 0 && freed(*cell, *width_ms, *period_ms) > now_ms);
            }
            (Window::Sliding { period_ms }, _) => {
                *self = Self::Sliding { width_ms: width(*period_ms), cells: Vec::new() };
            }
            (Window::Calendar { unit, zone }, Self::Calendar { unit: of, since_ms, end_ms, used }) => {
                if now_ms >= *end_ms {
                    *used = 0;
                    *since_ms = now_ms;
                }
                if now_ms >= *end_ms || of != unit {
                    *end_ms = zone.window_end(*unit, now_ms);
                    *of = *unit;
                }
            }
            (Window::Calendar { unit, zone }, _) => {
                let end_ms = zone.window_end(*unit, now_ms);
                *self = Self::Calendar { unit: *unit, since_ms: now_ms, end_ms, used: 0 };
            }
            (Window::Balance { .. }, Self::Balance { .. }) => {}
            (Window::Balance { .. }, _) => *self = Self::Balance { added: 0, spent: 0 },
            (Window::Concurrency, _) => *self = Self::Nothing,
        }
    }

    /// Dates all that is spent at an earlier moment than the one that this was advanced to.
    pub fn rewind(&mut self, limit: &Limit, now_ms: u64) {
        match (limit.window(), self) {
            (_, Self::Bucket { at_ms, .. }) => *at_ms = now_ms,
            (_, Self::Sliding { width_ms, cells }) => {
                let sum = cells.iter().map(|(_, spent)| *spent).fold(0, u128::saturating_add);
                *cells = vec![(now_ms / (*width_ms).max(1), sum)];
            }
            (Window::Calendar { zone, .. }, Self::Calendar { unit, since_ms, end_ms, .. }) => {
                *since_ms = now_ms;
                *end_ms = zone.window_end(*unit, now_ms);
            }
            _ => {}
        }
    }

    /// Spends at a moment, which is the one that this was advanced to.
    pub fn spend(&mut self, now_ms: u64, amount: u128) {
        match self {
            Self::Nothing => {}
            Self::Bucket { scaled, period_ms, .. } => {
                *scaled = scaled.saturating_add(amount.saturating_mul(u128::from(*period_ms)));
            }
            Self::Sliding { width_ms, cells } => {
                let cell = now_ms / (*width_ms).max(1);
                match cells.last_mut() {
                    Some((last, spent)) if *last >= cell => *spent = spent.saturating_add(amount),
                    _ => cells.push((cell, amount)),
                }
            }
            Self::Calendar { used, .. } => *used = used.saturating_add(amount),
            Self::Balance { spent, .. } => *spent = spent.saturating_add(amount),
        }
    }

    /// Takes back what was spent at a moment. Never more than what is sure to be counted still: a part of a bucket's level
    /// may have drained since.
    pub fn refund(&mut self, limit: &Limit, at_ms: u64, amount: u128) {
        match self {
            Self::Nothing => {}
            Self::Bucket { scaled, period_ms, at_ms: now } => {
                let drained = u128::from(now.saturating_sub(at_ms)) * u128::from(limit.amount());
                let still = amount.saturating_mul(u128::from(*period_ms)).saturating_sub(drained);
                *scaled = scaled.saturating_sub(still);
            }
            Self::Sliding { width_ms, cells } => {
                let cell = at_ms / (*width_ms).max(1);
                if let Some((_, spent)) = cells.iter_mut().find(|(number, _)| *number == cell) {
                    *spent = spent.saturating_sub(amount);
                }
            }
            Self::Calendar { used, since_ms, .. } if at_ms >= *since_ms => *used = used.saturating_sub(amount),
            Self::Calendar { .. } => {}
            Self::Balance { spent, .. } => *spent = spent.saturating_sub(amount),
        }
    }

    /// What is spent, in units, rounded up.
    pub fn used(&self) -> u128 {
        match self {
            Self::Nothing => 0,
            Self::Bucket { scaled, period_ms, .. } => units(*scaled, *period_ms),
            Self::Sliding { cells, .. } => cells.iter().map(|(_, spent)| *spent).fold(0, u128::saturating_add),
            Self::Calendar { used, .. } => *used,
            Self::Balance { spent, .. } => *spent,
        }
    }

    /// The most that may be spent and reserved.
    pub fn capacity(&self, limit: &Limit) -> u128 {
        match self {
            Self::Balance { added, .. } => u128::try_from(added.saturating_add(i128::from(limit.burst()))).unwrap_or(0),
            _ => u128::from(limit.burst()),
        }
    }

    /// Nothing would be lost by forgetting this.
    pub fn is_as_new(&self) -> bool {
        self.used() == 0 && !matches!(self, Self::Balance { added, .. } if *added != 0)
    }

    /// How long until `amount` more could be spent beside what is reserved, in milliseconds; `None` where waiting does not
    /// help.
    pub fn wait(&self, limit: &Limit, now_ms: u64, reserved: u128, amount: u128) -> Option<u64> {
        let capacity = self.capacity(limit);
        if amount > capacity {
            return None;
        }
        let Some(room) = capacity.checked_sub(amount.saturating_add(reserved)) else { return Some(RETRY_HELD_MS) };
        match self {
            Self::Nothing => Some(RETRY_HELD_MS),
            Self::Bucket { scaled, period_ms, .. } => {
                let over = scaled.saturating_sub(room.saturating_mul(u128::from(*period_ms)));
                (limit.amount() > 0).then(|| clamp(over.div_ceil(u128::from(limit.amount()))))
            }
            Self::Sliding { width_ms, cells } => {
                let Window::Sliding { period_ms } = limit.window() else { return None };
                let mut over = self.used().saturating_sub(room);
                let mut wait = 0;
                for (cell, spent) in cells {
                    if over == 0 {
                        break;
                    }
                    over = over.saturating_sub(*spent);
                    wait = freed(*cell, *width_ms, *period_ms).saturating_sub(now_ms);
                }
                Some(wait)
            }
            Self::Calendar { end_ms, .. } => Some(end_ms.saturating_sub(now_ms)),
            Self::Balance { .. } => None,
        }
    }

    /// How long until nothing counts as spent any more, or a new window begins, in milliseconds.
    pub fn reset_ms(&self, limit: &Limit, now_ms: u64) -> u64 {
        match (self, limit.window()) {
            (Self::Bucket { scaled, .. }, _) if limit.amount() > 0 => {
                clamp(scaled.div_ceil(u128::from(limit.amount())))
            }
            (Self::Sliding { width_ms, cells }, Window::Sliding { period_ms }) => {
                cells.last().map_or(0, |(cell, _)| freed(*cell, *width_ms, *period_ms).saturating_sub(now_ms))
            }
            (Self::Calendar { end_ms, .. }, _) => end_ms.saturating_sub(now_ms),
            _ => 0,
        }
    }

    /// Makes this what was spent in the present window (a balance: what is left), whatever it was.
    pub fn set(&mut self, limit: &Limit, now_ms: u64, amount: u64) {
        match self {
            Self::Balance { added, spent } => {
                *added = i128::from(amount) - i128::from(limit.burst());
                *spent = 0;
            }
            _ => {
                self.forget();
                self.spend(now_ms, u128::from(amount));
            }
        }
    }

    /// Forgets what was spent; what was topped up stays.
    pub fn forget(&mut self) {
        match self {
            Self::Nothing => {}
            Self::Bucket { scaled, .. } => *scaled = 0,
            Self::Sliding { cells, .. } => cells.clear(),
            Self::Calendar { used, .. } => *used = 0,
            Self::Balance { spent, .. } => *spent = 0,
        }
    }
}

/// The width of the cells of a period.
fn width(period_ms: u64) -> u64 {
    period_ms.div_ceil(CELLS).max(1)
}

/// When the youngest spending of a cell is a period old.
fn freed(cell: u64, width_ms: u64, period_ms: u64) -> u64 {
    cell.saturating_add(1).saturating_mul(width_ms).saturating_sub(1).saturating_add(period_ms)
}

/// A scaled level in whole units, rounded up.
fn units(scaled: u128, period_ms: u64) -> u128 {
    scaled.div_ceil(u128::from(period_ms.max(1)))
}

/// A number of milliseconds.
fn clamp(ms: u128) -> u64 {
    u64::try_from(ms).unwrap_or(u64::MAX)
}
