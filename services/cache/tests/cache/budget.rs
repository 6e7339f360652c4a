//! A policy that states a bearable share of wrong hits: what is sampled is compared, without being served.

use crate::fixture::{Running, asking};
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{LookupRequest, Step};
use std::time::Duration;

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
