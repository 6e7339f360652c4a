//! The names of keys, and how values are written. `put.lua` and `forget.lua` name the same keys.

use super::{StoreError, failed};
use crate::cache::partition::{EntryId, PartitionId};
use crate::cache::store::{Entry, coding};
use crate::cache::vector::Vector;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The names of keys of one namespace.
pub(super) struct Keyspace(Vec<u8>);

impl Keyspace {
    /// The braces keep all keys on one node of a cluster.
    pub(super) fn new(namespace: &str) -> Self {
        Self(format!("{{modelgate-cache:{namespace}}}:").into_bytes())
    }

    pub(super) fn prefix(&self) -> &[u8] {
        &self.0
    }

    fn key(&self, kind: &str, of: &[u8]) -> Vec<u8> {
        [&self.0, kind.as_bytes(), of].concat()
    }

    pub(super) fn secret(&self) -> Vec<u8> {
        self.key("secret", &[])
    }

    pub(super) fn epochs(&self) -> Vec<u8> {
        self.key("epochs", &[])
    }

    pub(super) fn notes(&self) -> Vec<u8> {
        self.key("notes", &[])
    }

    pub(super) fn expiry(&self) -> Vec<u8> {
        self.key("expiry", &[])
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.key("bytes", &[])
    }

    pub(super) fn total(&self) -> Vec<u8> {
        self.key("total", &[])
    }

    pub(super) fn partitions(&self) -> Vec<u8> {
        self.key("partitions", &[])
    }

    pub(super) fn members(&self, partition: &[u8]) -> Vec<u8> {
        self.key("members:", partition)
    }

    pub(super) fn vectors(&self, partition: PartitionId) -> Vec<u8> {
        self.key("vectors:", &partition.0)
    }

    pub(super) fn entry(&self, id: &[u8]) -> Vec<u8> {
        self.key("entry:", id)
    }

    pub(super) fn used(&self, tenant: &[u8; 16]) -> Vec<u8> {
        self.key("use:", tenant)
    }

    pub(super) fn named(&self, name: &[u8; 16]) -> Vec<u8> {
        self.key("named:", name)
    }

    pub(super) fn lease(&self, id: EntryId) -> Vec<u8> {
        self.key("lease:", &id.0)
    }
}

/// A name of fixed length for a tag, a writer or a tenant.
pub(super) fn digest(kind: &str, name: &str) -> [u8; 16] {
    let mut digest = [0; 16];
    blake3::Hasher::new_derive_key(&format!("modelgate-cache v1 redis {kind}"))
        .update(name.as_bytes())
        .finalize_xof()
        .fill(&mut digest);
    digest
}

/// What `forget.lua` needs to give everything back that an entry holds.
pub(super) fn member(entry: &Entry, cost: u32) -> Vec<u8> {
    let tenant = digest("tenant", &entry.labels.tenant);
    [entry.id.0.as_slice(), &entry.partition.0, &tenant, cost.to_string().as_bytes()].concat()
}

/// A vector as Redis takes it: 32-bit floats, little end first.
pub(super) fn blob(vector: &Vector) -> Vec<u8> {
    vector.components().iter().flat_map(|value| f32::from(*value).to_le_bytes()).collect()
}

pub(super) fn encode(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    coding::encode(value).map_err(failed)
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    coding::decode(bytes).ok_or_else(|| failed("a value in the store is damaged"))
}
