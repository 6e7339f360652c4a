//! The partitions that have entries, by number: whose they are, and their vectors.

use crate::cache::index::Index;
use crate::cache::partition::{PartitionId, Selector};
use crate::cache::store::Labels;
use ahash::RandomState;
use parking_lot::RwLock;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The partitions.
#[derive(Default)]
pub(super) struct Partitions {
    by_id: HashMap<PartitionId, u32, RandomState>,
    places: Vec<Option<Partition>>,
    free: Vec<u32>,
    /// A label set is kept once, however many partitions carry it.
    labels: HashSet<Arc<Labels>, RandomState>,
}

struct Partition {
    id: PartitionId,
    labels: Arc<Labels>,
    index: Option<Arc<RwLock<Index>>>,
    entries: u32,
    /// An epoch was raised above it: its entries only wait to be removed.
    forgotten: bool,
}

impl Partitions {
    /// The vectors of a partition, unless it has none.
    pub(super) fn index(&self, id: PartitionId) -> Option<Arc<RwLock<Index>>> {
        let partition = self.places.get(*self.by_id.get(&id)? as usize)?.as_ref()?;
        partition.index.clone()
    }

    /// The vectors of a partition that is known by its number.
    pub(super) fn index_of(&self, place: u32) -> Option<Arc<RwLock<Index>>> {
        self.places.get(place as usize)?.as_ref()?.index.clone()
    }

    /// One more entry of a partition: its number, and where a vector of `dims` goes.
    pub(super) fn enter(
        &mut self,
        id: PartitionId,
        labels: &Labels,
        dims: Option<usize>,
    ) -> (u32, Option<Arc<RwLock<Index>>>) {
        let place = match self.by_id.get(&id) {
            Some(place) => *place,
            None => self.found(id, labels),
        };
        let Some(Some(partition)) = self.places.get_mut(place as usize) else { return (place, None) };
        partition.entries += 1;
        if let (None, Some(dims)) = (&partition.index, dims) {
            partition.index = Some(Arc::new(RwLock::new(Index::new(dims))));
        }
        (place, partition.index.clone())
    }

    fn found(&mut self, id: PartitionId, labels: &Labels) -> u32 {
        let labels = match self.labels.get(labels) {
            Some(labels) => Arc::clone(labels),
            None => {
                let labels = Arc::new(labels.clone());
                self.labels.insert(Arc::clone(&labels));
                labels
            }
        };
        let partition = Some(Partition { id, labels, index: None, entries: 0, forgotten: false });
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.places.push(None);
                u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if let Some(free) = self.places.get_mut(place as usize) {
            *free = partition;
        }
        self.by_id.insert(id, place);
        place
    }

    /// One entry less. The last one takes the partition along.
    pub(super) fn leave(&mut self, place: u32) {
        let Some(slot) = self.places.get_mut(place as usize) else { return };
        let Some(partition) = slot else { return };
        partition.entries = partition.entries.saturating_sub(1);
        if partition.entries > 0 {
            return;
        }
        let Partition { id, labels, .. } = match slot.take() {
            Some(partition) => partition,
            None => return,
        };
        self.by_id.remove(&id);
        self.free.push(place);
        // The set's and ours: nobody else carries it.
        if Arc::strong_count(&labels) == 2 {
            self.labels.remove(&labels);
        }
    }

    /// Marks what a selector names; how many entries that are and were not marked before.
    pub(super) fn forget(&mut self, selector: &Selector) -> u64 {
        let mut entries = 0;
        for partition in self.places.iter_mut().flatten() {
            if !partition.forgotten && selector.names(&partition.labels) {
                partition.forgotten = true;
                entries += u64::from(partition.entries);
            }
        }
        entries
    }

    /// Marks one.
    pub(super) fn forget_one(&mut self, id: PartitionId) {
        let place = self.by_id.get(&id).copied().unwrap_or(u32::MAX);
        if let Some(Some(partition)) = self.places.get_mut(place as usize) {
            partition.forgotten = true;
        }
    }

    /// Whether a partition only waits to be removed.
    pub(super) fn forgotten(&self, place: u32) -> bool {
        matches!(self.places.get(place as usize), Some(Some(partition)) if partition.forgotten)
    }
}
