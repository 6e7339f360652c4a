//! Schemas made of what models and services say of themselves.

mod kserve;
mod mlflow;

pub use kserve::import_kserve;
pub use mlflow::import_mlflow;

#[cfg(feature = "custom")]
use super::OfflineError;
#[cfg(feature = "custom")]
use serde_json::Value;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema at `pointer` of an OpenAPI 3.0 or 3.1 document (JSON or YAML), as a JSON Schema of its own, for requests.
///
/// # Errors
/// No such document, nothing at that place, or no valid schema there.
#[cfg(feature = "custom")]
pub fn import_openapi(document: &[u8], pointer: &str) -> Result<Value, OfflineError> {
    use crate::custom::openapi::{Direction, schema};
    let document: Value = serde_yaml_ng::from_slice(document)
        .map_err(|error| OfflineError::Schema(format!("the document is neither JSON nor YAML: {error}")))?;
    let schema = schema(&document, pointer, Direction::Request).map_err(OfflineError::Schema)?;
    crate::custom::Custom::new(&schema, crate::config::Formats::Assert)
        .map_err(|fault| OfflineError::Schema(format!("the schema {fault}")))?;
    Ok(schema)
}
