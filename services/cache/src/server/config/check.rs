//! From what is written to what runs.

use super::raw::{Callers, Limits, LogOptions, MetricsOptions, Part, RawConfig, Tls, UnixSocket};
use crate::budget::config::BudgetConfig;
use crate::cache::config::CacheConfig;
use crate::server::credentials::{Credentials, Digest};
use policy::Faults;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A checked configuration.
#[derive(Debug)]
pub struct Config {
    /// Where to listen for gateways.
    pub listen: Option<SocketAddr>,
    /// A socket to listen on, and its mode.
    pub unix_socket: Option<(PathBuf, u32)>,
    /// TLS on `listen`.
    pub tls: Option<TlsFiles>,
    pub(crate) credentials: Credentials,
    /// Bounds.
    pub limits: Limits,
    /// How long calls in flight may take at the end.
    pub shutdown_grace: Duration,
    /// Where Prometheus may ask.
    pub scrape: Option<SocketAddr>,
    /// Where else metrics go.
    pub metrics: MetricsOptions,
    /// What is logged.
    pub log: LogOptions,
    /// The shared budget, if it is served.
    pub budget: Option<BudgetConfig>,
    /// The semantic cache, if it is served.
    pub cache: Option<CacheConfig>,
}

/// The contents of the files that `tls` names.
pub struct TlsFiles {
    /// The certificate chain, PEM.
    pub certificate: Vec<u8>,
    /// The private key, PEM.
    pub key: Vec<u8>,
    /// Authorities of clients, PEM.
    pub client_ca: Option<Vec<u8>>,
}

impl std::fmt::Debug for TlsFiles {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("TlsFiles").field("client_ca", &self.client_ca.is_some()).finish_non_exhaustive()
    }
}

impl Config {
    /// Checks what was written. The files that it names are read here.
    ///
    /// # Errors
    /// All faults, each with its key.
    pub fn check(raw: RawConfig) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let listen = match raw.listen.as_str() {
            "" => None,
            text => address(text, "listen", &mut faults),
        };
        let scrape = raw.metrics.listen.as_deref().and_then(|text| address(text, "metrics.listen", &mut faults));
        let unix_socket = raw.unix_socket.as_ref().and_then(|socket| mode(socket, &mut faults));
        if raw.listen.is_empty() && raw.unix_socket.is_none() {
            faults.push("listen", "nothing to listen on; give an address, or `unix_socket`");
        }
        if raw.tls.is_some() && raw.listen.is_empty() {
            faults.push("tls", "is for the address of `listen`, which is empty");
        }
        let tls = raw.tls.as_ref().and_then(|tls| faults.gather("tls", read(tls)));
        let mtls = raw.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        let credentials = Credentials {
            callers: digests(&raw.callers, "callers", mtls, &mut faults),
            administrators: digests(&raw.administrators, "administrators", mtls, &mut faults),
            any_certificate: mtls && raw.callers.certificates.is_empty(),
        };
        if listen.is_some_and(|address| !address.ip().is_loopback()) {
            if !credentials.ask_for_any() {
                faults.push(
                    "listen",
                    "is beyond loopback, and nobody needs a credential: give `callers.tokens` or `tls.client_ca`",
                );
            } else if raw.tls.is_none() && !raw.plaintext_tokens {
                faults.push("tls", "is missing, and tokens would cross the network in the clear; give `tls`, or say `plaintext_tokens: true` where something else encrypts");
            }
        }
        bounds(&raw.limits, &mut faults);
        if raw.metrics.otlp.as_ref().is_some_and(|otlp| !(1..=3600).contains(&otlp.interval_secs)) {
            faults.push("metrics.otlp.interval_secs", "must be 1 to 3600");
        }
        if raw.metrics.otlp.is_some() && !cfg!(feature = "otlp") {
            faults.push("metrics.otlp", "this binary was built without the feature `otlp`");
        }
        if raw.serve.is_empty() {
            faults.push("serve", "is empty; give `budget`, `cache`, or both");
        }
        let budget = faults.gather("budget", BudgetConfig::check(raw.budget));
        let cache = faults.gather("cache", CacheConfig::check(raw.cache));
        faults.into_result()?;
        Ok(Self {
            listen,
            unix_socket,
            tls,
            credentials,
            limits: raw.limits,
            shutdown_grace: Duration::from_millis(raw.shutdown_grace_ms),
            scrape,
            metrics: raw.metrics,
            log: raw.log,
            budget: budget.filter(|_| raw.serve.contains(&Part::Budget)),
            cache: cache.filter(|_| raw.serve.contains(&Part::Cache)),
        })
    }
}

/// An address; a name is looked up once, here.
fn address(text: &str, key: &str, faults: &mut Faults) -> Option<SocketAddr> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    if found.is_none() {
        faults.push(key, "is no address; give `address:port`, such as 127.0.0.1:9090 or [::1]:9090");
    }
    found
}

fn mode(socket: &UnixSocket, faults: &mut Faults) -> Option<(PathBuf, u32)> {
    match u32::from_str_radix(&socket.mode, 8) {
        Ok(mode) if mode <= 0o777 => Some((socket.path.clone(), mode)),
        _ => {
            faults.push("unix_socket.mode", "is no mode; give octal digits in quotes, such as \"0660\"");
            None
        }
    }
}

fn read(tls: &Tls) -> Result<TlsFiles, Faults> {
    let mut faults = Faults::new();
    let mut file = |key: &str, path: &Path| match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            faults.push(key, format!("cannot read {}: {error}", path.display()));
            Vec::new()
        }
    };
    let files = TlsFiles {
        certificate: file("certificate", &tls.certificate),
        key: file("key", &tls.key),
        client_ca: tls.client_ca.as_deref().map(|path| file("client_ca", path)),
    };
    faults.into_result().map(|()| files)
}

fn digests(callers: &Callers, key: &str, mtls: bool, faults: &mut Faults) -> crate::server::credentials::Known {
    let mut parse = |texts: &[String], key: String| {
        let parsed = texts.iter().enumerate().filter_map(|(at, text)| {
            let digest = Digest::parse(text);
            if digest.is_none() {
                faults.push(format!("{key}[{at}]"), "is no digest; give `sha256:` and 64 hexadecimal digits");
            }
            digest
        });
        parsed.collect::<Vec<_>>()
    };
    let known = crate::server::credentials::Known {
        tokens: parse(&callers.tokens, format!("{key}.tokens")),
        certificates: parse(&callers.certificates, format!("{key}.certificates")),
    };
    if !mtls && !known.certificates.is_empty() {
        faults.push(format!("{key}.certificates"), "nobody presents certificates without `tls.client_ca`");
    }
    known
}

fn bounds(limits: &Limits, faults: &mut Faults) {
    if !(1 << 10..=1 << 30).contains(&limits.max_message_bytes) {
        faults.push("limits.max_message_bytes", "must be 1024 to 1073741824");
    }
    if limits.max_calls == 0 {
        faults.push("limits.max_calls", "must be above 0");
    }
    if limits.max_calls_per_connection == 0 {
        faults.push("limits.max_calls_per_connection", "must be above 0");
    }
    if limits.max_call_ms == 0 {
        faults.push("limits.max_call_ms", "must be above 0");
    }
}
