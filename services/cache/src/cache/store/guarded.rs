//! A store with a deadline on each call and a breaker: one that is slow, wrong or gone costs a request at most the deadline, and
//! after some failures in a row nothing at all for a while.

use super::{Kept, Leases, Near, Purge, Search, Store, StoreError, Usage};
use crate::cache::partition::{EntryId, EpochKey, PartitionId, Secret, Selector};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How patient to be with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// A lookup waits so long.
    pub read: Duration,
    /// A store or a purge waits so long.
    pub write: Duration,
    /// After so many failures in a row it is left alone. 0: never.
    pub failures: u32,
    /// For so long; then one call tries again.
    pub rest: Duration,
}

/// A store, guarded.
pub struct Guarded {
    inner: Arc<dyn Store>,
    guard: Guard,
    breaker: Breaker,
}

impl Guarded {
    /// Guards a store.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, guard: Guard) -> Self {
        let breaker = Breaker { epoch: Instant::now(), failures: AtomicU32::new(0), until: AtomicU64::new(0) };
        Self { inner, guard, breaker }
    }

    async fn within<T>(
        &self,
        patience: Duration,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let store = self.inner.kind();
        if let Some(failures) = self.breaker.open(self.guard) {
            return Err(StoreError::Open { store, failures });
        }
        let result = tokio::time::timeout(patience, call).await.unwrap_or_else(|_| {
            Err(StoreError::Deadline { store, millis: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX) })
        });
        match &result {
            Ok(_) => self.breaker.succeeded(),
            Err(error) => self.breaker.failed(self.guard, error),
        }
        result
    }
}

#[tonic::async_trait]
impl Store for Guarded {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    async fn secret(&self) -> Result<Secret, StoreError> {
        self.within(self.guard.write, self.inner.secret()).await
    }

    async fn epochs(&self, keys: &[EpochKey]) -> Result<Vec<u64>, StoreError> {
        self.within(self.guard.read, self.inner.epochs(keys)).await
    }

    async fn raise(&self, key: EpochKey, selector: &Selector) -> Result<u64, StoreError> {
        self.within(self.guard.write, self.inner.raise(key, selector)).await
    }

    async fn get(&self, id: EntryId, now_ms: u64) -> Result<Option<Kept>, StoreError> {
        self.within(self.guard.read, self.inner.get(id, now_ms)).await
    }

    async fn near(&self, partition: PartitionId, search: &Search) -> Result<Vec<Near>, StoreError> {
        self.within(self.guard.read, self.inner.near(partition, search)).await
    }

    async fn put(&self, kept: Kept) -> Result<bool, StoreError> {
        self.within(self.guard.write, self.inner.put(kept)).await
    }

    async fn purge(&self, purge: &Purge) -> Result<u64, StoreError> {
        self.within(self.guard.write, self.inner.purge(purge)).await
    }

    async fn usage(&self, tenant: Option<&str>) -> Result<Usage, StoreError> {
        self.within(self.guard.write, self.inner.usage(tenant)).await
    }

    async fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.within(self.guard.write, self.inner.note(name)).await
    }

    async fn replace_note(&self, name: &str, old: Option<&[u8]>, new: Vec<u8>) -> Result<bool, StoreError> {
        self.within(self.guard.write, self.inner.replace_note(name, old, new)).await
    }

    fn leases(&self) -> Option<Arc<dyn Leases>> {
        self.inner.leases()
    }
}

/// Closed, or open until a time. When the time has come, one call is let through; its end decides.
struct Breaker {
    epoch: Instant,
    failures: AtomicU32,
    /// Milliseconds after `epoch`.
    until: AtomicU64,
}

impl Breaker {
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The failures in a row, where this call must not go out.
    fn open(&self, guard: Guard) -> Option<u32> {
        let failures = self.failures.load(Ordering::Relaxed);
        if guard.failures == 0 || failures < guard.failures {
            return None;
        }
        let (now, until) = (self.now(), self.until.load(Ordering::Relaxed));
        // Whoever moves the time on is the one that tries.
        let next = now.saturating_add(rest(guard));
        let tries =
            now >= until && self.until.compare_exchange(until, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        (!tries).then_some(failures)
    }

    fn succeeded(&self) {
        if self.failures.swap(0, Ordering::Relaxed) > 0 {
            tracing::info!("the cache's store answers again");
        }
    }

    fn failed(&self, guard: Guard, error: &StoreError) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures == 1 || failures == guard.failures {
            tracing::warn!("the cache's store failed ({failures} in a row): {error}");
        }
        if failures >= guard.failures {
            self.until.store(self.now().saturating_add(rest(guard)), Ordering::Relaxed);
        }
    }
}

fn rest(guard: Guard) -> u64 {
    u64::try_from(guard.rest.as_millis()).unwrap_or(u64::MAX)
}
