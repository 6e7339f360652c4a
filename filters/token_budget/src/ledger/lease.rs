//! Leases: slices of a shared budget that this Envoy spends by itself.
//!
//! A lease is a balance in the local store, topped up by what the service gave. What is in the balance has been taken from
//! the shared budget, so gateways together never admit more than it holds. What a lease holds and nobody spends is missing
//! elsewhere until it is given back: at most one `lease_amount` for each gateway, for `lease_secs`.

use super::remote::{Service, demand, id};
use super::{Booking, Spent};
use crate::key::Key;
use crate::store::{Entry, Lease, Shared, Table};
use budget::{Ask, Part, Standing};
use cache_api::{Message, budget as message};
use plugin::{Call, Tag};
use std::rc::Rc;

/// How long the service waits for a lease that nobody gives back, in milliseconds beyond its time. It is charged then.
const GRACE_MS: u64 = 30_000;

/// The longest lease, in milliseconds.
pub(crate) const MAX_LEASE_MS: u64 = cache_api::MAX_EXPIRES_MS - GRACE_MS;

/// The most leases of one balance that are open at a time. The oldest is given back before another one is taken.
const MOST_OPEN: usize = 8;

/// How long before its end a lease is given back, in milliseconds.
const EARLY_MS: u64 = 1000;

/// A lease that this worker took, and has to give back.
#[derive(Debug)]
pub(crate) struct Kept {
    slot: usize,
    key: u128,
    until_ms: u64,
    demand: message::Demand,
}

/// A lease that is asked for.
#[derive(Debug)]
pub(crate) struct Asking {
    /// The name of the call.
    pub tag: Tag,
    /// The booking that needs it.
    pub at: usize,
    /// The reservation's name at the service.
    pub id: [u8; 16],
    /// How often it was asked for before.
    pub tries: u8,
}

impl Asking {
    /// Ends it, whether it was given or not.
    pub fn given_back(&self) -> message::Settlement {
        given_back(self.id)
    }
}

fn given_back(id: [u8; 16]) -> message::Settlement {
    message::Settlement { reservation: id.to_vec(), ..message::Settlement::default() }
}

/// The entry of what is leased of a limit. It has its own: what `failure_mode: local` counts is kept under the limit's.
pub(super) fn entry_of(key: &Key) -> u128 {
    !key.hash
}

/// The limit of what is leased: a balance of nothing, until it is topped up.
pub(super) fn balance() -> Rc<budget::Limit> {
    Rc::new(budget::Limit::empty_balance())
}

impl Booking {
    /// Takes it from the lease, if that holds enough.
    pub fn take_leased(&mut self, table: &Table, shared: &mut dyn Shared, term: super::local::Term) -> bool {
        let (slot, amount, key) = (table.slot_of(self.key.caller), self.amount, entry_of(&self.key));
        let taken = table.update(shared, slot, |slot| {
            let mut entry = slot.take(key, term.now_ms);
            let live = entry.leases.last().filter(|lease| lease.until_ms > term.now_ms).map(|lease| lease.standing);
            let (Some(standing), ask) = (live, ask(amount, term)) else { return Err(()) };
            let mut parts = [Part { limit: &balance(), state: &mut entry.state, ask }];
            let tickets = budget::reserve(&mut parts, term.now_ms, None).map_err(|_| ())?;
            slot.put(entry, &balance(), term.now_ms);
            Ok((tickets, standing))
        });
        let Ok(Ok((tickets, standing))) = taken else { return false };
        self.ticket = tickets.first().copied();
        self.leased = true;
        self.standing = Some(standing);
        true
    }

    /// The call that takes a new lease, and its name. After a refusal it asks for what this call needs and no more, so that many
    /// calls that begin at once do not keep from each other what none of them needs.
    pub fn lease(&self, service: &Service, tag: Tag, random: [u64; 2], tries: u8) -> (Call, [u8; 16]) {
        let id = id(random);
        let slice = if tries == 0 { self.limit.lease_amount.unwrap_or((self.rate.burst() / 100).max(1)) } else { 0 };
        let amount = slice.max(self.amount);
        let request = message::ReserveRequest {
            reservation: id.to_vec(),
            demands: vec![message::Demand { amount, at_once: false, ..demand(self) }],
            expires_after_ms: self.limit.lease_ms.saturating_add(GRACE_MS),
            expiry: message::Expiry::Charge.into(),
            least: self.amount,
            force: tries > 0 && self.limit.is_shadow(),
        };
        (service.call("Reserve", tag, request.encode_to_vec()), id)
    }

    /// Takes it from a lease that the service gave. Where another call's lease came first and holds enough, this one goes back:
    /// what is told of leases, and what this worker has to give back later.
    pub fn put_lease(
        &mut self,
        table: &Table,
        shared: &mut dyn Shared,
        id: [u8; 16],
        answer: &message::ReserveResponse,
        term: super::local::Term,
    ) -> Result<(Option<message::Settlement>, Option<Kept>), Spent> {
        if self.take_leased(table, shared, term) {
            return Ok((Some(given_back(id)), None));
        }
        let granted = answer.granted.first().copied().unwrap_or(0);
        let standing = answer.standings.first().map(|standing| Standing::from(*standing)).unwrap_or_default();
        let until_ms = term.now_ms.saturating_add(self.limit.lease_ms);
        let (slot, key, amount) = (table.slot_of(self.key.caller), entry_of(&self.key), self.amount);
        let demand = message::Demand { at_once: false, ..demand(self) };
        let put = table.update(shared, slot, |slot| {
            let mut entry = slot.take(key, term.now_ms);
            // What is left of the leases before is less than this call needs. It stays in the balance and is spent next; each of
            // them is told at its own end, when calls that run under it have come back.
            let before =
                (entry.leases.len() >= MOST_OPEN).then(|| end_oldest(&mut entry, &demand, term.now_ms)).flatten();
            entry.state.top_up(&balance(), term.now_ms, granted);
            entry.leases.push(Lease { id, granted, until_ms, standing });
            let mut parts = [Part { limit: &balance(), state: &mut entry.state, ask: ask(amount, term) }];
            let tickets = budget::reserve(&mut parts, term.now_ms, None).ok();
            slot.put(entry, &balance(), term.now_ms);
            Ok::<_, ()>((before, tickets))
        });
        let Ok(Ok((before, tickets))) = put else { return Err(Spent::Busy { by: 0 }) };
        self.ticket = tickets.and_then(|tickets| tickets.first().copied());
        self.leased = true;
        self.standing = Some(standing);
        Ok((before, Some(Kept { slot, key, until_ms, demand })))
    }
}

/// Gives back the leases whose time is over.
pub(crate) fn close_due(
    table: &Table,
    shared: &mut dyn Shared,
    kept: &mut Vec<Kept>,
    now_ms: u64,
) -> Vec<message::Settlement> {
    let due: Vec<Kept> = kept.extract_if(.., |kept| kept.until_ms <= now_ms.saturating_add(EARLY_MS)).collect();
    let mut told = Vec::new();
    for kept in &due {
        told.append(&mut close(table, shared, kept, now_ms));
    }
    told
}

/// Takes the leases out that end with this one. Another worker's newer leases stay.
fn close(table: &Table, shared: &mut dyn Shared, kept: &Kept, now_ms: u64) -> Vec<message::Settlement> {
    let closed = table.update(shared, kept.slot, |slot| {
        let mut entry = slot.take(kept.key, now_ms);
        let mut told = Vec::new();
        while entry.leases.first().is_some_and(|oldest| oldest.until_ms <= kept.until_ms) {
            told.extend(end_oldest(&mut entry, &kept.demand, now_ms));
        }
        if told.is_empty() {
            return Err(());
        }
        slot.put(entry, &balance(), now_ms);
        Ok(told)
    });
    closed.ok().and_then(Result::ok).unwrap_or_default()
}

/// Takes the oldest lease out. What the balance holds beside the newer ones goes back, but for what is reserved; what is
/// overdrawn is told as spent.
fn end_oldest(entry: &mut Entry, demand: &message::Demand, now_ms: u64) -> Option<message::Settlement> {
    if entry.leases.is_empty() {
        return None;
    }
    let lease = entry.leases.remove(0);
    let newer: u64 = entry.leases.iter().map(|lease| lease.granted).fold(0, u64::saturating_add);
    let left = entry.state.standing(&balance(), now_ms).remaining;
    let spent = match u64::try_from(left) {
        Ok(left) => {
            let back = left.saturating_sub(newer).min(lease.granted);
            entry.state.charge(&balance(), now_ms, back);
            lease.granted - back
        }
        Err(_) => {
            entry.state.top_up(&balance(), now_ms, left.unsigned_abs());
            lease.granted.saturating_add(left.unsigned_abs())
        }
    };
    Some(settlement(lease.id, spent, demand))
}

fn settlement(id: [u8; 16], spent: u64, demand: &message::Demand) -> message::Settlement {
    message::Settlement { reservation: id.to_vec(), spent: vec![spent], demands: vec![demand.clone()] }
}

fn ask(amount: u64, term: super::local::Term) -> Ask {
    Ask { amount, expires_after_ms: term.expires_ms, expiry: term.expiry.into(), at_once: false, force: false }
}
