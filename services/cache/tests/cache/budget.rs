//! A policy that states a bearable share of wrong hits: what is sampled is compared, without being served.

use crate::fixture::{Running, asking, config, in_redis};
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{LookupRequest, Step};
use redis_server::{Binary, Redis};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn careful(text: &str, form: &str) -> LookupRequest {
    let mut request = asking(text, form);
    request.rules.as_mut().unwrap().max_wrong_hits = 0.01;
    request
}

fn chat(content: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","content":"{content}"}}}}]}}"#)
}

#[tokio::test]
async fn without_evidence_the_exact_tier_answers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let first = careful("how do I reset my password", "0");
    running.answer(&first, &chat("yes")).await;
    running.hit(first).await;
    let mut compared = false;
    for form in 1..40 {
        let request = careful("how do I reset my password", &form.to_string());
        match running.look(request.clone()).await {
            Outcome::Miss(miss) => {
                compared |= miss.step() == Step::Sampled;
                assert!([Step::Sampled, Step::ErrorBudget].contains(&miss.step()));
                running.store(&request, &miss, &chat("yes")).await;
            }
            Outcome::Hit(hit) => panic!("{:?} without evidence", hit.step()),
        }
    }
    assert!(compared, "nothing was let pass to learn from");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Lessons of two instances at the same time: all of them count, on both, and after a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_two_instances_learn_adds_up() {
    const CALLERS: u64 = 8;
    const LESSONS: u64 = 15;
    let redis = Redis::start(&Binary::for_tests().unwrap()).unwrap();
    let instance = || Arc::new(Running::new(config(in_redis(redis.url(), "learning", None))));
    let instances = [instance(), instance()];
    let first = careful("how do I reset my password", "0");
    instances[0].answer(&first, &chat("yes")).await;
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let running = Arc::clone(&instances[usize::try_from(caller).unwrap() % 2]);
            tokio::spawn(async move {
                for lesson in 0..LESSONS {
                    let request = careful("how do I reset my password", &format!("{caller} {lesson}"));
                    let miss = running.miss(request.clone()).await;
                    assert_eq!(miss.step(), Step::Sampled);
                    // One in three is answered otherwise.
                    let said = if lesson % 3 == 0 { "no" } else { "yes" };
                    running.store(&request, &miss, &chat(said)).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    // They are compared in the background.
    let all = CALLERS * LESSONS;
    let mut wrong = Vec::new();
    for running in [&instances[0], &instances[1], &instance()] {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let learned = running.stats("").await.learned;
            let samples = learned.first().map_or(0, |pool| pool.samples);
            if samples == all {
                wrong.push(learned[0].wrong);
                break;
            }
            assert!(Instant::now() < until && samples < all, "{samples} of {all} lessons");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(wrong[0] > 0 && wrong.iter().all(|known| *known == wrong[0]), "{wrong:?}");
}
