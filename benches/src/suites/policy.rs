//! What the choice of a policy costs: with 10,000 rules at most twice of what it costs with 10. In this process, without Envoy.

use crate::report::{Report, Table, ratio};
use crate::rounds::interleave;
use crate::series::Series;
use crate::suite::{Plan, Suite, Work};
use anyhow::bail;
use policy::{Choice, Field, OffFromRoute, Policies, PolicySet, Subject};
use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

const FEW: usize = 10;
const MANY: usize = 10_000;

/// How much more [`MANY`] rules may cost than [`FEW`].
const LIMIT: f64 = 2.0;

/// Choices per measure.
const CHOICES: usize = 200_000;

/// Measures per round; the quickest counts, since nothing but noise makes one slower than it must be.
const TRIES: usize = 5;

/// A shape of rules whose choice is timed.
#[derive(Clone, Copy)]
pub struct Timing {
    /// Its name.
    pub name: &'static str,
    rule: Rule,
}

/// How rule `at` of `count` matches, and a request that it wins.
type Rule = fn(usize, usize) -> (String, Request);

const TIMINGS: [Timing; 5] = [
    Timing { name: "exact host", rule: |at, _| (format!(r#""host": "team-{at}.example""#), request(at, 0)) },
    Timing { name: "path prefix", rule: |at, _| (format!(r#""path": "/team/{at}/*""#), request(0, at)) },
    Timing { name: "host suffix", rule: |at, _| (format!(r#""host": "*am-{at}.example""#), request(at, 0)) },
    Timing { name: "half and half", rule: half_and_half },
    Timing { name: "host and prefix", rule: host_and_prefix },
];

/// The suite.
pub fn suite() -> Suite {
    let about = "choosing a policy among 10,000 rules, beside 10";
    Suite { name: "policy", about, work: Work::Timings(TIMINGS.into()) }
}

/// Runs the timings that the plan wants, and says how many those were.
///
/// # Errors
/// One is over the limit.
pub fn run(suite: &str, timings: &[Timing], plan: &Plan, report: &mut Report) -> anyhow::Result<usize> {
    let wanted: Vec<&Timing> = timings.iter().filter(|timing| plan.wants(timing.name)).collect();
    if wanted.is_empty() {
        return Ok(0);
    }
    let mut table = Table::new(&["rules", "10: ns", "10,000: ns", "min–max", "10,000/10"]);
    let mut over = Vec::new();
    for timing in &wanted {
        eprintln!("{suite}: {}", timing.name);
        let courses = [FEW, MANY].map(|count| Course::new(count, timing.rule));
        let samples = interleave(plan.rounds, courses.len(), |_, at| anyhow::Ok(courses[at].nanos()))?;
        let [few, many] = [0, 1].map(|at| Series::of(&samples[at], |nanos| *nanos));
        let factor = many.ratio_to(&few);
        report.series(suite, timing.name, "nanos_per_choice", &many, &[("10 rules", factor)])?;
        table.row([
            timing.name.to_string(),
            format!("{:.0}", few.median()),
            format!("{:.0}", many.median()),
            format!("{:.0}–{:.0}", many.min(), many.max()),
            ratio(factor),
        ]);
        if factor > LIMIT {
            over.push(timing.name);
        }
    }
    report.table(&format!("{suite}   {} rounds of {CHOICES} choices", plan.rounds), &table);
    if !over.is_empty() {
        bail!("more than {LIMIT} times the cost of {FEW} rules: {}", over.join(", "));
    }
    Ok(wanted.len())
}

struct Request {
    host: String,
    path: String,
}

impl Subject for Request {
    fn field(&self, field: Field) -> Option<Cow<'_, str>> {
        match field {
            Field::Host => Some(Cow::Borrowed(&self.host)),
            Field::Path => Some(Cow::Borrowed(&self.path)),
            _ => None,
        }
    }

    fn header(&self, _: &str) -> Option<Cow<'_, [u8]>> {
        None
    }
}

fn request(host: usize, path: usize) -> Request {
    Request { host: format!("team-{host}.example:8080"), path: format!("/team/{path}/v1/chat/completions") }
}

fn half_and_half(at: usize, _: usize) -> (String, Request) {
    match at % 2 {
        0 => (format!(r#""host": "team-{at}.example""#), request(at, 1_000_000)),
        _ => (format!(r#""path": "/team/{at}/*""#), request(1_000_000, at)),
    }
}

fn host_and_prefix(at: usize, count: usize) -> (String, Request) {
    let side = if count > 100 { 100 } else { 5 };
    let (host, path) = (at % side, at / side);
    (format!(r#""host": "team-{host}.example", "path": "/team/{path}/*""#), request(host, path))
}

/// Compiled rules, and requests spread over all of them in a scattered order.
struct Course {
    set: PolicySet<()>,
    requests: Vec<Request>,
}

impl Course {
    fn new(count: usize, rule: Rule) -> Self {
        let rules: Vec<String> =
            (0..count).map(|at| format!(r#"{{"match": {{{}}}, "policy": "off"}}"#, rule(at, count).0)).collect();
        let json = format!(r#"{{"policies": {{"p": {{}}}}, "default_policy": "p", "rules": [{}]}}"#, rules.join(","));
        let raw: Policies<serde_json::Value> = policy::load(json.as_bytes()).expect("rules of ours");
        let set = PolicySet::compile(raw, OffFromRoute::Allowed, |_, _| Ok(())).expect("rules of ours");
        let requests: Vec<Request> = (0..1000).map(|at| rule(at * 7919 % count, count).1).collect();
        assert!(requests.iter().all(|request| matches!(set.choose(request, None), Choice::Off)), "each wins its rule");
        Self { set, requests }
    }

    /// Nanoseconds per choice.
    fn nanos(&self) -> f64 {
        let once = || {
            let begun = Instant::now();
            for at in 0..CHOICES {
                black_box(self.set.choose(black_box(&self.requests[at % self.requests.len()]), None));
            }
            begun.elapsed().as_secs_f64() * 1e9 / CHOICES as f64
        };
        (0..TRIES).map(|_| once()).fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_wins_its_rule() {
        for timing in TIMINGS {
            // `new` looks at each.
            Course::new(FEW, timing.rule);
        }
    }
}
