//! `max_wrong_hits` end to end: over gRPC, with a model that answers a known share of the would-be hits otherwise, and a
//! comparator that errs as often as its counts say.

use crate::fixture::{asking, config, meter, storing};
use cache_api::cache::cache_client::CacheClient;
use cache_api::cache::cache_server::CacheServer;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{LookupRequest, LookupResponse, Rules, Step};
use modelgate_cache::cache::config::StoreOptions;
use modelgate_cache::cache::decide::{Comparator, ComparatorError, Compared, Comparison};
use modelgate_cache::cache::embed::{Embedder, Embedding};
use modelgate_cache::cache::service::{CacheService, Judges};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};

const TOPICS: u64 = 32;
const DIMS: usize = 256;
const REQUESTS: u64 = 9_000;
const AT_A_TIME: usize = 16;

/// The share that the policy bears.
const MAX_WRONG_HITS: f64 = 0.02;

/// How often the comparator errs, in both directions.
const ERRS: f64 = 0.002;

/// Uniform in [0, 1), the same in every run.
fn chance(of: &str, salt: &str) -> f64 {
    let digest = blake3::hash(format!("{salt}\0{of}").as_bytes());
    f64::from(u32::from_le_bytes(digest.as_bytes()[..4].try_into().unwrap())) / (f64::from(u32::MAX) + 1.0)
}

/// A word of letters alone, which is no number and no name.
fn word(of: &str) -> String {
    blake3::hash(of.as_bytes()).as_bytes()[..8].iter().map(|byte| char::from(b'b' + byte % 20)).collect()
}

/// How near a wording lies to the question that its topic began with.
fn nearness(wording: &str) -> f64 {
    0.82 + 0.18 * chance(wording, "near")
}

/// How likely the model answers it otherwise: the nearer the less likely; 7.8 % in all.
fn risk(nearness: f64) -> f64 {
    match nearness {
        near if near < 0.90 => 0.15,
        near if near < 0.97 => 0.03,
        _ => 0.001,
    }
}

/// What the model says, always the same.
fn model_says(topic: u64, wording: &str) -> String {
    let otherwise = !wording.is_empty() && chance(wording, "model") < risk(nearness(wording));
    let said = if otherwise { format!("otherwise, {wording}") } else { format!("topic {topic}") };
    format!(r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","content":"{said}"}}}}]}}"#)
}

fn question(topic: u64, wording: &str) -> LookupRequest {
    let mut request = asking(&format!("please explain {} {wording}", word(&topic.to_string())), wording);
    request.rules = Some(Rules { max_wrong_hits: MAX_WRONG_HITS, ..Rules::default() });
    request
}

/// Puts a wording as far from its topic as [`nearness`] says, in a direction of its own.
struct Scripted;

impl Embedder for Scripted {
    fn id(&self) -> &'static str {
        "scripted"
    }

    fn dims(&self) -> usize {
        DIMS
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        let words: Vec<&str> = text.split_whitespace().skip(2).collect();
        let topic = (0..TOPICS).position(|topic| words.first() == Some(&word(&topic.to_string()).as_str()));
        let mut vector = vec![0.0_f32; DIMS];
        let near = words.get(1).map_or(1.0, |wording| nearness(wording));
        vector[topic.unwrap()] = near as f32;
        let mut bytes = blake3::Hasher::new().update(text.as_bytes()).finalize_xof();
        let mut away = [0; DIMS - TOPICS as usize];
        bytes.fill(&mut away);
        let away: Vec<f32> = away.iter().map(|byte| f32::from(*byte) - 127.5).collect();
        let length = away.iter().map(|value| value * value).sum::<f32>().sqrt();
        let share = (1.0 - near * near).max(0.0).sqrt() as f32;
        for (value, away) in vector.iter_mut().skip(TOPICS as usize).zip(away) {
            *value = away / length * share;
        }
        Box::pin(async move { Ok(vector) })
    }
}

/// Compares words, and errs in one of 500, of equal and of different ones.
struct Errs;

impl Comparator for Errs {
    fn id(&self) -> &'static str {
        "errs"
    }

    fn error(&self) -> ComparatorError {
        ComparatorError { different: 3000, missed: 6, same: 3000, blamed: 6 }
    }

    fn compare<'a>(&'a self, asked: &'a str, kept: &'a str, fresh: &'a str) -> Comparison<'a> {
        let same = (kept == fresh) != (chance(asked, "comparator") < ERRS);
        Box::pin(async move { Ok(if same { Compared::Same } else { Compared::Different }) })
    }
}

type Client = CacheClient<Channel>;

/// The service on a port of loopback.
async fn serve(folder: &Path) -> Client {
    let judges = Judges { embedder: Some(Arc::new(Scripted)), comparator: Some(Arc::new(Errs)) };
    let store = StoreOptions::Embedded { folder: folder.to_owned() };
    let service = CacheService::new(config(store), judges, &meter()).unwrap();
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = incoming.local_addr().unwrap();
    tokio::spawn(Server::builder().add_service(CacheServer::new(service)).serve_with_incoming(incoming));
    CacheClient::new(Endpoint::new(format!("http://{address}")).unwrap().connect().await.unwrap())
}

#[derive(Default, Debug)]
struct Seen {
    served: u64,
    wrong: u64,
    sampled: u64,
    refused: u64,
    /// Would-be hits whose answer would have been wrong, whatever became of them.
    would_be_wrong: u64,
}

impl Seen {
    fn add(&mut self, right: bool, step: Step, served: Option<bool>) {
        self.would_be_wrong += u64::from(!right);
        match served {
            Some(right) => {
                self.served += 1;
                self.wrong += u64::from(!right);
            }
            None if step == Step::Sampled => self.sampled += 1,
            None => self.refused += 1,
        }
    }
}

/// One request as a gateway handles it: a hit is served, a sampled one goes to the model and is stored. Whether the topic's
/// entry would have been right, the step that spoke, and whether what was served was right.
async fn ask(mut client: Client, topic: u64, wording: String) -> (bool, Step, Option<bool>) {
    let request = question(topic, &wording);
    let fresh = model_says(topic, &wording);
    let would_be_right = fresh == model_says(topic, "");
    let LookupResponse { outcome } = client.lookup(request.clone()).await.unwrap().into_inner();
    match outcome.unwrap() {
        Outcome::Hit(hit) => (would_be_right, hit.step(), Some(hit.answer.unwrap().body == fresh.as_bytes())),
        Outcome::Miss(miss) => {
            // What is refused unsampled teaches nothing; it is not stored, so that the shares stay as they are.
            if miss.step() == Step::Sampled {
                client.store(storing(&request, &miss, &fresh)).await.unwrap();
            }
            (would_be_right, miss.step(), None)
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stated_share_of_wrong_hits_holds() {
    let folder = tempfile::tempdir().unwrap();
    let client = serve(folder.path()).await;
    for topic in 0..TOPICS {
        assert!(matches!(ask_first(client.clone(), topic).await, Step::Similarity));
    }
    let (mut seen, mut asked) = (Seen::default(), JoinSet::new());
    for number in 0..REQUESTS {
        if asked.len() >= AT_A_TIME {
            let (right, step, served) = asked.join_next().await.unwrap().unwrap();
            seen.add(right, step, served);
        }
        asked.spawn(ask(client.clone(), number % TOPICS, word(&format!("wording {number}"))));
    }
    for (right, step, served) in asked.join_all().await {
        seen.add(right, step, served);
    }
    println!("{seen:?}");
    let share = |part: u64, of: u64| part as f64 / of as f64;
    let known = share(seen.would_be_wrong, REQUESTS);
    assert!((0.06..0.10).contains(&known), "served without a budget, {known} would be wrong: {seen:?}");
    assert!(share(seen.wrong, seen.served) <= MAX_WRONG_HITS, "{seen:?}");
    assert!(seen.served > 200, "it opened too late: {seen:?}");
}

/// The question that a topic begins with, answered and stored.
async fn ask_first(mut client: Client, topic: u64) -> Step {
    let request = question(topic, "");
    let Some(Outcome::Miss(miss)) = client.lookup(request.clone()).await.unwrap().into_inner().outcome else {
        panic!("topic {topic} is there already");
    };
    client.store(storing(&request, &miss, &model_says(topic, ""))).await.unwrap();
    miss.step()
}
