//! Matrix products for a handful of rows: the weights are laid out once, in panels as wide as two vectors of this
//! machine, and read from front to back for every few rows. No copy of a weight is made per call.

use pulp::{Arch, Simd, WithSimd};

/// Vectors per panel.
const VECTORS: usize = 2;

/// Rows that are multiplied at once. 6 x 2 sums, two weights and one factor fit into 16 registers.
const ROWS: usize = 6;

/// A linear layer: `y = x · Wᵀ + b`.
pub struct Linear {
    arch: Arch,
    inputs: usize,
    outputs: usize,
    width: usize,
    /// One panel after the other: for each input, `width` outputs' weights.
    panels: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    /// From a matrix of `outputs` rows by `inputs` columns. `None` where the lengths disagree, or the outputs don't fill panels.
    pub fn new(arch: Arch, weight: &[f32], bias: &[f32]) -> Option<Self> {
        let outputs = bias.len();
        let inputs = weight.len().checked_div(outputs)?;
        let width = arch.dispatch(Width) * VECTORS;
        if inputs * outputs != weight.len() || inputs == 0 || !outputs.is_multiple_of(width) {
            return None;
        }
        let mut panels = Vec::with_capacity(weight.len());
        for rows in weight.chunks_exact(inputs * width) {
            for input in 0..inputs {
                panels.extend(rows.chunks_exact(inputs).filter_map(|row| row.get(input)));
            }
        }
        Some(Self { arch, inputs, outputs, width, panels, bias: bias.to_vec() })
    }

    /// Numbers per row of the result.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The layer's output for rows of `inputs` numbers each, one after the other.
    pub fn apply(&self, x: &[f32]) -> Vec<f32> {
        let rows = x.len() / self.inputs;
        let blocks = rows.div_ceil(ROWS).max(1);
        let mut y = vec![0.0; rows * self.outputs];
        match rows.div_ceil(blocks) {
            0 => {}
            1 => self.arch.dispatch(Product::<1> { linear: self, x, y: &mut y }),
            2 => self.arch.dispatch(Product::<2> { linear: self, x, y: &mut y }),
            3 => self.arch.dispatch(Product::<3> { linear: self, x, y: &mut y }),
            4 => self.arch.dispatch(Product::<4> { linear: self, x, y: &mut y }),
            5 => self.arch.dispatch(Product::<5> { linear: self, x, y: &mut y }),
            _ => self.arch.dispatch(Product::<ROWS> { linear: self, x, y: &mut y }),
        }
        y
    }
}

/// How many `f32` one vector of this machine holds.
struct Width;

impl WithSimd for Width {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> usize {
        S::F32_LANES
    }
}

/// All panels times all rows, `R` rows at once.
struct Product<'a, const R: usize> {
    linear: &'a Linear,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl<const R: usize> WithSimd for Product<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { linear, x, y } = self;
        let blocks: Vec<Vec<[f32; R]>> =
            x.chunks(linear.inputs * R).map(|rows| columns::<R>(rows, linear.inputs)).collect();
        let panels = linear.panels.chunks_exact(linear.inputs * linear.width);
        for (index, (panel, bias)) in panels.zip(linear.bias.chunks_exact(linear.width)).enumerate() {
            let (panel, _) = S::as_simd_f32s(panel);
            let (panel, _) = panel.as_chunks::<VECTORS>();
            let (bias, _) = S::as_simd_f32s(bias);
            let &[first, second] = bias else { return };
            let at = index * linear.width;
            for (block, out) in blocks.iter().zip(y.chunks_mut(linear.outputs * R)) {
                let sums = tile::<S, R>(simd, block, panel, [first, second]);
                for (sum, row) in sums.iter().zip(out.chunks_exact_mut(linear.outputs)) {
                    let Some(out) = row.get_mut(at..at + linear.width) else { return };
                    let (out, _) = S::as_mut_simd_f32s(out);
                    for (out, sum) in out.iter_mut().zip(sum) {
                        *out = *sum;
                    }
                }
            }
        }
    }
}

/// `R` rows, turned so that the numbers that meet the same weight lie together. Missing rows are zero.
fn columns<const R: usize>(rows: &[f32], inputs: usize) -> Vec<[f32; R]> {
    let mut columns = vec![[0.0; R]; inputs];
    for (place, row) in rows.chunks_exact(inputs).enumerate() {
        for (column, value) in columns.iter_mut().zip(row) {
            if let Some(cell) = column.get_mut(place) {
                *cell = *value;
            }
        }
    }
    columns
}

#[inline(always)]
fn tile<S: Simd, const R: usize>(
    simd: S,
    block: &[[f32; R]],
    panel: &[[S::f32s; VECTORS]],
    bias: [S::f32s; VECTORS],
) -> [[S::f32s; VECTORS]; R] {
    let mut sums = [bias; R];
    for (x, weights) in block.iter().zip(panel) {
        for (sums, x) in sums.iter_mut().zip(x) {
            let x = simd.splat_f32s(*x);
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = simd.mul_add_e_f32s(x, *weight, *sum);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_schoolbook_product() {
        let (inputs, outputs) = (7, 64);
        let weight: Vec<f32> = (0..inputs * outputs).map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0).collect();
        let bias: Vec<f32> = (0..outputs).map(|i| i as f32 / 10.0).collect();
        let linear = Linear::new(Arch::new(), &weight, &bias).unwrap();
        for rows in 0..20 {
            let x: Vec<f32> = (0..rows * inputs).map(|i| ((i * 53 % 89) as f32 - 44.0) / 44.0).collect();
            let y = linear.apply(&x);
            assert_eq!(y.len(), rows * outputs);
            for row in 0..rows {
                for out in 0..outputs {
                    let want: f32 = (0..inputs).map(|i| x[row * inputs + i] * weight[out * inputs + i]).sum();
                    assert!((y[row * outputs + out] - want - bias[out]).abs() < 1e-4, "row {row} output {out}");
                }
            }
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        assert!(Linear::new(Arch::new(), &[0.0; 10], &[0.0; 3]).is_none());
        assert!(Linear::new(Arch::new(), &[], &[]).is_none());
    }
}
