//! What is kept of an answered question.

use crate::cache::partition::{EntryId, PartitionId};
use crate::cache::vector::Vector;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What an entry costs beside its texts: its places in the maps and tables.
const OVERHEAD: usize = 256;

/// The plain names of an entry's scope that administrators use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Labels {
    /// The caller's tenant; empty where answers are shared.
    pub tenant: String,
    /// The filter's policy.
    pub policy: String,
    /// The model that answered.
    pub model: String,
    /// Its version.
    pub version: String,
}

/// An entry, all but its texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub id: EntryId,
    /// Whose it is.
    pub partition: PartitionId,
    /// Digest of the canonical request.
    pub request: [u8; 32],
    /// Plain names, for administration.
    pub labels: Labels,
    /// Sum of the counters of its scope when its question was asked. Counters only grow: another sum means that it was forgotten.
    pub epoch: u64,
    /// Of the question, where there is an embedder.
    pub vector: Option<Vector>,
    /// When it was stored, in milliseconds since 1970.
    pub created_ms: u64,
    /// From when on it is no longer used, in milliseconds since 1970.
    pub expires_ms: u64,
    /// For purges.
    pub tags: Vec<String>,
    /// Who had it fetched.
    pub writer: String,
}

/// An answer, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `application/json` or `text/event-stream`.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

/// An entry with its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// All but its texts.
    pub entry: Entry,
    /// The question.
    pub text: String,
    /// The answer.
    pub answer: Answer,
}

impl Kept {
    /// What it costs, in bytes: its texts, its vector, and what is kept beside them.
    #[must_use]
    pub fn cost(&self) -> u32 {
        let vector = self.entry.vector.as_ref().map_or(0, |vector| vector.components().len());
        let tags: usize = self.entry.tags.iter().map(String::len).sum();
        let bytes =
            OVERHEAD + self.text.len() + self.answer.body.len() + self.answer.content_type.len() + vector + tags;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// An entry that lies near a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// Its name.
    pub id: EntryId,
    /// The question that it answered.
    pub text: String,
    /// Cosine of the two, -1 to 1.
    pub similarity: f32,
    /// The vector of `text`, where the store gives it back.
    pub vector: Option<Vector>,
}
