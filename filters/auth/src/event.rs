//! What this filter says of its decisions, in the log and as a metric. Labels come from the configuration alone. Refusals
//! themselves are counted by the seam; here is why.

use crate::config::policy::Method;
use plugin::{Event, Level, Metric};
use std::borrow::Cow;

/// A caller was let in.
pub struct Admitted<'a> {
    /// The policy.
    pub policy: &'a str,
    /// The policy's number among all metrics of this kind.
    pub number: u64,
    /// How it proved who it is.
    pub method: Method,
}

impl Event for Admitted<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("admitted by {} (policy {})", self.method.name(), self.policy).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_auth_admitted",
            labels: vec![("policy", self.policy.into()), ("reason", self.method.name().into())],
        }
    }

    fn key(&self) -> Option<u64> {
        Some(self.number.wrapping_add(self.method as u64))
    }
}

/// Where the keys of [`Admitted`] begin, for one policy.
pub fn number_of(policy: &str) -> u64 {
    ahash::RandomState::with_seeds(1, 2, 3, 4).hash_one(("modelgate_auth_admitted", policy))
}

/// A request was refused, or would have been.
pub struct Denied<'a> {
    /// The policy.
    pub policy: &'a str,
    /// Why, in fixed words.
    pub reason: &'static str,
    /// It passed all the same, because the policy is a shadow.
    pub shadow: bool,
}

impl Event for Denied<'_> {
    fn level(&self) -> Level {
        if self.shadow { Level::Info } else { Level::Debug }
    }

    fn line(&self) -> Cow<'static, str> {
        let verb = if self.shadow { "would be refused" } else { "refused" };
        format!("{verb}: {} (policy {})", self.reason, self.policy).into()
    }

    fn metric(&self) -> Metric {
        let labels = vec![("policy", self.policy.into()), ("reason", self.reason.replace(' ', "_"))];
        if self.shadow {
            return Metric { name: "modelgate_auth_would_deny", labels };
        }
        Metric { name: "modelgate_auth_denied", labels }
    }
}

/// A route's metadata names a policy that there is not.
pub struct UnknownPolicy {
    /// What it names, fit for a log line.
    pub name: String,
}

impl Event for UnknownPolicy {
    fn level(&self) -> Level {
        Level::Error
    }

    fn line(&self) -> Cow<'static, str> {
        format!("the route's metadata names the policy {}, which it may not or which is not configured", self.name)
            .into()
    }

    fn metric(&self) -> Metric {
        Metric { name: "modelgate_policy_unknown", labels: vec![("filter", "auth".into())] }
    }
}

/// A dependency was asked, and this came of it.
pub struct Asked<'a> {
    /// The provider's name, or `introspection`.
    pub dependency: &'a str,
    /// What came of it, in fixed words.
    pub outcome: &'static str,
    /// Whether that was of use.
    pub good: bool,
    /// How many keys of a set cannot be used.
    pub skipped: usize,
}

impl Event for Asked<'_> {
    fn level(&self) -> Level {
        if self.good && self.skipped == 0 { Level::Debug } else { Level::Warn }
    }

    fn line(&self) -> Cow<'static, str> {
        let skipped = if self.skipped > 0 { format!("; {} keys left out", self.skipped) } else { String::new() };
        format!("{}: {}{skipped}", self.dependency, self.outcome).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_auth_dependency",
            labels: vec![
                ("dependency", self.dependency.into()),
                ("reason", if self.good { "answered" } else { "failed" }.into()),
            ],
        }
    }
}
