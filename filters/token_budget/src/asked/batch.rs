//! Anthropic's batches of messages, whose requests stand in the body. (OpenAI's batches name a file, which nobody sees here.)

use chat::{ApiError, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A batch, as far as it is read.
#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    requests: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    params: &'a RawValue,
}

/// The body of each request.
///
/// # Errors
/// A body that is no batch.
pub(super) fn requests(body: &[u8]) -> Result<impl Iterator<Item = &[u8]>, ApiError> {
    let body = str::from_utf8(body).map_err(|_| malformed())?;
    let batch: Batch<'_> = serde_json::from_str(body).map_err(|_| malformed())?;
    Ok(batch.requests.into_iter().map(|entry| entry.params.get().as_bytes()))
}

fn malformed() -> ApiError {
    ApiError::new(400, ErrorKind::InvalidRequest, "a batch has `requests`, a list of objects with `params`")
        .with_code("invalid_value")
        .with_param("requests")
}

/// The requests of one batch name different models.
pub(super) fn several_models() -> ApiError {
    let message = "the requests of this batch name different models; send one batch for each model";
    ApiError::new(400, ErrorKind::InvalidRequest, message).with_code("model_mismatch").with_param("model")
}
