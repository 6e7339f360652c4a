//! One row: an entry as Milvus keeps it. Names are digests; what is not asked by is packed.

use super::columns::Value;
use super::failed;
use crate::cache::store::{Answer, Entry, Kept, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};

/// The longest text of a field: Milvus's own bound.
pub(super) const LONGEST: usize = 65_535;

/// The most that a body may unpack to.
const UNPACKED: u64 = 64 << 20;

/// A row, by the names of its fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Row(pub(super) HashMap<String, Value>);

impl Row {
    /// The fields of an entry and its texts.
    pub(super) const WHOLE: &[&str] = &["id", "meta", "text", "kind", "body"];

    /// `None` where a text is too long.
    pub(super) fn of(kept: &Kept) -> Result<Option<Self>, StoreError> {
        let entry = &kept.entry;
        let meta = bincode::serde::encode_to_vec(entry, bincode::config::standard()).map_err(failed)?;
        let (Some(meta), Some(text), Some(body)) =
            (pack(&meta), pack(kept.text.as_bytes()), pack(&kept.answer.body))
        else {
            return Ok(None);
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
        Ok(Some(Self(fields.map(|(name, value)| (name.to_owned(), value)).into())))
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
        let meta = self.unpacked("meta")?;
        let (entry, _) = bincode::serde::decode_from_slice(&meta, bincode::config::standard())
            .map_err(|_| failed("the field meta of an entry is damaged"))?;
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
    let mut deflate = DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(bytes).ok()?;
    let packed = BASE64.encode(deflate.finish().ok()?);
    (packed.len() <= LONGEST).then_some(packed)
}

pub(super) fn unpack(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(BASE64.decode(text).ok()?.as_slice()).take(UNPACKED).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A name as expressions may hold it: 32 hexadecimal digits.
pub(super) fn digest(kind: &str, name: &str) -> String {
    let mut digest = [0; 16];
    blake3::Hasher::new_derive_key(&format!("modelgate-cache v1 name of {kind}"))
        .update(name.as_bytes())
        .finalize_xof()
        .fill(&mut digest);
    hex(&digest)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
