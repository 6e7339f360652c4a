//! What a lookup finds and a store keeps, over the embedded store.

use crate::fixture::{Running, asking, body, scope, storing};
use cache_api::cache::{InvalidateRequest, Rules, Scope, Step};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tonic::Code;

#[tokio::test]
async fn the_same_again_is_a_hit_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let request = asking("how do I reset my password", "");
    let miss = running.miss(request.clone()).await;
    assert_eq!(miss.step(), Step::Similarity);
    assert!(miss.leader && miss.ticket.len() <= 4096);
    let entry = running.store(&request, &miss, "answer").await;
    let hit = running.hit(request).await;
    assert_eq!((hit.step(), hit.similarity, body(&hit)), (Step::Exact, 1.0, "answer"));
    assert_eq!(hit.entry, entry);
    let stats = running.stats("acme").await;
    assert_eq!((stats.entries, stats.exact_hits, stats.misses, stats.stores), (1, 1, 1, 1));
    assert_eq!((stats.store.as_str(), stats.embedder.as_str()), ("embedded", "words"));
    assert_eq!(running.stats("other").await.entries, 0);
}

#[tokio::test]
async fn another_request_with_the_same_text_is_a_semantic_hit() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    running.answer(&asking("how do I reset my password", "first"), "answer").await;
    let hit = running.hit(asking("how do I reset my password", "second")).await;
    assert_ne!(hit.step(), Step::Exact);
    assert!(hit.similarity > 0.99);
    assert_eq!(running.stats("").await.semantic_hits, 1);
}

#[tokio::test]
async fn a_miss_and_its_store_cost_one_embedding() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    running.answer(&asking("how do I reset my password", ""), "answer").await;
    assert_eq!(running.words.embedded.load(Ordering::Relaxed), 1);
    running.hit(asking("how do I reset my password", "")).await;
    assert_eq!(running.words.embedded.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_ticket_serves_its_own_request_only() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let request = asking("one", "");
    let miss = running.miss(request.clone()).await;
    let poisoned = [asking("two", ""), asking("one", "other"), {
        let mut other = request.clone();
        other.scope = Some(Scope { tenant: "other".into(), ..scope() });
        other
    }];
    for other in poisoned {
        let error = running.try_store(storing(&other, &miss, "poison")).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
    }
    let mut forged = storing(&request, &miss, "poison");
    forged.ticket[3] ^= 1;
    assert_eq!(running.try_store(forged).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn nothing_is_shared_because_somebody_forgot_to_say() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let wrong = [Scope { tenant: String::new(), ..scope() }, Scope { context: vec![1; 31], ..scope() }];
    for scope in wrong {
        let mut request = asking("one", "");
        request.scope = Some(scope);
        assert_eq!(running.try_look(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let mut request = asking("one", "");
    request.request.pop();
    assert_eq!(running.try_look(request).await.unwrap_err().code(), Code::InvalidArgument);
    let mut shared = asking("one", "");
    shared.scope = Some(Scope { tenant: String::new(), shared: true, ..scope() });
    assert!(running.try_look(shared).await.is_ok());
}

#[tokio::test]
async fn the_rules_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let with = |rules: Rules| {
        let mut request = asking("one", "");
        request.rules = Some(rules);
        request
    };
    let reader = running.miss(with(Rules { read_only: true, ..Rules::default() })).await;
    assert!(reader.ticket.is_empty() && !reader.leader);
    running.answer(&asking("one", ""), "old").await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    running.hit(with(Rules { max_age_ms: 60_000, ..Rules::default() })).await;
    running.miss(with(Rules { max_age_ms: 10, read_only: true, ..Rules::default() })).await;
    let refresh = with(Rules { refresh: true, ..Rules::default() });
    let miss = running.miss(refresh.clone()).await;
    assert_eq!((miss.step(), miss.leader), (Step::Refresh, true));
    running.store(&refresh, &miss, "new").await;
    assert_eq!(body(&running.hit(asking("one", "")).await), "new");
    assert_eq!(running.stats("").await.entries, 1);
}

#[tokio::test]
async fn an_entry_ends_at_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let request = asking("one", "");
    let miss = running.miss(request.clone()).await;
    running.try_store(storing(&request, &miss, "answer")).await.unwrap();
    let short = asking("two", "");
    let miss = running.miss(short.clone()).await;
    let mut store = storing(&short, &miss, "answer");
    store.ttl_ms = 50;
    running.try_store(store).await.unwrap();
    running.hit(short.clone()).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    running.miss(short).await;
    // The sweep gives its room back.
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if running.stats("").await.entries == 1 {
            break;
        }
    }
    assert_eq!(running.stats("").await.entries, 1);
    running.hit(request).await;
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let large = "x".repeat((1 << 20) + 1);
    assert_eq!(running.answer(&asking("one", ""), &large).await, "");
}

#[tokio::test]
async fn what_is_invalidated_is_gone_and_the_rest_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    crate::stores::invalidation(&running).await;
}

#[tokio::test]
async fn an_invalidation_must_say_what() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let wrong = [
        InvalidateRequest::default(),
        InvalidateRequest { all: true, tenant: "acme".into(), ..InvalidateRequest::default() },
        InvalidateRequest { version: "v1".into(), ..InvalidateRequest::default() },
        InvalidateRequest { entry: "not a name".into(), ..InvalidateRequest::default() },
    ];
    for request in wrong {
        assert_eq!(running.invalidate(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn what_was_invalidated_while_the_model_thought_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let request = asking("one", "");
    let miss = running.miss(request.clone()).await;
    running.invalidate(InvalidateRequest { tenant: "acme".into(), ..InvalidateRequest::default() }).await.unwrap();
    assert_eq!(running.store(&request, &miss, "old").await, "");
    running.miss(request).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_that_is_replaced_is_there_all_the_while() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let request = asking("how do I reset my password", "");
    running.answer(&request, "answer").await;
    let mut refresh = request.clone();
    refresh.rules.as_mut().unwrap().refresh = true;
    let mut reading = request;
    reading.rules.as_mut().unwrap().read_only = true;
    let replacing = async {
        for round in 0..50 {
            running.answer(&refresh, &format!("answer {round}")).await;
        }
    };
    let asking = async {
        loop {
            running.hit(reading.clone()).await;
        }
    };
    tokio::select! { () = replacing => {}, () = asking => {} }
    assert_eq!(body(&running.hit(reading.clone()).await), "answer 49");
    assert_eq!(running.stats("acme").await.entries, 1);
}
