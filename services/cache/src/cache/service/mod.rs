//! The gRPC service `Cache`: what is asked is checked here, and answered by [`lookup`] and [`keep`].
//!
//! Whatever it depends on may be slow, wrong or gone: then a lookup misses and a store keeps nothing. An error goes back only for
//! a call that is wrong in itself, and for administration, which must know.

mod admin;
mod asked;
mod coalesce;
mod counts;
mod keep;
mod learning;
mod lookup;
mod open;
mod wording;

use super::config::CacheConfig;
use super::decide::{Comparator, Decision};
use super::embed::Embedder;
use super::flight::Flights;
use super::partition::{EpochKey, Keys, PartitionId};
use super::store::{Guarded, Store, StoreError};
use cache_api::cache::cache_server::Cache;
use cache_api::cache::{
    AbandonRequest, AbandonResponse, InvalidateRequest, InvalidateResponse, LookupRequest, LookupResponse, Scope,
    StatsRequest, StatsResponse, StoreRequest, StoreResponse,
};
use counts::Counts;
use learning::Learning;
use opentelemetry::metrics::Meter;
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};
use tonic::{Request, Response, Status};

/// How many sampled answers are compared at a time.
const COMPARISONS: usize = 16;

/// How many are held for that with their texts; those beyond are not compared, and counted as skipped.
const SAMPLES: usize = 128;

/// What judges, beside the store. Both may be missing: then the exact tier answers alone, and no error budget is learnt.
#[derive(Clone, Default)]
pub struct Judges {
    /// Turns questions into vectors.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Compares a sampled entry's answer with the model's.
    pub comparator: Option<Arc<dyn Comparator>>,
}

/// The service.
#[derive(Clone)]
pub struct CacheService(Arc<Core>);

/// What one service works with.
pub(crate) struct Core {
    config: CacheConfig,
    store: Arc<dyn Store>,
    keys: OnceCell<Arc<Keys>>,
    judges: Judges,
    /// The embedder's id; empty without one.
    embedder: String,
    decision: Decision,
    learning: Learning,
    flights: Flights,
    /// Places for sampled answers under way.
    samples: Arc<Semaphore>,
    comparisons: Semaphore,
    counts: Counts,
}

impl CacheService {
    /// Opens the store that the configuration names. A server that is not there is no reason to fail: it is asked again.
    ///
    /// # Errors
    /// The embedded store cannot be opened, or a server's address is none.
    pub fn new(config: CacheConfig, judges: Judges, meter: &Meter) -> Result<Self, StoreError> {
        let store = open::store(&config, judges.embedder.as_ref().map(|embedder| embedder.dims()))?;
        Ok(Self::over(store, config, judges, meter))
    }

    /// Over a store that is there already.
    #[must_use]
    pub fn over(store: Arc<dyn Store>, config: CacheConfig, judges: Judges, meter: &Meter) -> Self {
        let store: Arc<dyn Store> = Arc::new(Guarded::new(store, config.guard));
        let embedder = judges.embedder.as_ref().map(|embedder| embedder.id().to_owned()).unwrap_or_default();
        Self(Arc::new(Core {
            decision: Decision::of(&embedder),
            flights: Flights::new(config.flights),
            counts: Counts::new(meter),
            samples: Arc::new(Semaphore::new(SAMPLES)),
            comparisons: Semaphore::new(COMPARISONS),
            learning: Learning::default(),
            keys: OnceCell::new(),
            config,
            store,
            judges,
            embedder,
        }))
    }
}

impl Core {
    /// The keys of the store's secret, which may have to be asked for until the store is there.
    async fn keys(&self) -> Result<&Arc<Keys>, StoreError> {
        self.keys
            .get_or_try_init(|| async {
                let secret = match &self.config.secret {
                    Some(secret) => secret.clone(),
                    None => self.store.secret().await?,
                };
                Ok(Arc::new(Keys::of(&secret)))
            })
            .await
    }

    /// The partition of a scope as of now.
    async fn partition(&self, keys: &Keys, scope: &Scope) -> Result<(PartitionId, u64), StoreError> {
        let names: Vec<EpochKey> = keys.epochs(&scope.tenant, &scope.policy, &scope.model, &scope.version);
        let epochs = self.store.epochs(&names).await?;
        Ok((keys.partition(scope, &self.embedder, &epochs), epochs.iter().sum()))
    }
}

#[tonic::async_trait]
impl Cache for CacheService {
    async fn lookup(&self, request: Request<LookupRequest>) -> Result<Response<LookupResponse>, Status> {
        let asked = asked::Asked::check(request.into_inner())?;
        Ok(Response::new(self.0.lookup(&asked).await))
    }

    async fn store(&self, request: Request<StoreRequest>) -> Result<Response<StoreResponse>, Status> {
        let entry = Arc::clone(&self.0).keep(request.into_inner()).await?;
        Ok(Response::new(StoreResponse { entry: entry.map(|id| id.to_string()).unwrap_or_default() }))
    }

    async fn abandon(&self, request: Request<AbandonRequest>) -> Result<Response<AbandonResponse>, Status> {
        self.0.abandon(&request.into_inner().ticket).await?;
        Ok(Response::new(AbandonResponse {}))
    }

    async fn invalidate(&self, request: Request<InvalidateRequest>) -> Result<Response<InvalidateResponse>, Status> {
        let entries = self.0.invalidate(request.into_inner()).await?;
        Ok(Response::new(InvalidateResponse { entries }))
    }

    async fn stats(&self, request: Request<StatsRequest>) -> Result<Response<StatsResponse>, Status> {
        Ok(Response::new(self.0.stats(&request.into_inner().tenant).await?))
    }
}
