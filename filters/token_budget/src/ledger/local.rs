//! Reservations in this Envoy's own store.

use super::Booking;
use crate::config::Expiry;
use crate::store::{Shared, Table};
use budget::{Ask, Part, Refusal};

/// Why nothing was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    /// A limit refused: the place of its booking, and when to try again in milliseconds, if that helps.
    Limit { by: usize, retry_after_ms: Option<u64> },
    /// The store is too busy, or is not there.
    Busy { by: usize },
}

/// For how long reservations are made, and what becomes of those that nobody settles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term {
    pub now_ms: u64,
    pub expires_ms: u64,
    pub expiry: Expiry,
}

impl From<Expiry> for budget::Expiry {
    fn from(expiry: Expiry) -> Self {
        match expiry {
            Expiry::Charge => Self::Charge,
            Expiry::Refund => Self::Refund,
        }
    }
}

/// Reserves these bookings, all or none. How many entries had to be forgotten for that.
pub(crate) fn reserve(
    table: &Table,
    shared: &mut dyn Shared,
    bookings: &mut [Booking],
    which: &[usize],
    term: Term,
) -> Result<usize, Spent> {
    let mut forgotten = 0;
    for group in groups(table, bookings, which) {
        match reserve_slot(table, shared, bookings, &group, term) {
            Ok(lost) => forgotten += lost,
            // What is not counted is better than what is refused for it.
            Err(Spent::Busy { .. }) if group.is_shadow(bookings) => {}
            Err(spent) => {
                // Transient for the others: what was taken first is given back.
                give_back(table, shared, bookings, which, term.now_ms);
                return Err(spent);
            }
        }
    }
    Ok(forgotten)
}

fn reserve_slot(
    table: &Table,
    shared: &mut dyn Shared,
    bookings: &mut [Booking],
    group: &Group,
    term: Term,
) -> Result<usize, Spent> {
    let by = group.places.first().copied().unwrap_or(0);
    let taken = table.update(shared, group.slot, |slot| {
        let mine = group.places.iter().filter_map(|at| bookings.get(*at));
        let mut mine: Vec<_> = mine.map(|booking| (booking, slot.take(booking.key.hash, term.now_ms))).collect();
        let mut parts: Vec<Part<'_>> = mine
            .iter_mut()
            .map(|(booking, entry)| Part {
                limit: &booking.rate,
                state: &mut entry.state,
                ask: Ask {
                    amount: booking.amount,
                    expires_after_ms: term.expires_ms,
                    expiry: term.expiry.into(),
                    at_once: booking.limit.at_once(),
                    force: booking.limit.is_shadow(),
                },
            })
            .collect();
        let tickets = budget::reserve(&mut parts, term.now_ms, None)?;
        let mut taken = Vec::with_capacity(tickets.len());
        for ((booking, mut entry), ticket) in mine.into_iter().zip(tickets) {
            taken.push((ticket, entry.state.standing(&booking.rate, term.now_ms)));
            slot.put(entry, &booking.rate, term.now_ms);
        }
        Ok::<_, Refusal>((taken, slot.forgotten))
    });
    match taken {
        Ok(Ok((taken, forgotten))) => {
            for (at, (ticket, standing)) in group.places.iter().zip(taken) {
                if let Some(booking) = bookings.get_mut(*at) {
                    (booking.ticket, booking.leased) = (Some(ticket), false);
                    booking.standing = Some(standing);
                }
            }
            Ok(forgotten)
        }
        Ok(Err(Refusal { by, retry_after_ms })) => {
            Err(Spent::Limit { by: group.places.get(by).copied().unwrap_or(0), retry_after_ms })
        }
        Err(_) => Err(Spent::Busy { by }),
    }
}

/// Ends the local reservations of these bookings as if they had never been.
pub(crate) fn give_back(
    table: &Table,
    shared: &mut dyn Shared,
    bookings: &mut [Booking],
    which: &[usize],
    now_ms: u64,
) {
    settle(table, shared, bookings, which, &[], now_ms);
}

/// Ends the local reservations of these bookings with what was spent on each booking; nothing, where that is not said. Those that
/// the store was too busy for end by themselves.
pub(crate) fn settle(
    table: &Table,
    shared: &mut dyn Shared,
    bookings: &mut [Booking],
    which: &[usize],
    spent: &[u64],
    now_ms: u64,
) {
    let open = |at: &usize| bookings.get(*at).is_some_and(|booking| booking.ticket.is_some());
    let which: Vec<usize> = which.iter().copied().filter(open).collect();
    for group in groups(table, bookings, &which) {
        let settled = table.update(shared, group.slot, |slot| {
            for at in &group.places {
                let Some(booking) = bookings.get(*at) else { continue };
                let Some(ticket) = &booking.ticket else { continue };
                let (key, rate) = match booking.leased {
                    true => (super::lease::entry_of(&booking.key), super::lease::balance()),
                    false => (booking.key.hash, booking.rate.clone()),
                };
                let mut entry = slot.take(key, now_ms);
                entry.state.settle(&rate, now_ms, ticket, spent.get(*at).copied().unwrap_or(0));
                slot.put(entry, &rate, now_ms);
            }
            Ok::<(), ()>(())
        });
        if settled == Ok(Ok(())) {
            for at in &group.places {
                if let Some(booking) = bookings.get_mut(*at) {
                    booking.ticket = None;
                }
            }
        }
    }
}

/// How a local limit stands for a caller.
pub(crate) fn standing(
    table: &Table,
    shared: &mut dyn Shared,
    booking: &Booking,
    now_ms: u64,
) -> Option<budget::Standing> {
    let slot = table.slot_of(booking.key.caller);
    let mut standing = None;
    // Nothing is written.
    let _ = table.update(shared, slot, |slot| {
        standing = Some(slot.take(booking.key.hash, now_ms).state.standing(&booking.rate, now_ms));
        Err::<(), ()>(())
    });
    standing
}

/// Bookings that lie in one slot.
struct Group {
    slot: usize,
    places: Vec<usize>,
}

impl Group {
    /// Whether all of it only counts.
    fn is_shadow(&self, bookings: &[Booking]) -> bool {
        self.places.iter().all(|at| bookings.get(*at).is_some_and(|booking| booking.limit.is_shadow()))
    }
}

fn groups(table: &Table, bookings: &[Booking], which: &[usize]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for at in which {
        let Some(booking) = bookings.get(*at) else { continue };
        let slot = table.slot_of(booking.key.caller);
        match groups.iter_mut().find(|group| group.slot == slot) {
            Some(group) => group.places.push(*at),
            None => groups.push(Group { slot, places: vec![*at] }),
        }
    }
    groups
}
