//! A set of recognizers.

/// How many recognizers there can be, those of the configuration among them.
pub const MAX: usize = 320;

/// A set of recognizers by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits([u64; MAX / 64]);

impl Bits {
    /// All recognizers.
    pub const ALL: Self = Self([u64::MAX; MAX / 64]);

    /// Adds one.
    pub fn set(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Whether it is in.
    pub fn has(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Whether nothing is in.
    pub fn is_empty(&self) -> bool {
        // Not `==`, which calls the comparison of memory.
        self.0.iter().fold(0, |all, word| all | word) == 0
    }

    /// What is in both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
        self
    }

    /// What is in one of both.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
        self
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(at, word)| {
            std::iter::successors((word != 0).then_some(word), |word| Some(word & (word - 1)).filter(|word| *word != 0))
                .map(move |word| at * 64 + word.trailing_zeros() as usize)
        })
    }
}
