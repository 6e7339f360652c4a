//! What one call reserved, where, and how it ends.

mod lease;
mod local;
mod remote;

pub(crate) use lease::{Asking, Kept, MAX_LEASE_MS, close_due};
pub(crate) use local::{Spent, Term, give_back, reserve, settle, standing};
pub(crate) use remote::{Remote, Service, Verdict};

use crate::key::Key;
use crate::limits::Limit;
use budget::{Standing, Ticket};
use std::rc::Rc;

/// One limit that a call counts in.
#[derive(Debug)]
pub(crate) struct Booking {
    pub limit: Rc<Limit>,
    /// The limit of this caller's tier.
    pub rate: Rc<budget::Limit>,
    pub key: Key,
    /// How much is reserved.
    pub amount: u64,
    /// The reservation in this Envoy's store.
    pub ticket: Option<Ticket>,
    /// It is kept as a lease: the ticket is of that.
    pub leased: bool,
    /// It only adds to another booking of the same limit: nothing is spent on it.
    pub extra: bool,
    /// How the limit stood once this was taken.
    pub standing: Option<Standing>,
}

impl Booking {
    /// The part of the limit that is spent, in percent; more than 100 where it is overdrawn.
    pub fn percent_spent(&self) -> Option<u64> {
        let standing = self.standing.filter(|standing| standing.limit > 0)?;
        let spent = i128::from(standing.limit) - i128::from(standing.remaining);
        u64::try_from(spent.max(0) * 100 / i128::from(standing.limit)).ok()
    }
}
