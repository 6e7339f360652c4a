//! Server-sent events (WHATWG HTML, section 9.2), written only.

use bytes::Bytes;
use serde::Serialize;

/// What ends a stream of OpenAI's chat and completions.
pub(crate) const DONE: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

/// An event without a name.
pub(crate) fn data<T: Serialize>(value: &T) -> serde_json::Result<Bytes> {
    framed(b"data: ".to_vec(), value)
}

/// An event with a name.
pub(crate) fn event<T: Serialize>(name: &str, value: &T) -> serde_json::Result<Bytes> {
    framed(format!("event: {name}\ndata: ").into_bytes(), value)
}

fn framed<T: Serialize>(mut out: Vec<u8>, value: &T) -> serde_json::Result<Bytes> {
    serde_json::to_writer(&mut out, value)?;
    out.extend_from_slice(b"\n\n");
    Ok(out.into())
}
