//! The records at hand while calls are worked on. Pure: what is missing is named, and fetched by somebody else.

use super::record::{Name, Record};
use std::collections::{BTreeMap, HashMap};

/// Which writing of a record this is: a random number, so that no two writings of a key are the same. `None`: there is no record.
pub type Version = Option<u64>;

/// A record that the book does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub Name);

/// Three layers: what the store has, what the calls of this batch changed, what the call at work changes.
#[derive(Debug, Default)]
pub struct Book {
    known: HashMap<Name, (Version, Option<Record>)>,
    batch: BTreeMap<Name, Record>,
    draft: BTreeMap<Name, Record>,
    read: BTreeMap<Name, Version>,
}

impl Book {
    /// A record, or that there is none.
    ///
    /// # Errors
    /// It is not at hand.
    pub fn get(&mut self, name: &Name) -> Result<Option<&Record>, Missing> {
        let Some((version, known)) = self.known.get(name) else { return Err(Missing(name.clone())) };
        if !self.read.contains_key(name) {
            self.read.insert(name.clone(), *version);
        }
        Ok(self.draft.get(name).or_else(|| self.batch.get(name)).or(known.as_ref()))
    }

    /// Changes a record.
    pub fn put(&mut self, name: Name, record: Record) {
        self.draft.insert(name, record);
    }

    /// The call at work is done: its changes are the batch's.
    pub fn keep_draft(&mut self) {
        self.batch.append(&mut self.draft);
    }

    /// The call at work has to begin again.
    pub fn drop_draft(&mut self) {
        self.draft.clear();
    }

    /// Takes in what the store has.
    pub fn learn(&mut self, name: Name, version: Version, record: Option<Record>) {
        self.known.insert(name, (version, record));
    }

    /// Whether a record is at hand.
    pub fn has(&self, name: &Name) -> bool {
        self.known.contains_key(name)
    }

    /// What the batch read, with the versions that it saw.
    pub fn read(&self) -> &BTreeMap<Name, Version> {
        &self.read
    }

    /// What the batch changes.
    pub fn changes(&self) -> &BTreeMap<Name, Record> {
        &self.batch
    }

    /// The batch is in the store, as this version.
    pub fn committed(&mut self, version: u64) {
        for (name, record) in std::mem::take(&mut self.batch) {
            self.known.insert(name, (Some(version), Some(record)));
        }
        self.begin();
    }

    /// A batch begins, or begins again.
    pub fn begin(&mut self) {
        self.batch.clear();
        self.draft.clear();
        self.read.clear();
    }

    /// Forgets everything, after a fault of the store.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Forgets what is known where it is more than `most` records: they are fetched again when they are needed.
    pub fn trim(&mut self, most: usize) {
        if self.known.len() > most {
            self.forget();
        }
    }
}
