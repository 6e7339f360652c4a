//! What is told of findings: counts by entity, action, direction and policy. Never a value.

use crate::text::Tally;
use plugin::{Event, Level, Metric, Value};
use std::borrow::Cow;

/// The filter state that access logs read: `EMAIL_ADDRESS:2,CREDIT_CARD:1`.
pub const STATE: &str = "modelgate.pii";

/// The filter state with the masked request, where the policy keeps one.
pub const MASKED_REQUEST: &str = "modelgate.pii_request";

/// Values of one entity were acted on.
pub struct Findings<'a> {
    /// The entity.
    pub entity: &'a str,
    /// What became of them.
    pub action: &'static str,
    /// `request` or `response`.
    pub direction: &'static str,
    /// The policy.
    pub policy: &'a str,
    /// How many.
    pub count: usize,
}

impl Event for Findings<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("{} in the {}: {}, {} of them", self.entity, self.direction, self.action, self.count).into()
    }

    fn value(&self) -> Value {
        Value::Add(u64::try_from(self.count).unwrap_or(u64::MAX))
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_pii_findings",
            labels: vec![
                ("policy", self.policy.to_owned()),
                ("direction", self.direction.to_owned()),
                ("action", self.action.to_owned()),
                ("entity", self.entity.to_owned()),
            ],
        }
    }
}

/// A message could not be judged and passed, or was refused.
pub struct Unjudged {
    /// Why.
    pub reason: &'static str,
    /// It passed.
    pub passed: bool,
}

impl Event for Unjudged {
    fn level(&self) -> Level {
        Level::Warn
    }

    fn line(&self) -> Cow<'static, str> {
        format!("{}: {}", self.reason, if self.passed { "passed unseen" } else { "refused" }).into()
    }

    fn metric(&self) -> Metric {
        let reason = format!("{}.{}", self.reason, if self.passed { "passed" } else { "refused" });
        Metric { name: "modelgate_pii_unjudged", labels: vec![("reason", reason)] }
    }
}

/// A route's metadata names a policy that is not configured, or `off` where it may not.
pub struct PolicyUnknown;

impl Event for PolicyUnknown {
    fn level(&self) -> Level {
        Level::Error
    }

    fn line(&self) -> Cow<'static, str> {
        "the route names a policy that is not configured".into()
    }

    fn metric(&self) -> Metric {
        Metric { name: "modelgate_policy_unknown", labels: vec![("filter", "pii_guard".into())] }
    }
}

/// The counts of a message as access logs show them.
pub fn summary<'a>(tally: &Tally, entity: impl Fn(usize) -> &'a str) -> String {
    let counts: Vec<String> =
        tally.counts.iter().map(|((recognizer, _), count)| format!("{}:{count}", entity(*recognizer))).collect();
    counts.join(",")
}
