//! Anthropic's batches of messages, whose requests stand in the body. (OpenAI's batches name a file, which nobody sees here.)

use crate::BodyError;
use crate::json::Value;

/// The body of each request of a batch.
///
/// # Errors
///
/// A body that is no batch, or that two readers could understand differently.
pub fn batch_requests(body: &[u8]) -> Result<Vec<&[u8]>, BodyError> {
    let whole = Value::whole(body)?;
    let [requests] = whole.members(&["requests"])?;
    let mut bodies = Vec::new();
    let read = requests.unwrap_or(whole).elements(|_, entry| {
        let [params] = entry.members(&["params"])?;
        bodies.push(params.ok_or(entry.refuse("an object with `params`"))?.text().as_bytes());
        Ok(())
    });
    read.map(|()| bodies).map_err(|error| error.of("requests"))
}
