//! The embedded store's figures: a lookup in a large partition, without its embedding, and the memory of many entries.
//!
//! ```console
//! $ taskset -c 0 cargo run --release -p modelgate-cache --example store_figures -- 100000 1
//! $ cargo run --release -p modelgate-cache --example store_figures -- 1000000 10
//! ```
//!
//! The arguments: how many entries, and in how many partitions. Vectors have 384 components, as all-MiniLM-L6-v2's, and point
//! anywhere; questions have 60 bytes and answers 600.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use cache_api::cache::cache_server::Cache as _;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{Answer, LookupRequest, Rules, Scope, StoreRequest};
use modelgate_cache::cache::config::{CacheConfig, CacheOptions, RoomOptions, StoreOptions};
use modelgate_cache::cache::embed::{Embedder, Embedding};
use modelgate_cache::cache::service::{CacheService, Judges};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::metrics::noop::NoopMeterProvider;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonic::Request;

const DIMS: usize = 384;
const LOOKUPS: u64 = 2000;

/// A vector from nowhere, in a microsecond: the embedding is not what is measured.
struct Anywhere;

impl Embedder for Anywhere {
    fn id(&self) -> &'static str {
        "anywhere"
    }

    fn dims(&self) -> usize {
        DIMS
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        let mut bytes = [0_u8; 2 * DIMS];
        blake3::Hasher::new().update(text.as_bytes()).finalize_xof().fill(&mut bytes);
        // The sum of two bytes is closer to what embedders give than one.
        let vector: Vec<f32> = bytes.chunks(2).map(|pair| f32::from(pair[0]) + f32::from(pair[1]) - 255.0).collect();
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        Box::pin(async move { Ok(vector.iter().map(|value| value / length).collect()) })
    }
}

fn open(folder: &Path) -> CacheService {
    let mut options =
        CacheOptions { store: StoreOptions::Embedded { folder: folder.to_owned() }, ..CacheOptions::default() };
    options.tenant = RoomOptions { entries: 10_000_000, bytes: 1 << 40 };
    options.total = options.tenant;
    options.patience.read_ms = 60_000;
    options.patience.write_ms = 60_000;
    let judges = Judges { embedder: Some(Arc::new(Anywhere)), comparator: None };
    CacheService::new(CacheConfig::check(options).unwrap(), judges, &NoopMeterProvider::new().meter("")).unwrap()
}

fn asking(number: u64, partition: u64) -> LookupRequest {
    let context = blake3::hash(&partition.to_le_bytes()).as_bytes().to_vec();
    let text = format!("{number:>20} a question of sixty bytes, all of them here");
    let scope = Scope {
        tenant: "tenant".into(),
        policy: "default".into(),
        api: "openai_chat".into(),
        model: "model".into(),
        context,
        ..Scope::default()
    };
    let request = blake3::hash(text.as_bytes()).as_bytes().to_vec();
    LookupRequest { scope: Some(scope), request, text, rules: Some(Rules { threshold: 0.9, ..Rules::default() }) }
}

async fn answer(service: &CacheService, mut request: LookupRequest) {
    // Nothing is looked for: filling must not scan.
    request.rules.as_mut().unwrap().refresh = true;
    let outcome = service.lookup(Request::new(request.clone())).await.unwrap().into_inner().outcome;
    let Some(Outcome::Miss(miss)) = outcome else { panic!("a hit") };
    let LookupRequest { scope, request, text, .. } = request;
    let body = "0123456789".repeat(60).into_bytes();
    let answer = Some(Answer { content_type: "application/json".into(), body });
    let store = StoreRequest { scope, request, text, ticket: miss.ticket, answer, ..StoreRequest::default() };
    assert!(!service.store(Request::new(store)).await.unwrap().into_inner().entry.is_empty());
}

/// Resident memory of this process, in MB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1000
}

/// Processor time of this process so far, in ticks of 10 ms.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn show(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |share: usize| took[(took.len() - 1) * share / 1000].as_secs_f64() * 1000.0;
    println!("{what}: p50 {:.3} ms, p99 {:.3} ms, p99.9 {:.3} ms", at(500), at(990), at(999));
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().unwrap());
    let (entries, partitions) = (arguments.next().unwrap_or(100_000), arguments.next().unwrap_or(1));
    let folder = tempfile::tempdir().unwrap();
    let service = open(folder.path());
    let begun = Instant::now();
    for first in (0..entries).step_by(256) {
        // Many callers at a time share a transaction.
        let numbers = first..(first + 256).min(entries);
        let storing: Vec<_> = numbers
            .map(|number| {
                let service = service.clone();
                tokio::spawn(async move { answer(&service, asking(number, number % partitions)).await })
            })
            .collect();
        for one in storing {
            one.await.unwrap();
        }
    }
    println!("{entries} stores in {partitions} partitions: {:.1} s", begun.elapsed().as_secs_f64());
    figures(&service, entries, partitions).await;
    println!("resident: {} MB", resident());
    let file = std::fs::metadata(folder.path().join("cache.redb")).unwrap().len();
    println!("on disk: {} MB", file / 1_000_000);
    drop(service);
    let begun = Instant::now();
    let service = open(folder.path());
    println!("opened again in {:.1} s, resident: {} MB", begun.elapsed().as_secs_f64(), resident());
    figures(&service, entries, partitions).await;
}

async fn figures(service: &CacheService, entries: u64, partitions: u64) {
    let (mut near, mut exact) = (Vec::new(), Vec::new());
    let begun = ticks();
    for number in 0..LOOKUPS {
        let mut unknown = asking(entries + number, number % partitions);
        unknown.rules.as_mut().unwrap().read_only = true;
        let begun = Instant::now();
        service.lookup(Request::new(unknown)).await.unwrap();
        near.push(begun.elapsed());
    }
    // On a machine that others use as well the clock tells of them, too.
    #[allow(clippy::cast_precision_loss)]
    let each = (ticks() - begun) as f64 * 10.0 / LOOKUPS as f64;
    println!("processor time of a semantic lookup: {each:.2} ms");
    for number in 0..LOOKUPS {
        let known = number * 7919 % entries;
        let begun = Instant::now();
        let outcome =
            service.lookup(Request::new(asking(known, known % partitions))).await.unwrap().into_inner().outcome;
        exact.push(begun.elapsed());
        assert!(matches!(outcome, Some(Outcome::Hit(_))));
    }
    show("semantic lookup that misses", near);
    show("exact hit", exact);
}
