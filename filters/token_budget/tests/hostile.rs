//! Bodies of strangers and of upstreams that say anything: nothing panics, nothing is admitted beyond a limit, and a client gets
//! what the upstream sent but for the event that was asked for in its name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use plugin::Plugin;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::rc::Rc;
use testkit::{Body, Case, run_natively};
use token_budget::TokenBudget;

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (0_u64..3000).prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(json!("7")),
        1 => Just(Value::Null),
    ]
}

fn usage() -> impl Strategy<Value = Value> {
    let keys = ["prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens", "cached_tokens"];
    prop::collection::vec((prop::sample::select(keys.to_vec()), number()), 0..4)
        .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn event() -> impl Strategy<Value = String> {
    prop_oneof![
        usage().prop_map(|usage| format!("data: {}\n\n", json!({"choices": [], "usage": usage}))),
        "[ -~]{0,12}".prop_map(|text| format!("data: {}\n\n", json!({"choices": [{"delta": {"content": text}}]}))),
        "[ -~\r\n:]{0,20}",
        Just("data: [DONE]\n\n".to_owned()),
        Just(": comment\n\n".to_owned()),
        "(NaN|-?Infinity|\"|\\\\|N|I|\\[|\\]|,){0,8}"
            .prop_map(|odd| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"x\"}},\"p\":{odd}}}]}}\n\n")),
    ]
}

fn path() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "/v1/chat/completions",
        "/v1/messages",
        "/v1/responses",
        "/v1/embeddings",
        "/v2/models/m/infer",
        "/x",
        "/v1/rerank",
        "/v1beta/models/m:streamGenerateContent",
        "/api/chat",
        "/model/m/converse-stream",
    ])
}

fn kind() -> impl Strategy<Value = &'static str> {
    let others = ["application/json", "application/x-ndjson", "application/vnd.amazon.eventstream"];
    prop_oneof![Just("text/event-stream"), prop::sample::select(others.to_vec())]
}

fn filter() -> Rc<TokenBudget> {
    let limits = json!([
        {"name": "tokens", "unit": "tokens", "amount": 5000, "window": {"sliding": {"period_secs": 60}}},
        {"name": "money", "unit": "money", "amount": 500_000, "window": {"token_bucket": {"period_secs": 60}}},
        {"name": "reasoning", "unit": "reasoning", "amount": 10, "window": {"calendar": {"unit": "hour"}}},
    ]);
    let config = json!({
        "attachment": "full",
        "local": {"slots": 2},
        "prices": {"*": {"input": 1_000_000, "output": 2_000_000, "row": 3, "second": 1}},
        "default_policy": "d",
        "policies": {"d": {"limits": limits}},
    });
    Rc::new(TokenBudget::configure(config.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults}")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn anything_may_come(
        path in path(), bound in number(), n in number(), stream: bool, torn in prop::option::of("[ -~]{0,40}"),
        events in prop::collection::vec(event(), 0..8), abort: bool, kind in kind(), cut in any::<prop::sample::Index>(),
    ) {
        let body = json!({"model": "m", "stream": stream, "max_tokens": bound, "n": n, "messages": [{"role": "user", "content": "x"}],
                          "inputs": [{"shape": [bound]}], "options": {"num_predict": n}});
        let body = torn.unwrap_or_else(|| body.to_string());
        let whole = events.concat();
        let at = cut.index(whole.len() + 1);
        let pieces = vec![whole.as_bytes()[..at].to_vec(), whole.as_bytes()[at..].to_vec()];
        let case: Case = serde_json::from_value(json!({
            "name": "hostile",
            "request": {"path": path, "headers": {"content-type": "application/json"}, "body": {"text": body}},
            "response": {"headers": {"content-type": kind}, "abort": abort},
            "expect": {},
        })).unwrap();
        let outcome = run_natively(&filter(), &case, &pieces);
        prop_assert!([200, 400, 403, 429].contains(&outcome.status), "{}", outcome.status);
        if outcome.status == 200 {
            let sent = Body::Text(whole.clone()).chunks().concat();
            prop_assert!(outcome.body.len() <= sent.len());
            if !(stream && kind == "text/event-stream") {
                prop_assert_eq!(&outcome.body, &sent);
            }
        }
    }
}
