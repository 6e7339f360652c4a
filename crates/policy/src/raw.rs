//! The keys that every filter's configuration shares, as they are written. Checked in `set`, not here.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Unexpected, Visitor};

use crate::{Named, Patterns};

/// The shared keys. A filter repeats them as plain fields of its own type and moves them into one of these.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies<R> {
    /// The policies by name. `off` is always there and cannot be defined.
    pub policies: Named<R>,
    /// The policy of requests that no rule matches.
    pub default_policy: PolicyName,
    /// Which requests get which policy; the first rule that matches wins.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// How a route names its policy itself.
    #[serde(default)]
    pub route_metadata: RouteMetadata,
}

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// Which requests it is about. `{}` means all of them, which only the last rule may say.
    #[serde(rename = "match")]
    pub matches: RawMatch,
    /// The policy that they get: one of `policies`, or `off`.
    pub policy: PolicyName,
}

/// What a request must look like: every field that is given must match. A field that the request does not have (no
/// consumer, no such header) matches no pattern, not even `*`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMatch {
    /// The name of the route (Istio: `http[].name` of the `VirtualService`).
    pub route: Option<Patterns>,
    /// The `:authority` without its port, in any case.
    pub host: Option<Patterns>,
    /// The path without its query, as the router sees it (let Envoy normalise it: `normalize_path`).
    pub path: Option<Patterns>,
    /// The model that the caller asked for. Makes the choice wait for the request body.
    pub model: Option<Patterns>,
    /// The caller's consumer name.
    pub consumer: Option<Patterns>,
    /// The caller's tier.
    pub tier: Option<Patterns>,
    /// Header names, each with its pattern: `{"x-env": "prod", "x-beta": "*"}`. All of them must match. Callers can
    /// set headers: such a rule is safe only for headers that the gateway sets or removes.
    #[serde(default)]
    pub header: Named<Patterns>,
}

/// How route metadata overrides the rules: `metadata.filter_metadata.<namespace>.<filter>: <policy name>`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RouteMetadata {
    /// The namespace in the route's `filter_metadata`. Envoy Gateway writes annotations to
    /// `io.envoyproxy.gateway.metadata`.
    pub namespace: String,
    /// Whether a route may say `off`. Without it the filter's own default counts: `auth` and `pii_guard` refuse.
    pub allow_route_off: Option<bool>,
}

impl Default for RouteMetadata {
    fn default() -> Self {
        Self { namespace: "modelgate".to_owned(), allow_route_off: None }
    }
}

/// The name of a policy, or `off`.
///
/// The boolean `false` is read as `off`: that is what YAML 1.1 (Kubernetes, and Envoy's own reader) makes of an
/// unquoted `off`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyName(String);

impl PolicyName {
    /// The reserved name of no policy.
    pub const OFF: &'static str = "off";

    /// A name as written; whether there is such a policy is seen when the set is compiled.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PolicyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PolicyNameVisitor)
    }
}

struct PolicyNameVisitor;

impl Visitor<'_> for PolicyNameVisitor {
    type Value = PolicyName;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name of a policy as a string")
    }

    fn visit_str<E>(self, name: &str) -> Result<PolicyName, E> {
        Ok(PolicyName::new(name))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<PolicyName, E> {
        if value { Err(E::invalid_type(Unexpected::Bool(value), &self)) } else { Ok(PolicyName::new(PolicyName::OFF)) }
    }
}
