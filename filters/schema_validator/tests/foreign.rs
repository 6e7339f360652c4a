//! Bodies from strangers through the whole decision: every call, under each profile, with schemas of the operator's own. What
//! the fuzz target `call` looks for with time, this looks for in each run of the tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(feature = "custom")]

use proptest::prelude::*;
use schema_validator::offline::Calls;
use serde_json::{Value, json};

/// The calls, each with a body that is right.
const CALLS: [(&str, &str); 13] = [
    (
        "/v1/chat/completions",
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"caf\u00e9 \ud83d\ude00"}]},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}],"logit_bias":{"5":-1.5e1},"stop":["a"]}"#,
    ),
    ("/v1/completions", r#"{"model":"m","prompt":[[1,2],[3]],"max_tokens":0,"n":1}"#),
    ("/v1/embeddings", r#"{"model":"m","input":["a","b"],"dimensions":8}"#),
    (
        "/v1/responses",
        r#"{"model":"m","input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}],"tools":[{"type":"web_search"}]}"#,
    ),
    ("/v1/moderations", r#"{"input":[{"type":"text","text":"x"}]}"#),
    ("/v1/images/generations", r#"{"prompt":"x","size":"1024x1024","n":1}"#),
    (
        "/v1/messages",
        r#"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"u"}}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}"#,
    ),
    (
        "/v2/models/m/infer",
        r#"{"inputs":[{"name":"x","shape":[2,2],"datatype":"INT64","data":[[1,2],[3,9223372036854775807]]}]}"#,
    ),
    ("/v1/models/m:predict", r#"{"instances":[{"a":[1,2.5]},null],"signature_name":"s"}"#),
    (
        "/invocations",
        r#"{"dataframe_split":{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,null]]},"params":{"t":0.5}}"#,
    ),
    (
        "/shape",
        r#"{"kind":"a","list":["x",1,2],"one":[{"t":"x"},{"t":"y"}],"mail":"a@example.com","number":0.25,"x-y":null}"#,
    ),
    ("/tree", r#"[[],{"a":[null,{"b":[]}]}]"#),
    ("/pet", r#"{"name":"a","kids":[{"name":"b","kids":[null]}]}"#),
];

thread_local! {
    static FILTER: Calls = Calls::new(include_bytes!("foreign/config.json")).unwrap();
}

/// Status and number of faults.
fn ask(path: &str, body: &str) -> (u64, usize) {
    let line = json!({"path": path, "body": body}).to_string();
    let answer: Value = serde_json::from_str(&FILTER.with(|filter| filter.answer(&line)).unwrap()).unwrap();
    (answer["status"].as_u64().unwrap(), answer["errors"].as_array().unwrap().len())
}

/// Asks under each policy, and checks what must hold of any body.
fn check(path: &str, body: &str) -> u64 {
    let [compatible, strict, strip] = ["", "/strict", "/strip"].map(|policy| ask(&format!("{policy}{path}"), body));
    for (status, faults) in [compatible, strict, strip] {
        assert!(matches!(status, 200 | 400 | 413 | 415), "{status} for {path}: {body}");
        assert!(faults <= 10 && (faults == 0) == (status == 200), "{faults} faults, {status} for {path}: {body}");
    }
    assert!(strict.0 != 200 || compatible.0 == 200, "strict takes what compatible refuses, {path}: {body}");
    compatible.0
}

/// Pieces that a body of a stranger is made of.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "null",
        "true",
        "-0",
        "1e308",
        "1e309",
        "1E+400",
        "-1e-400",
        "0.1",
        "01",
        "1.",
        "9223372036854775808",
        "18446744073709551616",
        "123456789012345678901234567890",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"\\u0000\"",
        "\"\u{2028}\"",
        "\"role\"",
        "\"type\"",
        "\"Type\"",
        "\"model\"",
        "\u{feff}",
        " \n",
    ];
    prop_oneof![
        4 => prop::sample::select(words.map(str::to_owned).to_vec()),
        1 => "\\PC{0,3}",
        1 => (1_usize..300).prop_map(|depth| "[".repeat(depth)),
        1 => (1_usize..200).prop_map(|depth| "{\"a\":".repeat(depth)),
        1 => (1_usize..200).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
        1 => (1_usize..500).prop_map(|digits| "9".repeat(digits)),
        1 => (1_usize..500).prop_map(|digits| format!("0.{}1", "0".repeat(digits))),
    ]
}

/// A place of the text, between two of its characters.
fn place(text: &str, index: &prop::sample::Index) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    places[index.index(places.len())]
}

#[test]
fn each_call_is_right() {
    for (path, body) in CALLS {
        for policy in ["", "/strict", "/strip"] {
            assert_eq!(ask(&format!("{policy}{path}"), body), (200, 0), "{policy}{path}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), call in 0..CALLS.len()) {
        check(CALLS[call].0, &String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(piece(), 0..16), call in 0..CALLS.len()) {
        check(CALLS[call].0, &pieces.concat());
    }

    /// A body that is right, in which pieces were put in, or in place of others.
    #[test]
    fn nearly_right(
        call in 0..CALLS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), piece(), any::<bool>()), 1..4),
    ) {
        let (path, body) = CALLS[call];
        let mut body = body.to_owned();
        for (one, other, piece, replaces) in &edits {
            let (one, other) = (place(&body, one), place(&body, other));
            let end = if *replaces { one.max(other).min(one.min(other) + 40) } else { one.min(other) };
            let end = (end..=body.len()).find(|at| body.is_char_boundary(*at)).unwrap();
            body.replace_range(one.min(other)..end, piece);
        }
        check(path, &body);
    }

    /// A body that is right for one call, sent to another.
    #[test]
    fn of_another_call(body in 0..CALLS.len(), call in 0..CALLS.len()) {
        check(CALLS[call].0, CALLS[body].1);
    }

    #[test]
    fn values_in_place_of_values(call in 0..CALLS.len(), at in any::<prop::sample::Index>(), piece in piece()) {
        let (path, body) = CALLS[call];
        let good: Value = serde_json::from_str(body).unwrap();
        let mut leaves = Vec::new();
        leaves_of(&good, String::new(), &mut leaves);
        let leaf = &leaves[at.index(leaves.len())];
        let mut marked = good.clone();
        *marked.pointer_mut(leaf).unwrap() = "@@".into();
        check(path, &marked.to_string().replace("\"@@\"", &piece));
    }
}

fn leaves_of(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| leaves_of(inner, format!("{at}/{name}"), out)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| leaves_of(inner, format!("{at}/{index}"), out));
        }
        _ => {}
    }
    out.push(at);
}
