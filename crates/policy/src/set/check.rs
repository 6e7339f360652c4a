//! What can be wrong with the names and the order of rules.

use super::{Places, Target};
use crate::faults::shown;
use crate::index::{Filed, Index, Search};
use crate::nearest::choices;
use crate::rule::Rule;
use crate::{Faults, PolicyName};

/// A name for logs and metric labels: letters, digits, `_`, `-` and `.`, at most 64 of them.
pub(super) fn name(name: &str, key: &str, faults: &mut Faults) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name == PolicyName::OFF {
        faults.push(key, "`off` is reserved: it always exists and does nothing");
    } else if name == "true" || name == "false" {
        faults.push(key, "is no name; YAML reads `on`, `off`, `yes` and `no` as booleans, and `off` is reserved");
    } else if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        faults.push(key, "a policy's name has 1 to 64 letters, digits, `_`, `-` or `.`");
    }
}

/// A namespace that can stand in a property path.
pub(super) fn namespace(namespace: &str, faults: &mut Faults) {
    if namespace.is_empty() || namespace.contains('\0') {
        faults.push("route_metadata.namespace", "is empty or no namespace; the default is `modelgate`");
    }
}

/// What a name stands for; `Off` beside a fault where it stands for nothing.
pub(super) fn target(places: &Places, wanted: &PolicyName, key: &str, faults: &mut Faults) -> Target {
    let wanted = wanted.as_str();
    if wanted == PolicyName::OFF {
        return Target::Off;
    }
    if let Some(at) = places.get(wanted) {
        return Target::Policy(*at);
    }
    let near = choices(wanted, places.keys().map(String::as_str).chain([PolicyName::OFF]));
    faults.push(key, format!("no policy `{}`{near}", shown(wanted)));
    Target::Off
}

/// Finds rules that can never win.
///
/// A rule that covers another one matches all of its requests, so it matches its sample too: the index that serves
/// requests finds it among the rules for that sample.
pub(super) fn reachability(rules: &[Rule], index: &Index, faults: &mut Faults) {
    for (at, rule) in (0..).zip(rules) {
        let key = format!("rules[{at}]");
        if rule.conditions.is_empty() && at as usize + 1 < rules.len() {
            let message = "is empty, so it matches everything and no rule after it is reached; it must be the last";
            faults.push(format!("{key}.match"), message);
        }
        let Some(sample) = rule.sample() else { continue };
        let earlier = |other: u32| rules.get(other as usize);
        let accept = |other: Filed| earlier(other.rule).is_some_and(|e| !e.conditions.is_empty() && e.covers(rule));
        let cover = index.find(&mut Search::new(&sample, at, &accept));
        if let Some((cover, twin)) = cover.and_then(|at| Some((at, rule.covers(earlier(at)?)))) {
            faults.push(key, if twin { same(cover) } else { shadowed(cover) });
        }
    }
}

fn same(earlier: u32) -> String {
    format!("matches the same requests as rules[{earlier}]; only the first of them counts")
}

fn shadowed(earlier: u32) -> String {
    format!("is never reached: rules[{earlier}] matches everything that it matches")
}
