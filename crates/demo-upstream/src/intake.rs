//! Reads the body of a request to its end, noting it where it is recorded.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::received::{KEPT_BODY_BYTES, Sink, note};

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// It broke off.
    #[error("the request body broke off")]
    Broken,
    /// It came to its end, but is longer than what is kept of one.
    #[error("the request body is longer than {KEPT_BODY_BYTES} bytes")]
    TooLong,
}

/// The whole body, without a copy if it came in one piece.
pub(crate) async fn read(mut body: Incoming, sink: Option<&Sink>) -> Result<Bytes, IntakeError> {
    let (mut first, mut all, mut length) = (Bytes::new(), BytesMut::new(), 0_usize);
    // Where the answer is already out, hyper tells the end of a body of known length by this alone.
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else { break };
        match frame.map_err(|_| IntakeError::Broken)?.into_data() {
            Ok(chunk) => {
                note(sink, &chunk);
                length = length.saturating_add(chunk.len());
                if length == chunk.len() {
                    first = chunk;
                } else if length <= KEPT_BODY_BYTES {
                    all.extend_from_slice(&std::mem::take(&mut first));
                    all.extend_from_slice(&chunk);
                }
            }
            Err(frame) => {
                if let (Some(sink), Some(trailers)) = (sink, frame.trailers_ref()) {
                    sink.trailers(trailers);
                }
            }
        }
    }
    if let Some(sink) = sink {
        sink.complete();
    }
    if length > KEPT_BODY_BYTES {
        return Err(IntakeError::TooLong);
    }
    Ok(if first.is_empty() { all.freeze() } else { first })
}
