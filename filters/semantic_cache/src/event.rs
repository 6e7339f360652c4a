//! What the cache says of a request, in the log and as a metric. Labels come from the configuration and from lists in the
//! code, so their number is bounded.

use crate::admission::Refused;
use crate::question::Reason;
use plugin::{Event, Level, Metric};
use std::borrow::Cow;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Answered from the cache.
    Hit,
    /// Not found.
    Miss,
    /// Asked anew, because the caller wanted it.
    Refresh,
    /// There was an answer that this caller cannot be given.
    Unfit,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Refresh => "refresh",
            Self::Unfit => "unfit",
        }
    }
}

/// The service was asked and answered.
pub(crate) struct LookedUp<'a> {
    /// The policy.
    pub policy: &'a str,
    /// What came of it.
    pub outcome: Outcome,
    /// The step of the decision that spoke.
    pub step: &'static str,
}

impl Event for LookedUp<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("{} by {} (policy {})", self.outcome.name(), self.step, self.policy).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_cache_lookups",
            labels: vec![
                ("policy", self.policy.into()),
                ("outcome", self.outcome.name().into()),
                ("step", self.step.into()),
            ],
        }
    }
}

/// A request goes to the model without the cache.
pub(crate) struct Bypassed<'a> {
    /// The policy.
    pub policy: &'a str,
    /// Why.
    pub reason: Reason,
}

impl Event for Bypassed<'_> {
    fn level(&self) -> Level {
        if self.reason == Reason::Service { Level::Warn } else { Level::Debug }
    }

    fn line(&self) -> Cow<'static, str> {
        format!("bypass: {} (policy {})", self.reason.name(), self.policy).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_cache_bypasses",
            labels: vec![("policy", self.policy.into()), ("reason", self.reason.name().into())],
        }
    }
}

/// An answer went by, and was given to the service or not.
pub(crate) struct Stored<'a> {
    /// The policy.
    pub policy: &'a str,
    /// Why not, where it was not.
    pub refused: Option<Refused>,
}

impl Event for Stored<'_> {
    fn line(&self) -> Cow<'static, str> {
        match self.refused {
            None => format!("stored (policy {})", self.policy).into(),
            Some(reason) => format!("not stored: {} (policy {})", reason.name(), self.policy).into(),
        }
    }

    fn metric(&self) -> Metric {
        let (outcome, reason) = self.refused.map_or(("stored", "none"), |reason| ("refused", reason.name()));
        Metric {
            name: "modelgate_cache_stores",
            labels: vec![("policy", self.policy.into()), ("outcome", outcome.into()), ("reason", reason.into())],
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
        Metric { name: "modelgate_policy_unknown", labels: vec![("filter", "semantic_cache".into())] }
    }
}
