//! A store in one file of this process, by redb. A batch is on the disk before its calls are answered.

use super::{Committed, Found, StoreError};
use crate::budget::record::{Name, Record};
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Records by the bytes of their names.
const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");

/// What may be forgotten after a moment, in milliseconds since the epoch. Accounts are not in here: their end moves each time.
const ENDS: TableDefinition<'_, (u64, &[u8]), ()> = TableDefinition::new("ends");

/// How much is tidied at once.
const TIDY: usize = 1000;

/// All reads come through the one process that writes: there is nothing that a version would tell.
const VERSION: u64 = 1;

/// The store.
pub struct Embedded {
    place: Place,
    /// `None` after a fault: it is opened again when it is next needed.
    database: Option<Database>,
    idle: Duration,
    /// Where the last look at idle accounts ended.
    cursor: Vec<u8>,
}

enum Place {
    File(PathBuf),
    Memory,
}

impl Embedded {
    /// Opens a file, or makes it.
    ///
    /// # Errors
    /// It cannot be opened, or another process has it.
    pub fn open(path: &Path, idle: Duration) -> Result<Self, StoreError> {
        Self::new(Place::File(path.to_owned()), idle)
    }

    /// A store that ends with the process.
    ///
    /// # Errors
    /// Never in practice.
    pub fn in_memory(idle: Duration) -> Result<Self, StoreError> {
        Self::new(Place::Memory, idle)
    }

    fn new(place: Place, idle: Duration) -> Result<Self, StoreError> {
        let database = place.open()?;
        Ok(Self { place, database: Some(database), idle, cursor: Vec::new() })
    }

    /// Does something with the database. After a fault it is closed: redb refuses to go on with one that met a fault of the disk.
    fn with<T>(&mut self, work: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => self.place.open()?,
        };
        match work(&database) {
            Ok(done) => {
                self.database = Some(database);
                Ok(done)
            }
            Err(Fault::Damaged(error)) => {
                self.database = Some(database);
                Err(error.into())
            }
            // What is in memory alone would be lost by closing it.
            Err(Fault::Redb(error)) => {
                self.database = matches!(self.place, Place::Memory).then_some(database);
                Err(StoreError::Unavailable(error.to_string()))
            }
        }
    }

    /// Reads records.
    pub fn fetch(&mut self, names: &[Name]) -> Result<Vec<Found>, StoreError> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(RECORDS)?;
            let found = names.iter().map(|name| match table.get(name.bytes().as_slice())? {
                Some(bytes) => Ok(Found { version: Some(VERSION), record: Some(decode(bytes.value())?) }),
                None => Ok(Found { version: None, record: None }),
            });
            found.collect()
        })
    }

    /// Writes records, and waits until they are on the disk.
    pub fn commit(&mut self, changes: &BTreeMap<Name, Record>) -> Result<Committed, StoreError> {
        if changes.is_empty() {
            return Ok(Committed::Done(VERSION));
        }
        self.with(|database| {
            let write = database.begin_write()?;
            {
                let mut records = write.open_table(RECORDS)?;
                let mut ends = write.open_table(ENDS)?;
                for (name, record) in changes {
                    let bytes = name.bytes();
                    records.insert(bytes.as_slice(), record.encode().as_slice())?;
                    if let Some(until_ms) = end_of(record) {
                        ends.insert((until_ms, bytes.as_slice()), ())?;
                    }
                }
            }
            write.commit()?;
            Ok(Committed::Done(VERSION))
        })
    }

    /// The keys of accounts that begin with `prefix` and come behind `after`.
    pub fn keys(&mut self, prefix: &str, after: &str, most: usize) -> Result<Vec<String>, StoreError> {
        let begin = Name::Account(prefix.to_owned()).bytes();
        let behind = Name::Account(after.to_owned()).bytes();
        let is_first = after.is_empty() || after < prefix;
        let from = if is_first { Bound::Included(begin.as_slice()) } else { Bound::Excluded(behind.as_slice()) };
        self.with(|database| {
            let table = database.begin_read()?.open_table(RECORDS)?;
            let mut keys = Vec::new();
            for entry in table.range::<&[u8]>((from, Bound::Unbounded))? {
                let (name, _) = entry?;
                if keys.len() == most || !name.value().starts_with(&begin) {
                    break;
                }
                keys.extend(Name::account_key(name.value()).map(str::to_owned));
            }
            Ok(keys)
        })
    }

    /// Removes what has ended, and looks at some accounts.
    pub fn tidy(&mut self, now_ms: u64) -> Result<Vec<Name>, StoreError> {
        let idle = self.idle;
        let cursor = std::mem::take(&mut self.cursor);
        let (gone, cursor) = self.with(|database| {
            let read = database.begin_read()?;
            let (records, ends) = (read.open_table(RECORDS)?, read.open_table(ENDS)?);
            let mut ended = Vec::new();
            for entry in ends.range(..(now_ms, [].as_slice()))?.take(TIDY) {
                let (key, ()) = entry.map(|(key, _)| (key, ()))?;
                let (end, name) = key.value();
                ended.push((end, name.to_vec()));
            }
            let (idlers, cursor) = idle_accounts(&records, &cursor, now_ms, idle)?;
            if ended.is_empty() && idlers.is_empty() {
                return Ok((Vec::new(), cursor));
            }
            drop((records, ends, read));
            let write = database.begin_write()?;
            let mut gone = Vec::new();
            {
                let mut records = write.open_table(RECORDS)?;
                let mut ends = write.open_table(ENDS)?;
                for (end, name) in ended {
                    ends.remove((end, name.as_slice()))?;
                    // A reservation that was settled meanwhile has a later end, under which it is noted too.
                    let over = match records.get(name.as_slice())? {
                        Some(bytes) => end_of(&decode(bytes.value())?).is_some_and(|until| until <= end),
                        None => false,
                    };
                    if over {
                        records.remove(name.as_slice())?;
                        gone.push(name);
                    }
                }
                for name in idlers {
                    records.remove(name.as_slice())?;
                    gone.push(name);
                }
            }
            write.commit()?;
            Ok((gone, cursor))
        })?;
        self.cursor = cursor;
        Ok(gone.iter().filter_map(|bytes| Name::from_bytes(bytes)).collect())
    }
}

impl Place {
    fn open(&self) -> Result<Database, StoreError> {
        let (name, opened) = match self {
            Self::File(path) => {
                let cannot = |error: std::io::Error| StoreError::Open(path.display().to_string(), error.to_string());
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(cannot)?;
                }
                (path.display().to_string(), Database::create(path))
            }
            Self::Memory => ("in memory".to_owned(), Database::builder().create_with_backend(InMemoryBackend::new())),
        };
        let prepared = opened.map_err(redb::Error::from).and_then(|database| {
            // From here on the tables are there to be read.
            let write = database.begin_write()?;
            write.open_table(RECORDS)?;
            write.open_table(ENDS)?;
            write.commit()?;
            Ok(database)
        });
        prepared.map_err(|error| StoreError::Open(name, error.to_string()))
    }
}

/// Accounts behind the cursor that may go, and where the next look begins.
fn idle_accounts(
    records: &impl ReadableTable<&'static [u8], &'static [u8]>,
    cursor: &[u8],
    now_ms: u64,
    idle: Duration,
) -> Result<(Vec<Vec<u8>>, Vec<u8>), Fault> {
    let first = Name::Account(String::new()).bytes();
    let begin = if cursor.is_empty() { first.as_slice() } else { cursor };
    let mut idlers = Vec::new();
    for (at, entry) in records.range(begin..)?.enumerate() {
        let (name, bytes) = entry?;
        if !name.value().starts_with(&first) {
            break;
        }
        if at == TIDY {
            return Ok((idlers, name.value().to_vec()));
        }
        if matches!(decode(bytes.value())?, Record::Account(account) if account.may_go(now_ms, idle)) {
            idlers.push(name.value().to_vec());
        }
    }
    Ok((idlers, Vec::new()))
}

/// When a record ends that is no account.
fn end_of(record: &Record) -> Option<u64> {
    match record {
        Record::Account(_) => None,
        Record::Open { until_ms, .. } | Record::Settled { until_ms, .. } | Record::Done { until_ms } => Some(*until_ms),
    }
}

/// Why work on the database failed.
enum Fault {
    Redb(redb::Error),
    Damaged(crate::budget::record::RecordError),
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Redb(error.into())
    }
}

/// A record as it lies in the file.
fn decode(bytes: &[u8]) -> Result<Record, Fault> {
    Record::decode(bytes).map_err(Fault::Damaged)
}
