//! Of those that ask the same at the same time one fetches.

use crate::fixture::{Running, asking, body, waiting};
use cache_api::cache::lookup_response::Outcome;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LONG: u32 = 20_000;

#[tokio::test]
async fn followers_get_the_leaders_answer() {
    let folder = tempfile::tempdir().unwrap();
    let running = Arc::new(Running::embedded(folder.path()));
    let request = waiting(asking("one", ""), LONG);
    let miss = running.miss(request.clone()).await;
    assert!(miss.leader);
    let followers: Vec<_> = (0..20)
        .map(|_| {
            let (running, request) = (Arc::clone(&running), request.clone());
            tokio::spawn(async move { running.hit(request).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.store(&request, &miss, "answer").await;
    for follower in followers {
        assert_eq!(body(&follower.await.unwrap()), "answer");
    }
}

#[tokio::test]
async fn an_abandoned_flight_promotes_exactly_one() {
    let folder = tempfile::tempdir().unwrap();
    let running = Arc::new(Running::embedded(folder.path()));
    let request = waiting(asking("one", ""), LONG);
    let miss = running.miss(request.clone()).await;
    let spawn = || {
        let (running, request) = (Arc::clone(&running), request.clone());
        tokio::spawn(async move {
            let outcome = running.look(request.clone()).await;
            if let Outcome::Miss(miss) = &outcome {
                assert!(miss.leader);
                tokio::time::sleep(Duration::from_millis(20)).await;
                running.store(&request, miss, "answer").await;
            }
            outcome
        })
    };
    let followers: Vec<_> = (0..10).map(|_| spawn()).collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.abandon(&miss).await;
    let mut leaders = 0;
    for follower in followers {
        leaders += usize::from(matches!(follower.await.unwrap(), Outcome::Miss(_)));
    }
    assert_eq!(leaders, 1);
}

#[tokio::test]
async fn a_follower_waits_no_longer_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    assert!(running.miss(asking("one", "")).await.leader);
    let begun = Instant::now();
    let miss = running.miss(waiting(asking("one", ""), 60)).await;
    assert!(!miss.leader && !miss.ticket.is_empty());
    assert!(begun.elapsed() >= Duration::from_millis(60));
    let begun = Instant::now();
    assert!(!running.miss(asking("one", "")).await.leader);
    assert!(begun.elapsed() < Duration::from_secs(5));
    // Whoever passed may store, too.
    running.store(&asking("one", ""), &miss, "answer").await;
    running.hit(asking("one", "")).await;
}

#[tokio::test]
async fn a_caller_that_leaves_hands_the_lead_on() {
    let folder = tempfile::tempdir().unwrap();
    let running = Arc::new(Running::embedded(folder.path()));
    let request = waiting(asking("one", ""), LONG);
    let first = running.miss(request.clone()).await;
    let follower = {
        let (running, request) = (Arc::clone(&running), request.clone());
        tokio::spawn(async move { running.look(request).await })
    };
    tokio::time::sleep(Duration::from_millis(30)).await;
    follower.abort();
    assert!(follower.await.unwrap_err().is_cancelled());
    let second = {
        let (running, request) = (Arc::clone(&running), request.clone());
        tokio::spawn(async move { running.miss(request).await })
    };
    tokio::time::sleep(Duration::from_millis(30)).await;
    running.abandon(&first).await;
    assert!(second.await.unwrap().leader);
}
