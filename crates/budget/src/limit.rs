//! A limit: how much, and over which time.

use crate::{Unit, Zone};
use serde::{Deserialize, Serialize};

/// The longest period, in milliseconds: a hundred years.
const MAX_PERIOD_MS: u64 = 100 * 366 * 86_400_000;

/// How much may be spent. Checked: periods are never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Limit {
    amount: u64,
    window: Window,
}

/// Over which time a limit counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The generic cell rate algorithm (ITU-T I.371, annex A): the amount per period, `burst` of it at once.
    TokenBucket {
        /// Milliseconds in which the whole amount comes back.
        period_ms: u64,
        /// The most at once; 0 for the amount.
        burst: u64,
    },
    /// The amount in any period. What is spent counts for up to 1/32 of the period longer than it would have to.
    Sliding {
        /// Milliseconds.
        period_ms: u64,
    },
    /// The amount in each minute, hour, day or month of a time zone.
    Calendar {
        /// The unit.
        unit: Unit,
        /// Whose clocks count.
        zone: Zone,
    },
    /// What was topped up and is not spent yet. The limit's amount does not count.
    Balance {
        /// What a key starts with.
        initial: u64,
    },
    /// The amount at any moment: what is reserved, and nothing else.
    Concurrency,
}

/// A limit that cannot be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// A period of no time.
    #[error("the period is 0; give at least one millisecond")]
    NoPeriod,
    /// A period above a hundred years.
    #[error("the period is above a hundred years")]
    LongPeriod,
}

impl Limit {
    /// A limit of `amount`, in the limit's own unit.
    ///
    /// # Errors
    /// A period of 0, or above a hundred years.
    pub fn new(amount: u64, window: Window) -> Result<Self, LimitError> {
        match window {
            Window::TokenBucket { period_ms: 0, .. } | Window::Sliding { period_ms: 0 } => Err(LimitError::NoPeriod),
            Window::TokenBucket { period_ms, .. } | Window::Sliding { period_ms } if period_ms > MAX_PERIOD_MS => {
                Err(LimitError::LongPeriod)
            }
            window => Ok(Self { amount, window }),
        }
    }

    /// A balance that holds nothing until it is topped up.
    pub fn empty_balance() -> Self {
        Self { amount: 0, window: Window::Balance { initial: 0 } }
    }

    /// The most that may be spent: per window, in one period, or at any moment.
    pub fn amount(&self) -> u64 {
        self.amount
    }

    /// Over which time it counts.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// The most at once, for a key of which nothing is known.
    pub fn burst(&self) -> u64 {
        match self.window {
            Window::TokenBucket { burst, .. } if burst > 0 => burst,
            Window::Balance { initial } => initial,
            _ => self.amount,
        }
    }
}

/// A limit as it is written.
#[derive(Serialize, Deserialize)]
struct Unchecked {
    amount: u64,
    window: Window,
}

impl TryFrom<Unchecked> for Limit {
    type Error = LimitError;

    fn try_from(limit: Unchecked) -> Result<Self, LimitError> {
        Self::new(limit.amount, limit.window)
    }
}

impl From<Limit> for Unchecked {
    fn from(Limit { amount, window }: Limit) -> Self {
        Self { amount, window }
    }
}
