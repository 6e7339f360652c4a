//! A filter's policies, compiled: which one a request gets. Chosen once per stream; what a policy does is not here.

mod check;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::faults::{entry, shown};
use crate::index::{Filed, Index, Search};
use crate::rule::Rule;
use crate::subject::Asked;
use crate::{Faults, Field, Policies, PolicyName, RawRule, Subject};

/// What a request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice<'a, P> {
    /// A policy.
    Policy {
        /// Its name, for logs and metrics.
        name: &'a str,
        /// The policy. Make `P` an `Rc` to keep it for the rest of the stream.
        policy: &'a P,
    },
    /// No policy: the filter lets the request pass untouched.
    Off,
    /// The route's metadata names a policy that does not exist. The caller answers 503.
    Unknown {
        /// The name, escaped and cut, fit for a log line.
        name: String,
    },
    /// The route's metadata says `off`, which this filter takes from its configuration alone. The caller answers 503.
    OffRefused,
}

/// Whether route metadata may switch a filter off where the configuration does not say (`allow_route_off`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffFromRoute {
    /// It may.
    Allowed,
    /// It may not: for filters that guard something (`auth`, `pii_guard`).
    Refused,
}

/// Policies by name, and the rules that choose one.
#[derive(Debug)]
pub struct PolicySet<P> {
    policies: Vec<(String, P)>,
    /// Places in `policies`.
    by_name: Places,
    rules: RuleSet,
    default: Target,
    namespace: String,
    route_may_say_off: bool,
}

/// Places of policies by name.
type Places = HashMap<String, usize, ahash::RandomState>;

/// A place in `policies`, or no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Policy(usize),
    Off,
}

/// The rules, and what each of them chooses.
#[derive(Debug)]
struct RuleSet {
    rules: Vec<Rule>,
    index: Index,
    targets: Vec<Target>,
    header_names: Vec<String>,
}

impl RuleSet {
    fn compile(raw: &[RawRule], by_name: &Places, faults: &mut Faults) -> Self {
        let (mut rules, mut targets, mut header_names) = (Vec::new(), Vec::new(), Vec::new());
        for (at, rule) in raw.iter().enumerate() {
            let mut found = Faults::new();
            rules.push(Rule::compile(&rule.matches, &mut header_names, &mut found));
            targets.push(check::target(by_name, &rule.policy, "policy", &mut found));
            faults.extend(&format!("rules[{at}]"), found);
        }
        let index = Index::build(&rules);
        check::reachability(&rules, &index, faults);
        Self { rules, index, targets, header_names }
    }

    /// The target of the first rule that matches, and how many rules were looked at.
    fn first_match(&self, subject: &dyn Subject) -> (Option<Target>, u32) {
        if self.rules.is_empty() {
            return (None, 0);
        }
        let values = Asked::new(subject, &self.header_names);
        let matches = |rule: u32| self.rules.get(rule as usize).is_some_and(|rule| rule.matches(&values));
        let accept = |filed: Filed| filed.certain || matches(filed.rule);
        let mut search = Search::new(&values, u32::MAX, &accept);
        let rule = self.index.find(&mut search);
        (rule.and_then(|rule| self.targets.get(rule as usize)).copied(), search.looked_at)
    }
}

impl<P> PolicySet<P> {
    /// Compiles each policy with `policy` (whose faults have keys relative to the policy) and then the rules.
    ///
    /// # Errors
    /// All faults of policies and rules at once: names that are reserved or unknown, patterns that can never match,
    /// rules that are never reached because an earlier one matches everything that they match.
    pub fn compile<R>(
        raw: Policies<R>,
        off: OffFromRoute,
        mut policy: impl FnMut(&str, &R) -> Result<P, Faults>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut policies = Vec::new();
        for (name, value) in raw.policies.iter() {
            let key = entry("policies", name);
            check::name(name, &key, &mut faults);
            policies.extend(faults.gather(&key, policy(name, value)).map(|policy| (name.to_owned(), policy)));
        }
        let mut by_name = HashMap::with_hasher(crate::index::hasher());
        by_name.extend(raw.policies.iter().enumerate().map(|(at, (name, _))| (name.to_owned(), at)));
        let default = check::target(&by_name, &raw.default_policy, "default_policy", &mut faults);
        let rules = RuleSet::compile(&raw.rules, &by_name, &mut faults);
        check::namespace(&raw.route_metadata.namespace, &mut faults);
        faults.into_result()?;
        let route_may_say_off = raw.route_metadata.allow_route_off.unwrap_or(off == OffFromRoute::Allowed);
        Ok(Self { policies, by_name, rules, default, namespace: raw.route_metadata.namespace, route_may_say_off })
    }

    /// Chooses for a request. `metadata` is the value at [`metadata_path`](Self::metadata_path) of the request's
    /// route, if it has one: it overrides the rules, and then nothing is asked of `subject`.
    ///
    /// Envoy's YAML reader makes a boolean of an unquoted `off`, which arrives as one zero byte: that is `off` too.
    #[must_use]
    pub fn choose(&self, subject: &dyn Subject, metadata: Option<&[u8]>) -> Choice<'_, P> {
        match metadata {
            Some(name) => self.named(name),
            None => self.choice(self.rules.first_match(subject).0.unwrap_or(self.default)),
        }
    }

    /// Where the name of the route's own policy is read: the path of a host property, for a filter's short name.
    #[must_use]
    pub fn metadata_path<'a>(&'a self, filter: &'a str) -> [&'a str; 5] {
        ["xds", "route_metadata", "filter_metadata", &self.namespace, filter]
    }

    /// Whether some rule looks at a field, so that it must be known before the choice.
    #[must_use]
    pub fn needs(&self, field: Field) -> bool {
        let is_it = |slot: usize| Field::ALL.get(slot) == Some(&field);
        self.rules.rules.iter().flat_map(|rule| &rule.conditions).any(|condition| is_it(condition.slot))
    }

    /// Whether the choice must wait for the request body, because some rule looks at the model.
    #[must_use]
    pub fn needs_model(&self) -> bool {
        self.needs(Field::Model)
    }

    /// The policy of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&P> {
        let (_, policy) = self.policies.get(*self.by_name.get(name)?)?;
        Some(policy)
    }

    /// All policies in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &P)> {
        self.policies.iter().map(|(name, policy)| (name.as_str(), policy))
    }

    fn named(&self, name: &[u8]) -> Choice<'_, P> {
        let name = match name {
            [0] => Cow::Borrowed(PolicyName::OFF),
            _ => String::from_utf8_lossy(name),
        };
        match self.by_name.get(&*name) {
            Some(at) => self.choice(Target::Policy(*at)),
            None if name == PolicyName::OFF && self.route_may_say_off => Choice::Off,
            None if name == PolicyName::OFF => Choice::OffRefused,
            None => Choice::Unknown { name: shown(&name) },
        }
    }

    fn choice(&self, target: Target) -> Choice<'_, P> {
        let Target::Policy(at) = target else { return Choice::Off };
        // Targets are places in `policies` since `compile`; were one not, refusing is the safe answer.
        self.policies.get(at).map_or(Choice::OffRefused, |(name, policy)| Choice::Policy { name, policy })
    }
}

#[cfg(test)]
mod tests;
