//! Events: what happened, as one log line and one metric.
//!
//! A metric's labels are written into its name in Istio's convention (`label=.=value;.;`), which the `stats_tags` of
//! `envoy/envoy.yaml` and the `extraStatTags` annotations of `istio/` turn into Prometheus labels.

use std::borrow::Cow;
use std::fmt::Write;

/// Every label that a metric of ours can have. The shipped configurations have a tag for each, by test.
pub const LABELS: &[&str] = &[
    "filter",
    "reason",
    "policy",
    "model",
    "version",
    "dependency",
    "entity",
    "action",
    "direction",
    "limit",
    "unit",
    "token_type",
    "tier",
    "outcome",
    "step",
];

/// The longest label value; what is longer is cut. Names of metrics are never freed by Envoy.
const MAX_LABEL: usize = 64;

/// The severity of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For developers.
    Debug,
    /// Part of normal work.
    Info,
    /// Someone should look at the configuration or at a dependency.
    Warn,
    /// Something is wrong.
    Error,
}

/// A counter or a histogram, by its name and its labels. A name is one or the other, never both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Metric {
    /// The name, such as `modelgate_refusals`.
    pub name: &'static str,
    /// Label and value. The labels are of [`LABELS`].
    pub labels: Vec<(&'static str, String)>,
}

impl Metric {
    /// The name with its labels, as the host defines it. Nothing stands between the parts: a tag takes out exactly its own
    /// `label=.=value;.;`, and what is left over is the name in Prometheus.
    pub fn full_name(&self) -> String {
        let mut out = self.name.to_owned();
        for (label, value) in &self.labels {
            let _ = write!(out, "{label}=.={};.;", safe(value));
        }
        out
    }
}

/// A label value without the characters that delimit labels, and no longer than [`MAX_LABEL`].
fn safe(value: &str) -> String {
    value
        .chars()
        .take(MAX_LABEL)
        .map(|c| if c.is_ascii_graphic() && !matches!(c, ';' | '=' | '"' | '\\') { c } else { '_' })
        .collect()
}

/// What an event does to its metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A counter goes up by this.
    Add(u64),
    /// A histogram gets this value, in the unit that the metric's name ends with.
    Record(u64),
}

/// Something that happened. The log line never holds body text, a token or a key.
pub trait Event {
    /// The severity of the log line.
    fn level(&self) -> Level {
        Level::Debug
    }
    /// The log line.
    fn line(&self) -> Cow<'static, str>;
    /// The metric that it moves.
    fn metric(&self) -> Metric;
    /// A number that tells this event's metric from all others of the filter, for as long as a VM lives: a host that knows it spares
    /// making the labels. For events that come with every call.
    fn key(&self) -> Option<u64> {
        None
    }
    /// How the metric moves: a counter that goes up by one.
    fn value(&self) -> Value {
        Value::Add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_bounded_and_cannot_break_out() {
        let metric = Metric {
            name: "modelgate_x",
            labels: vec![("model", format!("a;.;b=\u{e9}{}", "z".repeat(99))), ("filter", "f".into())],
        };
        let name = metric.full_name();
        assert!(name.starts_with("modelgate_xmodel=.=a_._b__zz"), "{name}");
        assert!(name.ends_with("z;.;filter=.=f;.;"), "{name}");
        assert!(name.len() < 120);
    }

    #[test]
    fn no_label_ends_with_another() {
        // The tags are not anchored: `version` would be found in `api_version`.
        for label in LABELS {
            assert!(!LABELS.iter().any(|other| other != label && label.ends_with(other)), "{label}");
        }
    }
}
