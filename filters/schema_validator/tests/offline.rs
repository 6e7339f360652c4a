//! What the command does without a gateway.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use schema_validator::offline::{calls, import_kserve, import_mlflow};
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

const MLMODEL: &str = r#"
flavors: {python_function: {loader_module: mlflow.sklearn}}
signature:
  inputs: '[{"name": "age", "type": "integer", "required": true}, {"name": "city", "type": "string", "required": false}]'
  outputs: '[{"type": "double"}]'
  params: '[{"name": "threshold", "type": "double", "default": 0.5, "shape": null}]'
"#;

#[cfg(feature = "custom")]
fn valid(schema: &Value, data: Value) -> bool {
    use schema_validator::offline::{Formats, values};
    let mut out = Vec::new();
    let line = json!({"data": data}).to_string();
    values(schema.to_string().as_bytes(), Formats::Assert, line.as_bytes(), &mut out).unwrap();
    out == b"{\"valid\":true}\n"
}

#[cfg(feature = "custom")]
#[test]
fn a_signature_of_mlflow_becomes_a_schema() {
    let schema = import_mlflow(MLMODEL.as_bytes()).unwrap();
    for good in [
        json!({"dataframe_records": [{"age": 5, "city": null}]}),
        json!({"dataframe_split": {"columns": ["age", "city"], "data": [[5, "x"]]}, "params": {"threshold": 0.1}}),
        json!({"dataframe_split": {"columns": ["city", "age"], "data": [["x", 5]]}}),
        json!({"dataframe_split": {"columns": ["more", "age"], "data": [[[], 5]]}}),
        json!({"dataframe_split": {"columns": null, "data": [[5]]}}),
    ] {
        assert!(valid(&schema, good.clone()), "{good}");
    }
    for bad in [
        json!({"dataframe_records": [{"city": "x"}]}),
        json!({"dataframe_records": [{"age": 4_294_967_296_u64}]}),
        json!({"dataframe_split": {"data": [["old"]]}}),
        json!({"dataframe_split": {"columns": ["age", "city"], "data": [["x", 5]]}}),
        json!({"messages": []}),
        json!({"dataframe_records": [], "inputs": []}),
        json!({"dataframe_records": [], "params": {"other": 1}}),
    ] {
        assert!(!valid(&schema, bad.clone()), "{bad}");
    }
    let tensor = r#"{"signature": {"inputs": "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 2]}}]"}}"#;
    let schema = import_mlflow(tensor.as_bytes()).unwrap();
    assert!(valid(&schema, json!({"inputs": [[1, 2], [3.5, 4]]})));
    assert!(!valid(&schema, json!({"inputs": [[1, 2, 3]]})) && !valid(&schema, json!({"inputs": [["a", "b"]]})));
}

#[cfg(feature = "custom")]
#[test]
fn a_chat_model_of_mlflow_is_called_without_a_frame_too() {
    let inputs = json!([
        {"name": "messages", "type": "array", "required": true, "items": {"type": "object", "properties": {
            "role": {"type": "string", "required": true}, "content": {"type": "string", "required": false}}}},
    ]);
    let file = json!({"signature": {"inputs": inputs.to_string()}}).to_string();
    let schema = import_mlflow(file.as_bytes()).unwrap();
    let message = json!({"role": "user", "content": "x"});
    assert!(valid(&schema, json!({"messages": [message], "temperature": 0.5})));
    assert!(valid(&schema, json!({"dataframe_records": [{"messages": [message]}]})));
    assert!(!valid(&schema, json!({"messages": [{"content": "x"}]})) && !valid(&schema, json!({"messages": "x"})));
    assert!(!valid(&schema, json!({"messages": [message], "inputs": []})));
}

#[cfg(feature = "custom")]
#[test]
fn metadata_of_a_model_becomes_a_schema() {
    let metadata = json!({"name": "m", "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}], "outputs": []});
    let schema = import_kserve(metadata.to_string().as_bytes()).unwrap();
    let call =
        |name: &str, shape: Value| json!({"inputs": [{"name": name, "datatype": "FP32", "shape": shape, "data": [1]}]});
    assert!(valid(&schema, call("x", json!([3, 4]))));
    assert!(
        !valid(&schema, call("y", json!([3, 4])))
            && !valid(&schema, call("x", json!([3, 5])))
            && !valid(&schema, json!({"inputs": []}))
    );
}

#[cfg(feature = "custom")]
#[test]
fn a_schema_of_openapi_stands_alone() {
    use schema_validator::offline::import_openapi;
    let document = "openapi: 3.0.0\ncomponents:\n  schemas:\n    A: {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}\n    B: {type: string, nullable: true}\n";
    let schema = import_openapi(document.as_bytes(), "/components/schemas/A").unwrap();
    assert!(valid(&schema, json!({"b": null})) && !valid(&schema, json!({"b": 5})));
    assert!(import_openapi(document.as_bytes(), "/components/schemas/C").is_err());
}

#[test]
fn what_is_no_signature_is_refused() {
    assert!(import_mlflow(b"flavors: {}").unwrap_err().to_string().contains("no signature"));
    assert!(import_kserve(b"{}").is_err());
}

#[cfg(feature = "custom")]
#[test]
fn schemas_that_fetch_or_cost_too_much_are_refused() {
    use schema_validator::offline::{Formats, values};
    for (schema, expected) in [
        (json!({"$ref": "https://example.com/a.json"}), "example.com"),
        (json!({"$ref": "file:///etc/passwd"}), "passwd"),
        (json!({"pattern": "(?=a)b"}), "is no valid schema"),
        (json!({"pattern": "(\\w{1,1000}){1,100}"}), "is no valid schema"),
        (json!({"type": 5}), "is no valid schema"),
        (json!({"enum": vec!["x".repeat(100); 6000]}), "larger than"),
    ] {
        let error =
            values(schema.to_string().as_bytes(), Formats::Assert, &b""[..], Vec::new()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
