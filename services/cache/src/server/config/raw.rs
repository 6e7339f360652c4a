//! The configuration as it is written. The comments of its fields are the reference in the README.

use crate::budget::config::RawBudget;
use crate::cache::config::CacheOptions;
use serde::Deserialize;
use std::path::PathBuf;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    /// What is served: `budget`, `cache`. (Default: both.)
    #[serde(default = "default_serve")]
    pub serve: Vec<Part>,
    /// Where gateways reach the service: `address:port`. Port 0: any free one. Beyond loopback only with credentials. (Default:
    /// 127.0.0.1:9090; "" for none.)
    #[serde(default = "default_listen")]
    pub listen: String,
    /// A Unix socket to listen on as well.
    pub unix_socket: Option<UnixSocket>,
    /// TLS on the address of `listen`.
    pub tls: Option<Tls>,
    /// Tokens may be sent to an address beyond loopback without TLS of ours: a mesh or a tunnel encrypts. (Default: false.)
    #[serde(default)]
    pub plaintext_tokens: bool,
    /// Who may call. Without any, whoever reaches the service may.
    #[serde(default)]
    pub callers: Callers,
    /// Who may use the methods of administration. Without any, nobody may.
    #[serde(default)]
    pub administrators: Callers,
    /// What one caller, and all together, may cost.
    #[serde(default)]
    pub limits: Limits,
    /// How long calls in flight may take to finish once the service was told to end, in milliseconds. (Default: 10000.)
    #[serde(default = "default_grace")]
    pub shutdown_grace_ms: u64,
    /// Where the metrics go.
    #[serde(default)]
    pub metrics: MetricsOptions,
    /// What is logged.
    #[serde(default)]
    pub log: LogOptions,
    /// The shared budget.
    #[serde(default)]
    pub budget: RawBudget,
    /// The semantic cache.
    #[serde(default)]
    pub cache: CacheOptions,
}

/// What may be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The shared budget.
    Budget,
    /// The semantic cache.
    Cache,
}

/// A Unix socket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnixSocket {
    /// Its file. What a service that has ended left behind there is replaced.
    pub path: PathBuf,
    /// Who may open it: the file's mode in octal. (Default: "0600", its owner.)
    #[serde(default = "default_mode")]
    pub mode: String,
}

/// TLS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The file of the certificate chain, PEM.
    pub certificate: PathBuf,
    /// The file of its private key, PEM.
    pub key: PathBuf,
    /// The file of the authorities, PEM, whose certificates clients must present (mTLS). Whoever has one is a caller, unless
    /// `callers.certificates` names some.
    pub client_ca: Option<PathBuf>,
}

/// Credentials, as digests. The service never knows a token.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callers {
    /// Digests of bearer tokens, as `modelgate keys new` prints them: `sha256:` and 64 hexadecimal digits.
    #[serde(default)]
    pub tokens: Vec<String>,
    /// SHA-256 fingerprints of client certificates (of their DER form): `sha256:` and 64 hexadecimal digits. Needs
    /// `tls.client_ca`.
    #[serde(default)]
    pub certificates: Vec<String>,
}

/// Bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest message that is read or written, in bytes. (Default: 8388608.)
    pub max_message_bytes: usize,
    /// Calls at once; what comes above is answered with RESOURCE_EXHAUSTED at once. (Default: 1024.)
    pub max_calls: usize,
    /// Calls at once on one connection; more wait. (Default: 512.)
    pub max_calls_per_connection: u32,
    /// How long a call may take, in milliseconds, where its own deadline is not shorter. (Default: 30000.)
    pub max_call_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_message_bytes: 8 << 20, max_calls: 1024, max_calls_per_connection: 512, max_call_ms: 30_000 }
    }
}

/// Metrics.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsOptions {
    /// Where Prometheus finds `/metrics`, over plain HTTP: `address:port`. Without it, there is no such listener.
    pub listen: Option<String>,
    /// A collector to push to.
    pub otlp: Option<Otlp>,
}

/// An OpenTelemetry collector.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Otlp {
    /// Its gRPC address: `http://collector:4317`.
    pub endpoint: String,
    /// How often, in seconds. (Default: 30.)
    #[serde(default = "default_interval")]
    pub interval_secs: u64,
}

/// The log, on standard error.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogOptions {
    /// `error`, `warn`, `info` (default), `debug`: each call with its outcome, or `trace`.
    #[serde(default)]
    pub level: Level,
    /// `json` (default) or `text`.
    #[serde(default)]
    pub format: LogFormat,
}

/// How much is logged.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// What went wrong.
    Error,
    /// What may go wrong.
    Warn,
    /// What happened to the service.
    #[default]
    Info,
    /// What happened to each call.
    Debug,
    /// All that libraries say, too.
    Trace,
}

/// How a line of the log looks.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object.
    #[default]
    Json,
    /// For people.
    Text,
}

fn default_serve() -> Vec<Part> {
    vec![Part::Budget, Part::Cache]
}

fn default_listen() -> String {
    "127.0.0.1:9090".into()
}

fn default_mode() -> String {
    "0600".into()
}

fn default_grace() -> u64 {
    10_000
}

fn default_interval() -> u64 {
    30
}
