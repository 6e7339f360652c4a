//! Where entries are kept: one trait, and a store behind it for each kind of server.
//!
//! A store finds and keeps. It does not decide: whether a neighbour answers a question is [`crate::cache::decide`]'s, whose
//! answers may be shared is the partition's. A store that fails says so, and the service lets the request pass.

pub mod coding;
pub mod embedded;
mod guarded;
pub mod milvus;
pub mod packing;
mod record;
pub mod redis;
pub mod weaviate;

pub use guarded::{Guard, Guarded};
pub use record::{Answer, Entry, Kept, Labels, Near};

use super::evict::Room;
use super::flight::Leases;
use super::partition::{EntryId, EpochKey, PartitionId, Secret, Selector};
use super::vector::Vector;
use std::sync::Arc;

/// Finds and keeps entries.
#[tonic::async_trait]
pub trait Store: Send + Sync + 'static {
    /// The kind, such as `embedded`.
    fn kind(&self) -> &'static str;

    /// The secret that is kept with the entries; made where there is none.
    async fn secret(&self) -> Result<Secret, StoreError>;

    /// The counters' values, in the order of the keys. One that was never raised is 0.
    async fn epochs(&self, keys: &[EpochKey]) -> Result<Vec<u64>, StoreError>;

    /// Raises a counter, and with it forgets all that the selector names, at once and in one step. Their room is given back
    /// some time later. Answers with how many entries they were.
    async fn raise(&self, key: EpochKey, selector: &Selector) -> Result<u64, StoreError>;

    /// An entry and its answer, unless it has expired. Counts as use.
    async fn get(&self, id: EntryId, now_ms: u64) -> Result<Option<Kept>, StoreError>;

    /// The nearest entries of a partition, best first.
    async fn near(&self, partition: PartitionId, search: &Search) -> Result<Vec<Near>, StoreError>;

    /// Keeps an entry, in the place of one of the same name. `false` where it has no room. What was acknowledged
    /// survives the end of this process.
    async fn put(&self, kept: Kept) -> Result<bool, StoreError>;

    /// Removes entries one by one; how many.
    async fn purge(&self, purge: &Purge) -> Result<u64, StoreError>;

    /// What is in use, by one tenant or by all.
    async fn usage(&self, tenant: Option<&str>) -> Result<Usage, StoreError>;

    /// A note kept beside the entries, such as what the error budget has learnt.
    async fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Puts a note in the place of `old`; `false` where another one is there by now. Embedded and Redis compare and replace in
    /// one step; the others look first, so that of two instances that replace in the same moment one may be lost.
    async fn replace_note(&self, name: &str, old: Option<&[u8]>, new: Vec<u8>) -> Result<bool, StoreError>;

    /// The leases of single flight, where several instances share this store.
    fn leases(&self) -> Option<Arc<dyn Leases>> {
        None
    }
}

/// A search in one partition.
#[derive(Debug, Clone)]
pub struct Search {
    /// The question's vector.
    pub vector: Vector,
    /// At most so many.
    pub count: usize,
    /// At least this similar.
    pub floor: f32,
    /// The time, in milliseconds since 1970: entries that expired by then are not found.
    pub now_ms: u64,
    /// Entries made before are not found.
    pub since_ms: u64,
}

/// Which entries to remove one by one. At least one of `tag`, `writer` and `entry` is given; all that is given must agree.
#[derive(Debug, Clone, Default)]
pub struct Purge {
    /// Entries with this tag.
    pub tag: Option<String>,
    /// Entries that this writer stored.
    pub writer: Option<String>,
    /// The entry of this name.
    pub entry: Option<EntryId>,
    /// Among those, the ones of these labels.
    pub within: Selector,
}

impl Purge {
    /// Whether an entry is meant.
    #[must_use]
    pub fn names(&self, entry: &Entry) -> bool {
        self.entry.is_none_or(|id| id == entry.id)
            && self.tag.as_ref().is_none_or(|tag| entry.tags.contains(tag))
            && self.writer.as_ref().is_none_or(|writer| *writer == entry.writer)
            && self.within.names(&entry.labels)
    }
}

impl Selector {
    /// Whether all that is given agrees with the labels.
    #[must_use]
    pub fn names(&self, labels: &Labels) -> bool {
        let agrees = |wanted: &Option<String>, label: &str| wanted.as_ref().is_none_or(|wanted| wanted == label);
        agrees(&self.tenant, &labels.tenant)
            && agrees(&self.policy, &labels.policy)
            && agrees(&self.model, &labels.model)
            && agrees(&self.version, &labels.version)
    }
}

/// What is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Entries and their bytes.
    pub room: Room,
    /// Entries that had to make room, since this instance started.
    pub evictions: u64,
}

/// Why a store did not do as asked. Never holds a text or a key.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It did not answer in time.
    #[error("{store}: no answer within {millis} ms")]
    Deadline {
        /// The kind of store.
        store: &'static str,
        /// The deadline.
        millis: u64,
    },
    /// It failed too often just now and is left alone for a while.
    #[error("{store}: left alone after {failures} failures in a row")]
    Open {
        /// The kind of store.
        store: &'static str,
        /// Failures in a row.
        failures: u32,
    },
    /// It failed.
    #[error("{store}: {reason}")]
    Failed {
        /// The kind of store.
        store: &'static str,
        /// What it said.
        reason: String,
    },
}

impl StoreError {
    /// A failure, in its own words.
    pub fn failed(store: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Failed { store, reason: reason.to_string() }
    }
}
