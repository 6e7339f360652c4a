//! Administration: what is forgotten, and what the service says of itself.

use super::Core;
use crate::cache::partition::{EntryId, Selector};
use crate::cache::store::{Purge, StoreError};
use cache_api::cache::{InvalidateRequest, Learned, StatsResponse};
use std::time::Duration;
use tonic::Status;

impl Core {
    /// Tenant, policy, model and version raise an epoch; tag, writer and entry remove one by one.
    pub(super) async fn invalidate(&self, request: InvalidateRequest) -> Result<u64, Status> {
        let InvalidateRequest { tenant, model, version, tag, writer, entry, policy, all } = request;
        let given = |text: String| (!text.is_empty()).then_some(text);
        let within =
            Selector { tenant: given(tenant), policy: given(policy), model: given(model), version: given(version) };
        let entry = given(entry).map(|name| {
            EntryId::parse(&name).ok_or_else(|| Status::invalid_argument("entry: must have 32 hexadecimal digits"))
        });
        let purge = Purge { tag: given(tag), writer: given(writer), entry: entry.transpose()?, within };
        let one_by_one = purge.tag.is_some() || purge.writer.is_some() || purge.entry.is_some();
        let nothing = !one_by_one && purge.within == Selector::default();
        if nothing != all {
            return Err(Status::invalid_argument("give what to forget, or `all` and nothing else"));
        }
        if purge.within.version.is_some() && purge.within.model.is_none() {
            return Err(Status::invalid_argument("version: needs the model that it is a version of"));
        }
        if one_by_one {
            return self.store.purge(&purge).await.map_err(unavailable);
        }
        let key = self.keys().await.map_err(unavailable)?.epoch(&purge.within);
        self.store.raise(key, &purge.within).await.map_err(unavailable)
    }

    pub(super) async fn stats(&self, tenant: &str) -> Result<StatsResponse, Status> {
        let usage = self.store.usage((!tenant.is_empty()).then_some(tenant)).await.map_err(unavailable)?;
        self.learning.refresh(&*self.store, Duration::ZERO).await;
        let learned = self.learning.bounds().into_iter().map(|bound| Learned {
            pool: bound.pool,
            samples: bound.samples,
            wrong: bound.wrong,
            threshold: bound.threshold,
            bound: bound.bound,
        });
        let mut stats = StatsResponse {
            entries: usage.room.entries,
            bytes: usage.room.bytes,
            evictions: usage.evictions,
            embedder: self.embedder.clone(),
            store: self.store.kind().to_owned(),
            learned: learned.collect(),
            ..StatsResponse::default()
        };
        self.counts.numbers(tenant).tell(&mut stats);
        Ok(stats)
    }
}

fn unavailable(error: StoreError) -> Status {
    Status::unavailable(error.to_string())
}
