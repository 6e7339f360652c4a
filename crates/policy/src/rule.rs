//! A compiled rule: which slots of a request must match which patterns. Knows nothing of policies or of other rules'
//! order; `index` finds the rules worth a look.

use crate::faults::{entry, joined, shown};
use crate::index::PatternMap;
use crate::subject::{Field, Values, bare_host, bare_path};
use crate::{Faults, Glob, Named, Patterns, RawMatch};

/// The conditions of one rule; all must hold. Without any, it matches everything.
#[derive(Debug)]
pub(crate) struct Rule {
    pub conditions: Vec<Condition>,
}

/// The patterns for the value at one slot; any may match.
#[derive(Debug)]
pub(crate) struct Condition {
    pub slot: usize,
    pub globs: Vec<Glob>,
    /// The same patterns (by their place in `globs`) where they are too many to try one by one.
    lookup: Option<PatternMap<Vec<u32>>>,
}

/// Up to so many patterns are tried one by one.
const FEW: usize = 8;

impl Rule {
    /// Checks the patterns of a `match`. Header names are collected in `header_names`, whose order gives their slots.
    ///
    /// A rule with a fault becomes one that matches nothing, so that the checks of other rules do not stumble on it.
    pub fn compile(raw: &RawMatch, header_names: &mut Vec<String>, faults: &mut Faults) -> Self {
        let mut found = Faults::new();
        let mut conditions = Vec::new();
        for (slot, field) in Field::ALL.into_iter().enumerate() {
            let patterns = field_of(raw, field);
            let globs = patterns.map(|patterns| compile_patterns(patterns, Some(field), field.key(), &mut found));
            conditions.extend(globs.map(|globs| Condition::new(slot, globs)));
        }
        conditions.extend(compile_headers(&raw.header, header_names, &mut found));
        if !found.is_empty() {
            conditions = vec![Condition::new(0, Vec::new())];
        }
        faults.extend("match", found);
        Self { conditions }
    }

    /// Whether every condition holds.
    pub fn matches(&self, values: &dyn Values) -> bool {
        self.conditions.iter().all(|condition| values.value(condition.slot).is_some_and(|value| condition.fits(value)))
    }

    /// Whether this rule matches every request that `other` matches.
    ///
    /// Exact, not a guess: the conditions of a rule are independent of each other, and of two sets of patterns one
    /// covers the other only if each of its patterns is covered by a single one (see [`Glob::covers`]).
    pub fn covers(&self, other: &Rule) -> bool {
        self.conditions.iter().all(|mine| {
            let theirs = other.conditions.iter().find(|theirs| theirs.slot == mine.slot);
            theirs.is_some_and(|theirs| theirs.globs.iter().all(|glob| mine.fits(glob.as_str().as_bytes())))
        })
    }

    /// A request that this rule matches, the most general one: its values are the first patterns themselves. `None`
    /// for a rule that matches nothing or everything.
    pub fn sample(&self) -> Option<Sample<'_>> {
        let values = self.conditions.iter().map(|condition| Some((condition.slot, condition.globs.first()?)));
        values.collect::<Option<Vec<_>>>().filter(|values| !values.is_empty()).map(Sample)
    }
}

impl Condition {
    fn new(slot: usize, globs: Vec<Glob>) -> Self {
        let lookup = (globs.len() > FEW).then(|| {
            let mut lookup = PatternMap::default();
            for (at, glob) in (0..).zip(&globs) {
                lookup.change(glob, |_| 0, |places: &mut Vec<u32>| places.push(at));
            }
            lookup.finish();
            lookup
        });
        Self { slot, globs, lookup }
    }

    fn fits(&self, value: &[u8]) -> bool {
        let Some(lookup) = &self.lookup else { return self.globs.iter().any(|glob| glob.matches(value)) };
        let mut fits = false;
        lookup.each(value, &mut |places| {
            fits = fits || places.iter().filter_map(|at| self.globs.get(*at as usize)).any(|glob| glob.matches(value));
        });
        fits
    }
}

/// See [`Rule::sample`].
pub(crate) struct Sample<'r>(Vec<(usize, &'r Glob)>);

impl Values for Sample<'_> {
    fn value(&self, slot: usize) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| *known == slot).map(|(_, glob)| glob.as_str().as_bytes())
    }
}

fn field_of(raw: &RawMatch, field: Field) -> Option<&Patterns> {
    let patterns = match field {
        Field::Route => &raw.route,
        Field::Host => &raw.host,
        Field::Path => &raw.path,
        Field::Model => &raw.model,
        Field::Consumer => &raw.consumer,
        Field::Tier => &raw.tier,
    };
    patterns.as_ref()
}

fn compile_headers(raw: &Named<Patterns>, header_names: &mut Vec<String>, faults: &mut Faults) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    for (name, patterns) in raw.iter() {
        let key = entry("header", name);
        let name = name.to_ascii_lowercase();
        if !is_header_name(&name) {
            faults.push(key.clone(), "is no header name");
        }
        let globs = compile_patterns(patterns, None, &key, faults);
        let slot = Field::ALL.len() + place_of(&name, header_names);
        if conditions.iter().any(|other| other.slot == slot) {
            faults.push(key, "this header is there twice; case does not count");
        } else {
            conditions.push(Condition::new(slot, globs));
        }
    }
    // As Envoy and the Gateway API spell it; here it would be a rule about two headers that nobody sends.
    if raw.iter().count() == 2 && ["name", "value"].iter().all(|key| raw.iter().any(|(name, _)| name == *key)) {
        faults.push("header", "would match headers called `name` and `value`; say `header: {x-name: pattern}`");
    }
    conditions
}

fn place_of(name: &str, names: &mut Vec<String>) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// Whether a header may be called so: a token of RFC 9110, 5.6.2; the colon of a pseudo header may stand before it.
pub fn is_header_name(name: &str) -> bool {
    is_token(name.strip_prefix(':').unwrap_or(name))
}

/// Whether a text is a token (RFC 9110, 5.6.2), as the names of header fields and of cookies are.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn compile_patterns(raw: &Patterns, field: Option<Field>, key: &str, faults: &mut Faults) -> Vec<Glob> {
    let mut globs = Vec::new();
    for (key, text) in raw.with_keys(key) {
        match compile_pattern(field, text) {
            Ok(glob) => globs.push(glob),
            Err(message) => faults.push(joined("", &key), message),
        }
    }
    if raw.iter().next().is_none() {
        faults.push(key, "is an empty list, so the rule would match nothing");
    }
    globs
}

/// A pattern in the form that values are compared in, or why it could never match.
fn compile_pattern(field: Option<Field>, text: &str) -> Result<Glob, String> {
    if text.is_empty() {
        return Err("is empty; leave the key out, or say `*` for any value".to_owned());
    }
    match field {
        Some(Field::Host) => host_pattern(text),
        Some(Field::Path) => path_pattern(text),
        _ => Ok(Glob::new(text)),
    }
}

fn host_pattern(text: &str) -> Result<Glob, String> {
    let host = bare_host(text);
    if text.contains('/') {
        return Err("is a host alone, without scheme and path".to_owned());
    }
    if host.len() + 1 < text.len() || text.ends_with(':') {
        return Err(format!("hosts are compared without their port; say `{}`", shown(host)));
    }
    Ok(Glob::new(&host.to_ascii_lowercase()))
}

fn path_pattern(text: &str) -> Result<Glob, String> {
    if !text.starts_with(['/', '*']) {
        return Err("paths start with `/`".to_owned());
    }
    if bare_path(text).len() < text.len() {
        return Err("paths are compared without their query".to_owned());
    }
    Ok(Glob::new(text))
}
