//! How many tokens of a model a byte of text really is: learned from what upstreams report.

/// So many models are learned; what comes later is estimated as any text.
const MOST_MODELS: usize = 256;

/// Ratios are in 1024ths.
const ONE: u64 = 1024;

/// Real tokens per estimated one, by model, in the order of their names; each worker learns for itself.
#[derive(Debug, Default)]
pub(crate) struct Ratios(Vec<(String, Ratio)>);

#[derive(Debug, Clone, Copy)]
struct Ratio {
    input: u64,
    output: u64,
}

impl Ratios {
    /// Real tokens of what was estimated for this model, rounded up.
    pub fn input(&self, model: &str, estimate: u64) -> u64 {
        corrected(estimate, self.of(model).map_or(ONE, |ratio| ratio.input))
    }

    /// As [`Ratios::input`], for answers.
    pub fn output(&self, model: &str, estimate: u64) -> u64 {
        corrected(estimate, self.of(model).map_or(ONE, |ratio| ratio.output))
    }

    /// Learns from one call: estimated and real, of input and output. What is too small to tell is left out.
    pub fn learn(&mut self, model: &str, input: (u64, u64), output: (u64, u64)) {
        let at = self.place(model).unwrap_or_else(|at| {
            if self.0.len() < MOST_MODELS && model.len() <= 128 {
                self.0.insert(at, (model.to_owned(), Ratio { input: ONE, output: ONE }));
            }
            at
        });
        if let Some((_, ratio)) = self.0.get_mut(at).filter(|(name, _)| name == model) {
            ratio.input = moved(ratio.input, input);
            ratio.output = moved(ratio.output, output);
        }
    }

    fn place(&self, model: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(name, _)| name.as_str().cmp(model))
    }

    fn of(&self, model: &str) -> Option<&Ratio> {
        self.place(model).ok().and_then(|at| self.0.get(at)).map(|(_, ratio)| ratio)
    }
}

fn corrected(estimate: u64, ratio: u64) -> u64 {
    u64::try_from((u128::from(estimate) * u128::from(ratio)).div_ceil(u128::from(ONE))).unwrap_or(u64::MAX)
}

/// An eighth of the way to what was seen, within a quarter and eight times of what is estimated for any text.
fn moved(ratio: u64, (estimated, real): (u64, u64)) -> u64 {
    if estimated < 8 || real == 0 {
        return ratio;
    }
    let seen = u128::from(real) * u128::from(ONE) / u128::from(estimated);
    let seen = u64::try_from(seen).unwrap_or(u64::MAX).clamp(ONE / 4, ONE * 8);
    (ratio * 7 + seen).div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_learned_within_some_calls() {
        let mut ratios = Ratios::default();
        assert_eq!(ratios.input("m", 100), 100);
        for _ in 0..40 {
            ratios.learn("m", (100, 130), (100, 50));
        }
        assert!((129..=132).contains(&ratios.input("m", 100)), "{}", ratios.input("m", 100));
        assert!((50..=52).contains(&ratios.output("m", 100)));
        assert_eq!(ratios.input("other", 100), 100);
    }

    #[test]
    fn nonsense_moves_little_and_names_are_bounded() {
        let mut ratios = Ratios::default();
        ratios.learn("m", (u64::MAX, u64::MAX), (8, u64::MAX));
        assert!(ratios.output("m", 8) <= 16);
        for n in 0..1000 {
            ratios.learn(&n.to_string(), (100, 100), (100, 100));
        }
        assert!(ratios.0.len() <= MOST_MODELS);
    }
}
