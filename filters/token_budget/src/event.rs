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
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    model: &'a str,
    version: &'a str,
    tier: &'a str,
    /// A number of all three.
    key: u64,
}

impl<'a> About<'a> {
    pub fn new(model: &'a str, version: &'a str, tier: &'a str) -> Self {
        let key = KEYS.hash_one((model, version, tier));
        Self { model, version, tier, key }
    }

    /// The key of one of the metrics about this: a call moves six, so none is hashed by its name.
    fn key(&self, metric: u64) -> Option<u64> {
        Some(self.key.wrapping_add(metric))
    }

    fn labels(&self) -> Vec<(&'static str, String)> {
        vec![("model", self.model.into()), ("version", self.version.into()), ("tier", self.tier.into())]
    }
}

/// `gen_ai.token.type`.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Input,
    Output,
    CachedInput,
    Reasoning,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CachedInput => "cached_input",
            Self::Reasoning => "reasoning",
        }
    }
}

/// What is summed up.
#[derive(Clone, Copy)]
pub(crate) enum Sum {
    Input,
    Output,
    Money,
}

impl Sum {
    fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Money => "money",
        }
    }
}

/// A time of a call.
#[derive(Clone, Copy)]
pub(crate) enum Time {
    Whole,
    ToFirstToken,
    PerOutputToken,
}

impl Time {
    fn metric(self) -> &'static str {
        match self {
            Self::Whole => "gen_ai_server_request_duration_ms",
            Self::ToFirstToken => "gen_ai_server_time_to_first_token_ms",
            Self::PerOutputToken => "gen_ai_server_time_per_output_token_ms",
        }
    }
}

/// Tokens of one kind (OpenTelemetry `gen_ai.client.token.usage`, as a sum; one call's as a histogram).
pub(crate) struct Tokens<'a> {
    pub about: &'a About<'a>,
    pub kind: Kind,
    pub count: u64,
}

impl Event for Tokens<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("{} {} tokens of {}", self.count, self.kind.name(), self.about.model).into()
    }

    fn metric(&self) -> Metric {
        let mut labels = self.about.labels();
        labels.push(("token_type", self.kind.name().into()));
        Metric { name: "gen_ai_client_token_usage", labels }
    }

    fn key(&self) -> Option<u64> {
        self.about.key(self.kind as u64)
    }

    fn value(&self) -> Value {
        Value::Record(self.count)
    }
}

/// The sum of what was settled, in the unit's own measure.
pub(crate) struct Settled<'a> {
    pub about: &'a About<'a>,
    pub unit: Sum,
    pub amount: u64,
}

impl Event for Settled<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("settled {} {} of {}", self.amount, self.unit.name(), self.about.model).into()
    }

    fn metric(&self) -> Metric {
        let mut labels = self.about.labels();
        labels.push(("unit", self.unit.name().into()));
        Metric { name: "modelgate_budget_settled", labels }
    }

    fn key(&self) -> Option<u64> {
        self.about.key(8 + self.unit as u64)
    }

    fn value(&self) -> Value {
        Value::Add(self.amount)
    }
}

/// A time, in milliseconds.
pub(crate) struct Took<'a> {
    pub about: &'a About<'a>,
    pub time: Time,
    pub millis: u64,
}

impl Event for Took<'_> {
    fn line(&self) -> Cow<'static, str> {
        format!("{} {} ms", self.time.metric(), self.millis).into()
    }

    fn metric(&self) -> Metric {
        Metric { name: self.time.metric(), labels: self.about.labels() }
    }

    fn key(&self) -> Option<u64> {
        self.about.key(16 + self.time as u64)
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
