//! All that is known of one limit for one key.

use crate::held::{self, Held};
use crate::limit::{Limit, Window};
use crate::spent::Spent;
use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The first byte of an encoded state. Another one is of another version.
const VERSION: u8 = 1;

/// A clock that goes back by more than a day was wrong before, in milliseconds. Less may be two hosts whose clocks differ (by a time
/// zone, at worst): if each of them dated anew what the other one spent, what is spent would drain with every call.
const REWIND_MS: u64 = 86_400_000;

/// The longest encoded state that is read, in bytes.
const MAX_BYTES: usize = 1 << 16;

/// One limit for one key: what is spent, what is reserved, and all that was ever settled.
///
/// Time that goes backwards stands still here until it has caught up; where a clock was wrong by more than a day, what is
/// spent is dated anew instead, so that no caller waits for years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct State {
    epoch: u64,
    now_ms: u64,
    spent: Spent,
    held: Held,
    settled: u128,
}

/// What becomes of a reservation that nobody settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// All of it counts as spent.
    #[default]
    Charge,
    /// All of it is given back.
    Refund,
}

/// What is asked of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// How much, in the limit's unit.
    pub amount: u64,
    /// After how many milliseconds the reservation ends by itself; up to an eighth later.
    pub expires_after_ms: u64,
    /// How it ends then.
    pub expiry: Expiry,
    /// It counts as spent now, not when it is settled: for what is known before, such as one request. Settling makes up the
    /// difference. Without meaning for a limit of concurrency.
    pub at_once: bool,
    /// It is taken whatever the limit says.
    pub force: bool,
}

/// A reservation, in the hands of who has to settle it: exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// How much is reserved.
    pub amount: u64,
    epoch: u64,
    at_ms: u64,
    until_ms: u64,
    expiry: Expiry,
    at_once: bool,
}

/// How a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Encode, Decode)]
pub struct Standing {
    /// The most that may be spent.
    pub limit: u64,
    /// What is left beside all reservations. Negative where more was settled than reserved.
    pub remaining: i64,
    /// Milliseconds until the window is full again, or new.
    pub reset_ms: u64,
}

/// Bytes that are no state of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no state of a budget, or one of another version")]
pub struct CodecError;

impl State {
    /// A key of which nothing is known. `epoch` tells this state from an earlier one of the same key that was forgotten:
    /// a random number, or the time.
    pub fn new(epoch: u64) -> Self {
        Self { epoch, now_ms: 0, spent: Spent::Nothing, held: Held::default(), settled: 0 }
    }

    /// Lets time pass: windows roll on, and reservations that ended are charged or given back.
    pub fn advance(&mut self, limit: &Limit, now_ms: u64) {
        if now_ms.saturating_add(REWIND_MS) < self.now_ms {
            self.spent.rewind(limit, now_ms);
            self.now_ms = now_ms;
        }
        let now_ms = now_ms.max(self.now_ms);
        while let Some(ended) = self.held.pop_ended(now_ms) {
            self.spent.advance(limit, ended.until_ms);
            self.spend(ended.until_ms, ended.charge);
        }
        self.spent.advance(limit, now_ms);
        self.now_ms = now_ms;
    }

    /// What could be reserved now. The state was advanced.
    pub(crate) fn free(&self, limit: &Limit) -> u64 {
        let taken = self.spent.used().saturating_add(self.held.total());
        u64::try_from(self.spent.capacity(limit).saturating_sub(taken)).unwrap_or(u64::MAX)
    }

    /// How long until `amount` is free, in milliseconds; `None` where waiting does not help. The state was advanced.
    pub(crate) fn wait(&self, limit: &Limit, amount: u64) -> Option<u64> {
        self.spent.wait(limit, self.now_ms, self.held.total(), u128::from(amount))
    }

    /// Reserves `amount`, which was found free. The state was advanced.
    pub(crate) fn take(&mut self, limit: &Limit, ask: &Ask, amount: u64) -> Ticket {
        let at_once = ask.at_once && *limit.window() != Window::Concurrency;
        let until_ms = held::end(self.now_ms, ask.expires_after_ms);
        if at_once {
            self.spend(self.now_ms, u128::from(amount));
        } else if amount > 0 {
            self.held.add(until_ms, amount, ask.expiry);
        }
        Ticket { amount, epoch: self.epoch, at_ms: self.now_ms, until_ms, expiry: ask.expiry, at_once }
    }

    /// Ends a reservation with what was really spent; 0 gives all back. It may be more or less than reserved, and it counts
    /// even where the reservation ended by itself or the state was forgotten meanwhile.
    pub fn settle(&mut self, limit: &Limit, now_ms: u64, ticket: &Ticket, spent: u64) {
        self.advance(limit, now_ms);
        let ended = ticket.until_ms <= self.now_ms;
        if ticket.epoch != self.epoch {
            self.spend(self.now_ms, u128::from(spent));
        } else if ticket.at_once {
            self.correct(limit, ticket.at_ms, ticket.amount, spent);
        } else if ended && ticket.expiry == Expiry::Charge {
            self.correct(limit, ticket.until_ms, ticket.amount, spent);
        } else {
            if !ended {
                self.held.remove(ticket.until_ms, ticket.amount, ticket.expiry);
            }
            self.spend(self.now_ms, u128::from(spent));
        }
    }

    /// Counts what was spent without a reservation.
    pub fn charge(&mut self, limit: &Limit, now_ms: u64, amount: u64) {
        self.advance(limit, now_ms);
        self.spend(self.now_ms, u128::from(amount));
    }

    /// Makes what was spent at `at_ms` another amount.
    fn correct(&mut self, limit: &Limit, at_ms: u64, was: u64, is: u64) {
        if let Some(more) = is.checked_sub(was) {
            self.spend(self.now_ms, u128::from(more));
        } else {
            let less = u128::from(was.saturating_sub(is));
            self.spent.refund(limit, at_ms, less);
            self.settled = self.settled.saturating_sub(less);
        }
    }

    fn spend(&mut self, at_ms: u64, amount: u128) {
        if amount > 0 {
            self.spent.spend(at_ms, amount);
            self.settled = self.settled.saturating_add(amount);
        }
    }

    /// How the limit stands.
    pub fn standing(&mut self, limit: &Limit, now_ms: u64) -> Standing {
        self.advance(limit, now_ms);
        let capacity = self.spent.capacity(limit);
        let taken = self.spent.used().saturating_add(self.held.total());
        Standing {
            limit: u64::try_from(capacity).unwrap_or(u64::MAX),
            remaining: match capacity.checked_sub(taken) {
                Some(left) => i64::try_from(left).unwrap_or(i64::MAX),
                None => i64::try_from(taken - capacity).map_or(i64::MIN, |over| -over),
            },
            reset_ms: self.spent.reset_ms(limit, self.now_ms),
        }
    }

    /// What is reserved and not settled.
    pub fn reserved(&self) -> u64 {
        u64::try_from(self.held.total()).unwrap_or(u64::MAX)
    }

    /// All that was settled since the last reset, ended reservations that were charged among it.
    pub fn settled(&self) -> u64 {
        u64::try_from(self.settled).unwrap_or(u64::MAX)
    }

    /// Nothing would be lost by forgetting this state, which was advanced: nothing is reserved, and nothing spent counts.
    pub fn is_as_new(&self) -> bool {
        self.held.is_empty() && self.spent.is_as_new()
    }

    /// From when on nothing would be lost by forgetting this state, if nobody asked for it any more: what is reserved has
    /// ended by then, and what is spent counts no more. `u64::MAX` for a balance that was touched.
    pub fn forget_at_ms(&self, limit: &Limit) -> u64 {
        // Most states hold nothing when they are put away, and need no copy.
        if let Some(end) = self.held.last_end() {
            let mut last = self.clone();
            last.advance(limit, end);
            return last.counts_until(limit);
        }
        self.counts_until(limit)
    }

    /// See [`State::forget_at_ms`], where nothing is reserved.
    fn counts_until(&self, limit: &Limit) -> u64 {
        match &self.spent {
            _ if self.is_as_new() => self.now_ms,
            Spent::Balance { .. } => u64::MAX,
            spent => self.now_ms.saturating_add(spent.reset_ms(limit, self.now_ms)),
        }
    }

    /// Makes this what was spent in the present window (a balance: what is left). Reservations stay.
    pub fn set(&mut self, limit: &Limit, now_ms: u64, amount: u64) {
        self.advance(limit, now_ms);
        self.spent.set(limit, self.now_ms, amount);
    }

    /// Forgets what was spent, and all that was settled. Reservations and what was topped up stay.
    pub fn reset(&mut self, limit: &Limit, now_ms: u64) {
        self.advance(limit, now_ms);
        self.spent.forget();
        self.settled = 0;
    }

    /// Adds to a balance; gives back to any other limit.
    pub fn top_up(&mut self, limit: &Limit, now_ms: u64, amount: u64) {
        self.advance(limit, now_ms);
        match &mut self.spent {
            Spent::Balance { added, .. } => *added = added.saturating_add(i128::from(amount)),
            spent => spent.refund(limit, self.now_ms, u128::from(amount)),
        }
    }

    /// This state as bytes, for a store. Tens of bytes, unless reservations of very different length are open.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        // Writing numbers and sequences into memory does not fail; an empty state would be forgotten, not wrong.
        out.extend(bincode::encode_to_vec(self, bincode::config::standard()).unwrap_or_default());
        out
    }

    /// Reads what [`State::encode`] wrote.
    ///
    /// # Errors
    /// Other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let (version, rest) = bytes.split_first().ok_or(CodecError)?;
        let config = bincode::config::standard().with_limit::<MAX_BYTES>();
        match bincode::decode_from_slice::<Self, _>(rest, config) {
            Ok((state, read)) if *version == VERSION && read == rest.len() => Ok(state),
            _ => Err(CodecError),
        }
    }
}
