//! Gzip (RFC 1952) of a body in pieces.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Compresses pieces to as many pieces, each flushed, so that a reader can decode it before the next one.
pub(crate) fn compress(pieces: &[Bytes]) -> io::Result<Vec<Bytes>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut compressed = Vec::with_capacity(pieces.len() + 1);
    for piece in pieces {
        encoder.write_all(piece)?;
        if pieces.len() > 1 {
            encoder.flush()?;
            compressed.push(Bytes::from(std::mem::take(encoder.get_mut())));
        }
    }
    compressed.push(Bytes::from(encoder.finish()?));
    Ok(compressed)
}
