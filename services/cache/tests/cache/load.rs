//! Callers at work while a store's server goes away and comes back: whatever becomes of it, none of them is told of an error, and
//! none waits for long.

use crate::fixture::{Running, asking, body, storing};
use cache_api::cache::cache_server::Cache as _;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{LookupRequest, Step};
use modelgate_cache::cache::service::CacheService;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tonic::Request;

/// Nobody waits longer, whatever the store does; far more than its deadlines, because the machine may be busy.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a caller's model takes.
const THINKING: Duration = Duration::from_millis(5);

/// How long the callers may take to notice.
const NOTICE: Duration = Duration::from_secs(90);

/// A question that was stored, and its answer.
type Stored = (LookupRequest, String);

#[derive(Debug, Default)]
struct Counts {
    stop: AtomicBool,
    hits: AtomicU64,
    unavailable: AtomicU64,
}

/// The callers.
pub struct Load {
    counts: Arc<Counts>,
    callers: JoinSet<Vec<Stored>>,
}

impl Load {
    /// So many callers of each instance.
    pub fn start(instances: &[&Running], of_each: u64) -> Self {
        let (counts, mut callers) = (Arc::<Counts>::default(), JoinSet::new());
        for (at, running) in instances.iter().enumerate() {
            for caller in 0..of_each {
                let (service, counts) = (running.service.clone(), Arc::clone(&counts));
                callers.spawn(async move { call(service, at as u64 * of_each + caller, &counts).await });
            }
        }
        Self { counts, callers }
    }

    /// Until the callers have their answers from the store.
    pub async fn until_hits(&mut self) {
        self.until(|counts| &counts.hits, 20).await;
    }

    /// Until they have noticed that it is away.
    pub async fn until_unavailable(&mut self) {
        self.until(|counts| &counts.unavailable, 20).await;
    }

    async fn until(&mut self, count: impl Fn(&Counts) -> &AtomicU64, more: u64) {
        let (begun, before) = (Instant::now(), count(&self.counts).load(Ordering::Relaxed));
        while count(&self.counts).load(Ordering::Relaxed) < before + more {
            assert!(begun.elapsed() < NOTICE, "the callers did not notice: {:?}", self.counts);
            // A caller that ends has been told of an error.
            if let Some(ended) = self.callers.try_join_next() {
                panic!("a caller ended: {ended:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What was stored, with its answers.
    pub async fn end(self) -> Vec<Stored> {
        self.counts.stop.store(true, Ordering::Relaxed);
        self.callers.join_all().await.into_iter().flatten().collect()
    }
}

/// One caller: asks something new, stores its answer, and asks again for what it stored before.
async fn call(service: CacheService, caller: u64, counts: &Counts) -> Vec<Stored> {
    let mut stored: Vec<Stored> = Vec::new();
    for number in 0.. {
        if counts.stop.load(Ordering::Relaxed) {
            break;
        }
        // One word of letters: no two are alike.
        let digest = blake3::hash(format!("{caller} {number}").as_bytes());
        let word: String = digest.as_bytes().iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        let (request, answer) = (asking(&word, ""), format!("the answer to {word}"));
        match look(&service, request.clone()).await {
            Outcome::Hit(hit) => panic!("{word} was never asked, and hit {:?}", hit.step()),
            Outcome::Miss(miss) if miss.ticket.is_empty() => {
                assert_eq!(miss.step(), Step::Unavailable);
                counts.unavailable.fetch_add(1, Ordering::Relaxed);
                // What the model would take: refusals cost nothing, and the server is to come up beside us.
                tokio::time::sleep(THINKING).await;
            }
            Outcome::Miss(miss) => {
                let begun = Instant::now();
                let kept = service.store(Request::new(storing(&request, &miss, &answer))).await;
                if !kept.expect("no error reaches a caller").into_inner().entry.is_empty() {
                    stored.push((request, answer));
                }
                assert!(begun.elapsed() < LONGEST, "a store took {:?}", begun.elapsed());
            }
        }
        let Some((request, answer)) = stored.get(usize::try_from(number * 7).unwrap() % stored.len().max(1)) else {
            continue;
        };
        match look(&service, request.clone()).await {
            Outcome::Hit(hit) => {
                assert_eq!(body(&hit), answer, "an answer of another question");
                counts.hits.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Miss(miss) if miss.step() == Step::Unavailable => {
                counts.unavailable.fetch_add(1, Ordering::Relaxed);
            }
            // A store that is not told at once of what it has.
            Outcome::Miss(_) => {}
        }
    }
    stored
}

async fn look(service: &CacheService, request: LookupRequest) -> Outcome {
    let begun = Instant::now();
    let answered = service.lookup(Request::new(request)).await.expect("no error reaches a caller");
    assert!(begun.elapsed() < LONGEST, "a lookup took {:?}", begun.elapsed());
    answered.into_inner().outcome.unwrap()
}
