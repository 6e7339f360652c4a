//! The store in a Redis, shared by all instances that name it: Redis 8 for the semantic tier (vector sets), any Redis 7 or later
//! for the exact tier alone.
//!
//! One vector set per partition, so that isolation does not hang on a filter; an entry's times are attributes that the search
//! filters by, because elements of a vector set do not expire by themselves. What must happen together is a script. All keys
//! carry one hash tag: in a cluster they lie on one node. Within a tenant the least recently used goes, and of all tenants the
//! one that holds the most bytes gives.

mod keyspace;
mod scripts;
mod sweep;

use super::{Answer, Entry, Kept, Labels, Near, Purge, Search, Store, StoreError, Usage};
use crate::cache::clock;
use crate::cache::evict::{Limits, Room};
use crate::cache::flight::Leases;
use crate::cache::partition::{EntryId, EpochKey, PartitionId, Secret, Selector};
use crate::cache::tls::StoreTls;
use crate::link::Link;
use keyspace::{Keyspace, decode, digest, encode, member};
use redis::aio::ConnectionManagerConfig;
use redis::{AsyncCommands, Client, ClientTlsConfig, ExistenceCheck, SetExpiry, SetOptions, TlsCertificates};
use scripts::Scripts;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const KIND: &str = "redis";

/// How many entries one script removes at most: Redis does nothing else meanwhile.
const AT_ONCE: usize = 256;

/// The store in a Redis.
pub struct RedisStore(Arc<Inner>);

struct Inner {
    connection: Link,
    keys: Keyspace,
    limits: Limits,
    scripts: Scripts,
    evictions: AtomicU64,
}

impl RedisStore {
    /// For the Redis at a URL, such as `redis://127.0.0.1:6379`, with `tls` where it is `rediss://…`; entries of different
    /// namespaces never meet. Nothing is asked of it yet: it may come later. Runs inside of tokio.
    ///
    /// # Errors
    /// The URL is none.
    pub fn new(url: &str, tls: Option<&StoreTls>, namespace: &str, limits: Limits) -> Result<Self, StoreError> {
        let client = match tls {
            None => Client::open(url),
            Some(StoreTls { ca, identity }) => {
                let identity = identity.clone();
                let client_tls = identity.map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key });
                Client::build_with_tls(url, TlsCertificates { client_tls, root_cert: ca.clone() })
            }
        };
        // The error would quote the address, and with it a password.
        let client = client.map_err(|_| failed("url: must be like redis://redis:6379/0"))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_secs(5)))
            .set_max_delay(Duration::from_millis(500));
        let inner = Arc::new(Inner {
            connection: Link::new(client, config).map_err(failed)?,
            keys: Keyspace::new(namespace),
            limits,
            scripts: Scripts::new(),
            evictions: AtomicU64::new(0),
        });
        sweep::start(&inner);
        Ok(Self(inner))
    }
}

impl Inner {
    fn connection(&self) -> Link {
        self.connection.clone()
    }

    /// Removes entries in pieces.
    async fn remove(&self, members: &[Vec<u8>]) -> Result<u64, StoreError> {
        let mut removed = 0;
        for piece in members.chunks(AT_ONCE) {
            let script = &self.scripts.remove;
            let count: u64 =
                script.key(self.keys.prefix()).arg(piece).invoke_async(&mut self.connection()).await.map_err(failed)?;
            removed += count;
        }
        Ok(removed)
    }

    /// Members of the partitions that a selector names.
    async fn partitions(&self, selector: &Selector) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut connection = self.connection();
        let all: HashMap<Vec<u8>, Vec<u8>> = connection.hgetall(self.keys.partitions()).await.map_err(failed)?;
        let named = |labels: &[u8]| decode::<Labels>(labels).is_ok_and(|labels| selector.names(&labels));
        Ok(all.into_iter().filter(|(_, labels)| named(labels)).map(|(partition, _)| partition).collect())
    }
}

fn failed(reason: impl std::fmt::Display) -> StoreError {
    StoreError::failed(KIND, reason)
}

#[tonic::async_trait]
impl Store for RedisStore {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn secret(&self) -> Result<Secret, StoreError> {
        let mut connection = self.0.connection();
        let fresh = Secret::generate().map_err(failed)?;
        let key = self.0.keys.secret();
        let _: bool = connection.set_nx(&key, fresh.bytes().as_slice()).await.map_err(failed)?;
        let kept: Vec<u8> = connection.get(&key).await.map_err(failed)?;
        Secret::from_bytes(&kept).ok_or_else(|| failed("the secret kept in the store is damaged"))
    }

    async fn epochs(&self, keys: &[EpochKey]) -> Result<Vec<u64>, StoreError> {
        let fields: Vec<&[u8]> = keys.iter().map(|key| key.0.as_slice()).collect();
        let values: Vec<Option<u64>> = self.0.connection().hmget(self.0.keys.epochs(), fields).await.map_err(failed)?;
        Ok(values.into_iter().map(Option::unwrap_or_default).collect())
    }

    async fn raise(&self, key: EpochKey, selector: &Selector) -> Result<u64, StoreError> {
        let mut connection = self.0.connection();
        let _: u64 = connection.hincr(self.0.keys.epochs(), key.0.as_slice(), 1).await.map_err(failed)?;
        // Forgotten from here on. What is left is to count, and to give the room back.
        let mut entries = 0;
        let mut forgotten = Vec::new();
        for partition in self.0.partitions(selector).await? {
            let members: Vec<Vec<u8>> = connection.smembers(self.0.keys.members(&partition)).await.map_err(failed)?;
            entries += members.len() as u64;
            forgotten.extend(members);
        }
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            if let Err(error) = inner.remove(&forgotten).await {
                tracing::warn!(%error, "the room of forgotten entries was not given back; they expire by themselves");
            }
        });
        Ok(entries)
    }

    async fn get(&self, id: EntryId, now_ms: u64) -> Result<Option<Kept>, StoreError> {
        let call = &self.0.scripts.get;
        let found: (Option<Vec<u8>>, Option<String>, Option<String>, Option<Vec<u8>>, Option<Vec<u8>>) = call
            .key(self.0.keys.prefix())
            .arg(id.0.as_slice())
            .arg(now_ms)
            .invoke_async(&mut self.0.connection())
            .await
            .map_err(failed)?;
        let (Some(meta), Some(text), Some(content_type), Some(body), _) = found else { return Ok(None) };
        let entry: Entry = decode(&meta)?;
        if entry.expires_ms <= now_ms || entry.id != id {
            return Ok(None);
        }
        Ok(Some(Kept { entry, text, answer: Answer { content_type, body: body.into() } }))
    }

    async fn near(&self, partition: PartitionId, search: &Search) -> Result<Vec<Near>, StoreError> {
        let mut connection = self.0.connection();
        let filter = format!(".expires > {} and .created >= {}", search.now_ms, search.since_ms);
        let found: Result<Vec<Vec<u8>>, _> = redis::cmd("VSIM")
            .arg(self.0.keys.vectors(partition))
            .arg("FP32")
            .arg(keyspace::blob(&search.vector))
            .arg("COUNT")
            .arg(search.count)
            .arg("FILTER")
            .arg(filter)
            .query_async(&mut connection)
            .await;
        let found = match found {
            Ok(found) => found,
            // Before version 8 there are no vector sets.
            Err(error) if error.to_string().contains("unknown command") => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads = redis::pipe();
        for id in &found {
            reads.cmd("HMGET").arg(self.0.keys.entry(id)).arg(&["meta", "text"]);
        }
        let read: Vec<(Option<Vec<u8>>, Option<String>)> = reads.query_async(&mut connection).await.map_err(failed)?;
        let mut near = Vec::with_capacity(read.len());
        for (meta, text) in read {
            let (Some(meta), Some(text)) = (meta, text) else { continue };
            let entry: Entry = decode(&meta)?;
            // Redis's own score is of its own quantisation, and on another scale.
            let similarity = entry.vector.as_ref().map_or(-1.0, |vector| vector.cosine(&search.vector));
            if entry.partition == partition && entry.expires_ms > search.now_ms && similarity >= search.floor {
                near.push(Near { id: entry.id, text, similarity, vector: entry.vector });
            }
        }
        near.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        Ok(near)
    }

    async fn put(&self, kept: Kept) -> Result<bool, StoreError> {
        let (cost, entry) = (kept.cost(), &kept.entry);
        let Limits { tenant, total } = self.0.limits;
        if u64::from(cost) > tenant.bytes.min(total.bytes) {
            return Ok(false);
        }
        let names = entry.tags.iter().map(|tag| digest("tag", tag));
        let names: Vec<u8> = names.chain([digest("writer", &entry.writer)]).flatten().collect();
        let vector = entry.vector.as_ref().map(keyspace::blob).unwrap_or_default();
        let attributes = format!("{{\"created\":{},\"expires\":{}}}", entry.created_ms, entry.expires_ms);
        let call = &self.0.scripts.put;
        let evicted: u64 = call
            .key(self.0.keys.prefix())
            .arg(member(entry, cost))
            .arg(entry.expires_ms)
            .arg(clock::now_ms())
            .arg(encode(entry)?)
            .arg(&kept.text)
            .arg(&kept.answer.content_type)
            .arg(kept.answer.body.as_ref())
            .arg(names)
            .arg(vector)
            .arg(attributes)
            .arg(encode(&entry.labels)?)
            .arg(tenant.entries)
            .arg(tenant.bytes)
            .arg(total.entries)
            .arg(total.bytes)
            .invoke_async(&mut self.0.connection())
            .await
            .map_err(failed)?;
        self.0.evictions.fetch_add(evicted, Ordering::Relaxed);
        Ok(true)
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, StoreError> {
        let mut connection = self.0.connection();
        let ids: Vec<Vec<u8>> = if let Some(id) = purge.entry {
            vec![id.0.to_vec()]
        } else {
            let tag = purge.tag.as_ref().map(|tag| digest("tag", tag));
            let writer = purge.writer.as_ref().map(|writer| digest("writer", writer));
            let Some(name) = tag.or(writer) else { return Ok(0) };
            let members: Vec<Vec<u8>> = connection.smembers(self.0.keys.named(&name)).await.map_err(failed)?;
            members.iter().filter_map(|member| member.get(..16).map(<[u8]>::to_vec)).collect()
        };
        let mut meant = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let mut reads = redis::pipe();
            for id in ids {
                reads.cmd("HMGET").arg(self.0.keys.entry(id)).arg(&["meta", "member"]);
            }
            let read: Vec<(Option<Vec<u8>>, Option<Vec<u8>>)> =
                reads.query_async(&mut connection).await.map_err(failed)?;
            for (meta, member) in read {
                let (Some(meta), Some(member)) = (meta, member) else { continue };
                if purge.names(&decode(&meta)?) {
                    meant.push(member);
                }
            }
        }
        self.0.remove(&meant).await
    }

    async fn usage(&self, tenant: Option<&str>) -> Result<Usage, StoreError> {
        let mut connection = self.0.connection();
        let keys = &self.0.keys;
        let (entries, bytes): (u64, Option<f64>) = match tenant {
            Some(tenant) => {
                let tenant = digest("tenant", tenant);
                let mut read = redis::pipe();
                read.zcard(keys.used(&tenant)).zscore(keys.bytes(), tenant.as_slice());
                read.query_async(&mut connection).await.map_err(failed)?
            }
            None => {
                let mut read = redis::pipe();
                read.zcard(keys.expiry()).get(keys.total());
                read.query_async(&mut connection).await.map_err(failed)?
            }
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = bytes.unwrap_or(0.0).max(0.0) as u64;
        Ok(Usage { room: Room { entries, bytes }, evictions: self.0.evictions.load(Ordering::Relaxed) })
    }

    async fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.connection().hget(self.0.keys.notes(), name).await.map_err(failed)
    }

    async fn replace_note(&self, name: &str, old: Option<&[u8]>, new: Vec<u8>) -> Result<bool, StoreError> {
        let call = &self.0.scripts.note;
        let replaced: u64 = call
            .key(self.0.keys.notes())
            .arg(name)
            .arg(old.unwrap_or_default())
            .arg(new)
            .invoke_async(&mut self.0.connection())
            .await
            .map_err(failed)?;
        Ok(replaced == 1)
    }

    fn leases(&self) -> Option<Arc<dyn Leases>> {
        Some(Arc::<Inner>::clone(&self.0))
    }
}

#[tonic::async_trait]
impl Leases for Inner {
    async fn take(&self, id: EntryId, token: u64, hold: Duration) -> Result<bool, StoreError> {
        let hold = u64::try_from(hold.as_millis()).unwrap_or(u64::MAX);
        let options = SetOptions::default().conditional_set(ExistenceCheck::NX).with_expiration(SetExpiry::PX(hold));
        let set: Option<String> =
            self.connection().set_options(self.keys.lease(id), token, options).await.map_err(failed)?;
        Ok(set.is_some())
    }

    async fn free(&self, id: EntryId, token: u64) -> Result<(), StoreError> {
        let call = &self.scripts.free;
        let _: u64 = call
            .key(self.keys.prefix())
            .arg(id.0.as_slice())
            .arg(token)
            .invoke_async(&mut self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }
}
