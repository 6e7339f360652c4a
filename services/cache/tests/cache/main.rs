//! The cache service over its stores: what is found, by whom, and what survives.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod budget;
mod durability;
mod fixture;
mod flight;
mod isolation;
mod load;
mod lookup;
mod milvus;
mod redis;
mod stores;
mod tls;
mod weaviate;
mod wrong_hits;
