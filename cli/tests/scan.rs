//! `modelgate scan` and `modelgate recognizers` as an operator runs them: lines in, as many lines out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const CARD: &str = "4111 1111 1111 1111";

/// The lines that come out, and whether the command says that all could be read.
fn say(arguments: &[&str], input: &[u8]) -> (Vec<Value>, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
    let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // `recognizers` reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), output.status.success())
}

/// Scans under a configuration of one policy.
fn scan(rules: &Value, more: &[&str], input: &[u8]) -> (Vec<Value>, bool) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guard.json");
    let config =
        json!({"allow": ["ops@example.com"], "policies": {"default": {"request": rules}}, "default_policy": "default"});
    std::fs::write(&file, config.to_string()).unwrap();
    say(&[&["scan", "--config", file.to_str().unwrap()], more].concat(), input)
}

fn line(id: &Value, text: &str) -> Vec<u8> {
    format!("{}\n", json!({"id": id, "text": text})).into_bytes()
}

#[test]
fn findings_stand_where_they_are_in_bytes() {
    let rules = json!([{"entities": ["cards", "EMAIL_ADDRESS"], "action": "replace"}]);
    let text = format!("我的卡 {CARD}, an ops@example.com und jané@example.com");
    let (lines, good) = scan(&rules, &[], &line(&json!("a"), &text));
    assert!(good);
    let card = json!({"entity": "CREDIT_CARD", "start": 10, "end": 29, "score": 1.0});
    assert_eq!(lines[0]["findings"][0], card);
    assert_eq!(lines[0]["id"], "a");
    assert_eq!(lines[0]["text"], "我的卡 <CREDIT_CARD_1>, an ops@example.com und <EMAIL_1>");
    // What is allowed is no finding.
    assert_eq!(lines[0]["findings"].as_array().unwrap().len(), 2);
    let (start, end) =
        (lines[0]["findings"][1]["start"].as_u64().unwrap(), lines[0]["findings"][1]["end"].as_u64().unwrap());
    assert_eq!(text.get(usize::try_from(start).unwrap()..usize::try_from(end).unwrap()), Some("jané@example.com"));
}

#[test]
fn findings_in_a_body_stand_where_they_are_in_it() {
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": json!({"to": "jane@example.com"}).to_string()}});
    let body = json!({"model": "m", "messages": [
        {"role": "user", "content": format!("a \"card\" {CARD}")},
        {"role": "assistant", "content": null, "tool_calls": [call]},
    ]});
    let body = body.to_string();
    let rules = json!([{"entities": ["*"], "action": "mask"}]);
    let (lines, good) = scan(&rules, &["--body"], &line(&json!(7), &body));
    assert!(good);
    let found = |at: usize| {
        let finding = &lines[0]["findings"][at];
        let place = |name: &str| usize::try_from(finding[name].as_u64().unwrap()).unwrap();
        (finding["entity"].as_str().unwrap().to_owned(), body[place("start")..place("end")].to_owned())
    };
    assert_eq!(found(0), ("CREDIT_CARD".to_owned(), CARD.to_owned()));
    // The arguments are JSON in a string: the string is the place.
    assert_eq!(found(1), ("EMAIL_ADDRESS".to_owned(), r#"{\"to\":\"jane@example.com\"}"#.to_owned()));
    assert_eq!(lines[0]["text"].as_str().unwrap().len(), body.len());
    assert!(!lines[0].to_string().contains("1111"));
}

#[test]
fn a_line_that_is_no_text_keeps_no_other_from_its_answer() {
    let rules = json!([{"entities": ["cards"], "action": "block"}]);
    let good = line(&json!(1), CARD);
    let input =
        [good.clone(), b"x\n\n{\"id\": 3}\n{\"id\": \"\xff\", \"text\": \"\"}\n".to_vec(), line(&json!(5), "no card")]
            .concat();
    let (lines, all_read) = scan(&rules, &[], &input);
    assert!(!all_read);
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0]["blocked"], "CREDIT_CARD");
    assert!(lines[1]["error"].as_str().unwrap().starts_with("line 2: not JSON: "), "{}", lines[1]);
    assert_eq!(
        (&lines[2]["id"], lines[2]["error"].as_str().unwrap().starts_with("line 4: no `text`")),
        (&json!(3), true)
    );
    assert!(lines[3]["error"].as_str().unwrap().starts_with("line 5: not JSON"), "{}", lines[3]);
    assert_eq!(lines[4], json!({"id": 5, "findings": [], "text": "no card"}));
    let (lines, all_read) = scan(&rules, &["--body"], &[line(&json!(1), "{"), line(&json!(2), "{}")].concat());
    assert!(!all_read);
    assert_eq!(lines[0], json!({"id": 1, "error": "line 1: the body is not JSON"}));
    assert_eq!(lines[1]["text"], "{}");
}

#[test]
fn everything_can_be_asked_for_and_explained() {
    let (lines, _) = say(&["scan", "--all", "--explain"], &line(&Value::Null, CARD));
    let why = lines[0]["findings"][0]["why"].as_str().unwrap();
    assert!(why.contains("ISO/IEC 7812-1") && why.contains("checked"), "{why}");
    assert!(lines[0]["text"].as_str().unwrap().contains(CARD));
    let (lines, _) = say(&["scan", "--all", "--min-score", "0.95"], &line(&Value::Null, "jane@example.com"));
    assert_eq!(lines[0]["findings"], json!([]));
}

#[test]
fn each_recognizer_is_listed_with_what_it_finds() {
    let (lines, good) = say(&["recognizers"], b"");
    assert!(good && lines.len() >= 200, "{}", lines.len());
    for line in lines {
        let text = |name: &str| line[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(text("entity") && text("group") && text("source"), "{line}");
        // No key is stored whole.
        assert!(line["group"] == "secrets" || line["examples"].as_array().is_some_and(|all| !all.is_empty()), "{line}");
        assert!(line["entity"] != "SECRET_OPENAI" || line["starts_with"].to_string().contains("sk-"), "{line}");
    }
}
