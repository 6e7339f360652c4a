//! What every store must do, whichever it is.

use crate::fixture::{Running, asking, body, scope};
use cache_api::cache::{InvalidateRequest, LookupRequest, Scope, Step};

/// A question of another scope.
fn of(scope: Scope, text: &str) -> LookupRequest {
    LookupRequest { scope: Some(scope), ..asking(text, "") }
}

/// Exact, semantic, replaced.
pub async fn finding(running: &Running) {
    let first = asking("how do I reset my password", "first");
    running.answer(&first, "answer").await;
    let hit = running.hit(first.clone()).await;
    assert_eq!((hit.step(), body(&hit)), (Step::Exact, "answer"));
    let hit = running.hit(asking("how do I reset my password", "second")).await;
    assert_ne!(hit.step(), Step::Exact);
    assert_eq!(body(&hit), "answer");
    let mut refresh = first.clone();
    refresh.rules.as_mut().unwrap().refresh = true;
    running.answer(&refresh, "newer").await;
    assert_eq!(body(&running.hit(first).await), "newer");
    assert_eq!(running.stats("acme").await.entries, 1);
}

/// By epoch, by tag, by writer, by entry.
pub async fn invalidation(running: &Running) {
    let others = [
        of(scope(), "own"),
        of(Scope { tenant: "other".into(), ..scope() }, "tenant"),
        of(Scope { policy: "other".into(), ..scope() }, "policy"),
        of(Scope { model: "other".into(), ..scope() }, "model"),
        of(Scope { version: "v2".into(), ..scope() }, "version"),
    ];
    let forget = |request: InvalidateRequest| async move { running.invalidate(request).await.unwrap() };
    let none = InvalidateRequest::default;
    // What is to be forgotten, and which of the five it is.
    let cases: [(InvalidateRequest, &[usize]); 9] = [
        (InvalidateRequest { tenant: "other".into(), ..none() }, &[1]),
        (InvalidateRequest { tenant: "acme".into(), ..none() }, &[0, 2, 3, 4]),
        (InvalidateRequest { policy: "other".into(), ..none() }, &[2]),
        (InvalidateRequest { model: "small".into(), ..none() }, &[0, 1, 2, 4]),
        (InvalidateRequest { model: "small".into(), version: "v2".into(), ..none() }, &[4]),
        (InvalidateRequest { tenant: "acme".into(), model: "other".into(), ..none() }, &[3]),
        (InvalidateRequest { tenant: "other".into(), model: "other".into(), ..none() }, &[]),
        (InvalidateRequest { tag: "faq".into(), tenant: "other".into(), ..none() }, &[1]),
        (InvalidateRequest { writer: "writer-1".into(), policy: "default".into(), ..none() }, &[0, 1, 3, 4]),
    ];
    for request in &others {
        running.answer(request, "answer").await;
    }
    for (case, gone) in cases {
        assert_eq!(forget(case.clone()).await, gone.len() as u64, "{case:?}");
        for (at, request) in others.iter().enumerate() {
            if gone.contains(&at) {
                running.answer(request, "again").await;
            } else {
                running.hit(request.clone()).await;
            }
        }
    }
    let entry = running.hit(others[0].clone()).await.entry;
    assert_eq!(forget(InvalidateRequest { entry: entry.clone(), tenant: "other".into(), ..none() }).await, 0);
    assert_eq!(forget(InvalidateRequest { entry, ..none() }).await, 1);
    assert_eq!(forget(InvalidateRequest { tag: "unknown".into(), ..none() }).await, 0);
    assert_eq!(forget(InvalidateRequest { all: true, ..none() }).await, 4);
    for request in others {
        running.miss(request).await;
    }
}
