//! Messages with lengths: the length of all, that of the headers, a checksum of both, the headers, a payload, and a checksum of all
//! before it. Numbers are big-endian.
//!
//! Source: Smithy's specification of `application/vnd.amazon.eventstream`; its checksum is the CRC-32 of gzip (RFC 1952).

use crc::{CRC_32_ISO_HDLC, Crc};

/// The least bytes of a message: two lengths, their checksum, and that of all.
pub(super) const LEAST: usize = 16;

/// Where the headers begin.
const HEAD: usize = 12;

/// A header's value that is a string.
const STRING: u8 = 7;

static CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// Where the payload of a message is. Nowhere (at its very end) if the message is torn or its lengths contradict each other.
pub(super) fn payload(raw: &[u8]) -> (usize, usize) {
    let length = |at: usize| Some(u32::from_be_bytes(*raw.get(at..)?.first_chunk()?) as usize);
    let from = length(4).and_then(|headers| headers.checked_add(HEAD));
    let to = raw.len().saturating_sub(4);
    match from {
        Some(from) if from <= to && length(0) == Some(raw.len()) => (from, to),
        _ => (raw.len(), raw.len()),
    }
}

/// A message with these headers, as they are written, and this payload.
pub(super) fn message(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut out = Vec::with_capacity(LEAST + headers.len() + payload.len());
    out.extend_from_slice(&size(LEAST + headers.len() + payload.len()));
    out.extend_from_slice(&size(headers.len()));
    out.extend_from_slice(&CHECKSUM.checksum(&out).to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    out.extend_from_slice(&CHECKSUM.checksum(&out).to_be_bytes());
    out
}

/// The headers of a message.
pub(super) fn headers(raw: &[u8], payload: (usize, usize)) -> &[u8] {
    raw.get(HEAD..payload.0).unwrap_or_default()
}

/// A message that says that the stream ended in an error.
pub(super) fn error(code: &str, text: &str) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [(":message-type", "error"), (":error-code", code), (":error-message", text)] {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        headers.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        headers.extend_from_slice(name.as_bytes());
        headers.push(STRING);
        headers.extend_from_slice(&length.to_be_bytes());
        headers.extend_from_slice(value.as_bytes().get(..usize::from(length)).unwrap_or_default());
    }
    message(&headers, b"")
}
