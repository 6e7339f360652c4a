//! all-MiniLM-L6-v2 in this process: a BERT encoder of six layers, read from its safetensors, and the mean of its tokens.
//!
//! Weights: Apache-2.0, <https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2>; they are not in this repository,
//! `modelgate-cache fetch-model` gets them. Reference: candle's `BertModel`; `tests/minilm_reference` holds its vectors and what made them.

mod kernel;
mod layer;
mod math;
mod weights;

use std::{path::Path, sync::Arc};

use pulp::Arch;
use tokio::sync::Semaphore;

use self::layer::{Layer, Norm};
use super::{
    EmbedError, Embedder, Embedding,
    tokens::{ModelError, Tokens, read},
};

/// The name that becomes part of the partition.
pub const ID: &str = "all-MiniLM-L6-v2";

/// The most tokens of a text, both ends included: what the model was trained on.
const MAX_TOKENS: usize = 256;

/// The encoder's numbers.
struct Encoder {
    arch: Arch,
    width: usize,
    words: Vec<f32>,
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Encoder {
    /// The mean of the last layer's rows, of unit length.
    fn vector(&self, tokens: &[u32]) -> Option<Vec<f32>> {
        let mut rows = Vec::with_capacity(tokens.len() * self.width);
        for token in tokens {
            let from = *token as usize * self.width;
            rows.extend_from_slice(self.words.get(from..from + self.width)?);
        }
        let positions = self.positions.get(..rows.len())?;
        let mut hidden = self.norm.apply(self.arch, rows, positions);
        for layer in &self.layers {
            hidden = layer.apply(self.arch, &hidden);
        }
        let mut mean = vec![0.0; self.width];
        for row in hidden.chunks_exact(self.width) {
            for (mean, value) in mean.iter_mut().zip(row) {
                *mean += value;
            }
        }
        super::unit(mean)
    }
}

/// The embedder. Cheap to clone; all clones share the weights.
#[derive(Clone)]
pub struct MiniLm {
    inner: Arc<Inner>,
}

struct Inner {
    tokens: Tokens,
    encoder: Encoder,
    /// As many at once as there are cores: more would only make all of them late.
    cores: Semaphore,
}

impl MiniLm {
    /// Reads `config.json`, `tokenizer.json` and `model.safetensors` of a directory.
    ///
    /// # Errors
    ///
    /// The file that is missing or not as it should be.
    pub fn open(directory: &Path) -> Result<Self, ModelError> {
        let wrong = |file: &str, reason: String| ModelError::Wrong { path: directory.join(file), reason };
        let shape: weights::Shape = serde_json::from_slice(&read(directory, "config.json")?)
            .map_err(|error| wrong("config.json", error.to_string()))?;
        let encoder = weights::read(&read(directory, "model.safetensors")?, &shape)
            .map_err(|reason| wrong("model.safetensors", reason))?;
        let tokens = Tokens::open(directory, MAX_TOKENS)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { inner: Arc::new(Inner { tokens, encoder, cores: Semaphore::new(cores) }) })
    }

    /// The vector of a text, on this thread: milliseconds of work.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Empty`], [`EmbedError::TooLong`] or [`EmbedError::Broken`].
    pub fn vector(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let tokens = self.inner.tokens.framed(text)?;
        self.vector_of(&tokens)
    }

    /// The vector of tokens, their frame included.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Broken`] for a token that the model does not have.
    pub fn vector_of(&self, tokens: &[u32]) -> Result<Vec<f32>, EmbedError> {
        let broken = || EmbedError::Broken("the model does not fit its tokenizer".into());
        self.inner.encoder.vector(tokens).ok_or_else(broken)
    }

    /// Its tokenizer.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }
}

impl Embedder for MiniLm {
    fn id(&self) -> &str {
        ID
    }

    fn dims(&self) -> usize {
        self.inner.encoder.width
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        Box::pin(async move {
            let broken = |_| EmbedError::Broken("the service is going down".into());
            let _turn = self.inner.cores.acquire().await.map_err(broken)?;
            let (this, text) = (self.clone(), text.to_owned());
            let work = tokio::task::spawn_blocking(move || this.vector(&text));
            work.await.map_err(|error| EmbedError::Broken(error.to_string()))?
        })
    }
}
