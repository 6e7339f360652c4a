//! The file: tables, their encoding, and what one transaction does to them. Entries are numbered in the order in which they
//! came; a number is never used twice.

use super::failed;
use super::memory::Memory;
use crate::cache::index::Neighbour;
use crate::cache::partition::{EpochKey, Keys, Secret};
use crate::cache::store::coding;
use crate::cache::store::{Answer, Entry, Kept, Labels, Near, StoreError};
use bytes::Bytes;
use redb::{
    Database, MultimapTableDefinition, ReadableDatabase, ReadableTable, TableDefinition, TableError, WriteTransaction,
};
use std::collections::HashMap;
use std::path::Path;

const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
const TEXTS: TableDefinition<u64, &str> = TableDefinition::new("texts");
const BODIES: TableDefinition<u64, (&str, &[u8])> = TableDefinition::new("bodies");
const EPOCHS: TableDefinition<[u8; 16], u64> = TableDefinition::new("epochs");
const TAGS: MultimapTableDefinition<&str, u64> = MultimapTableDefinition::new("tags");
const WRITERS: MultimapTableDefinition<&str, u64> = MultimapTableDefinition::new("writers");
const NOTES: TableDefinition<&str, &[u8]> = TableDefinition::new("notes");

/// Pages of the file that are kept in memory. What is asked often is; the system's own cache has the rest.
const PAGES: usize = 64 << 20;

/// The note that holds the secret, and the one that names the encoding.
const SECRET: &str = "secret";
const FORMAT: &str = "format";
const FORMAT_1: &[u8] = b"modelgate-cache 1";

/// The file.
pub(super) struct Disk(Database);

impl Disk {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::builder()
            .set_cache_size(PAGES)
            .create(path)
            .map_err(|error| failed(format!("cannot open {}: {error}", path.display())))?;
        let disk = Self(database);
        disk.write(|write| {
            let format = write.note(FORMAT)?;
            match format.as_deref() {
                Some(FORMAT_1) => {}
                None => write.set_note(FORMAT, FORMAT_1)?,
                Some(_) => return Err(failed(format!("{} has another format than this version's", path.display()))),
            }
            write.make_tables()
        })?;
        Ok(disk)
    }

    /// The secret kept here; made and kept where there is none.
    pub(super) fn secret(&self) -> Result<Secret, StoreError> {
        self.write(|write| {
            if let Some(bytes) = write.note(SECRET)? {
                return Secret::from_bytes(&bytes).ok_or_else(|| failed("the secret kept in the store is damaged"));
            }
            let secret = Secret::generate().map_err(failed)?;
            write.set_note(SECRET, secret.bytes())?;
            Ok(secret)
        })
    }

    /// One transaction: all of it is on disk when this returns, or nothing.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Write) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut transaction = self.0.begin_write().map_err(failed)?;
        // After a kill the file opens at once instead of being walked through.
        transaction.set_quick_repair(true);
        let write = Write(transaction);
        let result = work(&write)?;
        write.0.commit().map_err(failed)?;
        Ok(result)
    }

    /// Fills the memory with what is here. Entries that were forgotten and not removed yet are marked again.
    pub(super) fn load(&self, memory: &Memory, keys: &Keys) -> Result<(), StoreError> {
        let read = self.0.begin_read().map_err(failed)?;
        for item in read.open_table(EPOCHS).map_err(failed)?.iter().map_err(failed)? {
            let (key, value) = item.map_err(failed)?;
            memory.set_epoch(EpochKey(key.value()), value.value());
        }
        let mut epochs: HashMap<Labels, u64> = HashMap::new();
        for item in read.open_table(ENTRIES).map_err(failed)?.iter().map_err(failed)? {
            let (seq, value) = item.map_err(failed)?;
            let (cost, entry) = decode(value.value())?;
            memory.insert(&entry, seq.value(), cost);
            let epoch = match epochs.get(&entry.labels) {
                Some(epoch) => *epoch,
                None => {
                    let Labels { tenant, policy, model, version } = &entry.labels;
                    let epoch = memory.epochs(&keys.epochs(tenant, policy, model, version)).iter().sum();
                    epochs.insert(entry.labels.clone(), epoch);
                    epoch
                }
            };
            if entry.epoch != epoch {
                memory.forget_partition(entry.partition);
            }
        }
        Ok(())
    }

    /// The first entry of these that is here, with its texts. `None` where all went meanwhile.
    pub(super) fn kept(&self, seqs: [u64; 2]) -> Result<Option<Kept>, StoreError> {
        let read = self.0.begin_read().map_err(failed)?;
        let entries = read.open_table(ENTRIES).map_err(failed)?;
        let texts = read.open_table(TEXTS).map_err(failed)?;
        let bodies = read.open_table(BODIES).map_err(failed)?;
        for seq in seqs {
            let entry = entries.get(seq).map_err(failed)?;
            let text = texts.get(seq).map_err(failed)?;
            let body = bodies.get(seq).map_err(failed)?;
            let (Some(entry), Some(text), Some(body)) = (entry, text, body) else { continue };
            let (_, entry) = decode(entry.value())?;
            let (content_type, body) = body.value();
            let answer = Answer { content_type: content_type.to_owned(), body: Bytes::copy_from_slice(body) };
            return Ok(Some(Kept { entry, text: text.value().to_owned(), answer }));
        }
        Ok(None)
    }

    /// The questions of neighbours, in their order; those that went meanwhile are left out.
    pub(super) fn near(&self, found: &[Neighbour]) -> Result<Vec<Near>, StoreError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let read = self.0.begin_read().map_err(failed)?;
        let entries = read.open_table(ENTRIES).map_err(failed)?;
        let texts = read.open_table(TEXTS).map_err(failed)?;
        let mut near = Vec::with_capacity(found.len());
        for neighbour in found {
            let entry = entries.get(neighbour.entry).map_err(failed)?;
            let text = texts.get(neighbour.entry).map_err(failed)?;
            if let (Some(entry), Some(text)) = (entry, text) {
                let (_, entry) = decode(entry.value())?;
                let text = text.value().to_owned();
                near.push(Near { id: entry.id, text, similarity: neighbour.similarity, vector: entry.vector });
            }
        }
        Ok(near)
    }

    pub(super) fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let read = self.0.begin_read().map_err(failed)?;
        let notes = read.open_table(NOTES).map_err(failed)?;
        Ok(notes.get(name).map_err(failed)?.map(|note| note.value().to_vec()))
    }
}

/// A transaction that writes.
pub(super) struct Write(WriteTransaction);

impl Write {
    /// So that a reader finds every table.
    fn make_tables(&self) -> Result<(), StoreError> {
        let made = || -> Result<(), TableError> {
            self.0.open_table(ENTRIES)?;
            self.0.open_table(TEXTS)?;
            self.0.open_table(BODIES)?;
            self.0.open_table(EPOCHS)?;
            self.0.open_multimap_table(TAGS)?;
            self.0.open_multimap_table(WRITERS)?;
            Ok(())
        };
        made().map_err(failed)
    }

    pub(super) fn put(&self, seq: u64, kept: &Kept) -> Result<(), StoreError> {
        let entry = encode(kept)?;
        self.0.open_table(ENTRIES).map_err(failed)?.insert(seq, entry.as_slice()).map_err(failed)?;
        self.0.open_table(TEXTS).map_err(failed)?.insert(seq, kept.text.as_str()).map_err(failed)?;
        let body = (kept.answer.content_type.as_str(), kept.answer.body.as_ref());
        self.0.open_table(BODIES).map_err(failed)?.insert(seq, body).map_err(failed)?;
        let mut tags = self.0.open_multimap_table(TAGS).map_err(failed)?;
        for tag in &kept.entry.tags {
            tags.insert(tag.as_str(), seq).map_err(failed)?;
        }
        let mut writers = self.0.open_multimap_table(WRITERS).map_err(failed)?;
        writers.insert(kept.entry.writer.as_str(), seq).map_err(failed)?;
        Ok(())
    }

    pub(super) fn remove(&self, seq: u64) -> Result<(), StoreError> {
        let mut entries = self.0.open_table(ENTRIES).map_err(failed)?;
        let Some(entry) = entries.remove(seq).map_err(failed)?.map(|entry| decode(entry.value())).transpose()? else {
            return Ok(());
        };
        self.0.open_table(TEXTS).map_err(failed)?.remove(seq).map_err(failed)?;
        self.0.open_table(BODIES).map_err(failed)?.remove(seq).map_err(failed)?;
        let mut tags = self.0.open_multimap_table(TAGS).map_err(failed)?;
        for tag in &entry.1.tags {
            tags.remove(tag.as_str(), seq).map_err(failed)?;
        }
        let mut writers = self.0.open_multimap_table(WRITERS).map_err(failed)?;
        writers.remove(entry.1.writer.as_str(), seq).map_err(failed)?;
        Ok(())
    }

    /// Entries with a tag, or of a writer where no tag is given.
    pub(super) fn listed(&self, tag: Option<&str>, writer: Option<&str>) -> Result<Vec<(u64, Entry)>, StoreError> {
        let (table, key) = match (tag, writer) {
            (Some(tag), _) => (TAGS, tag),
            (None, Some(writer)) => (WRITERS, writer),
            (None, None) => return Ok(Vec::new()),
        };
        let list = self.0.open_multimap_table(table).map_err(failed)?;
        let seqs = redb::ReadableMultimapTable::get(&list, key).map_err(failed)?;
        let mut listed = Vec::new();
        for seq in seqs {
            let seq = seq.map_err(failed)?.value();
            if let Some(entry) = self.entry(seq)? {
                listed.push((seq, entry));
            }
        }
        Ok(listed)
    }

    pub(super) fn entry(&self, seq: u64) -> Result<Option<Entry>, StoreError> {
        let entries = self.0.open_table(ENTRIES).map_err(failed)?;
        let entry = entries.get(seq).map_err(failed)?;
        entry.map(|entry| decode(entry.value()).map(|(_, entry)| entry)).transpose()
    }

    pub(super) fn set_epoch(&self, key: EpochKey, value: u64) -> Result<(), StoreError> {
        self.0.open_table(EPOCHS).map_err(failed)?.insert(key.0, value).map_err(failed)?;
        Ok(())
    }

    pub(super) fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let notes = self.0.open_table(NOTES).map_err(failed)?;
        Ok(notes.get(name).map_err(failed)?.map(|note| note.value().to_vec()))
    }

    pub(super) fn set_note(&self, name: &str, note: &[u8]) -> Result<(), StoreError> {
        self.0.open_table(NOTES).map_err(failed)?.insert(name, note).map_err(failed)?;
        Ok(())
    }
}

/// What the entry costs, and the entry.
fn encode(kept: &Kept) -> Result<Vec<u8>, StoreError> {
    coding::encode(&(kept.cost(), &kept.entry)).map_err(failed)
}

fn decode(bytes: &[u8]) -> Result<(u32, Entry), StoreError> {
    coding::decode(bytes).ok_or_else(|| failed("an entry on disk is damaged"))
}
