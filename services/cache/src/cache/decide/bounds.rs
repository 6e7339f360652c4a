//! Confidence bounds of a share. Two kinds: for a number of trials that was fixed beforehand (Clopper and Pearson 1934), and
//! for a series that is looked at after every trial.
//!
//! The second is a test martingale: against "the share is at least `p`" it bets, with a mixture of smaller shares `q = c·p`,
//! on each outcome. Its wealth is a supermartingale whenever each outcome, given the past, is wrong with probability `p` or
//! more, so by Ville's inequality it ever exceeds `1/α` with probability at most `α`, however often one looks and whenever one
//! stops (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021; Waudby-Smith and Ramdas 2024).

/// The bets: which part of `p`, and how much is put on it. A quarter lies on "never", which is the fastest to win.
const BETS: [(f64, f64); 11] = [
    (0.0, 0.25),
    (0.02, 0.10),
    (0.05, 0.10),
    (0.1, 0.10),
    (0.2, 0.10),
    (0.3, 0.10),
    (0.4, 0.10),
    (0.5, 0.05),
    (0.6, 0.04),
    (0.75, 0.03),
    (0.9, 0.03),
];

/// Logarithm of the wealth against "at least `p` of these are wrong", for `p` between 0 and 1.
pub fn wealth(trials: u64, wrong: u64, p: f64) -> f64 {
    let right = trials.saturating_sub(wrong) as f64;
    let wealth = |(c, stake): (f64, f64)| {
        let won = right * ((1.0 - c * p) / (1.0 - p)).ln();
        // 0 to the power of 0 is 1: nothing was lost yet.
        let lost = if wrong == 0 { 0.0 } else { wrong as f64 * c.ln() };
        stake.ln() + won + lost
    };
    let each = BETS.map(wealth);
    let most = each.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + each.iter().map(|one| (one - most).exp()).sum::<f64>().ln()
}

/// The upper bound of the share that holds after every trial at once, with probability `1 - alpha`.
pub fn always_below(trials: u64, wrong: u64, alpha: f64) -> f64 {
    bisect(|p| wealth(trials, wrong, p) >= -alpha.ln())
}

/// Clopper and Pearson's upper bound for a fixed number of trials.
pub fn at_most(trials: u64, wrong: u64, alpha: f64) -> f64 {
    if wrong >= trials { 1.0 } else { bisect(|p| at_or_below(trials, wrong, p) <= alpha) }
}

/// Clopper and Pearson's lower bound for a fixed number of trials.
pub fn at_least(trials: u64, wrong: u64, alpha: f64) -> f64 {
    1.0 - at_most(trials, trials.saturating_sub(wrong), alpha)
}

/// The least `p` for which it holds; it holds from there on.
fn bisect(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut below, mut above) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = (below + above) / 2.0;
        if holds(middle) { above = middle } else { below = middle }
    }
    above
}

/// The probability of at most `wrong` of `trials`.
fn at_or_below(trials: u64, wrong: u64, p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return if p <= 0.0 { 1.0 } else { 0.0 };
    }
    let mut term = trials as f64 * (1.0 - p).ln();
    let mut sum = term.exp();
    for k in 0..wrong.min(trials) {
        term += ((trials - k) as f64 / (k + 1) as f64).ln() + p.ln() - (1.0 - p).ln();
        sum += term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clopper_and_pearson_agree_with_their_tables() {
        assert!((at_most(10, 0, 0.025) - 0.3085).abs() < 1e-4);
        assert!((at_most(10, 3, 0.025) - 0.6525).abs() < 1e-4);
        assert!((at_least(10, 3, 0.025) - 0.0667).abs() < 1e-4);
        assert_eq!(at_most(0, 0, 0.05), 1.0);
        assert_eq!(at_least(0, 0, 0.05), 0.0);
    }

    #[test]
    fn the_bound_for_every_look_is_wider_and_closes_in() {
        for (trials, wrong) in [(100, 0), (1000, 3), (5000, 40)] {
            assert!(always_below(trials, wrong, 0.05) > at_most(trials, wrong, 0.05));
        }
        assert!(always_below(20_000, 100, 0.05) < 0.008);
        assert!(always_below(0, 0, 0.05) >= 1.0 - 1e-9);
    }
}
