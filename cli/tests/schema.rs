//! `modelgate validate` and `modelgate schema import` as an operator runs them: files, lines in, lines out, exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What a run of the command said.
struct Said {
    code: i32,
    lines: Vec<String>,
    complaint: String,
}

impl Said {
    fn json(&self) -> Vec<Value> {
        self.lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn modelgate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn say(arguments: &[&str], input: &str) -> Said {
    let mut child = modelgate(arguments).spawn().unwrap();
    // A command that fails early reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said {
        code: output.status.code().unwrap(),
        lines: text(output.stdout).lines().map(str::to_owned).collect(),
        complaint: text(output.stderr),
    }
}

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

const CONFIG: &str = r#"{"policies": {"p": {}, "s": {"profile": "strict"}, "r": {"mode": "report"}}, "default_policy": "p",
    "rules": [{"match": {"model": "strict-*"}, "policy": "s"}, {"match": {"header": {"x-trial": "yes"}}, "policy": "r"}]}"#;

#[test]
fn calls_in_answers_out() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(&folder, "policy.json", CONFIG);
    let chat = |model: &str, temperature: f64| {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "a secret"}], "temperature": temperature, "top_k": 1});
        body.to_string()
    };
    let path = "/v1/chat/completions";
    let said = say(
        &["validate", "--config", shown(&config)],
        &lines(&[
            json!({"path": path, "body": chat("m", 1.0)}),
            json!({"path": path, "body": chat("m", 3.0)}),
            json!({"path": path, "body": chat("strict-1", 1.0)}),
            json!({"path": path, "body": chat("m", 3.0), "headers": {"X-Trial": "yes"}}),
            json!({"path": path, "body": "{}", "headers": {"content-type": "text/plain"}}),
            json!({"path": path, "method": "GET", "body": ""}),
            json!({"path": "/invocations", "body": "{\"inputs\": [1]}"}),
        ]),
    );
    assert_eq!((said.code, said.complaint.as_str()), (0, ""));
    let answers = said.json();
    let statuses: Vec<u64> = answers.iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 400, 400, 200, 415, 200, 200]);
    assert_eq!(
        answers[1]["errors"],
        json!([{"path": "/temperature", "keyword": "maximum", "message": "must be at most 2"}])
    );
    assert_eq!(answers[2]["errors"][0]["path"], "/top_k");
    assert_eq!(answers[3]["errors"][0]["keyword"], "maximum", "a report names the faults beside the 200");
    assert!(!said.lines.concat().contains("secret"));
}

#[test]
fn a_configuration_may_be_yaml() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(&folder, "policy.yaml", "policies:\n  p: {profile: strict}\ndefault_policy: p\n");
    let said = say(
        &["validate", "--config", shown(&config)],
        &lines(&[json!({"path": "/v1/embeddings", "body": "{\"model\":\"m\",\"input\":\"x\",\"more\":1}"})]),
    );
    assert_eq!((said.code, &said.json()[0]["errors"][0]["path"]), (0, &json!("/more")));
}

/// Each answer is written when its line was read, so that a program can ask and listen in turn.
#[test]
fn answers_are_not_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let schema = file(&folder, "schema.json", r#"{"type": "integer"}"#);
    let mut child = modelgate(&["validate", "--schema", shown(&schema)]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for (data, expected) in [("5", "{\"valid\":true}\n"), ("\"x\"", "{\"valid\":false}\n")] {
        writeln!(input, "{{\"data\": {data}}}").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, expected);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_bare_schema_with_its_formats() {
    let folder = tempfile::tempdir().unwrap();
    let draft = "http://json-schema.org/draft-07/schema#";
    let schema = json!({"$schema": draft, "type": "object", "properties": {"mail": {"format": "email"}}}).to_string();
    let schema = file(&folder, "schema.json", &schema);
    let input =
        lines(&[json!({"data": {"mail": "a@example.com"}}), json!({"data": {"mail": "nobody"}}), json!({"data": 5})]);
    for (formats, expected) in [("assert", [true, false, false]), ("annotate", [true, true, false])] {
        let said = say(&["validate", "--schema", shown(&schema), "--formats", formats], &input);
        let valid: Vec<bool> = said.json().iter().map(|answer| answer["valid"].as_bool().unwrap()).collect();
        assert_eq!((said.code, valid.as_slice()), (0, expected.as_slice()), "{formats}");
    }
    let by_default = say(&["validate", "--schema", shown(&schema)], &input);
    assert_eq!(by_default.lines[1], "{\"valid\":false}");
}

#[test]
fn what_is_wrong_on_the_command_line_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(&folder, "policy.json", CONFIG);
    let config = shown(&config);
    for (arguments, code, expected) in [
        (vec!["validate"], 2, "--config <FILE>"),
        (vec!["validate", "--config", config, "--schema", config], 2, "cannot be used with"),
        (vec!["validate", "--schema", config, "--formats", "maybe"], 2, "possible values: assert, annotate"),
        (vec!["validate", "--config", "/nowhere/policy.json"], 1, "/nowhere/policy.json: "),
        (vec!["schema", "import", "openapi", config], 2, "<POINTER>"),
        (vec!["schema", "import", "avro", config], 2, "unrecognized subcommand 'avro'"),
        (vec!["schema", "import", "mlflow", "/nowhere/MLmodel"], 1, "/nowhere/MLmodel: "),
        (vec!["schema", "import", "mlflow", config], 1, "the MLmodel file has no signature"),
        (vec!["schema", "import", "kserve", config], 1, "no metadata of a model, which has `inputs`"),
        (vec!["schema", "import", "openapi", config, "/components/schemas/A"], 1, "OpenAPI 3.0 or 3.1"),
    ] {
        let said = say(&arguments, "");
        assert_eq!(said.code, code, "{arguments:?}: {}", said.complaint);
        assert!(said.complaint.contains(expected) && said.lines.is_empty(), "{arguments:?}: {}", said.complaint);
    }
}

#[test]
fn what_is_wrong_in_a_file_or_a_line_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(&folder, "policy.json", CONFIG);
    let faulty = file(&folder, "faulty.json", r#"{"policies": {"p": {"modes": "report"}}, "default_policy": "q"}"#);
    let none = file(&folder, "none.json", "{");
    let remote = file(&folder, "remote.json", r#"{"$ref": "https://example.com/a.json"}"#);
    let good = r#"{"path": "/v1/files", "body": ""}"#;
    for (arguments, input, expected) in [
        (
            ["validate", "--config", shown(&config)],
            format!("{good}\n{{\"path\": \"/\"}}\n"),
            "line 2: missing field `body`",
        ),
        (["validate", "--config", shown(&config)], format!("{good}\n\nx\n"), "line 3: "),
        (["validate", "--config", shown(&faulty)], String::new(), "policies.p.modes"),
        (["validate", "--schema", shown(&none)], String::new(), "the schema is no JSON"),
        (["validate", "--schema", shown(&remote)], String::new(), "example.com"),
        (["validate", "--schema", shown(&config)], "{\"value\": 1}\n".into(), "line 1: has no member `data`"),
    ] {
        let said = say(&arguments, &input);
        assert_eq!(said.code, 1, "{arguments:?}");
        assert!(said.complaint.contains(expected), "{arguments:?}: {}", said.complaint);
    }
    let said = say(&["validate", "--config", shown(&config)], &format!("{good}\nx\n"));
    assert_eq!(said.json()[0]["status"], 200, "what came before a line that is wrong is answered");
}

/// Imports a schema, and asks it about values.
fn imported(folder: &TempDir, arguments: &[&str], data: &[Value]) -> Vec<bool> {
    let said = say(&[&["schema", "import"], arguments].concat(), "");
    assert_eq!((said.code, said.complaint.as_str()), (0, ""));
    let schema = file(folder, "imported.json", &said.lines.join("\n"));
    let data: Vec<Value> = data.iter().map(|data| json!({"data": data})).collect();
    let said = say(&["validate", "--schema", shown(&schema)], &lines(&data));
    said.json().iter().map(|answer| answer["valid"].as_bool().unwrap()).collect()
}

const OPENAPI: &str = "
openapi: 3.0.3
info: {title: orders, version: '1'}
paths: {}
components:
  schemas:
    Name: {type: string, minLength: 1}
    Order:
      type: object
      required: [name, amount]
      properties:
        name: {$ref: '#/components/schemas/Name'}
        amount: {type: number, minimum: 0, exclusiveMinimum: true}
        note: {type: string, nullable: true}
";

#[test]
fn a_schema_of_an_openapi_document() {
    let folder = tempfile::tempdir().unwrap();
    let data = [
        json!({"name": "a", "amount": 0.5, "note": null}),
        json!({"name": "", "amount": 1}),
        json!({"name": "a", "amount": 0}),
        json!({"name": "a"}),
    ];
    let yaml = file(&folder, "openapi.yaml", OPENAPI);
    let document: Value = serde_yaml_ng::from_str(OPENAPI).unwrap();
    let same = file(&folder, "openapi.json", &document.to_string());
    for document in [shown(&yaml), shown(&same)] {
        for pointer in ["/components/schemas/Order", "#/components/schemas/Order"] {
            assert_eq!(imported(&folder, &["openapi", document, pointer], &data), [true, false, false, false]);
        }
    }
    let said = say(&["schema", "import", "openapi", shown(&yaml), "/components/schemas/Pet"], "");
    assert_eq!(said.code, 1);
    assert!(said.complaint.contains("`pointer` leads nowhere"), "{}", said.complaint);
}

#[test]
fn a_schema_of_an_mlflow_model() {
    let folder = tempfile::tempdir().unwrap();
    let model = file(
        &folder,
        "MLmodel",
        r#"
artifact_path: model
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.4}
mlflow_version: 2.9.2
signature:
  inputs: '[{"type": "long", "name": "age", "required": true}, {"type": "string", "name": "city", "required": false}]'
  outputs: '[{"type": "double", "required": true}]'
  params: null
"#,
    );
    let valid = imported(
        &folder,
        &["mlflow", shown(&model)],
        &[
            json!({"dataframe_split": {"columns": ["age", "city"], "data": [[5, "x"], [6, null]]}}),
            json!({"dataframe_records": [{"age": 5}]}),
            json!({"dataframe_records": [{"age": 1.5}]}),
            json!({"dataframe_records": [{"city": "x"}]}),
            json!({"dataframe_split": {"columns": ["age", "city"], "data": [["x", 5]]}}),
        ],
    );
    assert_eq!(valid, [true, true, false, false, false]);
}

#[test]
fn a_schema_of_a_models_metadata_as_triton_gives_it() {
    let folder = tempfile::tempdir().unwrap();
    let metadata = json!({
        "name": "densenet", "versions": ["1"], "platform": "onnxruntime_onnx",
        "inputs": [{"name": "a", "datatype": "FP32", "shape": [-1, 2]}, {"name": "b", "datatype": "INT64", "shape": [1]}],
        "outputs": [{"name": "c", "datatype": "FP32", "shape": [-1, 10]}],
    });
    let metadata = file(&folder, "metadata.json", &metadata.to_string());
    let a = |shape: Value, datatype: &str| json!({"name": "a", "datatype": datatype, "shape": shape, "data": [1, 2]});
    let b = json!({"name": "b", "datatype": "INT64", "shape": [1], "data": [1]});
    let valid = imported(
        &folder,
        &["kserve", shown(&metadata)],
        &[
            json!({"inputs": [a(json!([1, 2]), "FP32"), b]}),
            json!({"id": "7", "inputs": [b, a(json!([1, 2]), "FP32")], "outputs": [{"name": "c"}]}),
            json!({"inputs": [a(json!([1, 3]), "FP32"), b]}),
            json!({"inputs": [a(json!([1, 2]), "FP16"), b]}),
            json!({"inputs": [b]}),
            json!({"inputs": [b, b]}),
        ],
    );
    assert_eq!(valid, [true, true, false, false, false, false]);
}

/// A reader that has enough, as `head` does, is no failure.
#[test]
fn a_reader_may_leave() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("metadata.json");
    std::fs::write(&file, r#"{"name":"m","inputs":[{"name":"x","datatype":"FP32","shape":[-1,4]}],"outputs":[]}"#)
        .unwrap();
    for arguments in [&["recognizers"][..], &["schema", "import", "kserve", file.to_str().unwrap()]] {
        let mut child = modelgate(arguments).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
