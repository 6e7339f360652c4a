//! The vectors of one partition, in memory: a flat scan that always finds the nearest, over half of their bits where that is
//! enough to leave one out ([`planes`]).
//!
//! A partition per scope instead of one index with a filter: a filtered graph search takes tens of milliseconds and loses
//! neighbours, and a mistake in the filter shows one tenant's answer to another.

mod planes;

use super::vector::Vector;
use planes::{Planes, Query};
use pulp::{Arch, Simd, WithSimd};

/// One neighbour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The number that [`Index::push`] was given.
    pub entry: u64,
    /// Cosine, -1 to 1.
    pub similarity: f32,
}

/// The bounds of a search.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// At most so many.
    pub count: usize,
    /// At least this similar.
    pub floor: f32,
    /// Not expired at this time, in milliseconds since 1970.
    pub now_ms: u64,
    /// Made at or after this time.
    pub since_ms: u64,
}

/// When an entry was made and until when it may be used, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// It was stored.
    pub created_ms: u64,
    /// It is no longer used from this time on.
    pub expires_ms: u64,
}

impl Life {
    fn within(self, bounds: &Bounds) -> bool {
        self.expires_ms > bounds.now_ms && self.created_ms >= bounds.since_ms
    }
}

/// The vectors of one partition; rows move when one is removed.
#[derive(Debug)]
pub struct Index {
    arch: Arch,
    planes: Planes,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    entry: u64,
    owner: u32,
    life: Life,
}

impl Index {
    /// For vectors of so many dimensions.
    #[must_use]
    pub fn new(dims: usize) -> Self {
        Self { arch: Arch::new(), planes: Planes::new(dims), rows: Vec::new() }
    }

    /// How many vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a vector; `owner` is told when its row moves. `None` where it has another number of dimensions.
    pub fn push(&mut self, vector: &Vector, entry: u64, owner: u32, life: Life) -> Option<u32> {
        let row = u32::try_from(self.rows.len()).ok()?;
        if !self.planes.push(vector) {
            return None;
        }
        self.rows.push(Row { entry, owner, life });
        Some(row)
    }

    /// Removes a row. The last one takes its place: its owner, where one moved.
    pub fn remove(&mut self, row: u32) -> Option<u32> {
        let at = row as usize;
        if at >= self.rows.len() {
            return None;
        }
        self.rows.swap_remove(at);
        self.planes.swap_remove(at);
        self.rows.get(at).map(|moved| moved.owner)
    }

    /// The nearest, best first.
    #[must_use]
    pub fn nearest(&self, query: &Vector, bounds: &Bounds) -> Vec<Neighbour> {
        let Some(query) = self.planes.query(query).filter(|_| bounds.count > 0) else { return Vec::new() };
        let mut best = Best::new(bounds.count, bounds.floor);
        self.arch.dispatch(Scan { index: self, query: &query, bounds, best: &mut best });
        best.end()
    }
}

/// A scan, as [`Arch::dispatch`] takes it. A closure would do as well, but is not inlined, and then the loop is compiled for the
/// oldest CPU alone.
struct Scan<'a> {
    index: &'a Index,
    query: &'a Query,
    bounds: &'a Bounds,
    best: &'a mut Best,
}

impl WithSimd for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { index, query, bounds, best } = self;
        index.planes.scan(query, best.floor, |at, similarity| {
            if similarity >= best.floor
                && let Some(row) = index.rows.get(at)
                && row.life.within(bounds)
            {
                best.offer(Neighbour { entry: row.entry, similarity });
            }
            best.floor
        });
    }
}

/// The best so far, best first. Few enough that a sorted list beats a heap.
#[derive(Debug)]
struct Best {
    count: usize,
    floor: f32,
    found: Vec<Neighbour>,
}

impl Best {
    fn new(count: usize, floor: f32) -> Self {
        Self { count, floor, found: Vec::with_capacity(count + 1) }
    }

    #[cold]
    fn offer(&mut self, neighbour: Neighbour) {
        let at = self.found.partition_point(|other| other.similarity >= neighbour.similarity);
        self.found.insert(at, neighbour);
        self.found.truncate(self.count);
        if self.found.len() == self.count {
            self.floor = self.found.last().map_or(self.floor, |last| last.similarity);
        }
    }

    fn end(self) -> Vec<Neighbour> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Index, Life};
    use crate::cache::vector::Vector;
    use proptest::prelude::*;

    const BOUNDS: Bounds = Bounds { count: 5, floor: -1.0, now_ms: 10, since_ms: 0 };
    const LIFE: Life = Life { created_ms: 1, expires_ms: 100 };

    proptest! {
        /// To the last bit, whatever the dimensions, and where many rows are nearly the same.
        #[test]
        fn the_scan_finds_what_a_sort_finds(
            (mut rows, near, query) in (1_usize..1100).prop_flat_map(|dims| (
                proptest::collection::vec(of(dims), 1..40),
                proptest::collection::vec((any::<prop::sample::Index>(), -127_i8..=127), 0..40),
                of(dims),
            )),
            floor in -1.0_f32..1.0,
        ) {
            // Rows as the query, but for one component.
            for (at, value) in near {
                let mut row: Vec<f32> = query.components().iter().map(|x| f32::from(*x)).collect();
                let at = at.index(row.len());
                row[at] = f32::from(value);
                rows.extend(Vector::quantise(&row));
            }
            let mut index = Index::new(query.components().len());
            for (number, row) in rows.iter().enumerate() {
                index.push(row, number as u64, 0, LIFE).unwrap();
            }
            let found: Vec<f32> =
                index.nearest(&query, &Bounds { floor, ..BOUNDS }).iter().map(|near| near.similarity).collect();
            let mut sorted: Vec<f32> = rows.iter().map(|row| query.cosine(row)).filter(|near| *near >= floor).collect();
            sorted.sort_by(|a, b| b.total_cmp(a));
            sorted.truncate(5);
            prop_assert_eq!(found, sorted);
        }

        #[test]
        fn what_was_removed_is_gone_and_the_rest_is_found(
            rows in proptest::collection::vec(vector(), 2..30),
            removals in proptest::collection::vec(any::<prop::sample::Index>(), 1..20),
        ) {
            let mut index = Index::new(32);
            // Where each entry's row is, as the owner is told.
            let mut places: Vec<Option<u32>> = Vec::new();
            for (number, row) in rows.iter().enumerate() {
                places.push(index.push(row, number as u64, number as u32, LIFE));
            }
            for removal in removals {
                let at = removal.index(rows.len());
                if let Some(row) = places[at].take()
                    && let Some(moved) = index.remove(row)
                {
                    places[moved as usize] = Some(row);
                }
            }
            prop_assert_eq!(index.len(), places.iter().flatten().count());
            let everything = Bounds { count: rows.len(), ..BOUNDS };
            let found = index.nearest(&rows[0], &everything);
            for (number, place) in places.iter().enumerate() {
                let near = found.iter().find(|near| near.entry == number as u64);
                prop_assert_eq!(near.is_some(), place.is_some());
                if let Some(near) = near {
                    prop_assert!((near.similarity - cosine(&rows[0], &rows[number])).abs() < 1e-4);
                }
            }
        }
    }

    fn vector() -> impl Strategy<Value = Vector> {
        of(32)
    }

    fn of(dims: usize) -> impl Strategy<Value = Vector> {
        proptest::collection::vec(-1.0_f32..1.0, dims).prop_filter_map("a direction", |row| Vector::quantise(&row))
    }

    fn cosine(a: &Vector, b: &Vector) -> f32 {
        a.unit().iter().zip(b.unit()).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn too_old_expired_and_of_other_dimensions_is_not_found() {
        let mut index = Index::new(2);
        let vector = Vector::quantise(&[1.0, 0.0]).unwrap();
        index.push(&vector, 1, 0, Life { created_ms: 1, expires_ms: 10 });
        index.push(&vector, 2, 0, Life { created_ms: 4, expires_ms: 11 });
        let found = |bounds: Bounds| index.nearest(&vector, &bounds).iter().map(|near| near.entry).collect::<Vec<_>>();
        assert_eq!(found(BOUNDS), [2]);
        assert_eq!(found(Bounds { since_ms: 5, ..BOUNDS }), [0_u64; 0]);
        assert_eq!(found(Bounds { now_ms: 9, ..BOUNDS }), [1, 2]);
        let longer = Vector::quantise(&[1.0, 0.0, 0.0]).unwrap();
        assert!(index.nearest(&longer, &BOUNDS).is_empty());
        assert_eq!(index.push(&longer, 3, 0, LIFE), None);
    }
}
