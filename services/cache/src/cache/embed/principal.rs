//! Principal components by subspace iteration: the directions in which rows differ most.

/// Rows of `from` numbers, less their mean, in their `to` strongest directions. `to` is at most `from`.
pub fn project(rows: &[f32], from: usize, to: usize) -> Vec<f32> {
    let count = (rows.len() / from.max(1)).max(1);
    let mut mean = vec![0.0f64; from];
    for row in rows.chunks_exact(from) {
        for (mean, value) in mean.iter_mut().zip(row) {
            *mean += f64::from(*value) / count as f64;
        }
    }
    let centred: Vec<Vec<f64>> = rows
        .chunks_exact(from)
        .map(|row| row.iter().zip(&mean).map(|(value, mean)| f64::from(*value) - mean).collect())
        .collect();
    let mut covariance = vec![vec![0.0; from]; from];
    for row in &centred {
        for (line, x) in covariance.iter_mut().zip(row) {
            for (cell, y) in line.iter_mut().zip(row) {
                *cell += x * y / count as f64;
            }
        }
    }
    let directions = strongest(&covariance, to);
    centred
        .iter()
        .flat_map(|row| directions.iter().map(|direction| dot(direction, row) as f32).collect::<Vec<_>>())
        .collect()
}

/// The eigenvectors of the largest eigenvalues of a symmetric matrix, as far as forty rounds bring them.
fn strongest(matrix: &[Vec<f64>], count: usize) -> Vec<Vec<f64>> {
    let size = matrix.len();
    // A start that lies in no direction's null space, the same on every machine.
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let mut basis: Vec<Vec<f64>> = (0..count).map(|_| (0..size).map(|_| random()).collect()).collect();
    for _ in 0..40 {
        basis = basis.iter().map(|vector| matrix.iter().map(|line| dot(line, vector)).collect()).collect();
        orthonormalise(&mut basis);
    }
    basis
}

/// Gram and Schmidt, each vector twice for the sake of rounding.
fn orthonormalise(basis: &mut [Vec<f64>]) {
    for at in 0..basis.len() {
        let (done, rest) = basis.split_at_mut(at);
        let Some(vector) = rest.first_mut() else { return };
        for _ in 0..2 {
            for other in done.iter() {
                let along = dot(other, vector);
                for (value, other) in vector.iter_mut().zip(other) {
                    *value -= along * other;
                }
            }
        }
        let length = dot(vector, vector).sqrt().max(f64::MIN_POSITIVE);
        vector.iter_mut().for_each(|value| *value /= length);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_direction_in_which_rows_differ() {
        let rows: Vec<f32> =
            (0..100).flat_map(|i| [5.0 + i as f32, 3.0 - i as f32, 1.0 + (i % 2) as f32 / 10.0]).collect();
        let kept = project(&rows, 3, 1);
        let (first, last) = (kept[0], kept[99]);
        assert!(((first - last).abs() - 99.0 * 2f32.sqrt()).abs() < 0.01, "{first} to {last}");
        assert!(kept.iter().sum::<f32>().abs() < 0.01);
    }
}
