//! What is kept: accounts, reservations, and the names of top-ups that were made.

use budget::{Limit, State, Ticket, Window};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The first byte of a record. Another one is of another version.
const VERSION: u8 = 1;

/// How long a reservation is remembered after its end, so that settling it late or twice is settling it once.
pub const LATE_MS: u64 = 3_600_000;

/// The longest time that a store is told to keep a record for: a hundred years. Redis refuses times beyond its own range, in the
/// middle of a script.
const LONGEST_MS: u64 = 100 * 366 * 86_400_000;

/// How long the name of a top-up is remembered.
pub const ONCE_MS: u64 = 7 * 86_400_000;

/// The name of a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// The account of a key.
    Account(String),
    /// A reservation.
    Reservation([u8; 16]),
    /// A top-up of a key, by its idempotency key.
    TopUp(String, String),
}

impl Name {
    /// As bytes: a letter for its kind, then the name.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Account(key) => [b"a:", key.as_bytes()].concat(),
            Self::Reservation(id) => [b"r:", id.as_slice()].concat(),
            // The length keeps "ab" + "c" from "a" + "bc".
            Self::TopUp(key, once) => [format!("t:{}:{key}", key.len()).as_bytes(), once.as_bytes()].concat(),
        }
    }

    /// What [`Name::bytes`] made; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if let Some(id) = bytes.strip_prefix(b"r:") {
            return Some(Self::Reservation(id.try_into().ok()?));
        }
        if let Some(rest) = bytes.strip_prefix(b"t:") {
            let (length, text) = std::str::from_utf8(rest).ok()?.split_once(':')?;
            let (key, once) = text.split_at_checked(length.parse().ok()?)?;
            return Some(Self::TopUp(key.to_owned(), once.to_owned()));
        }
        Self::account_key(bytes).map(|key| Self::Account(key.to_owned()))
    }

    /// The key of an account, from its bytes.
    pub fn account_key(bytes: &[u8]) -> Option<&str> {
        std::str::from_utf8(bytes.strip_prefix(b"a:")?).ok()
    }
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// See [`Account`].
    Account(Box<Account>),
    /// A reservation that is not settled: its demands, in order.
    Open {
        /// One per demand.
        parts: Vec<Part>,
        /// When it may be forgotten, in milliseconds since the epoch.
        until_ms: u64,
    },
    /// A reservation that was settled.
    Settled {
        /// Its first demand, whose standing is told to whoever settles again.
        first: Option<String>,
        /// When it may be forgotten, in milliseconds since the epoch.
        until_ms: u64,
    },
    /// A top-up that was made.
    Done {
        /// When it may be forgotten, in milliseconds since the epoch.
        until_ms: u64,
    },
}

/// One limit for one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The limit, as it was last named.
    pub limit: Limit,
    /// What is spent and reserved.
    pub state: State,
    /// When it was last changed, in milliseconds since the epoch.
    pub used_ms: u64,
}

/// One demand of a reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The account's key.
    pub key: String,
    /// The limit when it was reserved.
    pub limit: Limit,
    /// What was reserved.
    pub ticket: Ticket,
}

/// Bytes that are no record of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of the budget's store is damaged, or of another version")]
pub struct RecordError;

impl Record {
    /// How long it is to be kept from now on; `None`: for ever.
    pub fn kept_for(&self, now_ms: u64, idle: Duration) -> Option<u64> {
        match self {
            Self::Account(account) => account.kept_for(now_ms, idle),
            Self::Open { until_ms, .. } | Self::Settled { until_ms, .. } | Self::Done { until_ms } => {
                Some(until_ms.saturating_sub(now_ms).max(1))
            }
        }
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        // Writing plain values into memory does not fail; a record of one byte would be reported as damaged.
        out.extend(bincode::serde::encode_to_vec(self, bincode::config::standard()).unwrap_or_default());
        out
    }

    /// From bytes.
    ///
    /// # Errors
    /// They are no record.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let (version, rest) = bytes.split_first().ok_or(RecordError)?;
        let config = bincode::config::standard().with_limit::<{ 1 << 20 }>();
        match bincode::serde::decode_from_slice(rest, config) {
            Ok((record, read)) if *version == VERSION && read == rest.len() => Ok(record),
            _ => Err(RecordError),
        }
    }
}

impl Account {
    /// How long it is to be kept without further use, what is reserved to its end; `None`: for ever.
    pub fn kept_for(&self, now_ms: u64, idle: Duration) -> Option<u64> {
        if matches!(self.limit.window(), Window::Balance { .. }) {
            return None;
        }
        let idle = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        let mut state = self.state.clone();
        state.advance(&self.limit, now_ms);
        let counts = state.forget_at_ms(&self.limit).saturating_sub(now_ms);
        Some(idle.max(counts).min(LONGEST_MS))
    }

    /// Nothing but sums would be lost by forgetting it.
    pub fn may_go(&self, now_ms: u64, idle: Duration) -> bool {
        let idle = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        let mut state = self.state.clone();
        state.advance(&self.limit, now_ms);
        now_ms.saturating_sub(self.used_ms) >= idle && state.is_as_new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use budget::{Ask, Expiry};

    #[test]
    fn an_account_is_kept_for_as_long_as_something_is_reserved() {
        let (now, day) = (1_790_000_000_000, 86_400_000);
        let limit = Limit::new(5, Window::Sliding { period_ms: 60_000 }).unwrap_or_else(|_| Limit::empty_balance());
        let mut account = Account { limit: limit.clone(), state: State::new(1), used_ms: now };
        let idle = Duration::from_millis(day);
        assert_eq!(account.kept_for(now, idle), Some(day));
        let ask = Ask { amount: 1, expires_after_ms: 3 * day, expiry: Expiry::Charge, at_once: false, force: false };
        let mut parts = [budget::Part { limit: &limit, state: &mut account.state, ask }];
        assert!(budget::reserve(&mut parts, now, None).is_ok());
        assert!(account.kept_for(now, idle).is_some_and(|kept| kept >= 3 * day));
    }
}
