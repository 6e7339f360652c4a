//! The embedders that live in this process, by the name that a configuration or command line gives.

use std::path::Path;

use super::{EmbedError, Embedder, Embedding, MiniLm, ModelError, StaticTable};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// all-MiniLM-L6-v2: milliseconds, tells more apart.
    Minilm,
    /// The table distilled from it: microseconds.
    Static,
}

/// One of them, opened.
#[derive(Clone)]
pub enum Local {
    /// all-MiniLM-L6-v2.
    MiniLm(MiniLm),
    /// The table distilled from it.
    Static(StaticTable),
}

impl Local {
    /// Opens it from the model directory.
    ///
    /// # Errors
    ///
    /// The file that is missing or not as it should be.
    pub fn open(name: Name, directory: &Path) -> Result<Self, ModelError> {
        match name {
            Name::Minilm => MiniLm::open(directory).map(Self::MiniLm),
            Name::Static => StaticTable::open(directory).map(Self::Static),
        }
    }

    /// The vector of a text, on this thread.
    ///
    /// # Errors
    ///
    /// As [`Embedder::embed`].
    pub fn vector(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        match self {
            Self::MiniLm(model) => model.vector(text),
            Self::Static(table) => table.vector(text),
        }
    }
}

impl Embedder for Local {
    fn id(&self) -> &str {
        match self {
            Self::MiniLm(model) => model.id(),
            Self::Static(table) => table.id(),
        }
    }

    fn dims(&self) -> usize {
        match self {
            Self::MiniLm(model) => model.dims(),
            Self::Static(table) => table.dims(),
        }
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        match self {
            Self::MiniLm(model) => model.embed(text),
            Self::Static(table) => table.embed(text),
        }
    }
}
