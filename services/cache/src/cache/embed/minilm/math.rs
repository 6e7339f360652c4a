//! The functions between the products. Written as loops over arrays of sixteen, which the compiler turns into vector code
//! where the caller runs them under [`pulp::Arch::dispatch`].

const LANES: usize = 16;

/// Sum of products of two rows of one length.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// Sum of a row.
#[inline(always)]
pub fn sum(a: &[f32]) -> f32 {
    let (a, rest) = a.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for a in a {
        for (sum, a) in sums.iter_mut().zip(a) {
            *sum += a;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// Makes a row of logits a row of shares that add up to 1.
#[inline(always)]
pub fn softmax(row: &mut [f32]) {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for value in row.iter_mut() {
        *value = (*value - most).exp();
    }
    let total = sum(row);
    for value in row.iter_mut() {
        *value /= total;
    }
}

/// `x · Φ(x)`, the exact form with the error function, in place.
#[inline(always)]
pub fn gelu(row: &mut [f32]) {
    for x in row {
        *x = 0.5 * *x * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// The error function as a rational function of degree 13 over 8 on -4 to 4, beyond which it is ±1 in `f32`. The
/// coefficients are those of Eigen's `generic_fast_erf_float`; it has no branch, so it runs in vectors.
#[inline(always)]
#[allow(clippy::excessive_precision)]
fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let q = x * x;
    let mut p = -2.726_142_258_013_06e-10;
    for c in [
        2.770_681_424_959_02e-8,
        -2.101_024_020_825_08e-6,
        -5.692_506_394_623_46e-5,
        -7.349_906_303_268_55e-4,
        -2.954_599_808_540_25e-3,
        -1.609_603_332_624_15e-2,
    ] {
        p = p * q + c;
    }
    let mut d = -1.456_607_184_649_96e-5;
    for c in [-2.133_740_552_789_05e-4, -1.682_826_974_382_03e-3, -7.373_329_167_204_68e-3, -1.426_473_905_141_89e-2] {
        d = d * q + c;
    }
    x * p / d
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Maclaurin series in `f64`: exact enough on -3 to 3.
    fn series(x: f64) -> f64 {
        let (mut term, mut total) = (x, x);
        for n in 1..100 {
            term *= -x * x / f64::from(n);
            total += term / f64::from(2 * n + 1);
        }
        total * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn the_error_function_is_exact_in_f32() {
        for step in -300..=300 {
            let x = f64::from(step) / 100.0;
            assert!((f64::from(erf(x as f32)) - series(x)).abs() < 5e-7, "erf({x})");
        }
        assert!((erf(9.0) - 1.0).abs() < 1e-6);
        assert!((erf(-9.0) + 1.0).abs() < 1e-6);
    }

    #[test]
    fn shares_add_up_to_one() {
        let mut row = [1.0, 900.0, 899.0];
        softmax(&mut row);
        assert!((sum(&row) - 1.0).abs() < 1e-6);
        assert!(row[1] > 0.7 && row[0] < 1e-6);
    }

    #[test]
    fn odd_lengths_are_summed_whole() {
        let row: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert!((sum(&row) - 666.0).abs() < 1e-3);
        assert!((dot(&row, &row) - 16_206.0).abs() < 1e-1);
    }
}
