//! The service itself, killed in mid-load and started again: every request passes, and what it acknowledged is there.

use crate::bench::{ATTACHMENTS, alice, block_on, cache, chat, gateway, listener, send, status, text};
use crate::service::Process;
use cache_api::cache::cache_client::CacheClient;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{Answer, LookupRequest, Rules, Scope, Step, StoreRequest};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testkit::client;
use tonic::transport::{Channel, Endpoint};

/// Requests through Envoy in each phase: before the kill, while the service is away, after it is back.
const PHASE: usize = 200;

/// What a caller of the service asks: its own question, and whether it would store.
fn lookup(number: u64, read_only: bool) -> LookupRequest {
    let mut request = vec![0; 32];
    request[..8].copy_from_slice(&number.to_le_bytes());
    let scope = Scope {
        tenant: "direct".into(),
        policy: "p".into(),
        api: "openai_chat".into(),
        model: "m".into(),
        context: vec![0; 32],
        ..Scope::default()
    };
    let rules = Rules { read_only, ..Rules::default() };
    LookupRequest { scope: Some(scope), request, text: format!("question number {number}"), rules: Some(rules) }
}

/// Stores one answer after the other until it is told to stop; the numbers of those that were acknowledged.
async fn store(mut service: CacheClient<Channel>, first: u64, stop: Arc<AtomicBool>) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    for number in (first..).step_by(4) {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let asked = lookup(number, false);
        let Ok(found) = service.lookup(asked.clone()).await else { continue };
        let Some(Outcome::Miss(miss)) = found.into_inner().outcome else { continue };
        let answer = Answer { content_type: "application/json".into(), body: format!("answer {number}").into() };
        let request = StoreRequest {
            scope: asked.scope,
            request: asked.request,
            text: asked.text,
            ticket: miss.ticket,
            answer: Some(answer),
            ..StoreRequest::default()
        };
        // An empty name says that it was not kept.
        if service.store(request).await.is_ok_and(|stored| !stored.into_inner().entry.is_empty()) {
            acknowledged.push(number);
        }
    }
    acknowledged
}

async fn connect(address: SocketAddr) -> CacheClient<Channel> {
    CacheClient::new(Endpoint::new(format!("http://{address}")).unwrap().connect().await.unwrap())
}

#[test]
fn a_kill_in_mid_load() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago: the service comes back to it.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let service = Process::start(folder.path(), address);
    let chain = |attachment| vec![alice(), cache(attachment, json!({}))];
    let gateway = gateway(ATTACHMENTS.map(|name| listener(name, chain(name))).to_vec(), address);
    let targets = ATTACHMENTS.map(|name| gateway.addr(name));
    let (seen, acknowledged) = block_on(async {
        let stop = Arc::new(AtomicBool::new(false));
        let mut storing = tokio::task::JoinSet::new();
        for lane in 0..4 {
            storing.spawn(store(connect(address).await, lane, Arc::clone(&stop)));
        }
        let mut service = Some(service);
        let (mut seen, mut sent) = (Vec::new(), tokio::task::JoinSet::new());
        for n in 0..3 * PHASE {
            if n == PHASE {
                // Its callers are in the middle of their calls.
                tokio::task::block_in_place(|| drop(service.take()));
                stop.store(true, Ordering::SeqCst);
            }
            if n == 2 * PHASE {
                service = Some(tokio::task::block_in_place(|| Process::start(folder.path(), address)));
                // Envoy connects again, and the filter's rest ends.
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            let target = targets[n % 2];
            sent.spawn(async move { (n, client::send(target, &chat(&format!("question {}", n % 20)), "load").await) });
            if sent.len() >= 8 {
                seen.push(sent.join_next().await.unwrap().unwrap());
            }
        }
        while let Some(result) = sent.join_next().await {
            seen.push(result.unwrap());
        }
        let acknowledged: Vec<u64> = storing.join_all().await.into_iter().flatten().collect();
        let mut direct = connect(address).await;
        for number in &acknowledged {
            let found = direct.lookup(lookup(*number, true)).await.unwrap().into_inner().outcome;
            let Some(Outcome::Hit(hit)) = found else { panic!("{number} was acknowledged and is lost") };
            assert_eq!((hit.step(), hit.answer.unwrap().body), (Step::Exact, format!("answer {number}").into_bytes()));
        }
        tokio::task::block_in_place(|| drop(service.take()));
        (seen, acknowledged.len())
    });
    let mut hits = [0; 3];
    for (n, outcome) in &seen {
        assert_eq!((outcome.status, outcome.cut), (200, false), "{n}: {}\n{}", text(outcome), gateway.log());
        assert!(text(outcome).contains(&format!("question {}", n % 20)), "{n}: {}", text(outcome));
        hits[n / PHASE] += u32::from(status(outcome) == "hit");
    }
    println!(
        "{} requests passed, hits in each phase: {hits:?}; {acknowledged} stores acknowledged and found",
        seen.len()
    );
    assert_eq!(seen.len(), 3 * PHASE);
    assert!(acknowledged > 20 && hits[0] > 100 && hits[2] > 150, "{acknowledged} {hits:?}");
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
}

/// Neither the log of the service nor that of Envoy holds a prompt or a tenant.
#[test]
fn a_log_holds_no_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let service = Process::start(folder.path(), address);
    let gateway = gateway(vec![listener("all", vec![alice(), cache("full", json!({}))])], address);
    let secret = "a secret question";
    assert_eq!(status(&send(&gateway, "all", &chat(secret), "1")), "miss");
    gateway.wait(|| (status(&send(&gateway, "all", &chat(secret), "2")) == "hit").then_some(()), "a hit");
    let log = service.log();
    assert!(log.contains("Cache/Lookup") && !log.contains(secret) && !log.contains("acme"), "{log}");
    assert!(!gateway.envoy.log().contains(secret));
}
