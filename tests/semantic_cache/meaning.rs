//! The service itself behind a real Envoy: what means the same hits, what does not misses, and what is stored with one user's
//! values serves another's.

use crate::bench::{ATTACHMENTS, cache, call, field, gateway, listener, send, status, text, who};
use crate::python::{python, run};
use crate::service::Service;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;
use testkit::{Gateway, Link, repository};

/// A caller of this tenant, whom this version of the model serves.
fn caller(tenant: &str, version: &str) -> Link {
    who(json!({"modelgate.tenant": tenant, "modelgate.model": "demo-small", "modelgate.model_version": version}))
}

/// So many answers have been kept.
fn kept(gateway: &Gateway, service: &Service, count: u64) {
    gateway.wait(|| (service.kept() >= count).then_some(()), "the answers to be kept");
}

/// A question of the real client: its case, what the cache has to say, and its members.
type Asked<'a> = (&'a str, &'a str, Value);

/// Asks all of them through the real client, one after the other. What was said, by case.
fn ask(gateway: &Gateway, attachment: &str, asked: &[Asked<'_>]) -> BTreeMap<String, String> {
    let plan: Vec<Value> = asked
        .iter()
        .map(|(case, _, question)| {
            let mut step = question.clone();
            step["case"] = format!("{attachment}: {case}").into();
            step
        })
        .collect();
    let mut command = Command::new(python());
    command.arg(repository().join("tests/sdk/cached.py"));
    command
        .args(["acme", "other", "v2"].map(|name| format!("{name}={}", gateway.addr(&format!("{name}-{attachment}")))));
    let said = run(command.arg(json!(plan).to_string()));
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), asked.len(), "{said}");
    let mut texts = BTreeMap::new();
    for (line, (case, expected, _)) in lines.iter().zip(asked) {
        let state = gateway.access(&format!("{attachment}: {case}"))["state modelgate.cache"].clone();
        assert_eq!(state, *expected, "{line}");
        assert_eq!(line["status"], expected.split(' ').next().unwrap(), "{line}");
        assert_eq!(line["ends"], json!(["stop"]), "{line}");
        texts.insert((*case).to_owned(), line["text"].as_str().unwrap().to_owned());
    }
    texts
}

fn plain(text: &str) -> Value {
    json!({"text": text})
}

fn streamed(text: &str) -> Value {
    json!({"text": text, "stream": true})
}

fn with(mut question: Value, name: &str, value: &str) -> Value {
    question[name] = value.into();
    question
}

const PASSWORD: &str = "How do I reset my password?";
const REFUND: &str = "My refund has not arrived yet, where is it?";
const PRODUCT: &str = "What is 15 times 79?";
const EGGS: &str = "Is it safe to eat raw eggs?";
const ANNA: &str = "Who is Anna Weber?";

#[test]
fn what_means_the_same_hits_and_nothing_else() {
    let callers = [("acme", "acme", "v1"), ("other", "evil", "v1"), ("v2", "acme", "v2")];
    for attachment in ATTACHMENTS {
        let service = Service::start();
        let chain = |tenant, version| vec![caller(tenant, version), cache(attachment, json!({}))];
        let listeners = callers
            .map(|(name, tenant, version)| listener(&format!("{name}-{attachment}"), chain(tenant, version)))
            .to_vec();
        let gateway = gateway(listeners, service.addr);
        let first = ask(
            &gateway,
            attachment,
            &[
                ("password", "miss similarity", plain(PASSWORD)),
                ("refund", "miss similarity", streamed(REFUND)),
                ("product", "miss similarity", plain(PRODUCT)),
                ("eggs", "miss similarity", plain(EGGS)),
                ("Anna", "miss similarity", plain(ANNA)),
            ],
        );
        kept(&gateway, &service, 5);
        let reset = "How can I reset my password?";
        let money = "Where is my refund? It has not arrived yet.";
        let then = ask(
            &gateway,
            attachment,
            &[
                ("password again", "hit exact", plain(PASSWORD)),
                ("password as a stream", "hit exact", streamed(PASSWORD)),
                ("refund again", "hit exact", streamed(REFUND)),
                ("refund as a whole", "hit exact", plain(REFUND)),
                ("password in other words", "hit verifier", plain(reset)),
                ("password in other words, as a stream", "hit verifier", streamed(reset)),
                ("refund in other words", "hit verifier", streamed(money)),
                ("refund in other words, as a whole", "hit verifier", plain(money)),
                ("another number", "miss guard", plain("What is 15 times 78?")),
                ("a negation", "miss guard", plain("Is it not safe to eat raw eggs?")),
                ("another name", "miss guard", plain("Who is Maria Weber?")),
                ("another tenant", "miss similarity", with(plain(PASSWORD), "listener", "other")),
                ("another version", "miss similarity", with(plain(PASSWORD), "listener", "v2")),
                ("another system prompt", "miss similarity", with(plain(PASSWORD), "system", "Be rude.")),
                ("another tenant, in other words", "miss similarity", with(plain(money), "listener", "other")),
                ("another version, in other words", "miss similarity", with(plain(money), "listener", "v2")),
                ("another system prompt, in other words", "miss similarity", with(plain(money), "system", "Be kind.")),
            ],
        );
        for (case, said) in &then {
            let from = ["password", "refund"].into_iter().find(|from| case.starts_with(from));
            match from {
                Some(from) => assert_eq!(*said, first[from], "{case}"),
                None => assert!(first.values().all(|kept| kept != said) || case.contains("another"), "{case}: {said}"),
            }
        }
        assert!(then["another number"].contains("78") && then["another name"].contains("Maria"), "{then:?}");
        assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
    }
}

/// With the guard in front, user B hits what A's request stored, in other words and in the other form, with B's own values.
#[test]
fn one_answer_serves_many_users_values() {
    for attachment in ATTACHMENTS {
        let service = Service::start();
        let guard = json!({"attachment": attachment, "default_policy": "p", "policies": {"p": {"request": [{"entities": ["EMAIL_ADDRESS"], "action": "restore"}]}}});
        let chain = vec![caller("acme", "v1"), Link::filter("pii_guard", guard), cache(attachment, json!({}))];
        let gateway = gateway(vec![listener("all", chain)], service.addr);
        let ask = |question: &str, stream: bool, case: &str| {
            let question = call("/v1/chat/completions", question, json!({"stream": stream}));
            let outcome = send(&gateway, "all", &question, case);
            let whole: String =
                text(&outcome).split("\"content\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            (status(&outcome), field(&outcome, "x-cache-similarity"), whole)
        };
        let (first, _, said) = ask("Please draft a mail to jane@example.com about the late parcel.", false, "a");
        assert_eq!(first, "miss");
        assert!(said.contains("jane@example.com"), "{said}");
        kept(&gateway, &service, 1);
        for (question, stream) in [
            ("Please draft a mail to joe@example.org about the late parcel.", false),
            ("Please draft a mail to joe@example.org about the late parcel.", true),
            ("Please draft an email to joe@example.org about the late parcel.", false),
            ("Please draft an email to joe@example.org about the late parcel.", true),
        ] {
            let (status, similarity, said) = ask(question, stream, "b");
            assert_eq!(status, "hit", "{attachment} {question} {stream}: {said}");
            assert_eq!(similarity == "1.0000", question.contains("a mail"), "{similarity}");
            assert!(said.contains("joe@example.org") && !said.contains("jane") && !said.contains("<EMAIL"), "{said}");
        }
        assert_eq!(gateway.vm_failures(), 0, "{}", gateway.log());
    }
}
