//! What looking for personal data costs: secrets and cards, and everything, beside a filter that holds as much.
//!
//! The bytes of a case by the CPU time that `everything` adds to the no-op are the speed of the module inside Envoy.
//! `MODELGATE_BENCH_TEXT=FILE` takes another text than the one below, from its start, as often as it takes.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use serde_json::{Value, json};
use testkit::Link;

/// The suite.
pub fn suite() -> Suite {
    let cases = [1, 8, 64].map(|kilobytes| Case {
        name: format!("{kilobytes} KB"),
        request: Request::post("/v1/chat/completions", body(kilobytes << 10)),
        noop: Noop::HoldsRequest,
        chains: vec![
            Chain::new("secrets and cards", [Link::filter("pii_guard", config_of(&["secrets", "cards"]))]),
            Chain::new("everything", [Link::filter("pii_guard", config_of(&["*"]))]),
        ],
    });
    Suite {
        name: "pii_guard",
        about: "recognizers, beside a filter that holds as much",
        work: Work::Requests(cases.into()),
    }
}

/// Prose with something in it now and then, as people paste it.
const TEXT: &str = "Could you look at this for me? The invoice of last week was never paid, and the customer, who lives in Lyon, \
    asks what we will do. Her address is jane.doe@example.com and she can be reached at +33 6 12 34 56 78 after lunch. As far as \
    I can see the order 48213377 left on 12/03/2024, see https://www.example.com/orders/48213377. The card that she gave us was \
    4111 1111 1111 1111, which has expired since. In the log of that day I only find a warning: worker 17 took 1532 ms for 20 \
    rows, version 2.31.4, commit 8f3a1c7. Please write her a friendly letter in two languages, keep it short, and do not \
    mention the delay of our supplier. The account for the refund is DE89 3704 0044 0532 0130 00, if it comes to that.\n";

/// A chat whose text has so many bytes.
fn body(bytes: usize) -> Vec<u8> {
    let text = std::env::var("MODELGATE_BENCH_TEXT").ok().and_then(|path| std::fs::read_to_string(path).ok());
    let text: String = text.as_deref().unwrap_or(TEXT).chars().cycle().take(bytes).collect();
    serde_json::to_vec(&json!({"model": "demo-small", "messages": [{"role": "user", "content": text}]}))
        .unwrap_or_default()
}

/// A configuration that masks everything.
pub fn config() -> Value {
    config_of(&["*"])
}

fn config_of(entities: &[&str]) -> Value {
    json!({
        "attachment": "full",
        "default_policy": "default",
        "policies": {"default": {"request": [{"entities": entities, "action": "mask"}]}},
    })
}
