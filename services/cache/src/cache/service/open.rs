//! The store that a configuration names.

use crate::cache::config::{CacheConfig, StoreOptions};
use crate::cache::store::embedded::Embedded;
use crate::cache::store::milvus::{self, MilvusStore};
use crate::cache::store::redis::RedisStore;
use crate::cache::store::weaviate::{self, WeaviateStore};
use crate::cache::store::{Store, StoreError};
use std::path::PathBuf;
use std::sync::Arc;

/// Opens it, for vectors of so many dimensions.
pub(super) fn store(config: &CacheConfig, dims: Option<usize>) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match &config.store {
        StoreOptions::Embedded { folder } => {
            std::fs::create_dir_all(folder).map_err(|error| {
                StoreError::failed("embedded", format!("cannot make {}: {error}", folder.display()))
            })?;
            Arc::new(Embedded::open(folder, config.limits, config.secret.as_ref())?)
        }
        StoreOptions::Redis { url, namespace, .. } => {
            Arc::new(RedisStore::new(url.reveal(), config.tls.as_ref(), namespace, config.limits)?)
        }
        StoreOptions::Milvus { url, database, prefix, token_file, .. } => {
            let token = token("milvus", token_file.as_ref())?;
            let (url, database, prefix, tls) = (url.clone(), database.clone(), prefix.clone(), config.tls.clone());
            let place = milvus::Place { url, tls, database, prefix, token };
            Arc::new(MilvusStore::new(&place, dims, config.limits)?)
        }
        StoreOptions::Weaviate { url, prefix, token_file, .. } => {
            let token = token("weaviate", token_file.as_ref())?;
            let place = weaviate::Place { url: url.clone(), tls: config.tls.clone(), prefix: prefix.clone(), token };
            Arc::new(WeaviateStore::new(&place, dims, config.limits)?)
        }
    })
}

fn token(store: &'static str, file: Option<&PathBuf>) -> Result<Option<String>, StoreError> {
    let read = file.map(|file| {
        std::fs::read_to_string(file)
            .map_err(|error| StoreError::failed(store, format!("cannot read {}: {error}", file.display())))
    });
    Ok(read.transpose()?.map(|token| token.trim_end().to_owned()))
}
