//! The model APIs: one file per API, each giving a [`Turn`](crate::turn::Turn) its wire shape.

pub(crate) mod chat;
pub(crate) mod completions;
pub(crate) mod embeddings;
pub(crate) mod gemini;
pub(crate) mod kserve;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod moderations;
pub(crate) mod ollama;
pub(crate) mod responses;
