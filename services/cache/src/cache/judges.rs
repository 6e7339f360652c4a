//! What judges beside the store: the embedder and the comparator, as they are configured and as they run.

use super::decide::{AnswerEmbedding, Comparator, ComparatorError, Judge};
use super::embed::{Embedder, Local, Name, Remote};
use super::http::{Server, Settings};
use super::service::Judges;
use policy::Faults;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What turns questions into vectors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum EmbedderOptions {
    /// A model in this process.
    Local {
        /// `minilm` or `static`.
        model: Name,
        /// The folder that `modelgate-cache fetch-model` filled.
        folder: PathBuf,
    },
    /// A server that speaks OpenAI's `POST /v1/embeddings`.
    Server {
        /// The server.
        server: ServerOptions,
        /// How long its vectors are.
        dims: usize,
    },
}

/// What tells whether two answers say the same. Needed for `max_wrong_hits`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum ComparatorOptions {
    /// The embedder's vectors of both answers.
    AnswerEmbedding {
        /// The least cosine of answers that say the same.
        least: f32,
        /// How often it errs, as `modelgate-cache measure` prints it.
        error: ComparatorError,
    },
    /// A model that is asked over OpenAI's `POST /v1/chat/completions`.
    Judge {
        /// The server.
        server: ServerOptions,
        /// How often it errs, as `modelgate-cache measure` prints it.
        error: ComparatorError,
    },
}

/// A JSON server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerOptions {
    /// The whole address, such as `http://models:8080/v1/embeddings`.
    pub url: String,
    /// The model that is named to it.
    pub model: String,
    /// A file that holds a bearer token.
    pub key_file: Option<PathBuf>,
    /// How long an answer may take, in milliseconds. (Default: 300.)
    #[serde(default = "deadline")]
    pub deadline_ms: u64,
}

fn deadline() -> u64 {
    300
}

/// A checked configuration of the judges. Nothing is opened yet.
#[derive(Debug, Clone, Default)]
pub struct JudgesConfig {
    embedder: Option<EmbedderConfig>,
    comparator: Option<ComparatorConfig>,
}

#[derive(Debug, Clone)]
enum EmbedderConfig {
    Local(Name, PathBuf),
    Server(Settings, usize),
}

#[derive(Debug, Clone)]
enum ComparatorConfig {
    AnswerEmbedding(f32, ComparatorError),
    Judge(Settings, ComparatorError),
}

impl JudgesConfig {
    /// Checks what was written; reads the keys.
    ///
    /// # Errors
    /// All faults, each with its key.
    pub fn check(embedder: Option<EmbedderOptions>, comparator: Option<ComparatorOptions>) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let embedder = match embedder {
            Some(EmbedderOptions::Local { model, folder }) => Some(EmbedderConfig::Local(model, folder)),
            Some(EmbedderOptions::Server { server, dims }) => {
                if !(1..=8192).contains(&dims) {
                    faults.push("embedder.server.dims", "must be 1 to 8192");
                }
                let settings = faults.gather("embedder.server.server", settings(server));
                settings.map(|settings| EmbedderConfig::Server(settings, dims))
            }
            None => None,
        };
        let comparator = match comparator {
            Some(ComparatorOptions::AnswerEmbedding { least, error }) => {
                if embedder.is_none() {
                    faults.push("comparator.answer_embedding", "needs an `embedder`");
                }
                if !(least > 0.0 && least <= 1.0) {
                    faults.push("comparator.answer_embedding.least", "must be above 0 and at most 1");
                }
                Some(ComparatorConfig::AnswerEmbedding(least, error))
            }
            Some(ComparatorOptions::Judge { server, error }) => {
                let settings = faults.gather("comparator.judge.server", settings(server));
                settings.map(|settings| ComparatorConfig::Judge(settings, error))
            }
            None => None,
        };
        faults.into_result().map(|()| Self { embedder, comparator })
    }

    /// Opens them. A model that is not there is said in the log, and the exact tier answers alone.
    #[must_use]
    pub fn open(self) -> Judges {
        let embedder: Option<Arc<dyn Embedder>> = match self.embedder {
            None => {
                tracing::info!("no embedder is configured: the exact tier answers alone");
                None
            }
            Some(EmbedderConfig::Local(name, folder)) => local(name, &folder),
            Some(EmbedderConfig::Server(settings, dims)) => Some(Arc::new(Remote::new(settings, dims))),
        };
        let comparator: Option<Arc<dyn Comparator>> = match (self.comparator, &embedder) {
            (Some(ComparatorConfig::AnswerEmbedding(least, error)), Some(embedder)) => {
                Some(Arc::new(AnswerEmbedding::new(Arc::clone(embedder), least, error)))
            }
            (Some(ComparatorConfig::Judge(settings, error)), _) => {
                Some(Arc::new(Judge::new(Server::new(settings), error)))
            }
            _ => None,
        };
        Judges { embedder, comparator }
    }
}

fn local(name: Name, folder: &Path) -> Option<Arc<dyn Embedder>> {
    match Local::open(name, folder) {
        Ok(model) => Some(Arc::new(model)),
        Err(error) => {
            tracing::warn!(
                %error,
                "the embedder cannot be opened: the exact tier answers alone; `modelgate-cache fetch-model --model {}` gets it",
                folder.display()
            );
            None
        }
    }
}

fn settings(options: ServerOptions) -> Result<Settings, Faults> {
    let mut faults = Faults::new();
    let ServerOptions { url, model, key_file, deadline_ms } = options;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        faults.push("url", "is no http:// or https:// address");
    }
    if deadline_ms == 0 {
        faults.push("deadline_ms", "must be at least 1");
    }
    let key = key_file.and_then(|file| match std::fs::read_to_string(file) {
        Ok(key) => Some(key.trim().to_owned()),
        Err(error) => {
            faults.push("key_file", format!("cannot be read: {error}"));
            None
        }
    });
    faults.into_result().map(|()| Settings { url, model, key, deadline_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_keys() {
        let server = ServerOptions { url: "models:80".into(), model: "m".into(), key_file: None, deadline_ms: 0 };
        let embedder = EmbedderOptions::Server { server, dims: 0 };
        let faults = JudgesConfig::check(Some(embedder), None).unwrap_err().to_string();
        for key in ["embedder.server.dims", "embedder.server.server.url", "embedder.server.server.deadline_ms"] {
            assert!(faults.contains(key), "{faults}");
        }
        let comparator = ComparatorOptions::AnswerEmbedding { least: 0.9, error: ComparatorError::default() };
        assert!(JudgesConfig::check(None, Some(comparator)).unwrap_err().to_string().contains("needs an `embedder`"));
    }

    #[test]
    fn a_model_that_is_missing_leaves_the_exact_tier() {
        let folder = PathBuf::from("nowhere");
        let config = JudgesConfig::check(Some(EmbedderOptions::Local { model: Name::Static, folder }), None).unwrap();
        assert!(config.open().embedder.is_none());
    }
}
