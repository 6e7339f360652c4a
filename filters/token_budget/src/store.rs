//! The local store: a fixed table of slots in what all workers of an Envoy share, changed by compare-and-swap.
//!
//! The table is made on the main thread before any worker runs, and only where it is absent: a compare-and-swap of a missing
//! value always succeeds, so two first writers would both admit.

use bincode::enc::EncoderImpl;
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use bincode::{Decode, Encode};
use budget::{Standing, State};
use plugin::{Cx, RootCx, SharedError};

/// How often a slot is tried. Each try that fails is another's success.
const TRIES: usize = 1000;

/// By so many bytes a slot seldom grows at a time.
const ROOM: usize = 256;

/// What is spent of a limit, in so many parts.
const PARTS: u64 = 1000;

/// The largest slot that is read, in bytes.
const MAX_SLOT: usize = 1 << 20;

/// What all workers share.
pub(crate) trait Shared {
    fn get(&self, key: &str) -> Option<(Vec<u8>, u32)>;
    fn set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError>;
}

macro_rules! shared {
    ($cx:ident) => {
        impl Shared for $cx<'_> {
            fn get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
                self.shared_get(key)
            }

            fn set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError> {
                self.shared_set(key, value, version)
            }
        }
    };
}

shared!(Cx);
shared!(RootCx);

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    names: Vec<String>,
    most: usize,
}

/// One limit of one caller.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Entry {
    key: u128,
    /// From then on nothing is lost by forgetting it. Windows of the calendar end all at once, and balances never: what is spent
    /// more comes up to [`PARTS`] later.
    pub forget_at_ms: u64,
    pub state: State,
    /// Leases, for a limit that is kept in the service, the newest last. All of them are in one balance.
    pub leases: Vec<Lease>,
}

/// A part of a shared budget that this Envoy may spend.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Lease {
    /// The reservation's name at the service.
    pub id: [u8; 16],
    pub granted: u64,
    pub until_ms: u64,
    /// How the shared limit stood when it was taken.
    pub standing: Standing,
}

/// What is in one slot.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    entries: Vec<Entry>,
    most: usize,
    /// Entries that had to go though something of them still counted.
    pub forgotten: usize,
}

/// A slot was changed by others all the time, or the host did not take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

impl Table {
    pub fn new(name: &str, slots: u32, most: u32) -> Self {
        let names = (0..slots).map(|slot| format!("modelgate.budget.{name}.{slot}")).collect();
        Self { names, most: most as usize }
    }

    /// Makes the slots that are absent.
    pub fn make(&self, shared: &mut dyn Shared) {
        for name in &self.names {
            if shared.get(name).is_none() {
                let _ = shared.set(name, &[], None);
            }
        }
    }

    /// The slot of a caller.
    pub fn slot_of(&self, caller: u128) -> usize {
        // The remainder of 128 bits, without a division of 128 bits: there are at most 2^16 slots.
        let slots = self.names.len().max(1) as u64;
        let (high, low) = ((caller >> 64) as u64, caller as u64);
        let shift = (u64::MAX % slots + 1) % slots;
        ((high % slots * shift + low % slots) % slots) as usize
    }

    /// Changes a slot. `change` is called anew for as long as another worker is faster; with `Err` nothing is written.
    pub fn update<T, E>(
        &self,
        shared: &mut dyn Shared,
        slot: usize,
        mut change: impl FnMut(&mut Slot) -> Result<T, E>,
    ) -> Result<Result<T, E>, Busy> {
        let Some(name) = self.names.get(slot) else { return Err(Busy) };
        for _ in 0..TRIES {
            let (bytes, version) =
                shared.get(name).map_or((Vec::new(), None), |(bytes, version)| (bytes, Some(version)));
            let mut content = Slot { entries: decode(&bytes), most: self.most, forgotten: 0 };
            let changed = match change(&mut content) {
                Ok(changed) => changed,
                Err(error) => return Ok(Err(error)),
            };
            match shared.set(name, &encode(&content.entries, bytes.len() + ROOM), version) {
                Ok(()) => return Ok(Ok(changed)),
                Err(SharedError::Changed) => {}
                Err(SharedError::Failed) => return Err(Busy),
            }
        }
        Err(Busy)
    }
}

impl Slot {
    /// Takes an entry out, or makes one. Put it back.
    pub fn take(&mut self, key: u128, now_ms: u64) -> Entry {
        match self.entries.iter().position(|entry| entry.key == key) {
            Some(at) => self.entries.swap_remove(at),
            // The time tells it from one that was forgotten before.
            None => Entry { key, forget_at_ms: 0, state: State::new(now_ms), leases: Vec::new() },
        }
    }

    /// Puts an entry in. Where it is one too many, those go that count for nothing, and then the one nearest to that.
    pub fn put(&mut self, mut entry: Entry, limit: &budget::Limit, now_ms: u64) {
        entry.forget_at_ms = if !entry.leases.is_empty() {
            u64::MAX
        } else if *limit == budget::Limit::empty_balance() && entry.state.reserved() == 0 {
            // What is left of a lease that was given back is counted at the service already.
            now_ms
        } else {
            let at = entry.state.forget_at_ms(limit).min(u64::MAX - 2 * PARTS);
            at + share(entry.state.standing(limit, now_ms))
        };
        if self.entries.len() >= self.most {
            self.entries.retain(|other| other.forget_at_ms > now_ms);
        }
        while self.entries.len() >= self.most {
            let first = (0..).zip(&self.entries).min_by_key(|(_, other)| other.forget_at_ms);
            let Some(at) = first.map(|(at, _)| at) else { break };
            self.entries.swap_remove(at);
            self.forgotten += 1;
        }
        self.entries.push(entry);
    }
}

/// What is spent or reserved of all that may be, in [`PARTS`].
fn share(Standing { limit, remaining, .. }: Standing) -> u64 {
    let taken = limit.saturating_sub(u64::try_from(remaining).unwrap_or(0));
    match taken.checked_mul(PARTS) {
        Some(parts) => parts / limit.max(1),
        None => taken / (limit / PARTS).max(1),
    }
    .min(PARTS)
}

/// `room`: how many bytes it will probably be.
fn encode(entries: &[Entry], room: usize) -> Vec<u8> {
    let mut encoder = EncoderImpl::new(Bytes(Vec::with_capacity(room)), bincode::config::standard());
    // Numbers and sequences into memory do not fail.
    match entries.encode(&mut encoder) {
        Ok(()) => encoder.into_writer().0,
        Err(_) => Vec::new(),
    }
}

/// Bytes in one piece of memory: bincode's own way measures first, by encoding everything twice.
struct Bytes(Vec<u8>);

impl Writer for Bytes {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// What another version wrote is forgotten.
fn decode(bytes: &[u8]) -> Vec<Entry> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let config = bincode::config::standard().with_limit::<MAX_SLOT>();
    bincode::decode_from_slice(bytes, config).map(|(entries, _)| entries).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Slot, Table};
    use budget::{Limit, Unit, Window, Zone};

    #[test]
    fn of_those_that_end_at_once_the_least_spent_is_forgotten() {
        let now = 1_790_000_000_000;
        let day = Window::Calendar { unit: Unit::Day, zone: Zone::UTC };
        for (small, large) in [
            (Limit::new(10, day.clone()), Limit::new(1 << 62, day)),
            (Limit::new(0, Window::Balance { initial: 10 }), Limit::new(0, Window::Balance { initial: 1 << 62 })),
        ] {
            let (small, large) = (small.unwrap(), large.unwrap());
            let mut slot = Slot { most: 4, ..Slot::default() };
            for (key, limit, spent) in
                [(1, &small, 10), (2, &small, 4), (3, &large, large.burst() / 3), (4, &large, u64::MAX), (5, &small, 5)]
            {
                let mut entry = slot.take(key, now);
                entry.state.charge(limit, now, spent);
                slot.put(entry, limit, now);
            }
            let mut left: Vec<u128> = slot.entries.iter().map(|entry| entry.key).collect();
            left.sort_unstable();
            assert_eq!((left, slot.forgotten), (vec![1, 2, 4, 5], 1));
        }
    }

    #[test]
    fn a_caller_s_slot_is_the_remainder_of_its_number() {
        for slots in [1, 2, 3, 64, 1000, 65_535, 65_536_u32] {
            let table = Table::new("t", slots, 4);
            for caller in [0, 1, u128::from(u64::MAX), 1 << 64, u128::MAX, 0x8b1c_9985_5ca7_fda8_bb68_db02_c1ab_65bb] {
                assert_eq!(table.slot_of(caller) as u128, caller % u128::from(slots), "{caller} of {slots}");
            }
        }
    }
}
