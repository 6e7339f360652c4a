//! Choosing a policy, and the texts of the faults of policies and rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::borrow::Cow;

use policy::{Choice, Faults, Field, OffFromRoute, Policies, PolicySet, Subject};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimit {
    window_secs: u32,
}

fn compile(json: &str, off: OffFromRoute) -> Result<PolicySet<u32>, Faults> {
    let raw: Policies<RawLimit> = policy::load(json.as_bytes())?;
    PolicySet::compile(raw, off, |_, limit| {
        let mut faults = Faults::new();
        if limit.window_secs == 0 {
            faults.push("window_secs", "must be above 0");
        }
        faults.into_result().map(|()| limit.window_secs)
    })
}

fn faults(json: &str) -> String {
    compile(json, OffFromRoute::Allowed).expect_err("no fault").to_string()
}

fn with_rules(rules: &str) -> String {
    format!(r#"{{"policies": {{"strict": {{"window_secs": 1}}}}, "default_policy": "strict", "rules": [{rules}]}}"#)
}

struct Host(&'static str);

impl Subject for Host {
    fn field(&self, field: Field) -> Option<Cow<'_, str>> {
        (field == Field::Host).then_some(Cow::Borrowed(self.0))
    }

    fn header(&self, _: &str) -> Option<Cow<'_, [u8]>> {
        None
    }
}

#[test]
fn all_faults_of_names_come_at_once() {
    let json = r#"{
        "policies": {"off": {"window_secs": 1}, "strict": {"window_secs": 0}, "no good": {"window_secs": 0}, "false": {"window_secs": 1}},
        "default_policy": "strickt",
        "rules": [{"match": {"host": "a"}, "policy": "nobody"}],
        "route_metadata": {"namespace": ""}
    }"#;
    assert_eq!(
        faults(json),
        "policies.off: `off` is reserved: it always exists and does nothing\n\
         policies.strict.window_secs: must be above 0\n\
         policies[\"no good\"]: a policy's name has 1 to 64 letters, digits, `_`, `-` or `.`\n\
         policies[\"no good\"].window_secs: must be above 0\n\
         policies.false: is no name; YAML reads `on`, `off`, `yes` and `no` as booleans, and `off` is reserved\n\
         default_policy: no policy `strickt`; did you mean `strict`?\n\
         rules[0].policy: no policy `nobody`; there are `false`, `no good`, `off`, `strict`\n\
         route_metadata.namespace: is empty or no namespace; the default is `modelgate`"
    );
}

#[test]
fn rules_that_never_win_are_faults() {
    let rules = r#"
        {"match": {"host": "*.example.com", "path": ["/v1/*", "/v2"]}, "policy": "strict"},
        {"match": {"host": "A.example.com", "path": "/v1/chat", "tier": "gold"}, "policy": "off"},
        {"match": {"path": ["/v2", "/v1/*"], "host": "*.EXAMPLE.com"}, "policy": "off"},
        {"match": {"host": "a.example.com"}, "policy": "off"},
        {"match": {}, "policy": "strict"},
        {"match": {"consumer": "*"}, "policy": "strict"},
        {"match": {"consumer": "c"}, "policy": "strict"},
        {"match": {}, "policy": "off"}"#;
    assert_eq!(
        faults(&with_rules(rules)),
        "rules[1]: is never reached: rules[0] matches everything that it matches\n\
         rules[2]: matches the same requests as rules[0]; only the first of them counts\n\
         rules[4].match: is empty, so it matches everything and no rule after it is reached; it must be the last\n\
         rules[6]: is never reached: rules[5] matches everything that it matches"
    );
}

#[test]
fn patterns_that_never_match_are_faults() {
    let rules = r#"
        {"match": {"host": "a.example:8080"}, "policy": "strict"},
        {"match": {"host": ["b.example", "https://b.example"]}, "policy": "strict"},
        {"match": {"path": ["v1", "/v1?x", ""], "route": []}, "policy": "strict"},
        {"match": {"header": {"x a": "1", "x-b": "1", "X-B": "2"}}, "policy": "strict"},
        {"match": {"header": {"name": "x-team", "value": "blue"}}, "policy": "strict"}"#;
    assert_eq!(
        faults(&with_rules(rules)),
        "rules[0].match.host: hosts are compared without their port; say `a.example`\n\
         rules[1].match.host[1]: is a host alone, without scheme and path\n\
         rules[2].match.route: is an empty list, so the rule would match nothing\n\
         rules[2].match.path[0]: paths start with `/`\n\
         rules[2].match.path[1]: paths are compared without their query\n\
         rules[2].match.path[2]: is empty; leave the key out, or say `*` for any value\n\
         rules[3].match.header[\"x a\"]: is no header name\n\
         rules[3].match.header.X-B: this header is there twice; case does not count\n\
         rules[4].match.header: would match headers called `name` and `value`; say `header: {x-name: pattern}`"
    );
}

#[test]
fn a_rule_of_the_wrong_shape_names_its_key() {
    assert_eq!(
        faults(&with_rules(r#"{"match": {"hots": "a", "tier": 5}, "policy": true}, {"policy": "off"}"#)),
        "rules[0].match.hots: unknown key; did you mean `host`?\n\
         rules[0].match.tier: expected a string or a list of strings, found a number (put it in quotes)\n\
         rules[0].policy: expected the name of a policy as a string, found a boolean (put it in quotes)\n\
         rules[1].match: is missing"
    );
}

#[test]
fn route_metadata_overrides_the_rules() {
    let json = with_rules(r#"{"match": {"host": "open.example"}, "policy": false}"#);
    let set = compile(&json, OffFromRoute::Allowed).unwrap();
    let strict = Choice::Policy { name: "strict", policy: &1 };
    assert_eq!(set.choose(&Host("open.example"), None), Choice::Off);
    assert_eq!(set.choose(&Host("other.example"), None), strict);
    assert_eq!(set.choose(&Host("open.example"), Some(b"strict")), strict);
    assert_eq!(set.choose(&Host("other.example"), Some(b"off")), Choice::Off);
    assert_eq!(set.choose(&Host("other.example"), Some(&[0])), Choice::Off);
    for unknown in [&b""[..], b"Strict", b"strict\n", b"\xff", &[1]] {
        assert!(matches!(set.choose(&Host("a"), Some(unknown)), Choice::Unknown { .. }), "{unknown:?}");
    }
    assert_eq!(set.choose(&Host("a"), Some(b"a\nb")), Choice::Unknown { name: "a\\nb".into() });
    assert_eq!(set.metadata_path("auth"), ["xds", "route_metadata", "filter_metadata", "modelgate", "auth"]);
}

#[test]
fn off_from_a_route_is_the_filters_and_the_operators_decision() {
    let with = |metadata: &str, off| {
        let json = format!(r#"{{"policies": {{}}, "default_policy": "off", "route_metadata": {metadata}}}"#);
        let set = compile(&json, off).unwrap();
        set.choose(&Host("a"), Some(b"off")).clone() == Choice::Off
    };
    assert!(with("{}", OffFromRoute::Allowed));
    assert!(!with("{}", OffFromRoute::Refused));
    assert!(!with(r#"{"allow_route_off": false}"#, OffFromRoute::Allowed));
    assert!(with(r#"{"allow_route_off": true}"#, OffFromRoute::Refused));
}

#[test]
fn ten_thousand_rules_are_checked_in_reasonable_time() {
    let rules: Vec<String> = (0..10_000)
        .map(|at| {
            format!(r#"{{"match": {{"host": "h{}.example", "path": "/p{}/*"}}, "policy": "off"}}"#, at % 100, at / 100)
        })
        .collect();
    assert!(compile(&with_rules(&rules.join(",")), OffFromRoute::Allowed).is_ok());
}
