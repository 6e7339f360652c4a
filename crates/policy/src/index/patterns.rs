//! Values filed by patterns, to be found by a text that the patterns may match.

use std::collections::HashMap;

use super::ends::{EndMap, Side};
use super::hasher;
use crate::Glob;
use crate::glob::Ends;

/// What a pattern is filed under: a text that every match has as a whole or at one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Anchor<'g> {
    Exact(&'g [u8]),
    Head(&'g [u8]),
    Tail(&'g [u8]),
    /// The pattern has no literal end: every text must be tried.
    Anywhere,
}

impl<'g> Anchor<'g> {
    /// The anchors to choose from; never empty.
    pub fn of(glob: &'g Glob) -> impl Iterator<Item = Anchor<'g>> {
        let (one, other) = match glob.ends() {
            Ends::Exact(text) => (Anchor::Exact(text), None),
            Ends::Wild { head: [], tail: [] } => (Anchor::Anywhere, None),
            Ends::Wild { head, tail: [] } => (Anchor::Head(head), None),
            Ends::Wild { head: [], tail } => (Anchor::Tail(tail), None),
            Ends::Wild { head, tail } => (Anchor::Head(head), Some(Anchor::Tail(tail))),
        };
        std::iter::once(one).chain(other)
    }

    /// Whether every text with the pattern's anchor matches the pattern.
    pub fn says_all(glob: &Glob) -> bool {
        match glob.ends() {
            Ends::Exact(_) => true,
            Ends::Wild { head, tail } => {
                let stars = glob.as_str().len() - head.len() - tail.len();
                (head.is_empty() || tail.is_empty()) && stars == 1
            }
        }
    }
}

/// Values by pattern. [`finish`](Self::finish) must be called after the last insertion.
#[derive(Debug)]
pub(crate) struct PatternMap<V> {
    exact: HashMap<Box<[u8]>, V, ahash::RandomState>,
    heads: EndMap<V>,
    tails: EndMap<V>,
    anywhere: Option<V>,
}

impl<V> Default for PatternMap<V> {
    fn default() -> Self {
        let (heads, tails) = (EndMap::new(Side::Head), EndMap::new(Side::Tail));
        Self { exact: HashMap::with_hasher(hasher()), heads, tails, anywhere: None }
    }
}

impl<V: Default> PatternMap<V> {
    /// Changes the value under a pattern's anchor, under the least crowded one where there are two.
    pub fn change(&mut self, glob: &Glob, crowd: impl Fn(Anchor<'_>) -> u32, change: impl FnOnce(&mut V)) {
        let anchor = Anchor::of(glob).min_by_key(|anchor| crowd(*anchor)).unwrap_or(Anchor::Anywhere);
        match anchor {
            Anchor::Exact(text) => change(self.exact.entry(text.into()).or_default()),
            Anchor::Head(end) => self.heads.change(end, change),
            Anchor::Tail(end) => self.tails.change(end, change),
            Anchor::Anywhere => change(self.anywhere.get_or_insert_default()),
        }
    }
}

impl<V> PatternMap<V> {
    /// Prepares the map for look-ups.
    pub fn finish(&mut self) {
        self.heads.finish();
        self.tails.finish();
        self.exact.shrink_to_fit();
    }

    /// Calls `see` with every value filed under a pattern that may match `text`.
    pub fn each(&self, text: &[u8], see: &mut dyn FnMut(&V)) {
        if let Some(value) = self.exact.get(text) {
            see(value);
        }
        self.heads.each(text, see);
        self.tails.each(text, see);
        self.anywhere.iter().for_each(see);
    }

    /// Calls `change` with every value, in an order of no meaning.
    pub fn each_value_mut(&mut self, change: &mut dyn FnMut(&mut V)) {
        self.exact.values_mut().for_each(&mut *change);
        self.heads.values_mut().for_each(&mut *change);
        self.tails.values_mut().for_each(&mut *change);
        self.anywhere.iter_mut().for_each(change);
    }
}
