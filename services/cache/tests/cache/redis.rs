//! The store in a real Redis, alone and shared by two instances.

use crate::fixture::{Running, asking, body, config, in_redis, waiting};
use crate::load::Load;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{InvalidateRequest, Step};
use modelgate_cache::cache::evict::{Limits, Room};
use redis_server::{Binary, Redis};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn start() -> Redis {
    Redis::start(&Binary::for_tests().unwrap()).unwrap()
}

fn instance(redis: &Redis) -> Running {
    Running::new(config(in_redis(redis.url(), "test", None)))
}

#[tokio::test]
async fn it_does_what_every_store_does() {
    let redis = start();
    crate::stores::finding(&instance(&redis)).await;
    crate::stores::invalidation(&Running::new(config(in_redis(redis.url(), "other", None)))).await;
}

#[tokio::test]
async fn two_instances_share_entries_and_invalidation() {
    let redis = start();
    let (one, two) = (instance(&redis), instance(&redis));
    let request = asking("how do I reset my password", "first");
    // Looked up by one, stored by the other: the ticket is good on both.
    let miss = one.miss(request.clone()).await;
    assert_ne!(two.store(&request, &miss, "answer").await, "");
    assert_eq!(body(&one.hit(request.clone()).await), "answer");
    one.hit(asking("how do I reset my password", "second")).await;
    two.invalidate(InvalidateRequest { tenant: "acme".into(), ..InvalidateRequest::default() }).await.unwrap();
    one.miss(request).await;
}

#[tokio::test]
async fn two_instances_share_single_flight() {
    let redis = start();
    let instances = [Arc::new(instance(&redis)), Arc::new(instance(&redis))];
    let request = waiting(asking("one", ""), 20_000);
    let asked: Vec<_> = (0..20)
        .map(|number| {
            let (running, request) = (Arc::clone(&instances[number % 2]), request.clone());
            // The answer goes through the other instance than the question.
            let other = Arc::clone(&instances[(number + 1) % 2]);
            tokio::spawn(async move {
                let outcome = running.look(request.clone()).await;
                if let Outcome::Miss(miss) = &outcome {
                    assert!(miss.leader);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    other.store(&request, miss, "answer").await;
                }
                outcome
            })
        })
        .collect();
    let mut leaders = 0;
    for one in asked {
        leaders += usize::from(matches!(one.await.unwrap(), Outcome::Miss(_)));
    }
    assert_eq!(leaders, 1);
}

#[tokio::test]
async fn a_leader_that_abandons_through_the_other_instance_promotes() {
    let redis = start();
    let (one, two) = (Arc::new(instance(&redis)), instance(&redis));
    let request = waiting(asking("one", ""), 20_000);
    let miss = one.miss(request.clone()).await;
    let follower = {
        let (one, request) = (Arc::clone(&one), request.clone());
        tokio::spawn(async move { one.miss(request).await })
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    two.abandon(&miss).await;
    assert!(follower.await.unwrap().leader);
}

#[tokio::test]
async fn the_bounds_hold() {
    let redis = start();
    let mut config = config(in_redis(redis.url(), "small", None));
    let room = |entries| Room { entries, bytes: 1 << 20 };
    config.limits = Limits { tenant: room(3), total: room(4) };
    let running = Running::new(config);
    let questions: Vec<_> = (0..6).map(|number| asking(&format!("question {number}"), "")).collect();
    for (number, request) in questions.iter().enumerate() {
        running.answer(request, "answer").await;
        assert_eq!(running.stats("acme").await.entries, (number as u64 + 1).min(3));
    }
    running.hit(questions[5].clone()).await;
    let mut other = asking("another tenant", "");
    other.scope.as_mut().unwrap().tenant = "other".into();
    running.answer(&other, "answer").await;
    let mut second = asking("another tenant's second", "");
    second.scope.as_mut().unwrap().tenant = "other".into();
    running.answer(&second, "answer").await;
    let stats = running.stats("").await;
    assert_eq!((stats.entries, stats.evictions), (4, 4));
    running.hit(other).await;
}

/// Killed and frozen in the middle: no call fails, every lookup answers in time, and afterwards all is as before.
#[tokio::test]
async fn a_redis_that_goes_away_costs_misses_and_no_errors() {
    let mut redis = start();
    let mut config = config(in_redis(redis.url(), "test", None));
    config.guard.read = Duration::from_millis(200);
    config.guard.write = Duration::from_millis(500);
    config.guard.rest = Duration::from_millis(200);
    let running = Running::new(config);
    let kept = asking("kept", "");
    running.answer(&kept, "answer").await;
    let misses = |running: &Running| {
        let kept = kept.clone();
        let service = running.service.clone();
        async move {
            let running = Running { service, words: Arc::default() };
            for number in 0..30 {
                let begun = Instant::now();
                let miss = running.miss(kept.clone()).await;
                assert_eq!(miss.step(), Step::Unavailable);
                assert!(begun.elapsed() < Duration::from_secs(5), "call {number}");
            }
        }
    };
    redis.kill();
    misses(&running).await;
    redis.restart().unwrap();
    back(&running, &kept).await;
    redis.freeze().unwrap();
    misses(&running).await;
    redis.thaw().unwrap();
    back(&running, &kept).await;
}

/// The same with many callers of two instances at work all the while, and their stores under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_redis_that_is_restarted_in_mid_load_costs_misses_and_no_errors() {
    let mut redis = start();
    let mut config = config(in_redis(redis.url(), "test", None));
    config.guard.read = Duration::from_millis(1000);
    config.guard.write = Duration::from_millis(2000);
    config.guard.rest = Duration::from_millis(200);
    let (one, two) = (Running::new(config.clone()), Running::new(config));
    let mut load = Load::start(&[&one, &two], 8);
    for _ in 0..3 {
        load.until_hits().await;
        redis.kill();
        load.until_unavailable().await;
        redis.restart().unwrap();
    }
    load.until_hits().await;
    redis.freeze().unwrap();
    load.until_unavailable().await;
    redis.thaw().unwrap();
    load.until_hits().await;
    let stored = load.end().await;
    // The hits may have been the other instance's.
    if let Some((request, _)) = stored.first() {
        back(&one, request).await;
    }
    // All that was acknowledged is there: this Redis syncs each write.
    for (request, answer) in stored {
        assert_eq!(body(&one.hit(request).await), answer);
    }
}

async fn back(running: &Running, kept: &cache_api::cache::LookupRequest) {
    let until = Instant::now() + Duration::from_secs(20);
    while !matches!(running.look(kept.clone()).await, Outcome::Hit(_)) {
        assert!(Instant::now() < until, "it does not find what is there again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
