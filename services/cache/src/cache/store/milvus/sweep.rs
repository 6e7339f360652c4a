//! Gives back the room of expired entries, and makes room where a tenant or all have too much: the oldest goes.

use super::row::Row;
use super::{Inner, PAGE, StoreError};
use crate::cache::clock;
use crate::cache::evict::Room;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(5);

/// How many entries one call removes.
const AT_ONCE: usize = 256;

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
        inner.client.delete(&format!("expires <= {}", clock::now_ms())).await?;
        for tenant in busy {
            inner.bound(&format!("tenant == \"{tenant}\""), inner.limits.tenant).await?;
        }
        inner.bound("bytes >= 0", inner.limits.total).await
    };
    if let Err(error) = swept.await {
        tracing::debug!(%error, "the sweep of the store failed");
    }
    Some(())
}

impl Inner {
    /// Removes the oldest of what meets a condition until it stays within the bound.
    async fn bound(&self, condition: &str, bound: Room) -> Result<(), StoreError> {
        let entries = self.client.count(condition).await?;
        let mut rows = self.client.rows(condition, &["id", "bytes", "created"], PAGE).await?;
        let bytes: u64 = rows.iter().map(Row::bytes).sum();
        let (mut surplus, mut too_much) = (entries.saturating_sub(bound.entries), bytes.saturating_sub(bound.bytes));
        rows.sort_by_key(Row::created);
        let gone: Vec<String> = rows
            .iter()
            .take_while(|row| {
                let more = surplus > 0 || too_much > 0;
                surplus = surplus.saturating_sub(1);
                too_much = too_much.saturating_sub(row.bytes());
                more
            })
            .map(|row| format!("\"{}\"", row.text("id")))
            .collect();
        for gone in gone.chunks(AT_ONCE) {
            self.client.delete(&format!("id in [{}]", gone.join(","))).await?;
            self.evictions.fetch_add(gone.len() as u64, Ordering::Relaxed);
        }
        Ok(())
    }
}
