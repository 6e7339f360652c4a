//! What the filters' counters say about one request: which of them went up.

use std::collections::BTreeMap;
use std::fmt;

/// Readings of counters, by Envoy's own names of them.
pub type Counters = BTreeMap<String, u64>;

/// What a filter did with a request, by the counter that it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It refused.
    Refused {
        /// The filter.
        filter: String,
        /// Its reason.
        reason: String,
    },
    /// The router chose.
    Routed {
        /// The version.
        version: String,
        /// By what.
        reason: String,
    },
    /// The guard found something.
    Found {
        /// What, of all kinds.
        entity: String,
        /// What was done with it.
        action: String,
    },
    /// The cache was asked.
    LookedUp {
        /// What came of it: `hit`, `miss`.
        outcome: String,
        /// The step that spoke.
        step: String,
    },
}

impl fmt::Display for Deed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { filter, reason } => write!(out, "{filter}: refused, {reason}"),
            Self::Found { entity, action } => write!(out, "pii_guard: {action} {entity}"),
            Self::LookedUp { outcome, step } => write!(out, "semantic_cache: {outcome}, {step}"),
            Self::Routed { version, reason } => write!(out, "model_router: {version}, {reason}"),
        }
    }
}

/// What was counted between two readings.
pub fn deeds(before: &Counters, after: &Counters) -> Vec<Deed> {
    let went_up = |(name, count): &(&String, &u64)| before.get(*name).unwrap_or(&0) < *count;
    let mut all: Vec<Deed> = Vec::new();
    for deed in after.iter().filter(went_up).filter_map(|(name, _)| deed(name)) {
        match (all.last_mut(), &deed) {
            // What stands together in the list of counters is told together.
            (Some(Deed::Found { entity, action }), Deed::Found { entity: more, action: same }) if action == same => {
                *entity += &format!(", {more}");
            }
            _ => all.push(deed),
        }
    }
    all
}

fn deed(name: &str) -> Option<Deed> {
    if let Some((_, labels)) = name.split_once("modelgate_refusals") {
        Some(Deed::Refused { filter: label(labels, "filter")?, reason: label(labels, "reason")? })
    } else if let Some((_, labels)) = name.split_once("modelgate_routed") {
        Some(Deed::Routed { version: label(labels, "version")?, reason: label(labels, "reason")? })
    } else if let Some((_, labels)) = name.split_once("modelgate_pii_findings") {
        Some(Deed::Found { entity: label(labels, "entity")?, action: label(labels, "action")? })
    } else if let Some((_, labels)) = name.split_once("modelgate_cache_lookups") {
        Some(Deed::LookedUp { outcome: label(labels, "outcome")?, step: label(labels, "step")? })
    } else {
        None
    }
}

/// A label's value in Envoy's own name of a counter (`label=.=value;.;`).
fn label(labels: &str, name: &str) -> Option<String> {
    let value = labels.split_once(&format!("{name}=.="))?.1;
    Some(value.split_once(";.;")?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counters_that_went_up_are_found() {
        let refused = |reason: &str| format!("wasmcustom.modelgate_refusalsfilter=.=a_filter;.;reason=.={reason};.;");
        let routed = "wasmcustom.modelgate_routedmodel=.=m;.;version=.=v1;.;reason=.=sticky;.;".to_owned();
        let before = Counters::from([(refused("a"), 2), (refused("b"), 1), ("wasmcustom.modelgate_other".into(), 1)]);
        let mut after = before.clone();
        assert_eq!(deeds(&before, &after), []);
        after.insert(refused("b"), 2);
        after.insert(routed, 1);
        for entity in ["A", "B"] {
            let labels = format!("policy=.=p;.;direction=.=request;.;action=.=mask;.;entity=.={entity};.;");
            after.insert(format!("wasmcustom.modelgate_pii_findings{labels}"), 1);
        }
        let said: Vec<String> = deeds(&before, &after).iter().map(Deed::to_string).collect();
        assert_eq!(said, ["pii_guard: mask A, B", "a_filter: refused, b", "model_router: v1, sticky"]);
    }
}
