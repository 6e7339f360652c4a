//! No answer crosses a scope, whatever differs, and however alike the texts are.

use crate::fixture::{Running, asking, scope};
use cache_api::cache::{LookupRequest, Scope};

type Change = fn(&mut Scope);

const CHANGES: [(&str, Change); 8] = [
    ("tenant", |scope| scope.tenant.push('x')),
    ("consumer", |scope| scope.consumer.push('x')),
    ("shared", |scope| scope.shared = true),
    ("policy", |scope| scope.policy.push('x')),
    ("api", |scope| scope.api.push('x')),
    ("model", |scope| scope.model.push('x')),
    ("version", |scope| scope.version.push('x')),
    ("context", |scope| scope.context[0] ^= 1),
];

/// Every pair of fields, each as stored and as asked: the exact and the semantic tier both miss.
#[tokio::test]
async fn no_pair_of_fields_lets_an_answer_through() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let mut scopes = vec![("none", "none", scope())];
    for (at, (first, change)) in CHANGES.iter().enumerate() {
        let mut one = scope();
        change(&mut one);
        scopes.push((first, "none", one.clone()));
        for (second, change) in &CHANGES[at + 1..] {
            let mut two = one.clone();
            change(&mut two);
            scopes.push((first, second, two));
        }
    }
    assert_eq!(scopes.len(), 1 + 8 + 28);
    for (first, second, scope) in &scopes {
        let request = LookupRequest { scope: Some(scope.clone()), ..asking("the same text", "") };
        // Neither the same request nor its text is found in any scope that came before.
        let miss = running.miss(request.clone()).await;
        assert_eq!(miss.similarity, 0.0, "{first} and {second}");
        running.store(&request, &miss, &format!("{first} {second}")).await;
    }
    for (first, second, scope) in &scopes {
        let request = LookupRequest { scope: Some(scope.clone()), ..asking("the same text", "in other words") };
        let hit = running.hit(request).await;
        assert_eq!(crate::fixture::body(&hit), format!("{first} {second}"));
    }
}

/// Letters that move from one field to the next make another scope.
#[tokio::test]
async fn fields_do_not_run_together() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::embedded(folder.path());
    let scopes = [("ab", ""), ("a", "b"), ("a\0", "b"), ("a", "\0b")].map(|(tenant, consumer)| Scope {
        tenant: tenant.into(),
        consumer: consumer.into(),
        ..scope()
    });
    for scope in scopes {
        let request = LookupRequest { scope: Some(scope), ..asking("text", "") };
        running.answer(&request, "answer").await;
    }
}
