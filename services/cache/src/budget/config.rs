//! The configuration of the shared budget.

use crate::server::config::Secret;
use policy::Faults;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// The shared budget, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawBudget {
    /// Where budgets are kept: `embedded` (default), `redis` or `memory`, each with its own keys.
    #[serde(default)]
    pub store: RawStore,
    /// An account that nothing was taken from for so many days, and whose windows are new again, is forgotten with its sums.
    /// Balances are kept for ever. (Default: 35.)
    #[serde(default = "default_days")]
    pub forget_idle_after_days: u32,
}

impl Default for RawBudget {
    fn default() -> Self {
        Self { store: RawStore::default(), forget_idle_after_days: default_days() }
    }
}

/// Where budgets are kept.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawStore {
    /// A file of this process alone.
    Embedded(RawEmbedded),
    /// A Redis 7 or a Valkey that several instances of the service share.
    Redis(RawRedis),
    /// Nowhere: all is forgotten at the end. For trials.
    Memory(RawMemory),
}

impl Default for RawStore {
    fn default() -> Self {
        Self::Embedded(RawEmbedded { path: default_path() })
    }
}

/// A store on this machine's disk.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEmbedded {
    /// Its file; its folder is made where it is missing. (Default: modelgate-cache/budget.redb.)
    #[serde(default = "default_path")]
    pub path: PathBuf,
}

/// A store in memory.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMemory {}

/// A Redis.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRedis {
    /// `redis://[user:password@]host:port[/database]`, or `unix:///path`. A password is better in `url_file`, or in the variable
    /// MODELGATE_CACHE_BUDGET__STORE__REDIS__URL.
    pub url: Option<Secret>,
    /// A file that holds the `url`.
    pub url_file: Option<PathBuf>,
    /// What all keys begin with, and what instances that share budgets have in common. It is in braces in each key: in a cluster,
    /// all of them lie on one node. (Default: modelgate.)
    #[serde(default = "default_prefix")]
    pub prefix: String,
    /// How long an answer of the server may take, in milliseconds; then the call fails, and the gateway does what its
    /// `failure_mode` says. (Default: 500.)
    #[serde(default = "default_timeout")]
    pub timeout_ms: u64,
}

/// The shared budget, checked.
#[derive(Debug, Clone)]
pub struct BudgetConfig {
    /// Where budgets are kept.
    pub store: StoreConfig,
    /// How long an account without use is kept.
    pub idle: Duration,
}

/// Where budgets are kept.
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// A file.
    Embedded(PathBuf),
    /// Nowhere.
    Memory,
    /// A Redis.
    Redis(RedisConfig),
}

/// A Redis.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// Where it is.
    pub url: Secret,
    /// What all keys begin with.
    pub prefix: String,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl BudgetConfig {
    /// Checks what was written.
    ///
    /// # Errors
    /// All faults.
    pub fn check(raw: RawBudget) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        if raw.forget_idle_after_days == 0 {
            faults.push("forget_idle_after_days", "must be above 0");
        }
        let store = match raw.store {
            RawStore::Embedded(embedded) => Some(StoreConfig::Embedded(embedded.path)),
            RawStore::Memory(_) => Some(StoreConfig::Memory),
            RawStore::Redis(redis) => faults.gather("store.redis", RedisConfig::check(redis)).map(StoreConfig::Redis),
        };
        let idle = Duration::from_secs(86_400 * u64::from(raw.forget_idle_after_days));
        match store {
            Some(store) if faults.is_empty() => Ok(Self { store, idle }),
            _ => Err(faults),
        }
    }
}

impl RedisConfig {
    fn check(raw: RawRedis) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let url = match (raw.url, raw.url_file) {
            (Some(url), None) => Some(url),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => Some(Secret::from(text.trim().to_owned())),
                Err(error) => {
                    faults.push("url_file", format!("cannot read {}: {error}", path.display()));
                    None
                }
            },
            (None, None) => {
                faults.push("url", "is missing; give it, or `url_file`");
                None
            }
            (Some(_), Some(_)) => {
                faults.push("url_file", "stands beside `url`; give one of them");
                None
            }
        };
        // The reason may quote the address.
        if url.as_ref().is_some_and(|url| redis::Client::open(url.expose()).is_err()) {
            faults.push("url", "is no address of a Redis; give `redis://host:port`");
        }
        if raw.prefix.is_empty() || raw.prefix.len() > 64 || !raw.prefix.bytes().all(is_plain) {
            faults.push("prefix", "must be 1 to 64 letters, digits, `-`, `_` or `.`");
        }
        if !(1..=60_000).contains(&raw.timeout_ms) {
            faults.push("timeout_ms", "must be 1 to 60000");
        }
        match url {
            Some(url) if faults.is_empty() => {
                Ok(Self { url, prefix: raw.prefix, timeout: Duration::from_millis(raw.timeout_ms) })
            }
            _ => Err(faults),
        }
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

fn default_days() -> u32 {
    35
}

fn default_path() -> PathBuf {
    "modelgate-cache/budget.redb".into()
}

fn default_prefix() -> String {
    "modelgate".into()
}

fn default_timeout() -> u64 {
    500
}
