//! What the filter says, in the log and as metrics. Labels come from the configuration, from the router, and from tiers, so
//! their number is bounded. Refusals are counted by the seam too.

use plugin::{Event, Level, Metric, Value};
use std::borrow::Cow;

/// Keys of metrics are compared within one VM only.
static KEYS: ahash::RandomState = ahash::RandomState::with_seeds(1, 2, 3, 4);

/// What became of a limit, where it is worth to know.
pub(crate) struct Outcome<'a> {
    pub limit: &'a str,
    /// `refused`, `shadow`, `degraded`, `soft`, `cut`, `failed_allow`, `failed_deny`, `failed_local`, `forgotten`, `busy`.
    pub outcome: &'static str,
}

impl Event for Outcome<'_> {
    fn level(&self) -> Level {
        if self.outcome.starts_with("failed") || self.outcome == "busy" { Level::Warn } else { Level::Debug }
    }

    fn line(&self) -> Cow<'static, str> {
        format!("limit {}: {}", self.limit, self.outcome).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_budget_outcomes",
            labels: vec![("limit", self.limit.into()), ("outcome", self.outcome.into())],
        }
    }
}

/// Who a measurement is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    model: String,
    version: String,
    tier: String,
    /// A number of all three.
    key: u64,
}

impl About {
    pub fn new(model: String, version: String, tier: String) -> Self {
        let key = KEYS.hash_one((&model, &version, &tier));
        Self { model, version, tier, key }
    }

    /// The key of a metric of this name and kind.
    fn key(&self, name: &str, kind: &str) -> Option<u64> {
        Some(KEYS.hash_one((self.key, name, kind)))
    }

    fn labels(&self) -> Vec<(&'static str, String)> {
        vec![("model", self.model.clone()), ("version", self.version.clone()), ("tier", self.tier.clone())]
    }
}

/// Tokens of one kind (OpenTelemetry `gen_ai.client.token.usage`, as a sum; one call's as a histogram).
pub(crate) struct Tokens<'a> {
    pub about: &'a About,
    /// `input`, `output`, `cached_input`, `reasoning`: `gen_ai.token.type`.
    pub kind: &'static str,
    pub count: u64,
}

impl Event for Tokens<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("{} {} tokens of {}", self.count, self.kind, self.about.model).into()
    }

    fn metric(&self) -> Metric {
        let mut labels = self.about.labels();
        labels.push(("token_type", self.kind.into()));
        Metric { name: "gen_ai_client_token_usage", labels }
    }

    fn key(&self) -> Option<u64> {
        self.about.key("tokens", self.kind)
    }

    fn value(&self) -> Value {
        Value::Record(self.count)
    }
}

/// The sum of what was settled, in the unit's own measure.
pub(crate) struct Settled<'a> {
    pub about: &'a About,
    /// `input`, `output` or `money`.
    pub unit: &'static str,
    pub amount: u64,
}

impl Event for Settled<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("settled {} {} of {}", self.amount, self.unit, self.about.model).into()
    }

    fn metric(&self) -> Metric {
        let mut labels = self.about.labels();
        labels.push(("unit", self.unit.into()));
        Metric { name: "modelgate_budget_settled", labels }
    }

    fn key(&self) -> Option<u64> {
        self.about.key("settled", self.unit)
    }

    fn value(&self) -> Value {
        Value::Add(self.amount)
    }
}

/// A time, in milliseconds.
pub(crate) struct Took<'a> {
    pub about: &'a About,
    pub name: &'static str,
    pub millis: u64,
}

impl Event for Took<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("{} {} ms", self.name, self.millis).into()
    }

    fn metric(&self) -> Metric {
        Metric { name: self.name, labels: self.about.labels() }
    }

    fn key(&self) -> Option<u64> {
        self.about.key("took", self.name)
    }

    fn value(&self) -> Value {
        Value::Record(self.millis)
    }
}

/// A route's metadata names a policy that there is not.
pub(crate) struct UnknownPolicy;

impl Event for UnknownPolicy {
    fn level(&self) -> Level {
        Level::Error
    }

    fn line(&self) -> Cow<'static, str> {
        "the route's metadata names a policy that is not configured here".into()
    }

    fn metric(&self) -> Metric {
        Metric { name: "modelgate_policy_unknown", labels: vec![("filter", "token_budget".into())] }
    }
}
