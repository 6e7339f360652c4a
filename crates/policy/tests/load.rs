//! Strict loading: every fault at once, each under its key, and no value in a message.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::net::IpAddr;

use policy::{Named, load};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    name: String,
    limits: Vec<Limit>,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    upstreams: Named<Upstream>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    window_secs: u32,
    threshold: Option<f64>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Mode {
    #[default]
    Deny,
    Allow,
    After {
        retries: u8,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Upstream {
    address: IpAddr,
    #[serde(default)]
    token: Option<u64>,
}

fn faults(json: &str) -> String {
    load::<Config>(json.as_bytes()).expect_err("no fault").to_string()
}

#[test]
fn every_fault_is_reported_in_the_order_of_the_text() {
    let json = r#"{
        "nam": "x",
        "limits": [
            {"window_sec": 60, "window_secs": "sixty"},
            7,
            {"threshold": true},
            {"window_secs": -1, "window_secs": 5},
            {"window_secs": 4294967296}
        ],
        "mode": "denny",
        "upstreams": {"a.b": {"address": "sk-secret-token", "token": "sk-other-secret"}},
        "comment": {"limits": []}
    }"#;
    assert_eq!(
        faults(json),
        "name: is missing\n\
         nam: unknown key; did you mean `name`?\n\
         limits[0].window_sec: unknown key; did you mean `window_secs`?\n\
         limits[0].window_secs: expected a whole number from 0 (u32), found a string\n\
         limits[1]: expected an object, found a number\n\
         limits[2].window_secs: is missing\n\
         limits[2].threshold: expected a number, found a boolean\n\
         limits[3].window_secs: this key stands twice in one object\n\
         limits[4].window_secs: expected a whole number from 0 (u32), found another number\n\
         mode: expected one of `deny`, `allow`, `after`; did you mean `deny`?\n\
         upstreams[\"a.b\"].address: invalid IP address syntax\n\
         upstreams[\"a.b\"].token: expected a whole number from 0 (u64), found a string\n\
         comment: unknown key; there are `limits`, `mode`, `name`, `upstreams`"
    );
}

#[test]
fn a_document_that_is_none_says_so() {
    for json in ["", " \n\t"] {
        assert_eq!(faults(json), "configuration: is empty; a JSON object is needed");
    }
    assert_eq!(faults("null"), "configuration: expected an object, found null");
    assert_eq!(faults("[1]"), "configuration: expected an object, found a list");
    assert_eq!(faults("{} x"), "configuration: is not JSON: trailing characters at line 1 column 4");
    assert_eq!(faults("name: x"), "configuration: is not JSON: expected ident at line 1 column 2");
    assert!(faults(&"[".repeat(100_000)).contains("recursion limit"));
    assert!(load::<Config>(b"{\"name\": \"\xff\"}").is_err());
}

#[test]
fn envoys_ways_with_numbers_are_read() {
    let json = r#"{"name": "x", "limits": [{"window_secs": 6e1, "threshold": "0.95"}, {"window_secs": "60", "threshold": 1}]}"#;
    let config: Config = load(json.as_bytes()).unwrap();
    assert_eq!(config.limits[0], Limit { window_secs: 60, threshold: Some(0.95) });
    assert_eq!(config.limits[1], Limit { window_secs: 60, threshold: Some(1.0) });
    let limit = |value: &str| load::<Limit>(format!(r#"{{"window_secs": {value}}}"#).as_bytes());
    for refused in ["60.5", "\"60.5\"", "1e300", "\"inf\"", "\"NaN\"", "\"\"", "\" 60\"", "null", "\"0x10\"", "-1.0"] {
        assert!(limit(refused).is_err(), "{refused}");
    }
    assert!(load::<Named<String>>(br#"{"a": 5}"#).is_err());
}

#[test]
fn variants_are_strings_or_objects_with_one_entry() {
    let mode = |json: &str| load::<Mode>(json.as_bytes()).map_err(|faults| faults.to_string());
    assert_eq!(mode(r#""allow""#), Ok(Mode::Allow));
    assert_eq!(mode(r#"{"allow": {}}"#), Ok(Mode::Allow));
    assert_eq!(mode(r#"{"after": {"retries": 2}}"#), Ok(Mode::After { retries: 2 }));
    assert_eq!(
        mode(r#"{"after": {"retries": 2, "retry": 1}}"#).unwrap_err(),
        "after.retry: unknown key; there is `retries`"
    );
    assert_eq!(
        mode(r#"{"after": {"retries": 2}, "allow": {}}"#).unwrap_err(),
        "configuration: expected exactly one of `deny`, `allow`, `after`"
    );
    assert_eq!(mode(r#"{"after": {"retries": 300}}"#).unwrap_err().lines().count(), 1);
    assert_eq!(mode(r#"{"allow": {"x": 1}}"#).unwrap_err(), "allow: has no keys; leave it empty");
    assert_eq!(mode(r#""after""#).unwrap_err(), "configuration: expected an object with one entry, found a string");
}

#[test]
fn foreign_messages_are_blotted_out() {
    #[derive(Debug)]
    struct Loud;
    impl<'de> Deserialize<'de> for Loud {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            let start = text.chars().take(3).collect::<String>();
            Err(serde::de::Error::custom(format!("bad key {text} or {text:?}, its start: \"{start}\"")))
        }
    }
    for secret in ["sk-12345", "odd \"quotes\" and \\", "ä\nö…ü"] {
        let json = serde_json::to_string(&serde_json::json!({"key": secret})).unwrap();
        let faults = load::<Named<Loud>>(json.as_bytes()).unwrap_err().to_string();
        assert!(faults.starts_with("key: bad key …"), "{faults}");
        assert!(!faults.contains(&secret[..2]), "{faults}");
    }
}

proptest! {
    #[test]
    fn takes_any_text(json in "[\\[\\]{}:,\"0-9a-z\\\\ .e-]{0,60}|\\PC{0,40}") {
        let _ = load::<Config>(json.as_bytes());
    }

    #[test]
    fn takes_any_bytes(json in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = load::<Config>(&json);
    }

    /// Whatever is wrong, no value shows up in the faults.
    #[test]
    fn never_prints_a_value(places in prop::collection::vec(0..6_usize, 1..6)) {
        let mut config = serde_json::json!({"name": "n", "limits": [{"window_secs": 1}], "upstreams": {"u": {"address": "::1"}}});
        let secret = "sk-do-not-print-me";
        for place in places {
            let (pointer, key) = [
                ("", "name2"),
                ("", "mode"),
                ("/limits/0", "window_secs"),
                ("/limits/0", "threshold"),
                ("/upstreams/u", "address"),
                ("/upstreams", "v"),
            ][place];
            config.pointer_mut(pointer).unwrap()[key] = secret.into();
        }
        let faults = load::<Config>(config.to_string().as_bytes()).unwrap_err().to_string();
        prop_assert!(!faults.contains("sk-"), "{}", faults);
    }
}
