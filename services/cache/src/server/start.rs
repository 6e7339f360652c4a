//! From a configuration to a service that runs, and to its end.

use super::config::{Config, TlsFiles};
use super::gate::Gate;
use super::listen::Unix;
use super::metrics::{Calls, Metrics, MetricsError};
use super::scrape;
use crate::budget::engine::{Clock, Engine};
use crate::budget::measures::Measures;
use crate::budget::store::{Store, StoreError};
use crate::budget::{self};
use crate::cache::service::CacheService;
use cache_api::budget::budget_server::BudgetServer;
use cache_api::cache::cache_server::CacheServer;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic_health::server::HealthReporter;

/// How often a connection that is silent is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The service did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address or a socket cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, io::Error),
    /// A certificate, a key or an authority is no PEM, or they do not fit.
    #[error("cannot use the files of `tls`: {0}")]
    Tls(String),
    /// A store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cache's store cannot be opened.
    #[error("cannot open the cache's store: {0}")]
    Cache(String),
    /// The metrics cannot be set up.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    /// A listener ended by itself.
    #[error("a listener failed: {0}")]
    Ended(String),
    /// Calls were cut off at the end.
    #[error("calls were still in flight after {0:?}, and were cut off")]
    CutOff(Duration),
}

/// Where a service listens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// For gateways.
    pub listen: Option<SocketAddr>,
    /// For gateways on this machine.
    pub unix_socket: Option<PathBuf>,
    /// For Prometheus.
    pub metrics: Option<SocketAddr>,
}

impl std::fmt::Display for Addresses {
    /// One line: `listen=127.0.0.1:9090 unix_socket=/run/cache.sock metrics=127.0.0.1:9091`, without what there is not.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let listen = self.listen.map(|address| format!("listen={address}"));
        let unix = self.unix_socket.as_ref().map(|path| format!("unix_socket={}", path.display()));
        let metrics = self.metrics.map(|address| format!("metrics={address}"));
        out.write_str(&[listen, unix, metrics].into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// A service that runs. Dropping it cuts all calls off; [`Running::end`] does not.
pub struct Running {
    addresses: Addresses,
    end: watch::Sender<bool>,
    listeners: JoinSet<Result<(), StartError>>,
    health: HealthReporter,
    worker: Option<std::thread::JoinHandle<()>>,
    grace: Duration,
    metrics: Metrics,
    _unix: Option<Unix>,
}

/// Runs a service until `stop` is done, or a listener fails. `ready` hears where it listens.
///
/// # Errors
/// [`StartError`]
pub async fn run(
    config: Config,
    stop: impl Future<Output = ()>,
    ready: impl FnOnce(&Addresses),
) -> Result<(), StartError> {
    let mut running = start(config).await?;
    ready(running.addresses());
    tokio::select! {
        () = stop => {}
        error = running.failed() => return Err(error),
    }
    running.end().await
}

/// Starts a service: when this is done, it answers.
///
/// # Errors
/// [`StartError`]
pub async fn start(config: Config) -> Result<Running, StartError> {
    let tls = config.tls.as_ref().map(server_tls).transpose()?;
    let metrics = Metrics::new(&config.metrics)?;
    let (health, health_server) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(cache_api::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(|error| StartError::Ended(error.to_string()))?;
    let mut routes = Routes::new(health_server).add_service(reflection);
    let most = config.limits.max_message_bytes;
    let mut worker = None;
    if let Some(budget) = config.budget {
        let open = move || Store::open(&budget.store, budget.idle);
        let (engine, thread) = Engine::start(open, Clock::System, Measures::new(metrics.meter()))?;
        worker = Some(thread);
        let service = BudgetServer::new(budget::Service::new(engine));
        routes = routes.add_service(service.max_decoding_message_size(most).max_encoding_message_size(most));
        health.set_serving::<BudgetServer<budget::Service>>().await;
    }
    if let Some(mut cache) = config.cache {
        let judges = std::mem::take(&mut cache.judges);
        // A model of 91 MB is read and checked.
        let judges = tokio::task::spawn_blocking(|| judges.open()).await.unwrap_or_default();
        let service = CacheService::new(cache, judges, metrics.meter());
        let service = CacheServer::new(service.map_err(|error| StartError::Cache(error.to_string()))?);
        routes = routes.add_service(service.max_decoding_message_size(most).max_encoding_message_size(most));
        health.set_serving::<CacheServer<CacheService>>().await;
    }

    let limits = &config.limits;
    let gate = Gate::new(config.credentials, limits.max_calls, Calls::new(metrics.meter()));
    let server = Server::builder()
        .layer(gate)
        .timeout(Duration::from_millis(limits.max_call_ms))
        .max_concurrent_streams(limits.max_calls_per_connection)
        .http2_keepalive_interval(Some(KEEPALIVE));

    let (end, ending) = watch::channel(false);
    let mut listeners = JoinSet::new();
    let mut addresses = Addresses::default();
    if let Some(address) = config.listen {
        let cannot = |error| StartError::Listen(address.to_string(), error);
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        addresses.listen = Some(listener.local_addr().map_err(cannot)?);
        let mut server = match tls {
            Some(tls) => server.clone().tls_config(tls).map_err(|error| StartError::Tls(reasons(&error)))?,
            None => server.clone(),
        };
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let serving = server.add_routes(routes.clone()).serve_with_incoming_shutdown(incoming, told(ending.clone()));
        listeners.spawn(async move { serving.await.map_err(|error| StartError::Ended(reasons(&error))) });
    }
    let mut unix = None;
    if let Some((path, mode)) = config.unix_socket {
        let (file, listener) =
            Unix::bind(&path, mode).map_err(|error| StartError::Listen(path.display().to_string(), error))?;
        unix = Some(file);
        let incoming = UnixListenerStream::new(listener);
        let serving = server.clone().add_routes(routes).serve_with_incoming_shutdown(incoming, told(ending.clone()));
        listeners.spawn(async move { serving.await.map_err(|error| StartError::Ended(reasons(&error))) });
        addresses.unix_socket = Some(path);
    }
    if let Some(address) = config.scrape {
        let cannot = |error| StartError::Listen(address.to_string(), error);
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        addresses.metrics = Some(listener.local_addr().map_err(cannot)?);
        let metrics = metrics.clone();
        listeners.spawn(async move {
            scrape::serve(listener, metrics, ending).await;
            Ok(())
        });
    }
    tracing::info!(%addresses, "the service is ready");
    let grace = config.shutdown_grace;
    Ok(Running { addresses, end, listeners, health, worker, grace, metrics, _unix: unix })
}

impl Running {
    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What is measured, in Prometheus's text format.
    pub fn metrics(&self) -> String {
        self.metrics.text()
    }

    /// Waits until a listener fails.
    pub async fn failed(&mut self) -> StartError {
        match self.listeners.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(error)) => StartError::Ended(error.to_string()),
            Some(Ok(Ok(()))) | None => StartError::Ended("nothing is listened on any more".into()),
        }
    }

    /// Ends it: no new call is taken, those in flight finish, and what they changed is stored.
    ///
    /// # Errors
    /// Calls did not finish in time.
    pub async fn end(mut self) -> Result<(), StartError> {
        tracing::info!("the service ends");
        self.health.set_not_serving::<BudgetServer<budget::Service>>().await;
        self.health.set_not_serving::<CacheServer<CacheService>>().await;
        let _ = self.end.send(true);
        let all = async { while self.listeners.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(self.grace, all).await.is_ok();
        // What remains of the calls holds the engine; its worker ends with the last of them.
        self.listeners.shutdown().await;
        let (worker, metrics) = (self.worker, self.metrics);
        let finished = tokio::task::spawn_blocking(move || {
            if let Some(worker) = worker.filter(|_| in_time) {
                let _ = worker.join();
            }
            metrics.shutdown();
        });
        let _ = finished.await;
        if in_time { Ok(()) } else { Err(StartError::CutOff(self.grace)) }
    }
}

/// Whether these files can be used.
///
/// # Errors
/// [`StartError::Tls`]
pub(crate) fn check_tls(files: &TlsFiles) -> Result<(), StartError> {
    let tls = server_tls(files)?;
    Server::builder().tls_config(tls).map(|_| ()).map_err(|error| StartError::Tls(reasons(&error)))
}

fn server_tls(files: &TlsFiles) -> Result<ServerTlsConfig, StartError> {
    let tls = ServerTlsConfig::new().identity(Identity::from_pem(&files.certificate, &files.key));
    Ok(match &files.client_ca {
        Some(authorities) => tls.client_ca_root(Certificate::from_pem(authorities)),
        None => tls,
    })
}

async fn told(mut end: watch::Receiver<bool>) {
    let _ = end.wait_for(|end| *end).await;
}

/// An error and what caused it: tonic's own words are "transport error".
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
