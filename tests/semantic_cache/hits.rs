//! Equal questions: what hits, in which form, and for whom.

use crate::bench::{ATTACHMENTS, alice, cache, call, chat, field, gateway, listener, send, status, text, who, with};
use crate::stub::Entries;
use serde_json::{Value, json};
use testkit::{Gateway, Link, Outcome, RequestSpec};

/// The service has what the last exchange stored.
fn stored(gateway: &Gateway, entries: &Entries, count: u64) {
    gateway.wait(|| (entries.counts().1 >= count).then_some(()), "what was answered to be stored");
}

#[test]
fn the_same_question_twice() {
    let entries = Entries::default();
    let service = entries.serve(None);
    let listeners = ATTACHMENTS.map(|name| listener(name, vec![alice(), cache(name, json!({}))])).to_vec();
    let gateway = gateway(listeners, service.addr);
    for (at, attachment) in ATTACHMENTS.into_iter().enumerate() {
        for http in [1, 2] {
            let question = RequestSpec { http, ..chat(&format!("a secret question of {attachment} {http}")) };
            let case = |n: u32| format!("{attachment} {http} {n}");
            let first = send(&gateway, attachment, &question, &case(1));
            assert_eq!((first.status, status(&first).as_str()), (200, "miss"), "{}", gateway.log());
            stored(&gateway, &entries, (2 * at as u64) + u64::from(http));
            let second = send(&gateway, attachment, &question, &case(2));
            assert_eq!((second.status, status(&second).as_str()), (200, "hit"), "{}", gateway.log());
            assert_eq!(first.body, second.body);
            assert_eq!((field(&second, "age"), field(&second, "x-cache-similarity")), ("1".into(), "1.0000".into()));
            assert_eq!(field(&second, "content-length"), second.body.len().to_string());
            let line = gateway.access(&case(2));
            assert_eq!(
                (&line["details"], &line["state modelgate.cache"]),
                (&json!("modelgate_cache_hit"), &json!("hit exact"))
            );
            let whole = gateway.upstream.received(&case(2)).into_iter().filter(|received| received.complete).count();
            assert_eq!(whole, 0, "the upstream saw no whole request");
        }
    }
    assert_eq!(gateway.count("modelgate_cache_lookups"), 8);
    assert!(!gateway.envoy.log().contains("secret question"), "no prompt in a log");
    assert!(gateway.envoy.stats("modelgate_").keys().all(|name| !name.contains("secret")));
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
}

/// Each API, stored in one form and asked in the other, with its usage.
#[test]
fn each_form_is_replayed_as_the_other() {
    let entries = Entries::default();
    let service = entries.serve(None);
    let gateway = gateway(vec![listener("all", vec![alice(), cache("full", json!({}))])], service.addr);
    let mut stores = 0;
    for (path, api) in [
        ("/v1/chat/completions", chat::Api::ChatCompletions),
        ("/v1/completions", chat::Api::Completions),
        ("/v1/responses", chat::Api::Responses),
        ("/v1/messages", chat::Api::Messages),
    ] {
        for first_streams in [false, true] {
            let question = |stream: bool| {
                let usage =
                    if stream && path.ends_with("completions") { json!({"include_usage": true}) } else { Value::Null };
                let stream = json!({"stream": stream, "stream_options": usage});
                call(
                    path,
                    &format!("words, ✓ {first_streams}"),
                    if stream["stream_options"].is_null() { json!({"stream": stream["stream"]}) } else { stream },
                )
            };
            let case = format!("{path} {first_streams}");
            let first = send(&gateway, "all", &question(first_streams), &case);
            assert_eq!(status(&first), "miss", "{case}: {}", text(&first));
            stores += 1;
            stored(&gateway, &entries, stores);
            for stream in [false, true] {
                let again = send(&gateway, "all", &question(stream), &case);
                assert_eq!(status(&again), "hit", "{case} as stream {stream}: {}", text(&again));
                let media = if stream { "text/event-stream" } else { "application/json" };
                assert_eq!(field(&again, "content-type"), media, "{case}");
                assert_eq!(said(api, &again), said(api, &first), "{case} as stream {stream}: {}", text(&again));
            }
        }
    }
    assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
}

/// What was said, what was used, and under which id.
fn said(api: chat::Api, outcome: &Outcome) -> (String, Option<u64>, bool) {
    let mut framer = chat::sse::Framer::new(1 << 20);
    framer.push(&outcome.body);
    framer.finish();
    let (mut said, mut usage, mut finished) = (String::new(), chat::Usage::default(), false);
    let mut see = |data: &str| {
        let answer = chat::Answer::parse(api, data.as_bytes()).unwrap();
        said.extend(answer.outputs.iter().filter(|output| !output.repeats).map(|output| output.text.to_string()));
        finished |= !answer.finishes.is_empty();
        if let Some(told) = &answer.usage {
            usage.update(told);
        }
    };
    if field(outcome, "content-type").starts_with("text/event-stream") {
        while let Some(chat::sse::Item::Event(event)) = framer.next_item() {
            event.data().iter().for_each(|data| see(data));
        }
    } else {
        see(&text(outcome));
    }
    (said, usage.all(), finished)
}

/// Tenants apart, system prompts apart, versions apart; consumers of a tenant together.
#[test]
fn who_shares() {
    let entries = Entries::default();
    let service = entries.serve(None);
    let chain = |state: Value| vec![who(state), cache("full", json!({}))];
    let listeners = vec![
        listener("alice", chain(json!({"modelgate.tenant": "acme", "modelgate.consumer": "alice"}))),
        listener("bob", chain(json!({"modelgate.tenant": "acme", "modelgate.consumer": "bob"}))),
        listener("eve", chain(json!({"modelgate.tenant": "evil", "modelgate.consumer": "alice"}))),
        listener(
            "v2",
            chain(
                json!({"modelgate.tenant": "acme", "modelgate.model": "demo-small", "modelgate.model_version": "v2"}),
            ),
        ),
        listener("nobody", vec![cache("full", json!({}))]),
    ];
    let gateway = gateway(listeners, service.addr);
    assert_eq!(status(&send(&gateway, "alice", &chat("q"), "1")), "miss");
    stored(&gateway, &entries, 1);
    for (listener, expected) in
        [("alice", "hit"), ("bob", "hit"), ("eve", "miss"), ("v2", "miss"), ("nobody", "bypass")]
    {
        assert_eq!(status(&send(&gateway, listener, &chat("q"), listener)), expected, "{listener}");
    }
    let forged = with(with(chat("q"), "x-tenant", "acme"), "modelgate.tenant", "acme");
    assert_eq!(status(&send(&gateway, "nobody", &forged, "forged")), "bypass");
    let system = json!({"messages": [{"role": "system", "content": "be rude"}, {"role": "user", "content": "q"}]});
    assert_eq!(status(&send(&gateway, "alice", &call("/v1/chat/completions", "q", system), "system")), "miss");
}

/// With the guard in front the cache sees placeholders: user B gets what was answered to A, with B's own values.
#[test]
fn one_answer_serves_many_users_values() {
    let entries = Entries::default();
    let service = entries.serve(None);
    for attachment in ATTACHMENTS {
        let guard = Link::filter(
            "pii_guard",
            json!({"attachment": attachment, "default_policy": "p", "policies": {"p": {"request": [{"entities": ["EMAIL_ADDRESS"], "action": "restore"}]}}}),
        );
        let name = format!("chain-{attachment}");
        let gateway = gateway(vec![listener(&name, vec![alice(), guard, cache(attachment, json!({}))])], service.addr);
        let before = entries.counts().1;
        for stream in [false, true] {
            let of = |address: &str| {
                let question = format!("{attachment} {stream}: draft a mail to {address}");
                call("/v1/chat/completions", &question, json!({"stream": stream}))
            };
            let first = send(&gateway, &name, &of("jane@example.com"), "a");
            assert_eq!(status(&first), "miss", "{}", text(&first));
            assert!(joined(&first).contains("jane@example.com"), "{}", text(&first));
            stored(&gateway, &entries, before + 1 + u64::from(stream));
            let second = send(&gateway, &name, &of("joe@example.org"), "b");
            assert_eq!(status(&second), "hit");
            let said = joined(&second);
            assert!(said.contains("joe@example.org") && !said.contains("jane") && !said.contains("<EMAIL"), "{said}");
        }
        assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
    }
}

fn joined(outcome: &Outcome) -> String {
    said(chat::Api::ChatCompletions, outcome).0
}

/// A large answer is one reply; a larger one than the policy stores passes unstored.
#[test]
fn large_answers() {
    let entries = Entries::default();
    let service = entries.serve(None);
    let gateway = gateway(
        vec![listener(
            "all",
            vec![alice(), cache("full", json!({"max_answer_bytes": 3_000_000, "max_text_bytes": 100}))],
        )],
        service.addr,
    );
    let of = |text: &str| call("/v1/chat/completions", text, json!({"max_tokens": 9_000_000}));
    let question = of(&"long ".repeat(400_000));
    let first = send(&gateway, "all", &question, "1");
    assert_eq!((first.status, status(&first).as_str()), (200, "miss"), "{}", gateway.log());
    stored(&gateway, &entries, 1);
    let second = send(&gateway, "all", &question, "2");
    assert_eq!((status(&second).as_str(), second.body.len()), ("hit", first.body.len()));
    let larger = send(&gateway, "all", &of(&"longer ".repeat(500_000)), "3");
    assert_eq!((larger.status, status(&larger).as_str()), (200, "miss"));
    gateway.wait(|| (entries.counts().2 == 1).then_some(()), "the larger one to be given up");
    assert_eq!(entries.counts().1, 1);
}
