//! One row: an entry as Milvus keeps it. Names are digests; what is not asked by is packed.

use super::columns::Value;
use super::failed;
use crate::cache::store::packing::{self, digest, hex, unpack};
use crate::cache::store::{Answer, Entry, Kept, StoreError};
use std::collections::HashMap;

/// The longest text of a field: Milvus's own bound.
pub(super) const LONGEST: usize = 65_535;

/// A row, by the names of its fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Row(pub(super) HashMap<String, Value>);

impl Row {
    /// The fields of an entry and its texts.
    pub(super) const WHOLE: &[&str] = &["id", "meta", "text", "kind", "body"];

    /// `None` where a text is too long.
    pub(super) fn of(kept: &Kept) -> Option<Self> {
        let entry = &kept.entry;
        let meta = packing::pack_entry(kept).filter(|meta| meta.len() <= LONGEST);
        let (Some(meta), Some(text), Some(body)) = (meta, pack(kept.text.as_bytes()), pack(&kept.answer.body)) else {
            return None;
        };
        let tags: Vec<String> = entry.tags.iter().map(|tag| digest("tag", tag)).collect();
        let number = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
        // Without a vector nothing must be found near it.
        let partition = if entry.vector.is_some() { hex(&entry.partition.0) } else { String::new() };
        let fields = [
            ("id", Value::Text(entry.id.to_string())),
            ("partition", Value::Text(partition)),
            ("tenant", Value::Text(digest("tenant", &entry.labels.tenant))),
            ("policy", Value::Text(digest("policy", &entry.labels.policy))),
            ("model", Value::Text(digest("model", &entry.labels.model))),
            ("version", Value::Text(digest("version", &entry.labels.version))),
            ("writer", Value::Text(digest("writer", &entry.writer))),
            ("tags", Value::Text(tags.join(","))),
            ("created", number(entry.created_ms)),
            ("expires", number(entry.expires_ms)),
            ("bytes", number(u64::from(kept.cost()))),
            ("meta", Value::Text(meta)),
            ("text", Value::Text(text)),
            ("kind", Value::Text(kept.answer.content_type.clone())),
            ("body", Value::Text(body)),
            ("vector", Value::Vector(entry.vector.as_ref().map(|vector| vector.unit()).unwrap_or_default())),
        ];
        Some(Self(fields.map(|(name, value)| (name.to_owned(), value)).into()))
    }

    pub(super) fn text(&self, field: &str) -> &str {
        match self.0.get(field) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.number("bytes")
    }

    pub(super) fn created(&self) -> u64 {
        self.number("created")
    }

    fn number(&self, field: &str) -> u64 {
        match self.0.get(field) {
            Some(Value::Number(number)) => u64::try_from(*number).unwrap_or(0),
            _ => 0,
        }
    }

    fn unpacked(&self, field: &str) -> Result<Vec<u8>, StoreError> {
        unpack(self.text(field)).ok_or_else(|| failed(format!("the field {field} of an entry is damaged")))
    }

    /// The entry and its question.
    pub(super) fn question(&self) -> Result<(Entry, String), StoreError> {
        let entry = packing::unpack_entry(self.text("meta"));
        let entry = entry.ok_or_else(|| failed("the field meta of an entry is damaged"))?;
        let text = String::from_utf8(self.unpacked("text")?).map_err(|_| failed("a question is no text"))?;
        Ok((entry, text))
    }

    pub(super) fn kept(&self) -> Result<Kept, StoreError> {
        let (entry, text) = self.question()?;
        let answer = Answer { content_type: self.text("kind").to_owned(), body: self.unpacked("body")?.into() };
        Ok(Kept { entry, text, answer })
    }
}

/// Compressed and in letters; `None` where that is too long for a field.
pub(super) fn pack(bytes: &[u8]) -> Option<String> {
    packing::pack(bytes).filter(|packed| packed.len() <= LONGEST)
}
