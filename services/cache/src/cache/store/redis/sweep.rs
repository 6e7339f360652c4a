//! Gives back the room of expired entries. Every instance does; whoever comes second finds nothing.

use super::{AT_ONCE, Inner};
use crate::cache::clock;
use std::sync::{Arc, Weak};
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(1);

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
    loop {
        let inner = inner.upgrade()?;
        let call = &inner.scripts.sweep;
        let swept: Result<usize, _> =
            call.key(inner.keys.prefix()).arg(clock::now_ms()).arg(AT_ONCE).invoke_async(&mut inner.connection()).await;
        // A Redis that is away is swept when it is back.
        if !matches!(swept, Ok(AT_ONCE)) {
            return Some(());
        }
    }
}
