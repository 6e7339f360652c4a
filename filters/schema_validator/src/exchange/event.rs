//! What the validator says of a call, in the log and as a metric. Never a word of a body: places hold member names that
//! a caller chose, so only the rule is told. Refusals are counted by the seam.

use plugin::{Event, Level, Metric};
use std::borrow::Cow;

/// A request that breaks its schema.
pub(crate) struct BrokenRequest<'a> {
    /// The policy.
    pub policy: &'a str,
    /// The first fault's keyword.
    pub keyword: &'a str,
    /// How many faults there are.
    pub faults: usize,
    /// It passed all the same.
    pub passed: bool,
}

impl Event for BrokenRequest<'_> {
    fn line(&self) -> Cow<'static, str> {
        let done = if self.passed { "passed" } else { "refused" };
        format!("{done} a request with {} faults, first {} (policy {})", self.faults, self.keyword, self.policy).into()
    }

    fn metric(&self) -> Metric {
        let labels = vec![("policy", self.policy.into()), ("reason", self.keyword.into())];
        if self.passed {
            Metric { name: "modelgate_schema_reported", labels }
        } else {
            Metric { name: "modelgate_schema_refused", labels }
        }
    }
}

/// An answer that breaks its schema.
pub(crate) struct BrokenAnswer<'a> {
    /// The policy.
    pub policy: &'a str,
    /// The first fault's keyword.
    pub keyword: &'a str,
    /// The model that answered; `other` where too many were seen.
    pub model: String,
    /// Its version, as the router says.
    pub version: String,
}

impl Event for BrokenAnswer<'_> {
    fn level(&self) -> Level {
        Level::Info
    }

    fn line(&self) -> Cow<'static, str> {
        format!("a model broke its contract: {} (policy {})", self.keyword, self.policy).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_schema_broken_answers",
            labels: vec![
                ("policy", self.policy.into()),
                ("model", self.model.clone()),
                ("version", self.version.clone()),
                ("reason", self.keyword.into()),
            ],
        }
    }
}

/// A route's metadata names a policy that there is not.
pub(crate) struct UnknownPolicy {
    /// What it names, fit for a log line.
    pub name: String,
}

impl Event for UnknownPolicy {
    fn level(&self) -> Level {
        Level::Error
    }

    fn line(&self) -> Cow<'static, str> {
        format!("the route's metadata names the policy {}, which is not configured here", self.name).into()
    }

    fn metric(&self) -> Metric {
        Metric { name: "modelgate_policy_unknown", labels: vec![("filter", "schema_validator".into())] }
    }
}
