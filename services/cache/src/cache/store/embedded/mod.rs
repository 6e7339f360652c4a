//! The embedded store: one file on this machine's disk, no other server.
//!
//! Answers, questions and everything needed to start again lie on [`disk`] (redb); names, vectors and who goes next lie in
//! [`memory`] and are rebuilt when the store opens. One [`writer`] thread puts all that waits into one transaction, so that an
//! acknowledged store is on disk and the disk is still synced once for many.

mod disk;
mod memory;
mod partitions;
mod writer;

use super::{Kept, Near, Purge, Search, Store, StoreError, Usage};
use crate::cache::evict::Limits;
use crate::cache::index::Bounds;
use crate::cache::partition::{EntryId, EpochKey, Keys, PartitionId, Secret, Selector};
use disk::Disk;
use memory::Memory;
use std::path::Path;
use std::sync::Arc;
use writer::{Op, Writer};

const KIND: &str = "embedded";

/// The embedded store. Its file is locked: a second process that opens it is refused.
pub struct Embedded {
    disk: Arc<Disk>,
    memory: Arc<Memory>,
    writer: Writer,
    secret: Secret,
}

impl Embedded {
    /// Opens or makes the store in a folder, which must exist. Reads all entries' names and vectors. `secret` is the
    /// configured one; without it the one that is kept here counts.
    ///
    /// # Errors
    /// The file cannot be opened, is in use by another process, or is not such a store.
    pub fn open(folder: &Path, limits: Limits, secret: Option<&Secret>) -> Result<Self, StoreError> {
        let disk = Arc::new(Disk::open(&folder.join("cache.redb"))?);
        let secret = match secret {
            Some(secret) => secret.clone(),
            None => disk.secret()?,
        };
        let keys = Keys::of(&secret);
        let memory = Arc::new(Memory::new(limits));
        disk.load(&memory, &keys)?;
        let writer = Writer::start(Arc::clone(&disk), Arc::clone(&memory), keys)?;
        Ok(Self { disk, memory, writer, secret })
    }

    /// Reads the disk away from the threads that serve.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Disk, &Memory) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (disk, memory) = (Arc::clone(&self.disk), Arc::clone(&self.memory));
        tokio::task::spawn_blocking(move || read(&disk, &memory)).await.map_err(failed)?
    }
}

fn failed(reason: impl std::fmt::Display) -> StoreError {
    StoreError::failed(KIND, reason)
}

#[tonic::async_trait]
impl Store for Embedded {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn secret(&self) -> Result<Secret, StoreError> {
        Ok(self.secret.clone())
    }

    async fn epochs(&self, keys: &[EpochKey]) -> Result<Vec<u64>, StoreError> {
        Ok(self.memory.epochs(keys))
    }

    async fn raise(&self, key: EpochKey, selector: &Selector) -> Result<u64, StoreError> {
        let selector = selector.clone();
        self.writer.ask(|reply| Op::Raise { key, selector, reply }).await
    }

    async fn get(&self, id: EntryId, now_ms: u64) -> Result<Option<Kept>, StoreError> {
        let mut gone = None;
        while let Some(seqs) = self.memory.find(id, now_ms).filter(|seqs| gone != Some(*seqs)) {
            if let Some(kept) = self.read(move |disk, _| disk.kept(seqs)).await? {
                return Ok(Some(kept).filter(|kept| kept.entry.expires_ms > now_ms));
            }
            // Replaced meanwhile, and then another one is found; or removed.
            gone = Some(seqs);
        }
        Ok(None)
    }

    async fn near(&self, partition: PartitionId, search: &Search) -> Result<Vec<Near>, StoreError> {
        let Some(index) = self.memory.index(partition) else { return Ok(Vec::new()) };
        let search = search.clone();
        self.read(move |disk, _| {
            let Search { vector, count, floor, now_ms, since_ms } = search;
            let found = index.read().nearest(&vector, &Bounds { count, floor, now_ms, since_ms });
            disk.near(&found)
        })
        .await
    }

    async fn put(&self, kept: Kept) -> Result<bool, StoreError> {
        self.writer.ask(|reply| Op::Put { kept: Box::new(kept), reply }).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, StoreError> {
        let purge = purge.clone();
        self.writer.ask(|reply| Op::Purge { purge, reply }).await
    }

    async fn usage(&self, tenant: Option<&str>) -> Result<Usage, StoreError> {
        Ok(self.memory.usage(tenant))
    }

    async fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.read(move |disk, _| disk.note(&name)).await
    }

    async fn replace_note(&self, name: &str, old: Option<&[u8]>, new: Vec<u8>) -> Result<bool, StoreError> {
        let (name, old) = (name.to_owned(), old.map(<[u8]>::to_vec));
        self.writer.ask(|reply| Op::Note { name, old, new, reply }).await
    }
}
