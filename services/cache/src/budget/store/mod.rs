//! Where records are kept. A store reads records, and writes all records of a batch if none of those that the batch read has
//! changed meanwhile; it decides nothing.

mod embedded;
mod redis;

pub use embedded::Embedded;
pub use redis::Redis;

use super::book::Version;
use super::config::StoreConfig;
use super::record::{Name, Record};
use std::collections::BTreeMap;
use std::time::Duration;

/// The store does not do what it should. The gateways' `failure_mode` decides then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error("cannot open the budget's store {0}: {1}")]
    Open(String, String),
    /// It cannot be reached, or does not answer in time.
    #[error("the budget's store does not answer: {0}")]
    Unavailable(String),
    /// What it holds cannot be read.
    #[error(transparent)]
    Damaged(#[from] super::record::RecordError),
}

/// A record as the store has it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which writing of it this is; `None`: there is none.
    pub version: Version,
    /// The record.
    pub record: Option<Record>,
}

/// What became of a batch.
#[derive(Debug)]
pub enum Committed {
    /// All is written, as this version. It is as safe as the store makes it.
    Done(u64),
    /// Nothing is written: these were changed by another instance, and this is what they are now.
    Stale(Vec<(Name, Found)>),
}

/// A store.
pub enum Store {
    /// On this machine's disk, or in memory.
    Embedded(Embedded),
    /// On a server that instances share.
    Redis(Box<Redis>),
}

impl Store {
    /// Opens what is configured.
    ///
    /// # Errors
    /// The file cannot be opened, or the address is none. A server that is down is no error here.
    pub fn open(config: &StoreConfig, idle: Duration) -> Result<Self, StoreError> {
        Ok(match config {
            StoreConfig::Embedded(path) => Self::Embedded(Embedded::open(path, idle)?),
            StoreConfig::Memory => Self::Embedded(Embedded::in_memory(idle)?),
            StoreConfig::Redis(redis) => Self::Redis(Box::new(Redis::new(redis, idle)?)),
        })
    }

    /// Its name, for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Embedded(_) => "embedded",
            Self::Redis(_) => "redis",
        }
    }

    /// By how many milliseconds the store's clock is ahead of this machine's.
    pub fn ahead_ms(&self) -> i64 {
        match self {
            Self::Embedded(_) => 0,
            Self::Redis(redis) => redis.ahead_ms(),
        }
    }

    /// Reads records.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn fetch(&mut self, names: &[Name]) -> Result<Vec<Found>, StoreError> {
        match self {
            Self::Embedded(embedded) => embedded.fetch(names),
            Self::Redis(redis) => redis.fetch(names).await,
        }
    }

    /// Writes all changes, if everything that was read is still as it was.
    ///
    /// # Errors
    /// [`StoreError`]. Whether anything was written is not known then.
    pub async fn commit(
        &mut self,
        now_ms: u64,
        read: &BTreeMap<Name, Version>,
        changes: &BTreeMap<Name, Record>,
    ) -> Result<Committed, StoreError> {
        match self {
            Self::Embedded(embedded) => embedded.commit(changes),
            Self::Redis(redis) => redis.commit(now_ms, read, changes).await,
        }
    }

    /// The keys of accounts that begin with `prefix`, in order, at most `most`; those behind `after`, where that is not empty.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn keys(&mut self, prefix: &str, after: &str, most: usize) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Embedded(embedded) => embedded.keys(prefix, after, most),
            Self::Redis(redis) => redis.keys(prefix, after, most).await,
        }
    }

    /// Removes some of what may be forgotten. Called every second; a call is short.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn tidy(&mut self, now_ms: u64) -> Result<Vec<Name>, StoreError> {
        match self {
            Self::Embedded(embedded) => embedded.tidy(now_ms),
            Self::Redis(redis) => redis.tidy().await,
        }
    }
}
