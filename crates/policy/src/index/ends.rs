//! Values by prefix (or suffix), found by a text in time that grows with the logarithm of the number of different
//! lengths, not with the number of prefixes.
//!
//! Binary search over the lengths with a hash map of markers: M. Waldvogel, G. Varghese, J. Turner, B. Plattner,
//! "Scalable High Speed IP Routing Lookups", SIGCOMM 1997. A marker is the beginning of a longer prefix; meeting one
//! says "look among the longer ones", and it names the longest real prefix found so far in case there is none.

use std::collections::HashMap;

use super::hasher;

/// The end of a text that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Head,
    Tail,
}

impl Side {
    fn cut(self, text: &[u8], len: usize) -> Option<&[u8]> {
        match self {
            Side::Head => text.get(..len),
            Side::Tail => text.get(text.len().checked_sub(len)?..),
        }
    }
}

/// Values by the beginning or end of a text.
#[derive(Debug)]
pub(super) struct EndMap<V> {
    ends: Ends,
    /// In the order of their insertion.
    values: Vec<V>,
}

/// The ends, without what their values are: code that is there once.
#[derive(Debug)]
struct Ends {
    side: Side,
    /// For each end with a value the next shorter one.
    shorter: Vec<Option<u32>>,
    places: HashMap<Box<[u8]>, Place, ahash::RandomState>,
    /// The different lengths of ends with a value, ascending.
    lengths: Vec<usize>,
}

/// What is known of a text that is an end or a marker.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// The entry of this very text.
    own: Option<u32>,
    /// The longest entry among the ends of this text, itself included.
    longest: Option<u32>,
}

impl<V> EndMap<V> {
    pub fn new(side: Side) -> Self {
        let places = HashMap::with_hasher(hasher());
        Self { ends: Ends { side, shorter: Vec::new(), places, lengths: Vec::new() }, values: Vec::new() }
    }

    /// Calls `see` with the value of each end that `text` has, the longest first.
    pub fn each(&self, text: &[u8], see: &mut dyn FnMut(&V)) {
        let mut next = self.ends.longest(text);
        while let Some((at, value)) = next.and_then(|at| Some((at, self.values.get(at as usize)?))) {
            see(value);
            next = self.ends.shorter.get(at as usize).copied().flatten();
        }
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut()
    }

    /// Links the ends and sets the markers.
    pub fn finish(&mut self) {
        self.ends.finish();
    }
}

impl<V: Default> EndMap<V> {
    /// Changes the value of an end.
    pub fn change(&mut self, end: &[u8], change: impl FnOnce(&mut V)) {
        let at = self.ends.number_of(end) as usize;
        if at == self.values.len() {
            self.values.push(V::default());
        }
        if let Some(value) = self.values.get_mut(at) {
            change(value);
        }
    }
}

impl Ends {
    /// The number of an end, a new one if it had none.
    fn number_of(&mut self, end: &[u8]) -> u32 {
        let next = u32::try_from(self.shorter.len()).unwrap_or(u32::MAX);
        let at = *self.places.entry(end.into()).or_default().own.get_or_insert(next);
        if at == next {
            self.shorter.push(None);
        }
        at
    }

    fn longest(&self, text: &[u8]) -> Option<u32> {
        let (mut low, mut high, mut longest) = (0, self.lengths.len(), None);
        while low < high {
            let middle = low.midpoint(high);
            let cut = self.lengths.get(middle).and_then(|len| self.side.cut(text, *len));
            match cut.and_then(|cut| self.places.get(cut)) {
                Some(place) => (low, longest) = (middle + 1, place.longest.or(longest)),
                None => high = middle,
            }
        }
        longest
    }

    fn finish(&mut self) {
        let mut ends =
            self.places.iter().filter_map(|(end, place)| Some((end.clone(), place.own?))).collect::<Vec<_>>();
        self.lengths = ends.iter().map(|(end, _)| end.len()).collect();
        self.lengths.sort_unstable();
        self.lengths.dedup();
        let side = self.side;
        ends.sort_unstable_by(|(a, _), (b, _)| match side {
            Side::Head => a.cmp(b),
            Side::Tail => a.iter().rev().cmp(b.iter().rev()),
        });
        // In this order, the shorter ends of an end are those that are still open when it comes.
        let mut open: Vec<(usize, u32)> = Vec::new();
        let mut above: Box<[u8]> = Box::default();
        for (end, own) in ends {
            while open.last().is_some_and(|(len, _)| side.cut(&end, *len) != side.cut(&above, *len)) {
                open.pop();
            }
            if let Some(shorter) = self.shorter.get_mut(own as usize) {
                *shorter = open.last().map(|(_, at)| *at);
            }
            open.push((end.len(), own));
            self.mark(&end, &open);
            above = end;
        }
    }

    /// Sets the markers on the way that the binary search takes to `end`. `open` are the lengths and entries of its
    /// own ends with a value, itself the last.
    fn mark(&mut self, end: &[u8], open: &[(usize, u32)]) {
        let (mut low, mut high) = (0, self.lengths.len());
        while low < high {
            let middle = low.midpoint(high);
            let Some(len) = self.lengths.get(middle).copied().filter(|len| *len <= end.len()) else {
                high = middle;
                continue;
            };
            if let Some(cut) = self.side.cut(end, len) {
                let longest = open.iter().rev().find(|(open, _)| *open <= len).map(|(_, at)| *at);
                self.places.entry(cut.into()).or_default().longest = longest;
            }
            low = middle + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn map_of(side: Side, ends: &[String]) -> EndMap<Vec<String>> {
        let mut map: EndMap<Vec<String>> = EndMap::new(side);
        for end in ends {
            map.change(end.as_bytes(), |ends| ends.push(end.clone()));
        }
        map.finish();
        map
    }

    fn found(map: &EndMap<Vec<String>>, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        map.each(text.as_bytes(), &mut |ends| found.extend(ends.iter().cloned()));
        found.sort();
        found
    }

    proptest! {
        #[test]
        fn finds_the_ends_of_a_text(
            ends in prop::collection::vec("[ab]{1,7}", 0..20),
            text in "[ab]{0,9}",
        ) {
            let mut heads: Vec<String> = ends.iter().filter(|end| text.starts_with(*end)).cloned().collect();
            let mut tails: Vec<String> = ends.iter().filter(|end| text.ends_with(*end)).cloned().collect();
            heads.sort();
            tails.sort();
            prop_assert_eq!(found(&map_of(Side::Head, &ends), &text), heads);
            prop_assert_eq!(found(&map_of(Side::Tail, &ends), &text), tails);
        }
    }
}
