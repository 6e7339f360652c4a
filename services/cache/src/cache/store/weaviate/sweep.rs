//! Gives back the room of expired entries, and makes room where a tenant or all have too much: the oldest goes.

use super::query::Where;
use super::{Inner, StoreError};
use crate::cache::clock;
use crate::cache::evict::Room;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(5);

/// How many of the oldest are looked at in one go.
const AT_ONCE: usize = 1000;

/// Sweeps until the store is dropped.
pub(super) fn start(inner: &Arc<Inner>) {
    let inner = Arc::downgrade(inner);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(PAUSE).await;
            if sweep(&inner).await.is_none() {
                return;
            }
        }
    });
}

/// `None` where the store is gone.
async fn sweep(inner: &Weak<Inner>) -> Option<()> {
    let inner = inner.upgrade()?;
    let busy = std::mem::take(&mut *inner.busy.lock());
    if busy.is_empty() {
        return Some(());
    }
    let swept = async {
        inner.client.delete(&Where::at_most("expires", clock::now_ms())).await?;
        for tenant in busy {
            inner.bound(Where::is("tenant", tenant), inner.limits.tenant).await?;
        }
        inner.bound(Where::at_least("created", 0), inner.limits.total).await
    };
    if let Err(error) = swept.await {
        tracing::debug!(%error, "the sweep of the store failed");
    }
    Some(())
}

impl Inner {
    /// Removes the oldest of what meets a condition until it stays within the bound.
    async fn bound(&self, condition: Where, bound: Room) -> Result<(), StoreError> {
        loop {
            let (entries, bytes) = self.client.sum(&condition).await?;
            let (mut surplus, mut too_much) =
                (entries.saturating_sub(bound.entries), bytes.saturating_sub(bound.bytes));
            let mut gone = Vec::new();
            if surplus > 0 || too_much > 0 {
                for (id, bytes) in self.client.oldest(&condition, AT_ONCE).await? {
                    if surplus == 0 && too_much == 0 {
                        break;
                    }
                    surplus = surplus.saturating_sub(1);
                    too_much = too_much.saturating_sub(bytes);
                    gone.push(id);
                }
            }
            if gone.is_empty() {
                return Ok(());
            }
            let removed = self.client.delete(&Where::any("id", gone)).await?;
            self.evictions.fetch_add(removed, Ordering::Relaxed);
            if removed == 0 {
                return Ok(());
            }
        }
    }
}
