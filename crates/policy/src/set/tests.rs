//! The choice against its definition, and how much work it takes.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{RawMatch, RawRule, load};

/// A request as a map: fields by their key, headers by `:` and their name.
#[derive(Debug, Clone, Default)]
struct Request {
    values: BTreeMap<&'static str, String>,
    asked: Cell<u32>,
}

impl Request {
    fn with(values: &[(&'static str, &str)]) -> Self {
        let values = values.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        Self { values, asked: Cell::new(0) }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.asked.set(self.asked.get() + 1);
        self.values.get(key).map(String::as_str)
    }
}

impl Subject for Request {
    fn field(&self, field: Field) -> Option<Cow<'_, str>> {
        self.get(field.key()).map(Cow::Borrowed)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.get(&format!("h-{name}")).map(|value| Cow::Borrowed(value.as_bytes()))
    }
}

/// A set whose rules choose policies named by their place, without the checks of reachability.
fn unchecked(matches: &[RawMatch]) -> PolicySet<usize> {
    let (mut header_names, mut faults) = (Vec::new(), Faults::new());
    let rules: Vec<Rule> = matches.iter().map(|raw| Rule::compile(raw, &mut header_names, &mut faults)).collect();
    assert_eq!(faults.to_string(), "");
    let targets = (0..rules.len()).map(Target::Policy).collect();
    PolicySet {
        policies: (0..rules.len()).map(|at| (at.to_string(), at)).collect(),
        by_name: HashMap::with_hasher(crate::index::hasher()),
        rules: RuleSet { index: Index::build(&rules), rules, targets, header_names },
        default: Target::Off,
        namespace: String::new(),
        route_may_say_off: true,
    }
}

fn chosen(set: &PolicySet<usize>, request: &Request) -> Option<usize> {
    match set.choose(request, None) {
        Choice::Policy { policy, .. } => Some(*policy),
        _ => None,
    }
}

fn naive_glob(pattern: &[u8], value: &[u8]) -> bool {
    match pattern.split_first() {
        None => value.is_empty(),
        Some((b'*', rest)) => (0..=value.len()).any(|skip| naive_glob(rest, &value[skip..])),
        Some((byte, rest)) => value.first() == Some(byte) && naive_glob(rest, &value[1..]),
    }
}

/// The definition: every given field has some pattern that fits.
fn naive_match(raw: &RawMatch, request: &Request) -> bool {
    let fields = [
        ("route", &raw.route),
        ("host", &raw.host),
        ("path", &raw.path),
        ("model", &raw.model),
        ("consumer", &raw.consumer),
        ("tier", &raw.tier),
    ];
    let fields = fields.iter().filter_map(|(key, patterns)| Some(((*key).to_owned(), patterns.as_ref()?)));
    let headers = raw.header.iter().map(|(name, patterns)| (format!("h-{name}"), patterns));
    fields.chain(headers).all(|(key, patterns)| {
        let value = request.get(&key);
        value.is_some_and(|value| patterns.iter().any(|glob| naive_glob(glob.as_bytes(), value.as_bytes())))
    })
}

fn naive_choice(matches: &[RawMatch], request: &Request) -> Option<usize> {
    matches.iter().position(|raw| naive_match(raw, request))
}

fn raw_match() -> impl Strategy<Value = RawMatch> {
    let pattern = || prop_oneof!["[ab]{1,3}", "[ab]{1,3}\\*", "\\*[ab]{1,3}", "[ab*]{1,5}"];
    let patterns = move || prop::collection::vec(pattern(), 1..12);
    let key = prop::sample::select(vec!["route", "host", "model", "consumer", "tier"]);
    let fields = prop::collection::btree_map(key, patterns(), 0..4);
    let headers = prop::collection::btree_map("x-[ab]", patterns(), 0..2);
    (fields, headers).prop_map(|(fields, headers)| {
        let mut object: serde_json::Map<String, serde_json::Value> = Default::default();
        object.extend(fields.into_iter().map(|(key, patterns)| (key.to_owned(), patterns.into())));
        object.insert("header".to_owned(), serde_json::to_value(headers).unwrap());
        serde_json::from_value(object.into()).unwrap()
    })
}

fn request() -> impl Strategy<Value = Request> {
    let key = prop::sample::select(vec!["route", "host", "model", "consumer", "tier", "h-x-a", "h-x-b"]);
    prop::collection::btree_map(key, "[ab]{0,5}", 0..8).prop_map(|values| Request { values, asked: Cell::new(0) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_first_rule_that_matches_wins(
        matches in prop::collection::vec(raw_match(), 0..40),
        requests in prop::collection::vec(request(), 20),
    ) {
        let set = unchecked(&matches);
        for request in requests {
            prop_assert_eq!(chosen(&set, &request), naive_choice(&matches, &request), "{:?}", request);
        }
    }

    #[test]
    fn a_rule_called_unreachable_is(
        matches in prop::collection::vec(raw_match(), 0..25),
        requests in prop::collection::vec(request(), 40),
    ) {
        let set = unchecked(&matches);
        let RuleSet { rules, index, .. } = &set.rules;
        let mut faults = Faults::new();
        check::reachability(rules, index, &mut faults);
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| !rule.conditions.is_empty()) {
            let covers = |earlier: &Rule| !earlier.conditions.is_empty() && earlier.covers(rule);
            let expected = rules.iter().take(at).position(covers);
            let fault = faults.iter().find(|fault| fault.key == format!("rules[{at}]"));
            prop_assert_eq!(expected.is_some(), fault.is_some());
            if let (Some(expected), Some(fault)) = (expected, fault) {
                let named = format!("rules[{expected}]");
                prop_assert!(fault.message.contains(&named));
                prop_assert!(!requests.iter().any(|request| chosen(&set, request) == Some(at)));
            }
        }
    }
}

fn matches_of(count: usize, one: impl Fn(usize) -> String) -> Vec<RawMatch> {
    (0..count).map(|at| serde_json::from_str(&one(at)).unwrap()).collect()
}

/// How many rules were looked at for a request that only rule `at` matches.
fn looked_at(matches: &[RawMatch], request: &Request, at: usize) -> u32 {
    let set = unchecked(matches);
    assert_eq!(chosen(&set, request), Some(at));
    set.rules.first_match(request).1
}

#[test]
fn work_does_not_grow_with_the_number_of_rules() {
    for count in [10, 10_000] {
        let last = count - 1;
        let exact = matches_of(count, |at| format!(r#"{{"host": "h{at}.example"}}"#));
        assert_eq!(looked_at(&exact, &Request::with(&[("host", &format!("H{last}.example:80"))]), last), 1);

        let prefixes = matches_of(count, |at| format!(r#"{{"path": "/team/{at}/*"}}"#));
        assert_eq!(looked_at(&prefixes, &Request::with(&[("path", &format!("/team/{last}/x?y"))]), last), 1);

        let suffixes = matches_of(count, |at| format!(r#"{{"host": "*.t{at}.example"}}"#));
        assert_eq!(looked_at(&suffixes, &Request::with(&[("host", &format!("a.t{last}.example"))]), last), 1);

        // All hosts alike: the header tells the rules apart.
        let header = matches_of(count, |at| format!(r#"{{"host": "a.example", "header": {{"x-team": "t{at}"}}}}"#));
        let request = Request::with(&[("host", "a.example"), ("h-x-team", &format!("t{last}"))]);
        assert_eq!(looked_at(&header, &request, last), 1);

        // Neither field tells them apart alone.
        let side = if count == 10 { 5 } else { 100 };
        let grid =
            matches_of(count, |at| format!(r#"{{"host": "h{}.example", "path": "/p{}/*"}}"#, at % side, at / side));
        let (host, path) = (format!("h{}.example", last % side), format!("/p{}/x", last / side));
        assert!(looked_at(&grid, &Request::with(&[("host", &host), ("path", &path)]), last) <= 4);
    }
}

#[test]
fn a_long_list_is_one_look_up() {
    let hosts: Vec<String> = (0..10_000).map(|at| format!("h{at}.example")).collect();
    let hosts = serde_json::to_string(&hosts).unwrap();
    let raw = [serde_json::from_str(&format!(r#"{{"host": {hosts}, "tier": "gold"}}"#)).unwrap()];
    let request = Request::with(&[("host", "h9999.example"), ("tier", "gold")]);
    assert_eq!(looked_at(&raw, &request, 0), 1);
}

#[test]
fn long_lists_for_several_fields_do_not_multiply() {
    let list =
        |name: &str| serde_json::to_string(&(0..100).map(|at| format!("{name}{at}")).collect::<Vec<_>>()).unwrap();
    let fields = ["route", "host", "model", "consumer"].map(|field| format!(r#""{field}": {}"#, list(field)));
    let raw = matches_of(100, |at| format!(r#"{{{}, "tier": "t{}"}}"#, fields.join(","), at % 3));
    let request = Request::with(&[
        ("route", "route7"),
        ("host", "host7"),
        ("model", "model7"),
        ("consumer", "consumer7"),
        ("tier", "t2"),
    ]);
    assert!(looked_at(&raw, &request, 2) <= 3);
}

#[test]
fn asks_only_for_what_can_still_decide_and_only_once() {
    let raw = matches_of(3, |at| {
        ["{\"host\": \"a\", \"path\": \"/x\"}", "{\"host\": \"b\", \"path\": \"/x\"}", "{\"header\": {\"x-a\": \"1\"}}"]
            [at]
            .to_owned()
    });
    let set = unchecked(&raw);
    let request = Request::with(&[("host", "b"), ("path", "/x"), ("h-x-a", "1")]);
    assert_eq!(chosen(&set, &request), Some(1));
    assert_eq!(request.asked.get(), 2);
    assert!(set.needs(Field::Host) && set.needs(Field::Path) && !set.needs(Field::Route) && !set.needs_model());
}

#[test]
fn an_override_asks_nothing() {
    let raw: Vec<RawRule> = load(br#"[{"match": {"host": "a"}, "policy": "off"}]"#).unwrap();
    let policies = load(br#"{"p": 1}"#).unwrap();
    let raw =
        Policies { policies, default_policy: PolicyName::new("p"), rules: raw, route_metadata: Default::default() };
    let set = PolicySet::compile(raw, OffFromRoute::Allowed, |_, value: &u8| Ok(*value)).unwrap();
    let request = Request::with(&[("host", "a")]);
    assert_eq!(set.choose(&request, Some(b"p")), Choice::Policy { name: "p", policy: &1 });
    assert_eq!(request.asked.get(), 0);
    assert_eq!(set.choose(&request, None), Choice::Off);
}
