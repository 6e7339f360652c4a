//! Whole exchanges: what hits, what misses, what is stored, and what is never asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod desk;

use desk::{Answers, Ask, Desk, Near, answers, ask, chat, desk, says, with_config};
use serde_json::{Value, json};

/// Stores the answer to a question, and returns the desk.
fn filled(policy: Value, question: &Value) -> Desk {
    let mut desk = desk(policy);
    let seen = desk.run(&ask(question), &says("Paris"));
    assert_eq!((seen.cache.as_deref(), seen.reached, desk.stores.len()), (Some("miss"), true, 1));
    desk
}

#[test]
fn the_same_question_twice_is_a_hit() {
    let mut desk = filled(json!({}), &chat("What is the capital of France?"));
    let seen = desk.run(&ask(&chat("What is the capital of France?")), &says("never"));
    assert!(seen.hit() && !seen.reached);
    assert_eq!((seen.status, seen.details.as_str()), (200, "modelgate_cache_hit"));
    assert_eq!((seen.similarity.as_deref(), seen.age.as_deref()), (Some("1.0000"), Some("2")));
    assert_eq!(seen.json()["choices"][0]["message"]["content"], "Paris");
    assert_eq!(seen.json()["id"], "chatcmpl-1");
    assert_eq!(seen.state, "hit exact");
    assert!(desk.metrics.keys().any(|name| name.contains("modelgate_cache_lookups") && name.contains("outcome=.=hit")));
    assert!(!desk.lines.iter().any(|line| line.contains("capital") || line.contains("Paris")), "{:?}", desk.lines);
    let store = &desk.stores[0];
    assert_eq!(
        (store.ttl_ms, store.writer.as_str(), store.text.as_str()),
        (86_400_000, "alice", "What is the capital of France?")
    );
}

#[test]
fn both_attachments_answer() {
    for attachment in ["plain", "full"] {
        let mut desk = with_config(json!({"attachment": attachment, "service": {"cluster": "c"},
            "policies": {"p": {"scope": "public"}}, "default_policy": "p"}));
        let question = Ask { state: Vec::new(), ..ask(&chat("x")) };
        assert!(desk.run(&question, &says("y")).reached);
        assert!(desk.run(&question, &says("y")).hit(), "{attachment}");
        assert!(desk.stores[0].scope.as_ref().unwrap().shared);
    }
}

/// Whatever else differs, it is another question.
#[test]
fn every_pair_of_fields_parts() {
    let base = json!({"model": "m", "temperature": 0.5, "max_tokens": 9, "tools": [{"type": "function", "function": {"name": "f"}}],
        "response_format": {"type": "text"}, "messages": [{"role": "system", "content": "be brief"},
        {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "q"}]});
    let with = |pointer: &str, value: Value| {
        let mut body = base.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        ask(&body)
    };
    let plus = |name: &str, value: Value| {
        let mut body = base.clone();
        body[name] = value;
        ask(&body)
    };
    let variants: Vec<(&str, Ask)> = vec![
        ("base", ask(&base)),
        ("tenant", ask(&base).state("modelgate.tenant", "other")),
        ("consumer", ask(&base).state("modelgate.consumer", "bob")),
        (
            "tenant and consumer that join alike",
            ask(&base).state("modelgate.tenant", "acmealice").state("modelgate.consumer", "x"),
        ),
        ("model", with("/model", json!("m2"))),
        ("resolved model", ask(&base).state("modelgate.model", "m3")),
        ("version", ask(&base).state("modelgate.model", "m3").state("modelgate.model_version", "v2")),
        ("other version", ask(&base).state("modelgate.model", "m3").state("modelgate.model_version", "v3")),
        ("temperature", with("/temperature", json!(0.6))),
        ("max_tokens", with("/max_tokens", json!(10))),
        ("tools", with("/tools/0/function/name", json!("g"))),
        ("response format", with("/response_format/type", json!("json_object"))),
        ("system prompt", with("/messages/0/content", json!("be long"))),
        ("system role", with("/messages/0/role", json!("developer"))),
        ("earlier question", with("/messages/1/content", json!("c"))),
        ("earlier answer", with("/messages/2/content", json!("c"))),
        ("last text", with("/messages/3/content", json!("r"))),
        ("last text as parts", with("/messages/3/content", json!([{"type": "text", "text": "q"}]))),
        ("unknown member", plus("x_vendor", json!(1))),
        ("user", plus("user", json!("u"))),
        ("seed", plus("seed", json!(1))),
        ("stop", plus("stop", json!(["q"]))),
        ("path", ask(&base).path("/tenant-b/v1/chat/completions")),
        ("query", ask(&base).path("/v1/chat/completions?api-version=2")),
        ("organization", ask(&base).header("openai-organization", "o")),
        ("project", ask(&base).header("openai-project", "o")),
        ("beta", ask(&base).header("openai-beta", "o")),
        ("own header", ask(&base).header("x-locale", "de")),
    ];
    let mut desk = desk(json!({"scope": "consumer", "vary_headers": ["X-Locale"]}));
    for (_, variant) in &variants {
        desk.run(variant, &says("x"));
    }
    let keys: Vec<_> = desk.lookups.iter().map(|lookup| (lookup.scope.clone(), lookup.request.clone())).collect();
    assert_eq!(keys.len(), variants.len());
    for (one, (name, _)) in variants.iter().enumerate() {
        for other in one + 1..keys.len() {
            assert_ne!(keys[one], keys[other], "{name} and {}", variants[other].0);
            // But for the last text itself, the semantic tier must be parted too.
            if *name != "last text" && variants[other].0 != "last text" {
                assert_ne!(keys[one].0, keys[other].0, "partition of {name} and {}", variants[other].0);
            }
        }
    }
    let same_partition = desk.lookups[0].scope == desk.lookups[16].scope;
    assert!(same_partition, "questions are compared by meaning within one partition");
}

/// What is only the form of the question or of its answer.
#[test]
fn spelling_and_form_part_nothing() {
    let mut desk = filled(json!({"ignore_members": ["user"]}), &chat("q"));
    for same in [
        r#"{"messages":[{"content":"q","role":"user"}],"model":"m"}"#,
        " { \"model\" : \"\\u006d\", \"messages\" : [ { \"role\":\"user\", \"content\":\"q\" } ] } ",
        r#"{"model":"m","messages":[{"role":"user","content":"q"}],"stream":false}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"q"}],"stream":true}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"q"}],"stream":true,"stream_options":{"include_usage":true}}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"q"}],"user":"u-17"}"#,
    ] {
        let mut question = ask(&json!({}));
        question.body = same.as_bytes().to_vec();
        assert!(desk.run(&question, &says("never")).hit(), "{same}");
    }
}

#[test]
fn what_is_never_asked() {
    let user = json!([{"role": "user", "content": "q"}]);
    let long: Vec<Value> = (0..9).map(|_| json!({"role": "user", "content": "q"})).collect();
    let image = json!([{"role": "user", "content": [{"type": "text", "text": "q"}, {"type": "image_url", "image_url": {"url": "u"}}]}]);
    let tool = json!([{"role": "user", "content": "q"}, {"role": "tool", "tool_call_id": "c", "content": "r"}]);
    let call = json!([{"role": "assistant", "tool_calls": [{"id": "c"}]}, {"role": "user", "content": "q"}]);
    let chat = |extra: Value| {
        let mut body = json!({"model": "m", "messages": user});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        ask(&body)
    };
    let responses = |extra: Value| {
        let mut body = json!({"model": "m", "input": "q"});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        ask(&body).path("/v1/responses")
    };
    let raw = |body: &str| Ask { body: body.as_bytes().to_vec(), ..chat(json!({})) };
    let cases: Vec<(&str, Ask)> = vec![
        ("no_identity", Ask { state: Vec::new(), ..chat(json!({})) }),
        ("no_identity", Ask { state: vec![("modelgate.consumer".into(), "alice".into())], ..chat(json!({})) }),
        ("no_identity", Ask { state: Vec::new(), ..chat(json!({})).header("x-tenant", "acme") }),
        ("no_store", chat(json!({})).header("cache-control", "max-age=5, no-store")),
        ("unseen", chat(json!({})).header("content-encoding", "gzip")),
        ("too_large", chat(json!({})).header("content-length", "99999999")),
        ("unreadable", raw("no json")),
        ("unreadable", raw(r#"{"model":"m","model":"n","messages":[{"role":"user","content":"q"}]}"#)),
        ("unreadable", raw(r#"{"model":"m","Stream":true,"messages":[{"role":"user","content":"q"}]}"#)),
        ("unreadable", chat(json!({"stream": "yes"}))),
        ("unreadable", chat(json!({"messages": []}))),
        ("no_model", raw(r#"{"messages":[{"role":"user","content":"q"}]}"#)),
        ("history", chat(json!({"messages": long}))),
        ("temperature", chat(json!({"temperature": 1.2}))),
        ("choices", chat(json!({"n": 2}))),
        ("non_text", chat(json!({"messages": image}))),
        ("non_text", chat(json!({"modalities": ["text", "audio"]}))),
        ("tool_calls", chat(json!({"messages": tool}))),
        ("tool_calls", chat(json!({"messages": call}))),
        ("stateful", chat(json!({"store": true}))),
        ("stateful", responses(json!({"previous_response_id": "r"}))),
        ("stateful", responses(json!({"conversation": {"id": "c"}}))),
        ("stateful", responses(json!({"background": true}))),
        ("stateful", responses(json!({"prompt": {"id": "p"}}))),
        ("stateful", responses(json!({"input": [{"type": "item_reference", "id": "i"}]}))),
        ("tool_calls", responses(json!({"input": [{"type": "function_call_output", "call_id": "c", "output": "o"}]}))),
        (
            "non_text",
            responses(json!({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]})),
        ),
        ("provider_tools", responses(json!({"tools": [{"type": "web_search"}]}))),
        ("provider_tools", chat(json!({"web_search_options": {}}))),
        ("provider_tools", chat(json!({"data_sources": [{"type": "azure_search", "parameters": {}}]}))),
        ("provider_tools", chat(json!({"search_parameters": {"mode": "auto"}}))),
        ("provider_tools", chat(json!({"plugins": [{"id": "web"}]}))),
        ("provider_tools", chat(json!({"tools": [{"type": "bash_20250124", "name": "bash"}]})).path("/v1/messages")),
        ("non_text", ask(&json!({"model": "m", "prompt": [1, 2]})).path("/v1/completions")),
        ("choices", ask(&json!({"model": "m", "prompt": ["a", "b"]})).path("/v1/completions")),
        ("threshold", chat(json!({})).header("x-cache-threshold", "high")),
        ("threshold", chat(json!({})).header("x-cache-threshold", "NaN")),
    ];
    for (reason, ask) in cases {
        let mut desk = desk(json!({}));
        let seen = desk.run(&ask, &says("x"));
        let said = String::from_utf8_lossy(&ask.body).into_owned();
        assert_eq!((seen.cache.as_deref(), seen.state), (Some("bypass"), format!("bypass {reason}")), "{said}");
        assert!(seen.reached && desk.lookups.is_empty() && desk.stores.is_empty(), "{reason}: {said}");
    }
}

#[test]
fn calls_that_are_no_questions_pass_without_a_word() {
    let mut desk = desk(json!({}));
    for path in ["/v1/embeddings", "/v1/messages/count_tokens", "/v1/files", "/v2/models/m/infer"] {
        let seen = desk.run(&ask(&chat("q")).path(path), &says("x"));
        assert_eq!((seen.cache, seen.reached, desk.lookups.len()), (None, true, 0), "{path}");
    }
}

#[test]
fn the_operator_may_let_more_through() {
    let tool = json!({"model": "m", "messages": [{"role": "user", "content": "q"}, {"role": "tool", "tool_call_id": "c", "content": "r"}]});
    let mut desk =
        desk(json!({"bypass": {"tool_calls": false, "non_text": false, "max_temperature": 2.0, "max_choices": 3}}));
    desk.run(&ask(&tool), &says("x"));
    assert_eq!(desk.lookups[0].text, "", "what is not said last by the user is compared as a whole alone");
    let call = json!({"id": "c", "object": "chat.completion", "model": "m", "choices": [{"index": 0, "message": {"role": "assistant",
        "content": null, "tool_calls": [{"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}, "finish_reason": "tool_calls"}],
        "usage": {"total_tokens": 1}});
    desk.run(&ask(&chat("call")), &answers("application/json", &call.to_string()));
    let seen = desk.run(&ask(&chat("call")), &says("never"));
    assert_eq!(seen.json(), call);
}

#[test]
fn who_may_share() {
    for (scope, bob_hits, other_tenant_hits) in
        [("tenant", true, false), ("consumer", false, false), ("public", true, true)]
    {
        let mut desk = filled(json!({"scope": scope}), &chat("q"));
        let bob = ask(&chat("q")).state("modelgate.consumer", "bob");
        assert_eq!(desk.run(&Ask { ..bob.clone() }, &says("y")).hit(), bob_hits, "{scope}");
        assert_eq!(desk.run(&bob.state("modelgate.tenant", "evil"), &says("y")).hit(), other_tenant_hits, "{scope}");
    }
}

#[test]
fn cache_control_of_the_request() {
    let mut desk = filled(json!({}), &chat("q"));
    for anew in ["no-cache", "max-age=0", "No-Cache"] {
        let seen = desk.run(&ask(&chat("q")).header("cache-control", anew), &says("Lyon"));
        assert_eq!(seen.cache.as_deref(), Some("refresh"), "{anew}");
        assert!(desk.lookups.last().unwrap().rules.unwrap().refresh);
    }
    assert!(desk.run(&ask(&chat("q")), &says("never")).text().contains("Lyon"), "what was made anew is kept");
    desk.run(&ask(&chat("q")).header("cache-control", "max-age=7"), &says("x"));
    assert_eq!(desk.lookups.last().unwrap().rules.unwrap().max_age_ms, 7_000);
    let seen = desk.run(&ask(&chat("other")).header("cache-control", "only-if-cached"), &says("x"));
    assert_eq!((seen.status, seen.reached), (504, false));
    assert!(desk.run(&ask(&chat("q")).header("cache-control", "only-if-cached"), &says("x")).hit());
}

#[test]
fn a_caller_can_only_raise_the_threshold() {
    let mut desk = filled(json!({"threshold": 0.9}), &chat("q"));
    desk.near = Near::Any(0.95);
    let seen = desk.run(&ask(&chat("about q")), &says("x"));
    assert_eq!((seen.hit(), seen.similarity.as_deref()), (true, Some("0.9500")));
    desk.run(&ask(&chat("about q")).header("x-cache-threshold", "0.1"), &says("x"));
    assert_eq!(desk.lookups.last().unwrap().rules.unwrap().threshold, 0.9);
    let seen = desk.run(&ask(&chat("about q")).header("x-cache-threshold", "0.97"), &says("x"));
    assert_eq!((seen.cache.as_deref(), seen.reached), (Some("miss"), true), "the service's word is checked");
    assert!(desk.lookups.last().unwrap().rules.unwrap().refresh, "and the answer can be stored");
    assert!((desk.lookups[desk.lookups.len() - 2].rules.unwrap().threshold - 0.97).abs() < 1e-6);
}

#[test]
fn what_is_stored_and_what_is_not() {
    let chat_answer = |finish: &str, content: &str| {
        json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}], "usage": {"total_tokens": 1}}).to_string()
    };
    let done = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let json = |body: &str| answers("application/json", body);
    let sse = |body: &str| answers("text/event-stream; charset=utf-8", body);
    let with = |mut answers: Answers, name: &str, value: &str| {
        answers.headers.push((name.into(), value.into()));
        answers
    };
    let cases: Vec<(&str, Answers)> = vec![
        ("stored", says("x")),
        ("stored", sse(&format!("{done}data: [DONE]\n\n"))),
        ("stored", with(sse(&format!("{done}data: [DONE]\n\n")), "cache-control", "no-cache")),
        ("stored", with(says("x"), "cache-control", "max-age=60")),
        ("status", Answers { status: 429, ..says("x") }),
        ("status", Answers { status: 201, ..says("x") }),
        ("no_store", with(says("x"), "cache-control", "no-store")),
        ("no_store", with(says("x"), "cache-control", "private")),
        ("no_store", with(says("x"), "cache-control", "no-cache")),
        ("media_type", answers("text/html", "<p>x</p>")),
        ("media_type", with(says("x"), "content-encoding", "br")),
        ("too_large", json(&chat_answer("stop", &"x".repeat(300_000)))),
        ("incomplete", Answers { breaks: true, ..says("x") }),
        ("incomplete", sse(done)),
        ("incomplete", sse(&format!("{done}data: [DONE]"))),
        ("unreadable", json("{\"choices\":[")),
        ("unreadable", sse("data: x\n\n")),
        ("error", json("{\"error\":{\"message\":\"m\"},\"choices\":[]}")),
        ("error", sse(&format!("{done}data: {{\"error\":{{\"message\":\"m\"}}}}\n\ndata: [DONE]\n\n"))),
        ("finish_reason", json(&chat_answer("length", "x"))),
        ("finish_reason", json(&chat_answer("content_filter", "x"))),
        ("finish_reason", json(&chat_answer("tool_calls", "x"))),
        ("finish_reason", json("{\"choices\":[]}")),
        ("empty", json(&chat_answer("stop", " "))),
        (
            "empty",
            json("{\"choices\":[{\"message\":{\"refusal\":\"no\",\"content\":null},\"finish_reason\":\"stop\"}]}"),
        ),
        ("placeholder", says("write to <EMAIL_1>")),
    ];
    for (outcome, answers) in cases {
        let mut desk = desk(json!({}));
        let seen = desk.run(&ask(&chat("q")), &answers);
        assert!(seen.reached);
        let stored = outcome == "stored";
        let said = String::from_utf8_lossy(&seen.body).chars().take(80).collect::<String>();
        assert_eq!(
            (desk.stores.len(), desk.abandoned.len()),
            (usize::from(stored), usize::from(!stored)),
            "{outcome}: {said}"
        );
        let label = if stored { "outcome=.=stored" } else { outcome };
        assert!(
            desk.metrics.keys().any(|name| name.contains("cache_stores") && name.contains(label)),
            "{outcome} {:?}: {said}",
            desk.metrics
        );
    }
}

#[test]
fn one_who_does_not_lead_abandons_nothing() {
    let mut desk = desk(json!({}));
    desk.leader = false;
    desk.run(&ask(&chat("q")), &Answers { status: 500, ..says("x") });
    assert!(desk.abandoned.is_empty() && desk.stores.is_empty());
    desk.run(&ask(&chat("q")), &says("x"));
    assert_eq!(desk.stores.len(), 1, "who was let pass may store too");
}

#[test]
fn ttl_is_the_shorter_one() {
    let mut desk = desk(json!({"ttl_secs": 100}));
    let mut short = says("x");
    short.headers.push(("cache-control".into(), "public, max-age=9, s-maxage=5".into()));
    desk.run(&ask(&chat("q")), &short);
    assert_eq!(desk.stores[0].ttl_ms, 5_000);
}

#[test]
fn placeholders_must_be_the_callers_own() {
    let mut desk = filled(json!({}), &chat("hello <EMAIL_1>"));
    desk.entries.clear();
    desk.run(&ask(&chat("mail <EMAIL_1>")), &says("sent to <EMAIL_1>"));
    assert_eq!(desk.stores.len(), 2);
    desk.near = Near::Any(0.99);
    assert!(desk.run(&ask(&chat("please mail <EMAIL_1>")), &says("x")).hit());
    let seen = desk.run(&ask(&chat("please mail")), &says("to whom?"));
    assert_eq!((seen.cache.as_deref(), seen.reached), (Some("miss"), true));
}

#[test]
fn a_service_that_fails() {
    for (near, what) in [
        (Near::Down, "down"),
        (Near::Garbage(vec![0xff; 9]), "garbage"),
        (Near::Garbage(Vec::new()), "nothing said"),
        (Near::Garbage(b"\x0a\x00".to_vec()), "a hit without an answer"),
    ] {
        let mut desk = desk(json!({}));
        desk.near = near;
        for _ in 0..5 {
            let seen = desk.run(&ask(&chat("q")), &says("x"));
            assert_eq!(
                (seen.status, seen.reached, seen.state.as_str()),
                (200, true, "bypass service_failed"),
                "{what}"
            );
        }
        assert_eq!(desk.run(&ask(&chat("q")), &says("x")).state, "bypass service_resting");
        desk.now = 2_000_000_000;
        desk.near = Near::Nothing;
        assert_eq!(desk.run(&ask(&chat("q")), &says("x")).cache.as_deref(), Some("miss"), "{what}");
    }
    let mut strict = with_config(json!({"attachment": "full", "service": {"cluster": "c", "failure_mode": "deny"},
        "policies": {"p": {}}, "default_policy": "p"}));
    strict.near = Near::Down;
    let seen = strict.run(&ask(&chat("q")), &says("x"));
    assert_eq!((seen.status, seen.reached, seen.details.as_str()), (503, false, "modelgate_refusal_cache_unavailable"));
}

#[test]
fn policies_that_only_read_or_only_compare_whole_questions() {
    let mut desk = desk(json!({"read_only": true, "semantic": false, "coalesce_wait_ms": 700}));
    desk.run(&ask(&chat("q")), &says("x"));
    assert_eq!((desk.stores.len(), desk.abandoned.len(), desk.lookups[0].text.as_str()), (0, 0, ""));
    assert_eq!(desk.lookups[0].rules.unwrap().coalesce_wait_ms, 700);
    let mut desk = self::desk(json!({"max_text_bytes": 3}));
    desk.run(&ask(&chat("four")), &says("x"));
    assert_eq!(desk.lookups[0].text, "");
}

#[test]
fn rules_by_model_wait_for_the_body() {
    let mut desk = with_config(json!({"attachment": "full", "service": {"cluster": "c"},
        "policies": {"a": {}, "b": {"scope": "consumer"}}, "default_policy": "a",
        "rules": [{"match": {"model": "m"}, "policy": "b"}, {"match": {"model": "x*"}, "policy": "off"}]}));
    desk.run(&ask(&chat("q")), &says("x"));
    assert_eq!(desk.lookups[0].scope.as_ref().unwrap().policy, "b");
    desk.run(&ask(&chat("q")).state("modelgate.model", "resolved"), &says("x"));
    assert_eq!(desk.lookups[1].scope.as_ref().unwrap().policy, "a");
    assert_eq!(desk.lookups[1].scope.as_ref().unwrap().model, "resolved");
    let seen = desk.run(&ask(&chat("q")).state("modelgate.model", "xl"), &says("x"));
    assert_eq!((seen.cache, desk.lookups.len()), (None, 2));
}
