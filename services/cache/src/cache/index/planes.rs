//! Vectors of eight bits per component, kept as two planes of four bits, so that a scan reads half of each row.
//!
//! A component `x` is `16·h - 128 + l` with `h` and `l` from 0 to 15. The scan knows `h` of each row and the length of the
//! rest `l - 7.5`; a row whose cosine could not come up to what is wanted, whatever its rest (Cauchy and Schwarz), is left
//! alone. The others are calculated whole, so what is found is what a scan of all bits finds, to the last bit.

use crate::cache::vector::Vector;

/// So many bytes of a row are worked on at a time.
const LANES: usize = 32;

/// As many blocks of a row as 16-bit sums hold: each adds at most 2 · 15 · 127 to each sum.
const BLOCKS: usize = 8;

/// Rows of blocks of four-bit pairs: a byte holds a component of the first half of a vector and, in its upper bits, one of the
/// second half. What is left of the last block is nothing to a query, which is 0 there.
#[derive(Debug)]
pub(super) struct Planes {
    dims: usize,
    /// Blocks of a row in each plane.
    width: usize,
    high: Vec<[u8; LANES]>,
    low: Vec<[u8; LANES]>,
    scales: Vec<Scale>,
}

#[derive(Debug, Clone, Copy)]
struct Scale {
    /// 1 / length of the row.
    inverse: f32,
    /// How much the low plane can change a cosine.
    slack: f32,
}

/// More than the roundings of a cosine come to.
const ROUNDING: f32 = 1e-5;

/// A vector that rows are compared with.
pub(super) struct Query {
    front: Vec<[i8; LANES]>,
    back: Vec<[i8; LANES]>,
    sum: i32,
    inverse: f32,
}

impl Planes {
    pub(super) fn new(dims: usize) -> Self {
        Self { dims, width: dims.div_ceil(2 * LANES), high: Vec::new(), low: Vec::new(), scales: Vec::new() }
    }

    /// Adds a row; `false` where the vector has another number of dimensions, or none.
    pub(super) fn push(&mut self, vector: &Vector) -> bool {
        let components = vector.components();
        if components.len() != self.dims || self.dims == 0 {
            return false;
        }
        if self.high.len() + self.width > self.high.capacity() {
            // A quarter more at a time: doubling would leave half of the memory empty.
            let more = (self.high.len() / 4).max(16 * self.width);
            self.high.reserve_exact(more);
            self.low.reserve_exact(more);
        }
        let (front, back) = self.halves(components);
        for (front, back) in front.iter().zip(&back) {
            self.high.push(pairs(front, back, high));
            self.low.push(pairs(front, back, low));
        }
        let rest = components.iter().map(|x| (f32::from(low(*x)) - 7.5).powi(2)).sum::<f32>().sqrt();
        let inverse = vector.inverse_length();
        self.scales.push(Scale { inverse, slack: rest * inverse + ROUNDING });
        true
    }

    /// Removes a row; the last one takes its place. The row must be there.
    pub(super) fn swap_remove(&mut self, row: usize) {
        let last = (self.scales.len() - 1) * self.width;
        for plane in [&mut self.high, &mut self.low] {
            plane.copy_within(last..last + self.width, row * self.width);
            plane.truncate(last);
        }
        self.scales.swap_remove(row);
    }

    /// The query for these rows; `None` where it has another number of dimensions, or none.
    pub(super) fn query(&self, vector: &Vector) -> Option<Query> {
        let components = vector.components();
        if components.len() != self.dims || self.dims == 0 {
            return None;
        }
        let (front, back) = self.halves(components);
        let sum = components.iter().map(|x| i32::from(*x)).sum();
        Some(Query { front, back, sum, inverse: vector.inverse_length() })
    }

    /// Both halves of a vector in blocks, with zeros behind them.
    fn halves(&self, components: &[i8]) -> (Vec<[i8; LANES]>, Vec<[i8; LANES]>) {
        let mut blocks = components.chunks(LANES).map(|part| {
            let mut block = [0; LANES];
            block.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            block
        });
        let front: Vec<_> = blocks.by_ref().take(self.width).collect();
        let mut back: Vec<_> = blocks.collect();
        back.resize(front.len(), [0; LANES]);
        (front, back)
    }

    /// Tells `offer` of each row that may be at least as similar as it last asked for: the row and its exact cosine. It
    /// answers with what is wanted from then on. Always inlined, so that it is compiled once for each kind of CPU.
    #[inline(always)]
    pub(super) fn scan(&self, query: &Query, floor: f32, mut offer: impl FnMut(usize, f32) -> f32) {
        let mut floor = floor;
        let rows = self.high.chunks_exact(self.width).zip(&self.scales).enumerate();
        for (row, (high, scale)) in rows {
            let high = dot(high, query);
            #[allow(clippy::cast_precision_loss)]
            let middle = (16 * high) as f32 - 120.5 * query.sum as f32;
            if middle * query.inverse * scale.inverse + scale.slack >= floor {
                floor = offer(row, self.exact(query, row, high, scale.inverse));
            }
        }
    }

    /// The cosine of a row, whose high plane is known.
    #[inline(always)]
    fn exact(&self, query: &Query, row: usize, high: i32, inverse: f32) -> f32 {
        let low = self.low.get(row * self.width..(row + 1) * self.width).unwrap_or_default();
        let whole = 16 * high - 128 * query.sum + dot(low, query);
        #[allow(clippy::cast_precision_loss)]
        let whole = whole as f32;
        whole * query.inverse * inverse
    }
}

fn high(component: i8) -> u8 {
    ((component >> 4) + 8).cast_unsigned()
}

fn low(component: i8) -> u8 {
    (component & 15).cast_unsigned()
}

fn pairs(front: &[i8; LANES], back: &[i8; LANES], plane: fn(i8) -> u8) -> [u8; LANES] {
    let mut pairs = [0; LANES];
    for ((pair, front), back) in pairs.iter_mut().zip(front).zip(back) {
        *pair = plane(*front) | plane(*back) << 4;
    }
    pairs
}

/// Sum of products with the components of one plane.
#[inline(always)]
fn dot(row: &[[u8; LANES]], query: &Query) -> i32 {
    let mut sum = 0;
    // No closure: one that is not inlined is compiled for the oldest CPU alone.
    for ((row, front), back) in row.chunks(BLOCKS).zip(query.front.chunks(BLOCKS)).zip(query.back.chunks(BLOCKS)) {
        sum += short(row, front, back);
    }
    sum
}

/// [`dot`] of at most [`BLOCKS`] blocks.
#[inline(always)]
fn short(row: &[[u8; LANES]], front: &[[i8; LANES]], back: &[[i8; LANES]]) -> i32 {
    let mut sums = [0_i16; LANES];
    for ((row, front), back) in row.iter().zip(front).zip(back) {
        for (((sum, pair), front), back) in sums.iter_mut().zip(row).zip(front).zip(back) {
            *sum += i16::from(pair & 15) * i16::from(*front) + i16::from(pair >> 4) * i16::from(*back);
        }
    }
    sums.iter().map(|sum| i32::from(*sum)).sum()
}
