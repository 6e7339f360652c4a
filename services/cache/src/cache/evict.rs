//! What goes when there is no room: SIEVE within a tenant, and across tenants the one that holds the most bytes gives.
//!
//! SIEVE (Zhang et al., NSDI 2024): entries stand in a queue in the order in which they came, a hit only sets a mark, and a hand
//! moves from the oldest to the newest, takes away marks and evicts the first entry without one. It keeps what is asked again
//! as well as LRU or better, and a hit moves nothing. Choosing a victim is O(1) amortised, choosing the tenant O(log tenants).
//!
//! A tenant that fills the cache drives out its own entries, never a smaller tenant's.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

const NONE: u32 = u32::MAX;

/// How much may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries and bytes of one tenant.
    pub tenant: Room,
    /// Entries and bytes of all.
    pub total: Room,
}

/// An amount of entries: a bound or what is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// How many.
    pub entries: u64,
    /// Their bytes: question, answer, vector, and what is kept beside them.
    pub bytes: u64,
}

impl Room {
    fn exceeds(self, bound: Self) -> bool {
        self.entries > bound.entries || self.bytes > bound.bytes
    }

    fn add(&mut self, bytes: u32) {
        self.entries += 1;
        self.bytes += u64::from(bytes);
    }

    fn take(&mut self, bytes: u32) {
        self.entries = self.entries.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(u64::from(bytes));
    }
}

/// Who holds what, and who goes next. Entries are numbered by their owner, densely; tenants too.
#[derive(Debug)]
pub struct Ledger {
    limits: Limits,
    total: Room,
    nodes: Vec<Node>,
    queues: Vec<Queue>,
    by_bytes: BTreeSet<(u64, u32)>,
}

#[derive(Debug)]
struct Node {
    tenant: u32,
    bytes: u32,
    newer: u32,
    older: u32,
    asked: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Queue {
    room: Room,
    newest: u32,
    oldest: u32,
    hand: u32,
}

impl Ledger {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, total: Room::default(), nodes: Vec::new(), queues: Vec::new(), by_bytes: BTreeSet::new() }
    }

    /// What all hold.
    #[must_use]
    pub fn total(&self) -> Room {
        self.total
    }

    /// What one tenant holds.
    #[must_use]
    pub fn of(&self, tenant: u32) -> Room {
        self.queues.get(tenant as usize).map_or_else(Room::default, |queue| queue.room)
    }

    /// Whether an entry of this size fits at all.
    #[must_use]
    pub fn admits(&self, bytes: u32) -> bool {
        let alone = Room { entries: 1, bytes: u64::from(bytes) };
        !alone.exceeds(self.limits.tenant) && !alone.exceeds(self.limits.total)
    }

    /// A new entry, as the newest of its tenant. The number must be free.
    pub fn insert(&mut self, entry: u32, tenant: u32, bytes: u32) {
        while self.queues.len() <= tenant as usize {
            self.queues.push(Queue { room: Room::default(), newest: NONE, oldest: NONE, hand: NONE });
        }
        while self.nodes.len() <= entry as usize {
            let asked = AtomicBool::new(false);
            self.nodes.push(Node { tenant: NONE, bytes: 0, newer: NONE, older: NONE, asked });
        }
        let newest = self.queues.get(tenant as usize).map_or(NONE, |queue| queue.newest);
        if let Some(node) = self.nodes.get_mut(entry as usize) {
            *node = Node { tenant, bytes, newer: NONE, older: newest, asked: AtomicBool::new(false) };
        }
        if let Some(node) = self.nodes.get_mut(newest as usize) {
            node.newer = entry;
        }
        self.total.add(bytes);
        self.reckon(tenant, |queue| {
            queue.room.add(bytes);
            queue.newest = entry;
            if queue.oldest == NONE {
                queue.oldest = entry;
            }
        });
    }

    /// An entry answered.
    pub fn asked(&self, entry: u32) {
        if let Some(node) = self.nodes.get(entry as usize) {
            node.asked.store(true, Ordering::Relaxed);
        }
    }

    /// An entry is gone.
    pub fn remove(&mut self, entry: u32) {
        let Some(node) = self.nodes.get_mut(entry as usize) else { return };
        let (tenant, bytes, newer, older) = (node.tenant, node.bytes, node.newer, node.older);
        if tenant == NONE {
            return;
        }
        node.tenant = NONE;
        if let Some(node) = self.nodes.get_mut(newer as usize) {
            node.older = older;
        }
        if let Some(node) = self.nodes.get_mut(older as usize) {
            node.newer = newer;
        }
        self.total.take(bytes);
        self.reckon(tenant, |queue| {
            queue.room.take(bytes);
            if queue.newest == entry {
                queue.newest = older;
            }
            if queue.oldest == entry {
                queue.oldest = newer;
            }
            if queue.hand == entry {
                queue.hand = newer;
            }
        });
    }

    /// Who must go for the limits to hold: an entry of the tenant of `spared`, the entry that just came, or of the largest.
    /// `spared` itself is never chosen. `None` where the limits hold. The caller removes the victim and asks again.
    pub fn victim(&mut self, spared: u32) -> Option<u32> {
        let tenant = self.nodes.get(spared as usize)?.tenant;
        if self.of(tenant).exceeds(self.limits.tenant) {
            return self.sieve(tenant, spared);
        }
        if self.total.exceeds(self.limits.total) {
            let largest = self.by_bytes.iter().rev().map(|(_, tenant)| *tenant);
            // The largest may hold nothing but the spared entry; then the next gives.
            let candidates: Vec<u32> = largest.take(2).collect();
            return candidates.into_iter().find_map(|tenant| self.sieve(tenant, spared));
        }
        None
    }

    /// Moves the hand of a tenant's queue to the next victim.
    fn sieve(&mut self, tenant: u32, spared: u32) -> Option<u32> {
        let queue = *self.queues.get(tenant as usize)?;
        let mut at = if queue.hand == NONE { queue.oldest } else { queue.hand };
        // Twice round: the first may only take marks away.
        for _ in 0..=queue.room.entries.saturating_mul(2) {
            let node = self.nodes.get(at as usize)?;
            let next = if node.newer == NONE { queue.oldest } else { node.newer };
            if at != spared && !node.asked.swap(false, Ordering::Relaxed) {
                if let Some(queue) = self.queues.get_mut(tenant as usize) {
                    queue.hand = at;
                }
                return Some(at);
            }
            at = next;
        }
        None
    }

    /// Changes a tenant's queue and its place among the others.
    fn reckon(&mut self, tenant: u32, change: impl FnOnce(&mut Queue)) {
        let Some(queue) = self.queues.get_mut(tenant as usize) else { return };
        self.by_bytes.remove(&(queue.room.bytes, tenant));
        change(queue);
        if queue.room.entries > 0 {
            self.by_bytes.insert((queue.room.bytes, tenant));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Limits, Room};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const LIMITS: Limits = Limits { tenant: Room { entries: 6, bytes: 600 }, total: Room { entries: 12, bytes: 1000 } };

    #[derive(Debug, Clone)]
    enum Act {
        Insert { tenant: u32, bytes: u32 },
        Ask(prop::sample::Index),
        Remove(prop::sample::Index),
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            4 => (0..5_u32, 1..700_u32).prop_map(|(tenant, bytes)| Act::Insert { tenant, bytes }),
            2 => any::<prop::sample::Index>().prop_map(Act::Ask),
            1 => any::<prop::sample::Index>().prop_map(Act::Remove),
        ]
    }

    proptest! {
        #[test]
        fn the_bounds_hold_after_every_act(acts in proptest::collection::vec(act(), 1..300)) {
            let mut ledger = Ledger::new(LIMITS);
            let mut kept: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
            let mut next = 0;
            for act in acts {
                let pick = |index: &prop::sample::Index, kept: &BTreeMap<u32, (u32, u32)>| {
                    (!kept.is_empty()).then(|| *kept.keys().nth(index.index(kept.len())).unwrap())
                };
                match act {
                    Act::Insert { tenant, bytes } if ledger.admits(bytes) => {
                        let entry = next;
                        next += 1;
                        ledger.insert(entry, tenant, bytes);
                        kept.insert(entry, (tenant, bytes));
                        while let Some(victim) = ledger.victim(entry) {
                            prop_assert_ne!(victim, entry, "the entry that just came went");
                            prop_assert!(kept.remove(&victim).is_some(), "an entry went twice");
                            ledger.remove(victim);
                        }
                    }
                    Act::Insert { bytes, .. } => prop_assert!(bytes > 600),
                    Act::Ask(index) => {
                        if let Some(entry) = pick(&index, &kept) {
                            ledger.asked(entry);
                        }
                    }
                    Act::Remove(index) => {
                        if let Some(entry) = pick(&index, &kept) {
                            ledger.remove(entry);
                            kept.remove(&entry);
                        }
                    }
                }
                let bytes: u64 = kept.values().map(|(_, bytes)| u64::from(*bytes)).sum();
                prop_assert_eq!(ledger.total(), Room { entries: kept.len() as u64, bytes });
                prop_assert!(!ledger.total().exceeds(LIMITS.total));
                for tenant in 0..5 {
                    let own = kept.values().filter(|(of, _)| *of == tenant);
                    let bytes = own.clone().map(|(_, bytes)| u64::from(*bytes)).sum();
                    prop_assert_eq!(ledger.of(tenant), Room { entries: own.count() as u64, bytes });
                    prop_assert!(!ledger.of(tenant).exceeds(LIMITS.tenant));
                }
            }
        }
    }

    #[test]
    fn what_was_asked_stays_and_what_was_not_goes() {
        let mut ledger = Ledger::new(LIMITS);
        for entry in 0..6 {
            ledger.insert(entry, 0, 10);
        }
        ledger.asked(0);
        ledger.insert(6, 0, 10);
        assert_eq!(ledger.victim(6), Some(1));
        ledger.remove(1);
        assert_eq!(ledger.victim(6), None);
    }

    #[test]
    fn a_tenant_that_fills_the_cache_drives_out_its_own() {
        let mut ledger = Ledger::new(Limits { tenant: Room { entries: 100, bytes: 900 }, ..LIMITS });
        ledger.insert(0, 0, 100);
        for entry in 1..20 {
            ledger.insert(entry, 1, 80);
            while let Some(victim) = ledger.victim(entry) {
                assert_ne!(victim, 0);
                ledger.remove(victim);
            }
        }
        assert_eq!(ledger.of(0).entries, 1);
    }
}
