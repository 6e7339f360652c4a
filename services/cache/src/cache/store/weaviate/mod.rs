//! The store in a Weaviate (1.25 or later), over its REST and GraphQL interfaces, written from their public reference.
//!
//! **Untested against a server**: what is tested is the exchange with a stub of that reference. GraphQL is what self-hosted
//! servers keep at least until May 2027; the managed service switches it off earlier.
//!
//! As with Milvus the secret must be configured, single flight is each instance's own, and the bounds hold after the next sweep.

mod client;
mod query;
mod sweep;

use super::packing::{digest, hex, pack, pack_entry, unpack, unpack_entry};
use super::{Answer, Kept, Near, Purge, Search, Store, StoreError, Usage};
use crate::cache::clock;
use crate::cache::evict::{Limits, Room};
use crate::cache::partition::{EntryId, EpochKey, PartitionId, Secret, Selector};
use crate::cache::tls::StoreTls;
use client::Client;
use parking_lot::Mutex;
use query::{Where, uuid};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const KIND: &str = "weaviate";

/// Where a Weaviate is, and who asks.
#[derive(Clone)]
pub struct Place {
    /// Such as `http://weaviate:8080`.
    pub url: String,
    /// TLS to it, where the address is `https://…`.
    pub tls: Option<StoreTls>,
    /// Stands in front of the names of all collections; begins with a capital letter.
    pub prefix: String,
    /// An API key.
    pub token: Option<String>,
}

/// The store in a Weaviate.
pub struct WeaviateStore(Arc<Inner>);

struct Inner {
    client: Client,
    limits: Limits,
    /// Tenants that stored since the last sweep, as digests.
    busy: Mutex<HashSet<String>>,
    evictions: AtomicU64,
}

impl WeaviateStore {
    /// Nothing is asked of the server yet. Runs inside of tokio.
    ///
    /// # Errors
    /// The address is none, or the prefix does not begin with a capital letter.
    pub fn new(place: &Place, dims: Option<usize>, limits: Limits) -> Result<Self, StoreError> {
        if !place.prefix.starts_with(|first: char| first.is_ascii_uppercase())
            || !place.prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(failed("prefix: must be letters and digits, the first a capital letter"));
        }
        let inner = Arc::new(Inner {
            client: Client::new(place, dims)?,
            limits,
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

/// What a selector asks for, and that an entry was made by now.
fn within(selector: &Selector) -> Vec<Where> {
    let parts = [
        ("tenant", &selector.tenant),
        ("policy", &selector.policy),
        ("model", &selector.model),
        ("version", &selector.version),
    ];
    parts.iter().filter_map(|(field, name)| Some(Where::is(field, digest(field, name.as_deref()?)))).collect()
}

fn text<'a>(properties: &'a Value, name: &str) -> &'a str {
    properties.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn damaged() -> StoreError {
    failed("an entry is damaged")
}

/// The texts of an entry's properties, unpacked.
fn unpacked(properties: &Value, name: &str) -> Result<Vec<u8>, StoreError> {
    unpack(text(properties, name)).ok_or_else(damaged)
}

fn question(properties: &Value) -> Result<String, StoreError> {
    String::from_utf8(unpacked(properties, "text")?).map_err(|_| damaged())
}

#[tonic::async_trait]
impl Store for WeaviateStore {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn secret(&self) -> Result<Secret, StoreError> {
        Err(failed("cannot keep the secret; set `secret_file`"))
    }

    async fn epochs(&self, keys: &[EpochKey]) -> Result<Vec<u64>, StoreError> {
        let names: Vec<String> = keys.iter().map(|key| hex(&key.0)).collect();
        let marks: HashMap<String, String> = self.0.client.marks(&names).await?;
        let value = |name: &String| marks.get(name).and_then(|value| value.parse().ok()).unwrap_or(0);
        Ok(names.iter().map(value).collect())
    }

    async fn raise(&self, key: EpochKey, selector: &Selector) -> Result<u64, StoreError> {
        let [current] = self.epochs(&[key]).await?[..] else { return Err(failed("gave no epoch")) };
        let next = clock::now_ms().max(current + 1);
        self.0.client.set_mark(key.0, &next.to_string()).await?;
        let mut conditions = within(selector);
        conditions.push(Where::at_most("created", clock::now_ms()));
        self.0.client.delete(&Where::all(conditions)).await
    }

    async fn get(&self, id: EntryId, now_ms: u64) -> Result<Option<Kept>, StoreError> {
        let Some(properties) = self.0.client.entry(&uuid(id.0)).await? else { return Ok(None) };
        let entry = unpack_entry(text(&properties, "meta")).ok_or_else(damaged)?;
        if entry.id != id || entry.expires_ms <= now_ms {
            return Ok(None);
        }
        let content_type = text(&properties, "kind").to_owned();
        let answer = Answer { content_type, body: unpacked(&properties, "body")?.into() };
        Ok(Some(Kept { entry, text: question(&properties)?, answer }))
    }

    async fn near(&self, partition: PartitionId, search: &Search) -> Result<Vec<Near>, StoreError> {
        let conditions = Where::all(vec![
            Where::is("partition", hex(&partition.0)),
            Where::more("expires", search.now_ms),
            Where::at_least("created", search.since_ms),
        ]);
        let found = self.0.client.search(&search.vector.unit(), &conditions, search.count).await?;
        let mut near = Vec::with_capacity(found.len());
        for properties in found {
            let entry = unpack_entry(text(&properties, "meta")).ok_or_else(damaged)?;
            let similarity = entry.vector.as_ref().map_or(-1.0, |vector| vector.cosine(&search.vector));
            if entry.partition == partition && similarity >= search.floor {
                near.push(Near { id: entry.id, text: question(&properties)?, similarity, vector: entry.vector });
            }
        }
        near.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        Ok(near)
    }

    async fn put(&self, kept: Kept) -> Result<bool, StoreError> {
        if u64::from(kept.cost()) > self.0.limits.tenant.bytes.min(self.0.limits.total.bytes) {
            return Ok(false);
        }
        let (entry, labels) = (&kept.entry, &kept.entry.labels);
        let tags: Vec<String> = entry.tags.iter().map(|tag| digest("tag", tag)).collect();
        let properties = json!({
            "partition": hex(&entry.partition.0),
            "tenant": digest("tenant", &labels.tenant),
            "policy": digest("policy", &labels.policy),
            "model": digest("model", &labels.model),
            "version": digest("version", &labels.version),
            "writer": digest("writer", &entry.writer),
            "tags": tags,
            "created": entry.created_ms,
            "expires": entry.expires_ms,
            "bytes": kept.cost(),
            "meta": pack_entry(&kept),
            "text": pack(kept.text.as_bytes()),
            "kind": kept.answer.content_type,
            "body": pack(&kept.answer.body),
        });
        let vector = entry.vector.as_ref().map(|vector| vector.unit());
        self.0.client.put(&uuid(entry.id.0), properties, vector).await?;
        self.0.busy.lock().insert(digest("tenant", &labels.tenant));
        Ok(true)
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, StoreError> {
        let mut conditions = within(&purge.within);
        conditions.extend(purge.entry.map(|id| Where::is("id", uuid(id.0))));
        conditions.extend(purge.writer.as_ref().map(|writer| Where::is("writer", digest("writer", writer))));
        conditions.extend(purge.tag.as_ref().map(|tag| Where::is("tags", digest("tag", tag))));
        self.0.client.delete(&Where::all(conditions)).await
    }

    async fn usage(&self, tenant: Option<&str>) -> Result<Usage, StoreError> {
        let mut conditions = vec![Where::more("expires", clock::now_ms())];
        conditions.extend(tenant.map(|tenant| Where::is("tenant", digest("tenant", tenant))));
        let (entries, bytes) = self.0.client.sum(&Where::all(conditions)).await?;
        Ok(Usage { room: Room { entries, bytes }, evictions: self.0.evictions.load(Ordering::Relaxed) })
    }

    async fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = digest("note", name);
        let mut marks = self.0.client.marks(std::slice::from_ref(&name)).await?;
        Ok(marks.remove(&name).and_then(|text| unpack(&text)))
    }

    async fn replace_note(&self, name: &str, old: Option<&[u8]>, new: Vec<u8>) -> Result<bool, StoreError> {
        if self.note(name).await?.as_deref() != old {
            return Ok(false);
        }
        let id = EntryId::parse(&digest("note", name)).ok_or_else(damaged)?;
        self.0.client.set_mark(id.0, &pack(&new).ok_or_else(damaged)?).await.map(|()| true)
    }
}
