//! Finds the first rule that matches without trying the others, however many there are.
//!
//! Each rule is filed under one of its conditions, the most selective one, by its patterns' literal ends: exact texts
//! and ends in hash maps (`ends`), patterns without a literal end in a list. Where more than a handful of rules share
//! a pattern, they are filed again among themselves by another condition. A look-up yields candidates, of which those
//! are verified whole that the way to them does not prove to match.

mod ends;
mod patterns;

use std::collections::HashMap;

pub(crate) use patterns::PatternMap;

use crate::rule::{Condition, Rule};
use crate::subject::Values;
use patterns::Anchor;

/// Up to so many rules with the same pattern are verified one by one.
const FEW: usize = 4;

/// How many places all rules together may take, per pattern: rules with long lists for several fields are filed once
/// per pattern, and again at each further level.
const PLACES_PER_PATTERN: usize = 8;

/// The hasher of all tables. They are built from the configuration or from digests, so nobody else chooses their keys, and a
/// fixed seed makes every run the same.
pub fn hasher() -> ahash::RandomState {
    ahash::RandomState::with_seeds(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344)
}

/// Rules filed by their conditions.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Rules that are filed by nothing (more), in their order.
    rest: Vec<Filed>,
    /// One table per slot, the one with the earliest rule first: rules are filed in their order.
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    slot: usize,
    /// The earliest rule in the table.
    first: u32,
    patterns: PatternMap<Shelf>,
}

/// A rule in some place of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filed {
    pub rule: u32,
    /// Whether a value that leads to this place is known to meet all of the rule's conditions.
    pub certain: bool,
}

/// The rules under one pattern.
#[derive(Debug)]
enum Shelf {
    /// The usual case, without a further hop in memory.
    One(Filed),
    /// In their order.
    Few(Vec<Filed>),
    /// Filed again; `first` is the earliest of them.
    Many { first: u32, inner: Box<Index> },
}

impl Default for Shelf {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

/// A search for the earliest rule that is accepted.
pub(crate) struct Search<'s> {
    values: &'s dyn Values,
    accept: &'s dyn Fn(Filed) -> bool,
    /// The earliest rule accepted so far; later ones are not looked at.
    best: u32,
    /// How many rules were looked at.
    pub looked_at: u32,
}

impl<'s> Search<'s> {
    /// Among the rules before `limit`, those that may match `values`.
    pub fn new(values: &'s dyn Values, limit: u32, accept: &'s dyn Fn(Filed) -> bool) -> Self {
        Self { values, accept, best: limit, looked_at: 0 }
    }

    fn look_at(&mut self, rules: &[Filed]) {
        for filed in rules {
            if filed.rule >= self.best {
                return;
            }
            self.looked_at += 1;
            if (self.accept)(*filed) {
                self.best = filed.rule;
            }
        }
    }
}

impl Index {
    /// Files all rules.
    pub fn build(rules: &[Rule]) -> Self {
        let patterns: usize =
            rules.iter().flat_map(|rule| &rule.conditions).map(|condition| condition.globs.len()).sum();
        let mut builder = Builder { rules, places: patterns.saturating_mul(PLACES_PER_PATTERN), used: Vec::new() };
        builder.index((0..).zip(rules).map(|(rule, _)| Filed { rule, certain: true }).collect())
    }

    /// The earliest rule before the limit that the search accepts.
    pub fn find(&self, search: &mut Search<'_>) -> Option<u32> {
        let limit = search.best;
        self.descend(search);
        (search.best < limit).then_some(search.best)
    }

    fn descend(&self, search: &mut Search<'_>) {
        search.look_at(&self.rest);
        for table in &self.tables {
            if table.first >= search.best {
                return;
            }
            let values = search.values;
            let Some(value) = values.value(table.slot) else { continue };
            table.patterns.each(value, &mut |shelf| shelf.descend(search));
        }
    }
}

impl Shelf {
    fn descend(&self, search: &mut Search<'_>) {
        match self {
            Self::One(filed) => search.look_at(std::slice::from_ref(filed)),
            Self::Few(rules) => search.look_at(rules),
            Self::Many { first, inner } if *first < search.best => inner.descend(search),
            Self::Many { .. } => {}
        }
    }

    fn file(&mut self, filed: Filed) {
        let Self::Few(rules) = self else { return };
        match rules.last_mut().filter(|last| last.rule == filed.rule) {
            Some(last) => last.certain |= filed.certain,
            None => rules.push(filed),
        }
    }
}

struct Builder<'r> {
    rules: &'r [Rule],
    /// How many more places may be taken on inner levels.
    places: usize,
    /// The slots by which the rules at hand are filed already.
    used: Vec<usize>,
}

/// How often a pattern's anchor occurs among the rules at hand.
type Counts<'r> = HashMap<(usize, Anchor<'r>), u32, ahash::RandomState>;

impl<'r> Builder<'r> {
    fn index(&mut self, rules: Vec<Filed>) -> Index {
        let counts = self.counts(&rules);
        let mut index = Index::default();
        for filed in rules {
            match self.most_selective(filed.rule, &counts) {
                Some(condition) => index.file(filed, condition, &counts),
                None => index.rest.push(filed),
            }
        }
        for table in &mut index.tables {
            self.used.push(table.slot);
            table.patterns.each_value_mut(&mut |shelf| self.deepen(shelf));
            table.patterns.finish();
            self.used.pop();
        }
        index
    }

    /// Settles a full shelf: files the rules of a crowded one among themselves, where they have conditions left and
    /// space is left.
    fn deepen(&mut self, shelf: &mut Shelf) {
        let Shelf::Few(mut rules) = std::mem::take(shelf) else { return };
        let first = rules.first().map_or(u32::MAX, |filed| filed.rule);
        if rules.len() > FEW && self.take_places(&rules) {
            *shelf = Shelf::Many { first, inner: Box::new(self.index(rules)) };
            return;
        }
        for filed in &mut rules {
            filed.certain &= self.left(filed.rule).next().is_none();
        }
        *shelf = match rules.as_slice() {
            [one] => Shelf::One(*one),
            _ => Shelf::Few(rules),
        };
    }

    /// Whether there is space to file these rules by the conditions they have left, if they have any.
    fn take_places(&mut self, rules: &[Filed]) -> bool {
        let left = rules.iter().flat_map(|filed| self.left(filed.rule));
        let places: usize = left.map(|condition| condition.globs.len()).sum();
        let remaining = self.places.checked_sub(places).filter(|_| places > 0);
        self.places = remaining.unwrap_or(self.places);
        remaining.is_some()
    }

    fn counts(&self, rules: &[Filed]) -> Counts<'r> {
        let mut counts = HashMap::with_hasher(hasher());
        for condition in rules.iter().flat_map(|filed| self.left(filed.rule)) {
            for anchor in condition.globs.iter().flat_map(Anchor::of) {
                *counts.entry((condition.slot, anchor)).or_default() += 1;
            }
        }
        counts
    }

    /// The conditions of a rule by which it is not filed yet.
    fn left(&self, rule: u32) -> impl Iterator<Item = &'r Condition> {
        let rules: &'r [Rule] = self.rules;
        let conditions = rules.get(rule as usize).map(|rule| rule.conditions.as_slice()).unwrap_or_default();
        conditions.iter().filter(|condition| !self.used.contains(&condition.slot))
    }

    /// The condition whose patterns the fewest rules share; the lowest slot among equals, so that as few values as
    /// possible are asked for.
    fn most_selective(&self, rule: u32, counts: &Counts<'r>) -> Option<&'r Condition> {
        let crowd = |condition: &&Condition| {
            let crowds = condition.globs.iter().map(|glob| crowd_of(condition.slot, glob, counts));
            (crowds.max().unwrap_or_default(), condition.slot)
        };
        self.left(rule).min_by_key(crowd)
    }
}

/// How many rules share the rarest anchor of a pattern.
fn crowd_of(slot: usize, glob: &crate::Glob, counts: &Counts<'_>) -> u32 {
    Anchor::of(glob).filter_map(|anchor| counts.get(&(slot, anchor))).copied().min().unwrap_or_default()
}

impl Index {
    fn file(&mut self, filed: Filed, condition: &Condition, counts: &Counts<'_>) {
        let slot = condition.slot;
        if let Some(table) = self.tables.iter_mut().find(|table| table.slot == slot) {
            return table.file(filed, condition, counts);
        }
        let mut table = Table { slot, first: filed.rule, patterns: PatternMap::default() };
        table.file(filed, condition, counts);
        self.tables.push(table);
    }
}

impl Table {
    fn file(&mut self, filed: Filed, condition: &Condition, counts: &Counts<'_>) {
        let crowd = |anchor: Anchor<'_>| counts.get(&(condition.slot, anchor)).copied().unwrap_or_default();
        for glob in &condition.globs {
            let certain = filed.certain && Anchor::says_all(glob);
            self.patterns.change(glob, crowd, |shelf: &mut Shelf| shelf.file(Filed { certain, ..filed }));
        }
    }
}
