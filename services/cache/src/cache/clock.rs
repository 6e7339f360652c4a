//! The time of entries: milliseconds since 1970, as they are kept across restarts and between instances.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
