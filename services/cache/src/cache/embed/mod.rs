//! Embedders: a text becomes a vector of unit length, so that the dot product of two is the cosine of their angle.
//!
//! What an embedder is not: a judge. Two questions with a large cosine may still want two answers; [`crate::cache::decide`]
//! says whether they do.

mod local;
mod minilm;
mod principal;
mod remote;
mod table;
mod tokens;

use std::{future::Future, pin::Pin};

pub use self::{
    local::{Local, Name},
    minilm::MiniLm,
    remote::Remote,
    table::{FILE as STATIC_FILE, StaticTable, distil},
    tokens::{ModelError, Tokens},
};

/// A vector in the making.
pub type Embedding<'a> = Pin<Box<dyn Future<Output = Result<Vec<f32>, EmbedError>> + Send + 'a>>;

/// Turns texts into vectors of unit length.
pub trait Embedder: Send + Sync {
    /// Name and version, such as `all-MiniLM-L6-v2`. Part of the partition: vectors of two embedders never meet.
    fn id(&self) -> &str;

    /// The length of every vector.
    fn dims(&self) -> usize;

    /// The vector of a text, [`Embedder::dims`] numbers long and of unit length.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being made; the caller answers from the exact tier alone.
    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a>;
}

/// Why there is no vector. Never holds the text.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The text has nothing to embed: no token is left of it.
    #[error("the text holds no token that the embedder knows")]
    Empty,
    /// The text is longer than the embedder sees. A vector of its beginning would vouch for an end that nobody compared.
    #[error("the text has more than {max} tokens")]
    TooLong {
        /// The most that it sees.
        max: usize,
    },
    /// The server did not answer in time.
    #[error("the embedding server did not answer within {millis} ms")]
    Deadline {
        /// The deadline.
        millis: u64,
    },
    /// The server failed too often just now and is left alone for a while.
    #[error("the embedding server is left alone after {failures} failures in a row")]
    Open {
        /// Failures in a row.
        failures: u32,
    },
    /// The server answered with something else than a vector of the right length.
    #[error("embedding server: {0}")]
    Server(String),
    /// The embedder broke.
    #[error("embedder: {0}")]
    Broken(String),
}

/// The vector at length 1; `None` for one that has no direction.
pub(crate) fn unit(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if !length.is_finite() || length == 0.0 {
        return None;
    }
    for value in &mut vector {
        *value /= length;
    }
    Some(vector)
}
