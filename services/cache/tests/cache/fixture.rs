//! A service over a store, an embedder that needs no model, and what a filter would ask.

use cache_api::cache::cache_server::Cache as _;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{
    AbandonRequest, Answer, Hit, InvalidateRequest, LookupRequest, Miss, Rules, Scope, StatsRequest, StatsResponse,
    StoreRequest,
};
use modelgate_cache::cache::config::{CacheConfig, CacheOptions, StoreOptions};
use modelgate_cache::cache::decide::{Comparator, ComparatorError, Compared, Comparison};
use modelgate_cache::cache::embed::{Embedder, Embedding};
use modelgate_cache::cache::service::{CacheService, Judges};
use modelgate_cache::cache::tls::StoreTlsOptions;
use opentelemetry::metrics::noop::NoopMeterProvider;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tonic::{Request, Status};

/// Counts what it embeds; a word is a direction, wherever it stands.
#[derive(Default)]
pub struct Words {
    pub embedded: AtomicU64,
}

pub const DIMS: usize = 64;

impl Embedder for Words {
    fn id(&self) -> &'static str {
        "words"
    }

    fn dims(&self) -> usize {
        DIMS
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        self.embedded.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Ok(vector(text)) })
    }
}

pub fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0_f32; DIMS];
    for word in text.split_whitespace() {
        let digest = blake3::hash(word.as_bytes());
        for (value, byte) in vector.iter_mut().zip(digest.as_bytes().iter().cycle()) {
            *value += f32::from(*byte) - 127.5;
        }
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|value| value / length).collect()
}

/// Calls answers the same where they are equal.
pub struct Equal;

impl Comparator for Equal {
    fn id(&self) -> &'static str {
        "equal"
    }

    fn error(&self) -> ComparatorError {
        ComparatorError { different: 10_000, missed: 0, same: 10_000, blamed: 0 }
    }

    fn compare<'a>(&'a self, _: &'a str, kept: &'a str, fresh: &'a str) -> Comparison<'a> {
        Box::pin(async move { Ok(if kept == fresh { Compared::Same } else { Compared::Different }) })
    }
}

pub fn meter() -> Meter {
    NoopMeterProvider::new().meter("")
}

pub fn config(store: StoreOptions) -> CacheConfig {
    // Stores that cannot keep a secret need one.
    let mut secret = tempfile::NamedTempFile::new().unwrap();
    secret.write_all(b"a passphrase that is long enough for it").unwrap();
    let server = !matches!(store, StoreOptions::Embedded { .. } | StoreOptions::Redis { .. });
    let mut options = CacheOptions { store, ..CacheOptions::default() };
    options.secret_file = server.then(|| secret.path().to_owned());
    // Other work on the machine must not make a test miss.
    options.patience.read_ms = 5_000;
    options.patience.write_ms = 20_000;
    CacheConfig::check(options).unwrap()
}

/// The Redis at this address.
pub fn in_redis(url: String, namespace: &str, tls: Option<StoreTlsOptions>) -> StoreOptions {
    StoreOptions::Redis { url: url.into(), tls, namespace: namespace.to_owned() }
}

/// The Milvus at this address.
pub fn in_milvus(url: String, prefix: &str, tls: Option<StoreTlsOptions>) -> StoreOptions {
    StoreOptions::Milvus { url, tls, database: String::new(), prefix: prefix.to_owned(), token_file: None }
}

/// The Weaviate at this address.
pub fn in_weaviate(url: String, prefix: &str, tls: Option<StoreTlsOptions>) -> StoreOptions {
    StoreOptions::Weaviate { url, tls, prefix: prefix.to_owned(), token_file: None }
}

/// A service, with the words that its embedder counts.
pub struct Running {
    pub service: CacheService,
    pub words: Arc<Words>,
}

impl Running {
    pub fn embedded(folder: &Path) -> Self {
        Self::new(config(StoreOptions::Embedded { folder: folder.to_owned() }))
    }

    pub fn new(config: CacheConfig) -> Self {
        let (judges, words) = judges();
        Self { service: CacheService::new(config, judges, &meter()).unwrap(), words }
    }

    pub async fn look(&self, request: LookupRequest) -> Outcome {
        self.try_look(request).await.unwrap()
    }

    pub async fn try_look(&self, request: LookupRequest) -> Result<Outcome, Status> {
        Ok(self.service.lookup(Request::new(request)).await?.into_inner().outcome.unwrap())
    }

    pub async fn hit(&self, request: LookupRequest) -> Hit {
        match self.look(request).await {
            Outcome::Hit(hit) => hit,
            Outcome::Miss(miss) => panic!("missed: {:?}", miss.step()),
        }
    }

    pub async fn miss(&self, request: LookupRequest) -> Miss {
        match self.look(request).await {
            Outcome::Hit(hit) => panic!("hit: {:?}", hit.step()),
            Outcome::Miss(miss) => miss,
        }
    }

    /// The entry's name; empty where it was not kept.
    pub async fn store(&self, of: &LookupRequest, miss: &Miss, body: &str) -> String {
        self.try_store(storing(of, miss, body)).await.unwrap()
    }

    pub async fn try_store(&self, request: StoreRequest) -> Result<String, Status> {
        Ok(self.service.store(Request::new(request)).await?.into_inner().entry)
    }

    pub async fn answer(&self, request: &LookupRequest, body: &str) -> String {
        let miss = self.miss(request.clone()).await;
        self.store(request, &miss, body).await
    }

    pub async fn abandon(&self, miss: &Miss) {
        let ticket = miss.ticket.clone();
        self.service.abandon(Request::new(AbandonRequest { ticket })).await.unwrap();
    }

    pub async fn invalidate(&self, request: InvalidateRequest) -> Result<u64, Status> {
        Ok(self.service.invalidate(Request::new(request)).await?.into_inner().entries)
    }

    pub async fn stats(&self, tenant: &str) -> StatsResponse {
        self.service.stats(Request::new(StatsRequest { tenant: tenant.to_owned() })).await.unwrap().into_inner()
    }
}

fn judges() -> (Judges, Arc<Words>) {
    let words = Arc::new(Words::default());
    let judges = Judges { embedder: Some(Arc::<Words>::clone(&words)), comparator: Some(Arc::new(Equal)) };
    (judges, words)
}

pub fn scope() -> Scope {
    Scope {
        tenant: "acme".into(),
        policy: "default".into(),
        api: "openai_chat".into(),
        model: "small".into(),
        version: "v1".into(),
        context: vec![1; 32],
        ..Scope::default()
    }
}

/// A question; the canonical request differs wherever `text` or `form` does.
pub fn asking(text: &str, form: &str) -> LookupRequest {
    let request = blake3::hash(format!("{text}\0{form}").as_bytes()).as_bytes().to_vec();
    let rules = Rules { threshold: 0.9, ..Rules::default() };
    LookupRequest { scope: Some(scope()), request, text: text.to_owned(), rules: Some(rules) }
}

pub fn waiting(mut request: LookupRequest, coalesce_wait_ms: u32) -> LookupRequest {
    request.rules.as_mut().unwrap().coalesce_wait_ms = coalesce_wait_ms;
    request
}

pub fn storing(of: &LookupRequest, miss: &Miss, body: &str) -> StoreRequest {
    StoreRequest {
        scope: of.scope.clone(),
        request: of.request.clone(),
        text: of.text.clone(),
        ticket: miss.ticket.clone(),
        answer: Some(Answer { content_type: "application/json".into(), body: body.as_bytes().to_vec() }),
        ttl_ms: 0,
        tags: vec!["faq".into()],
        writer: "writer-1".into(),
    }
}

pub fn body(hit: &Hit) -> &str {
    std::str::from_utf8(&hit.answer.as_ref().unwrap().body).unwrap()
}
