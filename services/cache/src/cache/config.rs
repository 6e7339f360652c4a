//! The cache's part of the service's configuration: what is written ([`CacheOptions`]) and what runs ([`CacheConfig`]).

use super::evict::{Limits, Room};
use super::flight;
use super::judges::{ComparatorOptions, EmbedderOptions, JudgesConfig};
use super::partition::Secret;
use super::store::Guard;
use super::tls::{StoreTls, StoreTlsOptions};
use policy::Faults;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// `cache:` as it is written. Every key may be left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheOptions {
    /// Where entries are kept.
    pub store: StoreOptions,
    /// A file whose content keys all names, at least 32 bytes. Without it the secret is made at the first start and kept with the
    /// store; Milvus and Weaviate need it.
    pub secret_file: Option<PathBuf>,
    /// What turns questions into vectors. Without it the exact tier answers alone.
    pub embedder: Option<EmbedderOptions>,
    /// What tells whether two answers say the same. Without it no error budget is learnt, and `max_wrong_hits` keeps to exact
    /// hits.
    pub comparator: Option<ComparatorOptions>,
    /// The largest answer that is kept, in bytes.
    pub max_answer_bytes: usize,
    /// How long an answer may be used where the caller names no time, in seconds.
    pub default_ttl_secs: u64,
    /// The longest time that a caller may name, in seconds.
    pub max_ttl_secs: u64,
    /// How much one tenant may keep.
    pub tenant: RoomOptions,
    /// How much all may keep.
    pub total: RoomOptions,
    /// How patient the service is with its store.
    pub patience: PatienceOptions,
    /// Bounds of single flight.
    pub single_flight: FlightOptions,
}

/// Where entries are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum StoreOptions {
    /// A file on this machine's disk.
    Embedded {
        /// The folder it lies in; made where it is missing.
        folder: PathBuf,
    },
    /// A Redis, shared by all instances that name it: 8 or later for the semantic tier.
    Redis {
        /// Such as `redis://:password@redis:6379/0`; `rediss://` for TLS.
        url: ServerUrl,
        /// TLS to it, where the address begins with `rediss://`.
        tls: Option<StoreTlsOptions>,
        /// Entries of different namespaces never meet.
        #[serde(default = "namespace")]
        namespace: String,
    },
    /// A Milvus, shared by all instances that name it; needs `secret_file`.
    Milvus {
        /// Such as `http://milvus:19530`; `https://` for TLS.
        url: String,
        /// TLS to it, where the address begins with `https://`.
        tls: Option<StoreTlsOptions>,
        /// The database; the default one where it is left out.
        #[serde(default)]
        database: String,
        /// Stands in front of the names of all collections.
        #[serde(default = "prefix")]
        prefix: String,
        /// A file that holds `user:password` or an API key.
        token_file: Option<PathBuf>,
    },
    /// A Weaviate, shared by all instances that name it; needs `secret_file`. Untested against a server.
    Weaviate {
        /// Such as `http://weaviate:8080`; `https://` for TLS.
        url: String,
        /// TLS to it, where the address begins with `https://`.
        tls: Option<StoreTlsOptions>,
        /// Stands in front of the names of all collections; begins with a capital letter.
        #[serde(default = "capital_prefix")]
        prefix: String,
        /// A file that holds an API key.
        token_file: Option<PathBuf>,
    },
}

impl StoreOptions {
    /// What is said of TLS, and whether the address asks for it.
    fn tls(&self) -> (Option<&StoreTlsOptions>, bool) {
        match self {
            Self::Embedded { .. } => (None, false),
            Self::Redis { url, tls, .. } => (tls.as_ref(), url.reveal().starts_with("rediss://")),
            Self::Milvus { url, tls, .. } | Self::Weaviate { url, tls, .. } => {
                (tls.as_ref(), url.starts_with("https://"))
            }
        }
    }
}

fn capital_prefix() -> String {
    "Modelgate".to_owned()
}

fn prefix() -> String {
    "modelgate".to_owned()
}

fn namespace() -> String {
    "default".to_owned()
}

/// An address that may hold a password: it is never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct ServerUrl(String);

impl ServerUrl {
    /// As it was written.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for ServerUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for ServerUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ServerUrl")
    }
}

/// An amount of entries.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomOptions {
    /// How many.
    pub entries: u64,
    /// Their bytes: questions, answers, vectors.
    pub bytes: u64,
}

/// How patient the service is with its store.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PatienceOptions {
    /// How long a lookup waits for it, in milliseconds.
    pub read_ms: u64,
    /// How long a store or a purge waits for it, in milliseconds.
    pub write_ms: u64,
    /// After so many failures in a row it is left alone. 0: never.
    pub failures: u32,
    /// For so long, in milliseconds.
    pub rest_ms: u64,
}

/// Bounds of single flight.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FlightOptions {
    /// How long a leader may take before another is promoted, in milliseconds.
    pub lead_ms: u64,
    /// Requests that are fetched at a time; beyond it they are not waited for.
    pub flights: usize,
    /// Callers that wait at a time; beyond it they are let pass.
    pub waiting: usize,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            store: StoreOptions::Embedded { folder: PathBuf::from("modelgate-cache") },
            secret_file: None,
            embedder: None,
            comparator: None,
            max_answer_bytes: 1 << 20,
            default_ttl_secs: 3600,
            max_ttl_secs: 7 * 86_400,
            tenant: RoomOptions { entries: 250_000, bytes: 1 << 30 },
            total: RoomOptions { entries: 1_000_000, bytes: 8 << 30 },
            patience: PatienceOptions::default(),
            single_flight: FlightOptions::default(),
        }
    }
}

impl Default for PatienceOptions {
    fn default() -> Self {
        Self { read_ms: 50, write_ms: 2000, failures: 5, rest_ms: 1000 }
    }
}

impl Default for FlightOptions {
    fn default() -> Self {
        Self { lead_ms: 60_000, flights: 65_536, waiting: 16_384 }
    }
}

/// A checked configuration of the cache.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// Where entries are kept.
    pub store: StoreOptions,
    /// TLS to the store, where its address asks for it.
    pub tls: Option<StoreTls>,
    /// The embedder and the comparator, not opened yet.
    pub judges: JudgesConfig,
    /// The configured secret.
    pub secret: Option<Secret>,
    /// The largest answer, in bytes.
    pub max_answer_bytes: usize,
    /// Where the caller names no time.
    pub default_ttl: Duration,
    /// The longest time.
    pub max_ttl: Duration,
    /// Bounds of what is kept.
    pub limits: Limits,
    /// Patience with the store.
    pub guard: Guard,
    /// Bounds of single flight.
    pub flights: flight::Bounds,
}

impl CacheConfig {
    /// Checks what was written; reads the secret.
    ///
    /// # Errors
    /// All faults, each with its key.
    pub fn check(options: CacheOptions) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let secret = options.secret_file.as_ref().and_then(|file| match std::fs::read_to_string(file) {
            Ok(text) => Secret::from_passphrase(text.trim_end()).or_else(|| {
                faults.push("secret_file", "holds less than 32 bytes; `openssl rand -hex 32` makes a good one");
                None
            }),
            Err(error) => {
                faults.push("secret_file", format!("cannot be read: {error}"));
                None
            }
        });
        if matches!(options.store, StoreOptions::Milvus { .. } | StoreOptions::Weaviate { .. })
            && options.secret_file.is_none()
        {
            faults.push(
                "secret_file",
                "is missing, and this store cannot keep a secret; name a file with at least 32 bytes",
            );
        }
        let tls = match options.store.tls() {
            (Some(_), false) => {
                faults.push("store", "has `tls`, and an address without it; begin it with rediss:// or https://");
                None
            }
            (given, true) => faults.gather("store.tls", StoreTls::read(&given.cloned().unwrap_or_default())),
            (None, false) => None,
        };
        for (key, room) in [("tenant", options.tenant), ("total", options.total)] {
            if room.entries == 0 || room.bytes == 0 {
                faults.push(key, "leaves room for nothing; give at least one entry and its bytes");
            }
        }
        if options.total.entries > u64::from(u32::MAX / 2) {
            faults.push("total.entries", "is more than 2,147,483,647 entries");
        }
        if options.default_ttl_secs == 0 || options.default_ttl_secs > options.max_ttl_secs {
            faults.push("default_ttl_secs", "must be from 1 up to `max_ttl_secs`");
        }
        if options.patience.read_ms == 0 || options.patience.write_ms == 0 {
            faults.push("patience", "a call needs at least one millisecond");
        }
        let judges = faults.gather("", JudgesConfig::check(options.embedder, options.comparator)).unwrap_or_default();
        faults.into_result()?;
        let room = |room: RoomOptions| Room { entries: room.entries, bytes: room.bytes };
        let PatienceOptions { read_ms, write_ms, failures, rest_ms } = options.patience;
        let FlightOptions { lead_ms, flights, waiting } = options.single_flight;
        Ok(Self {
            store: options.store,
            tls,
            judges,
            secret,
            max_answer_bytes: options.max_answer_bytes,
            default_ttl: Duration::from_secs(options.default_ttl_secs),
            max_ttl: Duration::from_secs(options.max_ttl_secs),
            limits: Limits { tenant: room(options.tenant), total: room(options.total) },
            guard: Guard {
                read: Duration::from_millis(read_ms),
                write: Duration::from_millis(write_ms),
                failures,
                rest: Duration::from_millis(rest_ms),
            },
            flights: flight::Bounds { flights, waiting, lead: Duration::from_millis(lead_ms) },
        })
    }
}
