//! Any body to any call through the whole decision, as `modelgate validate --config` makes it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_validator::offline::calls;

const CONFIG: &str = r#"{
    "policies": {"p": {"unknown_members": "strip", "schemas": [{"match": {"path": "/own"}, "request": "own"}]}, "s": {"profile": "strict"}},
    "default_policy": "p", "rules": [{"match": {"model": "s*"}, "policy": "s"}],
    "schemas": {"own": {"json_schema": {"type": "object", "required": ["a"], "properties": {"a": {"oneOf": [{"type": "string", "pattern": "^a+$"}, {"type": "array", "uniqueItems": true}]}}}}}
}"#;

const PATHS: [&str; 9] = [
    "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages", "/v2/models/m/infer", "/v1/models/m:predict",
    "/invocations", "/own",
];

fuzz_target!(|body: &[u8]| {
    let body = String::from_utf8_lossy(body);
    let lines: Vec<String> = PATHS.iter().map(|path| serde_json::json!({"path": path, "body": body}).to_string()).collect();
    let mut out = Vec::new();
    calls(CONFIG.as_bytes(), lines.join("\n").as_bytes(), &mut out).expect("a configuration and lines that are right");
    assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), PATHS.len());
});
