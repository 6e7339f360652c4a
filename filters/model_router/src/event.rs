//! What the router says of a request, in the log and as a metric. Labels come from the configuration alone, so their
//! number is bounded. Refusals are counted by the seam.

use crate::catalogue::Chosen;
use plugin::{Event, Level, Metric};
use std::borrow::Cow;

/// A version was chosen.
pub(crate) struct Routed<'a> {
    /// The policy that chose.
    pub policy: &'a str,
    /// What it chose.
    pub chosen: &'a Chosen,
}

impl Event for Routed<'_> {
    fn line(&self) -> Cow<'static, str> {
        let Chosen { model, version, reason } = self.chosen;
        format!("routed to {} {} by {reason} (policy {})", model.name, version.name, self.policy).into()
    }

    fn metric(&self) -> Metric {
        let Chosen { model, version, reason } = self.chosen;
        Metric {
            name: "modelgate_routed",
            labels: vec![
                ("policy", self.policy.into()),
                ("model", model.name.clone()),
                ("version", version.name.clone()),
                ("reason", (*reason).into()),
            ],
        }
    }
}

/// A request goes on without a version.
pub(crate) struct Unrouted<'a> {
    /// The policy that let it.
    pub policy: &'a str,
    /// `off`, `no_model`, `unknown_model` or `not_readable`.
    pub reason: &'static str,
}

impl Event for Unrouted<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("passed without a version: {} (policy {})", self.reason, self.policy).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_unrouted",
            labels: vec![("policy", self.policy.into()), ("reason", self.reason.into())],
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
        Metric { name: "modelgate_policy_unknown", labels: vec![("filter", "model_router".into())] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_those_of_the_shipped_configurations() {
        let unrouted = Unrouted { policy: "default", reason: "no_model" };
        assert_eq!(unrouted.line(), "passed without a version: no_model (policy default)");
        let unknown = UnknownPolicy { name: "x".into() };
        for (label, _) in unrouted.metric().labels.iter().chain(&unknown.metric().labels) {
            assert!(plugin::LABELS.contains(label), "{label}");
        }
        assert_eq!(unknown.level(), Level::Error);
    }
}
