//! An embedding server that speaks OpenAI's `POST /v1/embeddings`.

use serde_json::json;

use super::{EmbedError, Embedder, Embedding};
use crate::cache::http::{CallError, Server, Settings};

/// The embedder.
pub struct Remote {
    server: Server,
    id: String,
    dims: usize,
}

impl Remote {
    /// `dims` is how long its vectors are; another length is an error of the server. Its model's name becomes part of the
    /// partition.
    #[must_use]
    pub fn new(settings: Settings, dims: usize) -> Self {
        let id = format!("{}/{dims}", settings.model);
        Self { server: Server::new(settings), id, dims }
    }

    async fn ask(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let body = json!({ "model": self.server.settings().model, "input": text, "encoding_format": "float" });
        let answer = self.server.call(body).await.map_err(|error| match error {
            CallError::Deadline { millis } => EmbedError::Deadline { millis },
            CallError::Open { failures } => EmbedError::Open { failures },
            CallError::Failed(reason) => EmbedError::Server(reason),
        })?;
        let numbers = answer.pointer("/data/0/embedding").and_then(serde_json::Value::as_array);
        let vector: Option<Vec<f32>> =
            numbers.and_then(|numbers| numbers.iter().map(|number| number.as_f64().map(|x| x as f32)).collect());
        let wanted = || EmbedError::Server(format!("no vector of {} numbers in data[0].embedding", self.dims));
        let vector = vector.filter(|vector| vector.len() == self.dims).ok_or_else(wanted)?;
        super::unit(vector).ok_or_else(wanted)
    }
}

impl Embedder for Remote {
    fn id(&self) -> &str {
        &self.id
    }

    fn dims(&self) -> usize {
        self.dims
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        Box::pin(self.ask(text))
    }
}
