//! WordPiece tokens, as `tokenizer.json` of the model directory says.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokenizers::Tokenizer;

use super::EmbedError;

/// Why a model directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file cannot be read.
    #[error("model file {path}: {source}; `modelgate-cache fetch-model` gets the model")]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("model file {path}: {reason}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a file of a model directory.
pub(crate) fn read(directory: &Path, file: &str) -> Result<Vec<u8>, ModelError> {
    let path = directory.join(file);
    std::fs::read(&path).map_err(|source| ModelError::Missing { path, source })
}

/// A tokenizer that never pads and never cuts: what an embedder does not see, it must not vouch for.
pub struct Tokens {
    tokenizer: Tokenizer,
    max: usize,
}

impl Tokens {
    /// Reads `tokenizer.json`. `max` counts the frame, too.
    pub(crate) fn open(directory: &Path, max: usize) -> Result<Self, ModelError> {
        Self::from_json(&read(directory, "tokenizer.json")?, max)
            .map_err(|reason| ModelError::Wrong { path: directory.join("tokenizer.json"), reason })
    }

    /// From the bytes of a `tokenizer.json`.
    pub(crate) fn from_json(json: &[u8], max: usize) -> Result<Self, String> {
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(|error| error.to_string())?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| error.to_string())?;
        Ok(Self { tokenizer, max })
    }

    /// The tokens and the model's own first and last one.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Empty`] where nothing lies between them, [`EmbedError::TooLong`].
    pub fn framed(&self, text: &str) -> Result<Vec<u32>, EmbedError> {
        self.ids(text, true, 2)
    }

    /// The tokens alone.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Empty`] where there is none, [`EmbedError::TooLong`].
    pub fn plain(&self, text: &str) -> Result<Vec<u32>, EmbedError> {
        self.ids(text, false, 0)
    }

    /// One token in the model's frame.
    #[must_use]
    pub fn frame(&self, id: u32) -> Vec<u32> {
        let frame = |name| self.tokenizer.token_to_id(name);
        frame("[CLS]").into_iter().chain([id]).chain(frame("[SEP]")).collect()
    }

    /// How many there are in the vocabulary.
    #[must_use]
    pub fn size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    fn ids(&self, text: &str, framed: bool, frame: usize) -> Result<Vec<u32>, EmbedError> {
        let too_long = EmbedError::TooLong { max: self.max };
        // A token has a hundred bytes at most: what is longer need not be read.
        if text.len() > self.max * 100 {
            return Err(too_long);
        }
        let encoding =
            self.tokenizer.encode_fast(text, framed).map_err(|error| EmbedError::Broken(error.to_string()))?;
        match encoding.get_ids() {
            ids if ids.len() <= frame => Err(EmbedError::Empty),
            ids if ids.len() > self.max => Err(too_long),
            ids => Ok(ids.to_vec()),
        }
    }
}
