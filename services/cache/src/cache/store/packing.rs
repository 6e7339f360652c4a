//! How entries are written for stores that take texts only: names as digests, everything else compressed and in letters.

use super::{Entry, Kept, coding};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};

/// The most that a text may unpack to, in bytes.
const UNPACKED: u64 = 64 << 20;

/// Compressed and in letters.
pub(super) fn pack(bytes: &[u8]) -> Option<String> {
    let mut deflate = DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(bytes).ok()?;
    Some(BASE64.encode(deflate.finish().ok()?))
}

/// What was packed.
pub(super) fn unpack(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(BASE64.decode(text).ok()?.as_slice()).take(UNPACKED).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// An entry, packed.
pub fn pack_entry(kept: &Kept) -> Option<String> {
    pack(&coding::encode(&kept.entry).ok()?)
}

/// An entry that was packed.
pub fn unpack_entry(text: &str) -> Option<Entry> {
    coding::decode(&unpack(text)?)
}

/// A name as queries may hold it: 32 hexadecimal digits.
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
