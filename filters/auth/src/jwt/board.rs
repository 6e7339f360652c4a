//! What all workers share about one key set, in Envoy's shared data: when it was fetched, when it is due, and who is
//! fetching it now, so that one fetch serves all callers of all workers.
//!
//! Shared data has no "write if absent": two workers that find nothing both write. So the one that finds nothing writes an
//! empty status and takes no lease yet; whoever reads it next takes the lease by compare-and-swap, which one of them wins.

use plugin::{Cx, RootCx, SharedError};

/// What is the same for a stream and for background work.
pub trait Shared {
    /// Milliseconds since the Unix epoch.
    fn millis(&self) -> u64;
    /// See [`plugin::Surroundings::shared_get`].
    fn get(&self, key: &str) -> Option<(Vec<u8>, u32)>;
    /// See [`plugin::Surroundings::shared_set`].
    ///
    /// # Errors
    /// Another worker was faster, or the host failed.
    fn set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError>;
}

macro_rules! shared {
    ($cx:ident) => {
        impl Shared for $cx<'_> {
            fn millis(&self) -> u64 {
                self.unix_nanos() / 1_000_000
            }
            fn get(&self, key: &str) -> Option<(Vec<u8>, u32)> {
                self.shared_get(key)
            }
            fn set(&mut self, key: &str, value: &[u8], version: Option<u32>) -> Result<(), SharedError> {
                self.shared_set(key, value, version)
            }
        }
    };
}

shared!(Cx);
shared!(RootCx);

/// The state of one key set. Times are in Unix milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, bincode::Encode, bincode::Decode)]
pub struct Status {
    /// Which set it is: a digest of its text, 0 for none.
    pub version: u64,
    /// How many fetches came to an end.
    pub attempts: u64,
    /// When the last one was begun.
    pub begun: u64,
    /// When the next one is due.
    pub due: u64,
    /// Until when a worker that fetches it may be waited for; 0 where none does.
    pub lease: u64,
}

/// By how much clocks that are right can differ where one was read earlier, in milliseconds.
const MOMENT: u64 = 1_000;

/// Whether a lease was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// It is ours: fetch.
    Taken,
    /// Someone fetches, or will.
    Others,
    /// It is not time yet; so many milliseconds more.
    NotYet(u64),
}

impl Status {
    /// The status that workers share; `None` where there is none yet.
    pub fn read(shared: &dyn Shared, key: &str) -> Option<(Self, u32)> {
        let (bytes, version) = shared.get(key)?;
        let (status, _) = bincode::decode_from_slice(&bytes, bincode::config::standard()).ok()?;
        Some((status, version))
    }

    fn write(self, shared: &mut dyn Shared, key: &str, version: Option<u32>) -> Result<(), SharedError> {
        let bytes = bincode::encode_to_vec(self, bincode::config::standard()).map_err(|_| SharedError::Failed)?;
        shared.set(key, &bytes, version)
    }

    /// Takes the lease for `hold` milliseconds, if a fetch may begin by `may`: milliseconds that it is too early, 0 for now.
    pub fn lease(shared: &mut dyn Shared, key: &str, hold: u64, may: &dyn Fn(&Status, u64) -> u64) -> Lease {
        let now = shared.millis();
        let Some((status, version)) = Self::read(shared, key) else {
            // Whether it is written or not: the next one to look decides.
            let _ = Status::default().write(shared, key, None);
            return Lease::Others;
        };
        // The clock went back: nothing that was noted before then says when. Another worker may have looked at it a moment later.
        let went_back = status.begun > now.saturating_add(MOMENT);
        if status.lease > now && !went_back {
            return Lease::Others;
        }
        let early = if went_back { 0 } else { may(&status, now) };
        if early > 0 {
            return Lease::NotYet(early);
        }
        let taken = Status { lease: now + hold, begun: now, ..status };
        if taken.write(shared, key, Some(version)).is_ok() { Lease::Taken } else { Lease::Others }
    }

    /// Notes the end of a fetch.
    pub fn finish(shared: &mut dyn Shared, key: &str, set_version: Option<u64>, due: u64) {
        for _ in 0..8 {
            let (status, version) = Self::read(shared, key).map_or((Self::default(), None), |(s, v)| (s, Some(v)));
            let status = Self {
                version: set_version.unwrap_or(status.version),
                attempts: status.attempts.wrapping_add(1),
                due,
                lease: 0,
                ..status
            };
            if status.write(shared, key, version) != Err(SharedError::Changed) {
                return;
            }
        }
    }
}
