//! What the command does without a gateway.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use schema_validator::offline::calls;
use serde_json::{Value, json};

const CONFIG: &str = r#"{"policies": {"p": {"limits": {"max_body_bytes": 400}}}, "default_policy": "p"}"#;

fn answers(lines: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let mut out = Vec::new();
    calls(CONFIG.as_bytes(), lines.join("\n").as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn calls_are_judged_as_a_gateway_would() {
    let good = r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
    let out = answers(&[
        json!({"path": "/v1/chat/completions", "body": good}),
        json!({"path": "/v1/chat/completions", "body": r#"{"model":"m","messages":[{"role":"robot"}],"temperature":3}"#}),
        json!({"path": "/v1/chat/completions", "body": "{"}),
        json!({"path": "/v1/chat/completions", "body": good, "headers": {"Content-Type": "text/plain"}}),
        json!({"path": "/v1/chat/completions", "body": format!("{good}{}", " ".repeat(400))}),
        json!({"path": "/v1/files", "body": "--b", "headers": {"content-type": "multipart/form-data"}}),
        json!({"path": "/v1/chat/completions", "body": ""}),
    ]);
    let statuses: Vec<u64> = out.iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 400, 400, 415, 413, 200, 400]);
    assert_eq!(out[0]["errors"], json!([]));
    let places: Vec<&str> =
        out[1]["errors"].as_array().unwrap().iter().map(|fault| fault["path"].as_str().unwrap()).collect();
    assert_eq!(places, ["/messages/0/role", "/temperature"]);
    assert_eq!(out[2]["errors"][0]["keyword"], "truncated");
    assert_eq!(out[3]["errors"][0]["keyword"], "unsupported_media_type");
}

#[test]
fn a_line_that_is_none_is_named() {
    let error = calls(CONFIG.as_bytes(), &b"{\"path\": \"/\", \"body\": \"\"}\n{}"[..], Vec::new()).unwrap_err();
    assert!(error.to_string().starts_with("line 2: missing field"), "{error}");
    let error = calls(b"{}", &b""[..], Vec::new()).unwrap_err();
    assert!(error.to_string().contains("policies"), "{error}");
}

#[test]
fn own_schemas_need_the_other_module() {
    let config = r#"{"policies": {"p": {}}, "default_policy": "p", "schemas": {"a": {"json_schema": {"type": 5}}}}"#;
    let error = calls(config.as_bytes(), &b""[..], Vec::new()).unwrap_err().to_string();
    let expected = if cfg!(feature = "custom") { "is no valid schema" } else { "schema_validator_custom.wasm" };
    assert!(error.contains("schemas.a: ") && error.contains(expected), "{error}");
}

#[cfg(feature = "custom")]
#[test]
fn schemas_that_fetch_or_cost_too_much_are_refused() {
    use schema_validator::offline::{Formats, values};
    for (schema, expected) in [
        (json!({"$ref": "https://example.com/a.json"}), "example.com"),
        (json!({"$ref": "file:///etc/passwd"}), "passwd"),
        (json!({"$ref": "#/$defs/a"}), "leads nowhere in it, and nothing is fetched"),
        (json!({"pattern": "(?=a)b"}), "/pattern that this gateway cannot run: it looks around"),
        (
            json!({"patternProperties": {"^(?!x-)": {}}}),
            "/patternProperties/^(?!x-) that this gateway cannot run: it looks around",
        ),
        (json!({"pattern": "(a)\\1"}), "it refers back to a group"),
        (json!({"pattern": "["}), "it is no regular expression"),
        (json!({"pattern": "(\\w{1,1000}){1,100}"}), "grows beyond"),
        (json!({"type": "strin"}), "is no valid schema at /type"),
        (json!({"type": 5}), "is no valid schema"),
        (json!({"enum": vec!["x".repeat(100); 6000]}), "larger than"),
    ] {
        let error =
            values(schema.to_string().as_bytes(), Formats::Assert, &b""[..], Vec::new()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[cfg(feature = "custom")]
#[test]
fn each_line_has_a_verdict_also_what_no_gateway_takes() {
    use schema_validator::offline::{Formats, values};
    let deep = format!("{{\"data\":{}{}}}\n", "[".repeat(200), "]".repeat(200));
    let lines = ["{\"data\":1e400}\r\n", "{\"data\":\"\\ud800\"}\n", "\n", &deep, "{\"data\":1}"].concat();
    let mut out = Vec::new();
    values(b"true", Formats::Assert, lines.as_bytes(), &mut out).unwrap();
    let out: Vec<Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |at: usize| (out[at]["valid"].as_bool().unwrap(), out[at]["error"].as_str().unwrap_or_default());
    assert_eq!(told(0), (false, "has a number with too many digits, or beyond what a double holds"));
    assert_eq!(told(1), (false, "holds a lone surrogate"));
    assert_eq!((told(2), told(3)), ((false, "is nested too deep"), (true, "")));
    for (line, expected) in [
        (&b"{\"data\":1}\n{\"data\":\"\xff\"}"[..], "line 2: is not UTF-8"),
        (b"{\"data\":1]", "line 1: "),
        (b"{}", "line 1: has no"),
    ] {
        let error = values(b"true", Formats::Assert, line, Vec::new()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
