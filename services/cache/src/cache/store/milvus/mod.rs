//! The store in a Milvus (2.4 or later), over its gRPC interface.
//!
//! Milvus finds vectors and is no key-value store, which shows: a body must fit into 65,535 bytes after compression, epochs are
//! read with bounded staleness, so that another instance may answer from what was forgotten for some seconds, and the bounds of
//! what is kept hold after the next sweep, with the oldest going first. Single flight is each instance's own. The secret must be
//! configured. Expressions hold digests and numbers only, never a name that somebody chose.

mod client;
mod columns;
mod row;
mod sweep;

use super::packing::{digest, hex, unpack};
use super::{Kept, Near, Purge, Search, Store, StoreError, Usage};
use crate::cache::clock;
use crate::cache::evict::{Limits, Room};
use crate::cache::partition::{EntryId, EpochKey, PartitionId, Secret, Selector};
use crate::cache::tls::StoreTls;
use client::{Client, ConsistencyLevel};
use parking_lot::Mutex;
use row::Row;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const KIND: &str = "milvus";

/// What one query gives back at most: Milvus's own bound.
const PAGE: usize = 16_384;

/// Where a Milvus is, and who asks.
#[derive(Clone)]
pub struct Place {
    /// Such as `http://milvus:19530`.
    pub url: String,
    /// TLS to it, where the address is `https://…`.
    pub tls: Option<StoreTls>,
    /// The database; empty for the default one.
    pub database: String,
    /// Stands in front of the names of all collections.
    pub prefix: String,
    /// `user:password` or an API key.
    pub token: Option<String>,
}

/// The store in a Milvus.
pub struct MilvusStore(Arc<Inner>);

struct Inner {
    client: Client,
    limits: Limits,
    /// Epochs that were raised here: Milvus may not show them yet.
    raised: Mutex<HashMap<EpochKey, u64>>,
    /// Tenants that stored since the last sweep.
    busy: Mutex<HashSet<String>>,
    evictions: AtomicU64,
}

impl MilvusStore {
    /// For vectors of so many dimensions. Nothing is asked of the server yet. Runs inside of tokio.
    ///
    /// # Errors
    /// The address is none.
    pub fn new(place: &Place, dims: Option<usize>, limits: Limits) -> Result<Self, StoreError> {
        let inner = Arc::new(Inner {
            // Every collection needs a vector, also where there is no embedder.
            client: Client::new(place, dims.unwrap_or(2).max(2))?,
            limits,
            raised: Mutex::default(),
            busy: Mutex::default(),
            evictions: AtomicU64::new(0),
        });
        sweep::start(&inner);
        Ok(Self(inner))
    }
}

fn failed(reason: impl std::fmt::Display) -> StoreError {
    StoreError::failed(KIND, reason)
}

/// The condition that a selector makes; `None` for everything.
fn condition(selector: &Selector) -> Option<String> {
    let parts = [
        ("tenant", &selector.tenant),
        ("policy", &selector.policy),
        ("model", &selector.model),
        ("version", &selector.version),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|(field, name)| Some(format!("{field} == \"{}\"", digest(field, name.as_deref()?))))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

fn mark(key: EpochKey) -> String {
    format!("epoch-{}", hex(&key.0))
}

#[tonic::async_trait]
impl Store for MilvusStore {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn secret(&self) -> Result<Secret, StoreError> {
        Err(failed("cannot keep the secret; set `secret_file`"))
    }

    async fn epochs(&self, keys: &[EpochKey]) -> Result<Vec<u64>, StoreError> {
        let names: Vec<String> = keys.iter().map(|key| format!("\"{}\"", mark(*key))).collect();
        let condition = format!("id in [{}]", names.join(","));
        let marks = self.0.client.marks(&condition, ConsistencyLevel::Bounded).await?;
        let raised = self.0.raised.lock();
        let value = |key: &EpochKey| {
            let kept = marks.get(&mark(*key)).and_then(|value| value.parse().ok()).unwrap_or(0);
            kept.max(raised.get(key).copied().unwrap_or(0))
        };
        Ok(keys.iter().map(value).collect())
    }

    async fn raise(&self, key: EpochKey, selector: &Selector) -> Result<u64, StoreError> {
        let [current] = self.epochs(&[key]).await?[..] else { return Err(failed("gave no epoch")) };
        // Two instances that raise at the same moment must not both write the same number.
        let next = clock::now_ms().max(current + 1);
        self.0.client.set_mark(&mark(key), &next.to_string()).await?;
        self.0.raised.lock().insert(key, next);
        let all = format!("created <= {}", clock::now_ms());
        let condition = condition(selector).map_or_else(|| all.clone(), |condition| format!("{condition} and {all}"));
        let entries = self.0.client.count(&condition).await?;
        self.0.client.delete(&condition).await?;
        Ok(entries)
    }

    async fn get(&self, id: EntryId, now_ms: u64) -> Result<Option<Kept>, StoreError> {
        let rows = self.0.client.rows(&format!("id == \"{id}\""), Row::WHOLE, 1).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let kept = row.kept()?;
        Ok(Some(kept).filter(|kept| kept.entry.expires_ms > now_ms && kept.entry.id == id))
    }

    async fn near(&self, partition: PartitionId, search: &Search) -> Result<Vec<Near>, StoreError> {
        let (now, since) = (search.now_ms, search.since_ms);
        let filter = format!("partition == \"{}\" and expires > {now} and created >= {since}", hex(&partition.0));
        let rows = self.0.client.search(&search.vector, &filter, search.count).await?;
        let mut near = Vec::with_capacity(rows.len());
        for row in rows {
            let (entry, text) = row.question()?;
            // Of the vector as we keep it: what a server calls a score depends on its metric.
            let similarity = entry.vector.as_ref().map_or(-1.0, |vector| vector.cosine(&search.vector));
            if entry.partition == partition && similarity >= search.floor {
                near.push(Near { id: entry.id, text, similarity, vector: entry.vector });
            }
        }
        near.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        Ok(near)
    }

    async fn put(&self, kept: Kept) -> Result<bool, StoreError> {
        if u64::from(kept.cost()) > self.0.limits.tenant.bytes.min(self.0.limits.total.bytes) {
            return Ok(false);
        }
        let Some(row) = Row::of(&kept) else { return Ok(false) };
        self.0.client.put(&row).await?;
        self.0.busy.lock().insert(digest("tenant", &kept.entry.labels.tenant));
        Ok(true)
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, StoreError> {
        let mut parts = vec![format!("expires > {}", clock::now_ms())];
        parts.extend(condition(&purge.within));
        parts.extend(purge.entry.map(|id| format!("id == \"{id}\"")));
        parts.extend(purge.writer.as_ref().map(|writer| format!("writer == \"{}\"", digest("writer", writer))));
        parts.extend(purge.tag.as_ref().map(|tag| format!("tags like \"%{}%\"", digest("tag", tag))));
        let condition = parts.join(" and ");
        let entries = self.0.client.count(&condition).await?;
        self.0.client.delete(&condition).await?;
        Ok(entries)
    }

    async fn usage(&self, tenant: Option<&str>) -> Result<Usage, StoreError> {
        let tenant = tenant.map(|tenant| format!(" and tenant == \"{}\"", digest("tenant", tenant)));
        let condition = format!("expires > {}{}", clock::now_ms(), tenant.unwrap_or_default());
        let entries = self.0.client.count(&condition).await?;
        // Of what one query shows: beyond it the bytes are an estimate from it.
        let rows = self.0.client.rows(&condition, &["id", "bytes"], PAGE).await?;
        let shown = rows.len() as u64;
        let bytes: u64 = rows.iter().map(Row::bytes).sum();
        let bytes = bytes.saturating_mul(entries.max(shown)).checked_div(shown).unwrap_or(0);
        Ok(Usage { room: Room { entries, bytes }, evictions: self.0.evictions.load(Ordering::Relaxed) })
    }

    async fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let id = format!("note-{}", digest("note", name));
        // What was written last, also where it was just now: what it becomes depends on what it is.
        let mut marks = self.0.client.marks(&format!("id == \"{id}\""), ConsistencyLevel::Strong).await?;
        Ok(marks.remove(&id).and_then(|text| unpack(&text)))
    }

    async fn replace_note(&self, name: &str, old: Option<&[u8]>, new: Vec<u8>) -> Result<bool, StoreError> {
        if self.note(name).await?.as_deref() != old {
            return Ok(false);
        }
        let Some(text) = row::pack(&new) else { return Err(failed("a note is too long to be kept")) };
        self.0.client.set_mark(&format!("note-{}", digest("note", name)), &text).await.map(|()| true)
    }
}
