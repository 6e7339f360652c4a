//! The statistics: one value per round.

/// A value of each round, in the order of the rounds. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Series(Vec<f64>);

impl Series {
    /// What a series of samples says of one thing.
    ///
    /// # Panics
    /// Where there is no sample.
    pub fn of<T>(samples: &[T], value: impl Fn(&T) -> f64) -> Self {
        assert!(!samples.is_empty(), "a series has at least one round");
        Self(samples.iter().map(value).collect())
    }

    /// The middle value; of an even number of rounds, the mean of the two in the middle.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
    }

    /// The smallest value.
    pub fn min(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The largest value.
    pub fn max(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The median of the ratios of each round: what made the whole machine slow in a round made both slow.
    pub fn ratio_to(&self, baseline: &Self) -> f64 {
        self.beside(baseline, |value, base| value / base)
    }

    /// The median of the differences of each round.
    pub fn excess_over(&self, baseline: &Self) -> f64 {
        self.beside(baseline, |value, base| value - base)
    }

    fn beside(&self, baseline: &Self, compare: impl Fn(f64, f64) -> f64) -> f64 {
        Self(self.0.iter().zip(&baseline.0).map(|(value, base)| compare(*value, *base)).collect()).median()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        Series::of(values, |value| *value)
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(series(&[3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(series(&[4.0, 1.0, 3.0, 2.0]).median(), 2.5);
        assert_eq!(series(&[7.0]).median(), 7.0);
    }

    #[test]
    fn the_range_is_of_all_rounds() {
        let series = series(&[3.0, -1.0, 2.0]);
        assert_eq!((series.min(), series.max()), (-1.0, 3.0));
    }

    #[test]
    fn ratios_are_taken_per_round() {
        // The machine was half as fast in the second round: the ratio does not see it, a ratio of medians would.
        let baseline = series(&[100.0, 50.0, 100.0, 50.0]);
        let filter = series(&[90.0, 45.0, 90.0, 45.0]);
        assert_eq!(filter.ratio_to(&baseline), 0.9);
        assert_eq!(filter.ratio_to(&filter), 1.0);
        assert_eq!(filter.excess_over(&baseline), -7.5);
    }
}
