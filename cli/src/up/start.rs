//! Starting a gateway, one step after the other. Whatever was started ends when [`Gateway`] is dropped.

use super::checkout::{self, Checkout};
use super::progress::slow;
use super::service::Service;
use super::{Error, Options, Stop};
use crate::gateway::{self, Demo, FillError, Models, Plan};
use crate::places::places;
use crate::upstream::Upstream;
use demo_upstream::DemoUpstream;
use envoy::{Binary, Envoy};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

/// How long an upstream may take to accept a connection.
const REACH_WITHIN: Duration = Duration::from_secs(3);

/// A running gateway.
pub struct Gateway {
    envoy: Envoy,
    version: String,
    address: SocketAddr,
    demos: Vec<DemoUpstream>,
    keys: Option<Keys>,
    /// Behind Envoy in this list: it ends after it.
    service: Service,
}

/// The keys of a demo's callers.
pub struct Keys {
    /// Of the one with two calls a day.
    pub trial: String,
    /// Of the one for clients that insist on a key.
    pub client: String,
}

/// Starts a gateway and waits until it is ready.
///
/// # Errors
/// [`Error`] says what is wrong and what to do.
pub fn start(options: &Options, stop: &Stop) -> Result<Gateway, Error> {
    let mut upstreams = named(options)?;
    free(options.listen)?;
    let checkout = Checkout::find()?;
    let yaml = checkout.envoy_yaml()?;
    let demos = if options.demo { demos()? } else { Vec::new() };
    upstreams.extend(demos.iter().zip(DEMO_VERSIONS).map(|(demo, name)| Upstream::at(name, demo.addr())));
    if !options.no_check {
        reach(&upstreams)?;
    }
    let needed = modules_in(&yaml)?;
    let dist = match &options.dist {
        Some(dist) => dist.clone(),
        None => {
            slow("building the filters (a minute or more, the first time)", |_| checkout.build_modules(&needed, stop))?
        }
    };
    let dist = checkout::modules(&dist, &needed)?;
    let binary = slow("looking for Envoy", |says| Ok(Binary::find(&checkout.envoy_cache(), says)?))?;
    let service = service(options, &checkout)?;
    let models = if options.demo { Models::AsInFile } else { Models::Named(options.model.clone()) };
    let cache = service.address();
    let keys = if options.demo { Some(Keys { trial: new_key()?, client: new_key()? }) } else { None };
    let demo = keys.as_ref().map(|keys| Demo {
        trial_digest: auth::keys::hash(&keys.trial, None),
        client_digest: auth::keys::hash(&keys.client, None),
    });
    let plan = Plan { listen: options.listen, dist, upstreams, models, cache, demo };
    let config = gateway::fill(&yaml, &plan)?;
    if stop.is_told() {
        return Err(Error::Stopped);
    }
    let envoy = slow("starting Envoy", |_| {
        let settings = envoy::Options { concurrency: options.concurrency, ..envoy::Options::default() };
        Ok(Envoy::start(&binary, &config, &settings)?)
    })?;
    let address = envoy.listener("gateway").unwrap_or(options.listen);
    let version = binary.version().unwrap_or_else(|| "of unknown version".into());
    Ok(Gateway { envoy, version, address, demos, keys, service })
}

/// An API key that nobody had before.
fn new_key() -> io::Result<String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(auth::keys::key_of(&random))
}

/// The cache service. A demo's data are forgotten at its end; those of a real gateway stay, by its port.
fn service(options: &Options, checkout: &Checkout) -> Result<Service, Error> {
    let kept = checkout.cache_folder(options.listen.port());
    let forget = options.demo || options.listen.port() == 0;
    let folder = if forget { std::env::temp_dir().join(format!("modelgate-cache-{}", unique())) } else { kept };
    slow("starting the cache service", |_| Service::start(&folder, forget))
}

/// A name that no other gateway of this machine has.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static STARTED: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed))
}

const DEMO_VERSIONS: [&str; 2] = ["v1", "v2"];

/// The upstreams of the command line, each with a name of its own.
fn named(options: &Options) -> Result<Vec<Upstream>, Error> {
    match (options.demo, options.upstream.is_empty()) {
        (false, true) => return Err(Error::NoUpstream),
        (true, false) => return Err(Error::Both),
        (true, true) if !options.model.is_empty() => return Err(Error::DemoModels),
        (false, false) if options.once && options.model.is_empty() => return Err(Error::NoModel),
        _ => {}
    }
    let mut upstreams = options.upstream.clone();
    let mut names = Vec::new();
    for (at, upstream) in upstreams.iter_mut().enumerate() {
        let name = upstream.name.get_or_insert_with(|| format!("v{}", at + 1));
        if names.contains(name) {
            return Err(Error::SameName(name.clone()));
        }
        names.push(name.clone());
    }
    Ok(upstreams)
}

/// Whether the address can be had. Envoy itself would share its port with another Envoy and say nothing.
fn free(address: SocketAddr) -> Result<(), Error> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Error::Taken(address)),
        Err(error) => Err(Error::Listen(address, error)),
    }
}

fn reach(upstreams: &[Upstream]) -> Result<(), Error> {
    for upstream in upstreams {
        upstream.connect(REACH_WITHIN).map_err(|source| Error::Unreachable {
            name: upstream.name.clone().unwrap_or_default(),
            authority: upstream.authority(),
            source,
        })?;
    }
    Ok(())
}

fn demos() -> io::Result<Vec<DemoUpstream>> {
    DEMO_VERSIONS
        .into_iter()
        .map(|version| {
            DemoUpstream::start(demo_upstream::Options { version_label: version.into(), ..Default::default() })
        })
        .collect()
}

/// The file names of the modules that a configuration loads.
fn modules_in(yaml: &str) -> Result<Vec<String>, Error> {
    let tree = serde_yaml_ng::from_str(yaml).map_err(FillError::Yaml)?;
    Ok(places(&tree).iter().map(|place| place.module().to_owned()).collect())
}

impl Gateway {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where Envoy's admin interface is.
    pub fn admin(&self) -> SocketAddr {
        self.envoy.admin()
    }

    /// Where the cache service is.
    pub fn cache(&self) -> SocketAddr {
        self.service.address()
    }

    /// Envoy's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How long Envoy took until it was ready, in seconds.
    pub fn ready_secs(&self) -> f32 {
        self.envoy.ready_after().as_secs_f32()
    }

    /// All of the log so far.
    pub fn log(&self) -> String {
        self.envoy.log()
    }

    /// Where Envoy's log and the access log are.
    pub fn log_path(&self) -> PathBuf {
        self.envoy.log_path()
    }

    /// The end of Envoy's log, once it has ended.
    pub fn ended(&mut self) -> Option<String> {
        if self.envoy.is_alive() {
            return None;
        }
        let log = self.envoy.log();
        let lines: Vec<&str> = log.lines().collect();
        Some(lines.iter().skip(lines.len().saturating_sub(20)).copied().collect::<Vec<_>>().join("\n"))
    }

    /// The demo servers, where it has any.
    pub fn demos(&self) -> &[DemoUpstream] {
        &self.demos
    }

    /// The keys of the demo's callers.
    pub fn keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    /// The counters of the filters, by their full names.
    pub fn counters(&self) -> std::collections::BTreeMap<String, u64> {
        self.envoy.stats("wasmcustom.modelgate_")
    }
}
