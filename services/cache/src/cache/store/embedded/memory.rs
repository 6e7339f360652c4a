//! What the embedded store keeps in memory: names, vectors, epochs, and who goes next. Some 150 bytes an entry beside its vector,
//! and some 400 a partition.
//!
//! Readers are many, the writer is one: it takes the locks one after the other, never two, so that a scan of one partition
//! holds up nobody else.

use super::partitions::Partitions;
use crate::cache::evict::{Ledger, Limits};
use crate::cache::index::{Index, Life};
use crate::cache::partition::{EntryId, EpochKey, PartitionId, Selector};
use crate::cache::store::{Entry, Usage};
use ahash::RandomState;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// No row, no slot.
const NONE: u32 = u32::MAX;

/// The memory.
pub(super) struct Memory {
    limits: Limits,
    state: RwLock<State>,
}

struct State {
    /// An entry's place is its number in the ledger, too.
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_id: HashMap<EntryId, u32, RandomState>,
    partitions: Partitions,
    tenants: HashMap<String, u32, RandomState>,
    epochs: HashMap<EpochKey, u64, RandomState>,
    ledger: Ledger,
    evictions: u64,
    next_seq: u64,
}

#[derive(Clone, Copy)]
struct Slot {
    id: EntryId,
    seq: u64,
    /// The number of the entry that it replaced, which counts until the disk has this one; 0 for none.
    before: u64,
    expires_ms: u64,
    /// [`NONE`] where the slot is free.
    partition: u32,
    /// [`NONE`] where there is no vector.
    row: u32,
}

/// The vectors of a partition, which readers scan without the state's lock.
type SharedIndex = Arc<RwLock<Index>>;

impl State {
    fn new(limits: Limits) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::default(),
            partitions: Partitions::default(),
            tenants: HashMap::default(),
            epochs: HashMap::default(),
            ledger: Ledger::new(limits),
            evictions: 0,
            next_seq: 1,
        }
    }

    /// All of [`Memory::insert`] but the vector: the entry's place, and where its vector goes.
    fn enter(&mut self, entry: &Entry, seq: u64, cost: u32) -> (u32, Option<Arc<RwLock<Index>>>) {
        let dims = entry.vector.as_ref().map(|vector| vector.components().len());
        let (partition, index) = self.partitions.enter(entry.partition, &entry.labels, dims);
        let replaced = self.by_id.get(&entry.id).and_then(|place| self.slots.get(*place as usize));
        let before = replaced.map_or(0, |slot| slot.seq);
        let slot = Slot { id: entry.id, seq, before, expires_ms: entry.expires_ms, partition, row: NONE };
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
            }
        };
        if let Some(free) = self.slots.get_mut(place as usize) {
            *free = slot;
        }
        self.by_id.insert(entry.id, place);
        let tenant = self.tenant(&entry.labels.tenant);
        self.ledger.insert(place, tenant, cost);
        self.next_seq = self.next_seq.max(seq + 1);
        (place, index)
    }

    /// All of [`Memory::remove`] but the vector: the number on disk, the row, and where it is.
    fn leave(&mut self, place: u32) -> Option<(u64, u32, Option<SharedIndex>)> {
        let slot = self.slots.get_mut(place as usize).filter(|slot| slot.partition != NONE)?;
        let Slot { id, seq, partition, row, .. } = *slot;
        slot.partition = NONE;
        let index = if row == NONE { None } else { self.partitions.index_of(partition) };
        if self.by_id.get(&id) == Some(&place) {
            self.by_id.remove(&id);
        }
        self.free.push(place);
        self.ledger.remove(place);
        self.partitions.leave(partition);
        Some((seq, row, index))
    }

    fn set_row(&mut self, place: u32, row: u32) {
        if let Some(slot) = self.slots.get_mut(place as usize) {
            slot.row = row;
        }
    }

    fn tenant(&mut self, name: &str) -> u32 {
        if let Some(number) = self.tenants.get(name) {
            return *number;
        }
        let number = u32::try_from(self.tenants.len()).unwrap_or(NONE);
        self.tenants.insert(name.to_owned(), number);
        number
    }
}

impl Memory {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, state: RwLock::new(State::new(limits)) }
    }

    /// Forgets all, to be filled anew.
    pub(super) fn clear(&self) {
        *self.state.write() = State::new(self.limits);
    }

    pub(super) fn epochs(&self, keys: &[EpochKey]) -> Vec<u64> {
        let state = self.state.read();
        keys.iter().map(|key| state.epochs.get(key).copied().unwrap_or(0)).collect()
    }

    pub(super) fn set_epoch(&self, key: EpochKey, value: u64) {
        self.state.write().epochs.insert(key, value);
    }

    /// The number on disk of an entry that has not expired, and of the one that it replaced; counts as use.
    pub(super) fn find(&self, id: EntryId, now_ms: u64) -> Option<[u64; 2]> {
        let state = self.state.read();
        let place = *state.by_id.get(&id)?;
        let slot = state.slots.get(place as usize)?;
        if slot.expires_ms <= now_ms {
            return None;
        }
        state.ledger.asked(place);
        Some([slot.seq, slot.before])
    }

    /// The vectors of a partition.
    pub(super) fn index(&self, partition: PartitionId) -> Option<Arc<RwLock<Index>>> {
        self.state.read().partitions.index(partition)
    }

    pub(super) fn usage(&self, tenant: Option<&str>) -> Usage {
        let state = self.state.read();
        let room = match tenant {
            None => state.ledger.total(),
            Some(name) => state.tenants.get(name).map(|tenant| state.ledger.of(*tenant)).unwrap_or_default(),
        };
        Usage { room, evictions: state.evictions }
    }

    /// Whether an entry of this cost fits at all.
    pub(super) fn admits(&self, cost: u32) -> bool {
        self.state.read().ledger.admits(cost)
    }

    /// A number on disk that was never used.
    pub(super) fn next_seq(&self) -> u64 {
        let mut state = self.state.write();
        let seq = state.next_seq;
        state.next_seq += 1;
        seq
    }

    /// Adds an entry. One of the same name is found no more, and must be removed next.
    pub(super) fn insert(&self, entry: &Entry, seq: u64, cost: u32) {
        let (place, index) = self.state.write().enter(entry, seq, cost);
        // Not under the state's lock: a scan may hold the index. Nobody finds this entry before its transaction ends.
        if let (Some(vector), Some(index)) = (&entry.vector, index) {
            let life = Life { created_ms: entry.created_ms, expires_ms: entry.expires_ms };
            let row = index.write().push(vector, seq, place, life);
            self.state.write().set_row(place, row.unwrap_or(NONE));
        }
    }

    /// Removes the entry in a place: its number on disk.
    pub(super) fn remove(&self, place: u32) -> Option<u64> {
        let (seq, row, index) = self.state.write().leave(place)?;
        if let Some(index) = index {
            let moved = index.write().remove(row);
            if let Some(owner) = moved {
                self.state.write().set_row(owner, row);
            }
        }
        Some(seq)
    }

    /// Where an entry is.
    pub(super) fn place(&self, id: EntryId) -> Option<u32> {
        self.state.read().by_id.get(&id).copied()
    }

    /// The number on disk of the entry in a place.
    pub(super) fn seq(&self, place: u32) -> Option<u64> {
        self.state.read().slots.get(place as usize).filter(|slot| slot.partition != NONE).map(|slot| slot.seq)
    }

    /// Whether the entry in a place only waits to be removed.
    pub(super) fn forgotten(&self, place: u32) -> bool {
        let state = self.state.read();
        state.slots.get(place as usize).is_some_and(|slot| state.partitions.forgotten(slot.partition))
    }

    /// The next entry that must go for the entry `spared` to stay within the limits. It is counted as evicted.
    pub(super) fn victim(&self, spared: EntryId) -> Option<u32> {
        let mut state = self.state.write();
        let spared = *state.by_id.get(&spared)?;
        let victim = state.ledger.victim(spared)?;
        state.evictions += 1;
        Some(victim)
    }

    /// Raises an epoch: its new value.
    pub(super) fn raised(&self, key: EpochKey) -> u64 {
        self.state.read().epochs.get(&key).copied().unwrap_or(0) + 1
    }

    /// Marks what a selector names as forgotten; how many entries that are.
    pub(super) fn forget(&self, selector: &Selector) -> u64 {
        self.state.write().partitions.forget(selector)
    }

    /// Marks one partition as forgotten.
    pub(super) fn forget_partition(&self, id: PartitionId) {
        self.state.write().partitions.forget_one(id);
    }

    /// Looks at `count` places from `from` on: those whose entries have expired or are forgotten, and whether that was the end.
    pub(super) fn gone(&self, from: usize, count: usize, now_ms: u64) -> (Vec<u32>, bool) {
        let state = self.state.read();
        let gone = |slot: &Slot| {
            slot.partition != NONE && (slot.expires_ms <= now_ms || state.partitions.forgotten(slot.partition))
        };
        let looked = state.slots.iter().enumerate().skip(from).take(count);
        let places = looked.filter(|(_, slot)| gone(slot)).filter_map(|(place, _)| u32::try_from(place).ok()).collect();
        (places, from + count >= state.slots.len())
    }
}
