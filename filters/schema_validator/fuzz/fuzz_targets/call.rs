//! Any body to any call through the whole decision, as `modelgate validate --config` makes it: both profiles, unknown members
//! stripped, defaults put in, and schemas of the operator's own. The first byte chooses the call.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_validator::offline::Calls;

const PATHS: [&str; 16] = [
    "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/responses/input_tokens", "/v1/moderations", "/v1/images/generations",
    "/v1/messages", "/v1/messages/count_tokens", "/v2/models/m/infer", "/v1/models/m:predict", "/invocations", "/shape", "/tree", "/old", "/pet",
];

const POLICIES: [&str; 3] = ["", "/strict", "/strip"];

thread_local! {
    static CALLS: Calls = Calls::new(include_bytes!("../../tests/foreign/config.json")).expect("a configuration that is right");
}

fuzz_target!(|bytes: &[u8]| {
    let Some((call, body)) = bytes.split_first() else { return };
    let path = PATHS[usize::from(*call) % PATHS.len()];
    let body = String::from_utf8_lossy(body);
    for policy in POLICIES {
        let line = serde_json::json!({"path": format!("{policy}{path}"), "body": body}).to_string();
        let answer = CALLS.with(|calls| calls.answer(&line)).expect("a line that is right");
        assert!(["200", "400", "413", "415"].iter().any(|status| answer.starts_with(&format!("{{\"status\":{status},"))), "{answer}");
    }
});
