//! One encoder layer of BERT (Devlin et al. 2018): self-attention and a feed-forward network, each added to its input and
//! normalised. Exact to rounding; nothing is quantised.

use pulp::Arch;

use super::{kernel::Linear, math};

/// The weights of one layer.
pub struct Layer {
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    pub attended: Linear,
    pub attended_norm: Norm,
    pub wide: Linear,
    pub narrow: Linear,
    pub norm: Norm,
    pub heads: usize,
}

impl Layer {
    /// Rows of hidden numbers, one per token, become rows of the same shape.
    pub fn apply(&self, arch: Arch, hidden: &[f32]) -> Vec<f32> {
        let attended = self.attended.apply(&self.attend(arch, hidden));
        let hidden = self.attended_norm.apply(arch, attended, hidden);
        let mut wide = self.wide.apply(&hidden);
        arch.dispatch(|| math::gelu(&mut wide));
        self.norm.apply(arch, self.narrow.apply(&wide), &hidden)
    }

    fn attend(&self, arch: Arch, hidden: &[f32]) -> Vec<f32> {
        let width = self.query.outputs();
        let query = self.query.apply(hidden);
        let key = self.key.apply(hidden);
        let value = self.value.apply(hidden);
        let head = (width / self.heads.max(1)).max(1);
        let mut attended = vec![0.0; hidden.len()];
        let scale = 1.0 / (head as f32).sqrt();
        arch.dispatch(
            #[inline(always)]
            || {
                let mut weights = Vec::new();
                for from in (0..width).step_by(head) {
                    let piece = from..from + head;
                    for (query, out) in query.chunks_exact(width).zip(attended.chunks_exact_mut(width)) {
                        let (Some(query), Some(out)) = (query.get(piece.clone()), out.get_mut(piece.clone())) else {
                            return;
                        };
                        weights.clear();
                        let keys = key.chunks_exact(width).filter_map(|row| row.get(piece.clone()));
                        weights.extend(keys.map(|key| math::dot(query, key) * scale));
                        math::softmax(&mut weights);
                        let values = value.chunks_exact(width).filter_map(|row| row.get(piece.clone()));
                        for (weight, value) in weights.iter().zip(values) {
                            for (out, value) in out.iter_mut().zip(value) {
                                *out += weight * value;
                            }
                        }
                    }
                }
            },
        );
        attended
    }
}

/// Layer normalisation: each row to mean 0 and variance 1, then scaled and moved.
pub struct Norm {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub epsilon: f32,
}

impl Norm {
    /// Of the sum of two matrices of the same shape.
    pub fn apply(&self, arch: Arch, mut rows: Vec<f32>, added: &[f32]) -> Vec<f32> {
        let width = self.scale.len().max(1);
        arch.dispatch(
            #[inline(always)]
            || {
                for (row, added) in rows.chunks_exact_mut(width).zip(added.chunks_exact(width)) {
                    for (value, added) in row.iter_mut().zip(added) {
                        *value += added;
                    }
                    let mean = math::sum(row) / width as f32;
                    for value in row.iter_mut() {
                        *value -= mean;
                    }
                    let deviation = (math::dot(row, row) / width as f32 + self.epsilon).sqrt();
                    for ((value, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
                        *value = *value / deviation * scale + shift;
                    }
                }
            },
        );
        rows
    }
}
