//! Inputs that nobody thought of: the targets of `fuzz/`, run here on random inputs near what is looked for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod targets;

use proptest::prelude::*;
use serde_json::json;

/// Pieces of what recognizers and finders start at.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("password".to_owned()),
        Just("token is ".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("://a:b@".to_owned()),
        Just("<<".to_owned()),
        Just("eyJ".to_owned()),
        Just("\\u00e9\\n".to_owned()),
        Just("ssn".to_owned()),
        Just("\u{200b}\u{301}".to_owned()),
        Just("我".to_owned()),
        Just("%20".to_owned()),
        Just("%E5%8D%A1+".to_owned()),
        Just("q=4111+".to_owned()),
        Just("```json\n{\"a\":".to_owned()),
        Just("| id | ssn |\n| 1 |".to_owned()),
        Just("login: x / ".to_owned()),
        "[0-9]{1,20}",
        "[A-Z0-9]{1,12}",
        "[ .:/@+(){}\"'=,-]{1,4}",
        "\\PC{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_strange(pieces in proptest::collection::vec(piece(), 0..24)) {
        targets::text(&pieces.concat());
    }

    #[test]
    fn no_body_is_too_strange(pieces in proptest::collection::vec(piece(), 0..12), cut in 0..400_usize) {
        let content = serde_json::to_string(&pieces.concat()).unwrap();
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{content}}},{{"role":"tool","content":[{{"type":"text","text":{content}}}]}}]}}"#);
        targets::body(&body);
        targets::body(body.get(..cut.min(body.len())).unwrap_or_default());
    }

    #[test]
    fn no_stream_is_too_strange(pieces in proptest::collection::vec(piece(), 0..12), piece in 1..60_usize) {
        let mut bytes = String::new();
        for text in &pieces {
            // In the order of the target's APIs.
            let event = match piece % 4 {
                0 => json!({"choices": [{"index": 0, "delta": {"content": text}}, {"index": 1, "delta": {"content": text}}]}),
                1 => json!({"type": "response.output_text.delta", "delta": text, "logprobs": [text], "item": {"output": text}}),
                2 => json!({"type": "content_block_delta", "index": 0, "delta": {"partial_json": text, "thinking": text}}),
                _ => json!({"candidates": [{"content": {"parts": [{"text": text}]}}], "note": [text, 4111111111111111_u64]}),
            };
            bytes += &format!("data: {event}\n\n");
        }
        targets::stream((bytes + "data: [DONE]\n\n").as_bytes(), piece);
        targets::stream(pieces.concat().as_bytes(), piece);
    }
}
