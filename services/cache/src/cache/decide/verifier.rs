//! The verifier: how likely is it that the answer of a near entry is right? A logistic regression, trained by
//! `examples/train_verifier.rs`; its weights are committed beside this file.
//!
//! It has two heads. `near` knows only how near the entry lies. `crowd` also weighs the words of both questions, the
//! candidates around them, and where in the embedder's space they lie: in some places near means equal, in others the same
//! few words stand for three different concerns. Every number is held within what training saw, so that a place unlike all
//! of that is not judged with more confidence than any that was seen.
//!
//! Data: BANKING77 (Casanueva et al. 2020, PolyAI, CC BY 4.0), its training rows alone.

use serde::{Deserialize, Serialize};

/// One head: `1 / (1 + exp(-(bias + weights · z)))`, where `z` is the features, clipped and standardised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// What it says of an average place.
    pub bias: f32,
    /// Mean of each feature in training.
    pub mean: Vec<f32>,
    /// Standard deviation of each feature in training.
    pub deviation: Vec<f32>,
    /// Its weight.
    pub weight: Vec<f32>,
}

/// How many standard deviations from the mean a feature counts.
const CLIP: f32 = 2.5;

impl Head {
    /// The probability, 0 to 1; `None` where the number of features is another.
    #[must_use]
    pub fn probability(&self, features: &[f32]) -> Option<f32> {
        let (means, deviations) = (&self.mean, &self.deviation);
        if [means.len(), deviations.len(), self.weight.len()] != [features.len(); 3] {
            return None;
        }
        let each = features.iter().zip(means).zip(deviations).zip(&self.weight);
        let sum: f32 = each.map(|(((x, mean), deviation), weight)| standard(*x, *mean, *deviation) * weight).sum();
        Some(1.0 / (1.0 + (-(self.bias + sum)).exp()))
    }
}

/// A feature in standard deviations from its mean, clipped.
#[must_use]
pub fn standard(x: f32, mean: f32, deviation: f32) -> f32 {
    ((x - mean) / deviation).clamp(-CLIP, CLIP)
}

/// The verifier of one embedder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verifier {
    /// The embedder whose vectors it was trained on.
    pub embedder: String,
    /// What it was trained on, and under which terms.
    pub data: String,
    /// The least probability that is enough where no error budget decides.
    pub enough: f32,
    /// Of how near the entry is.
    pub near: Head,
    /// Of all that is known.
    pub crowd: Head,
}

impl Verifier {
    /// The committed one for an embedder, if there is one.
    #[must_use]
    pub fn of(embedder: &str) -> Option<Self> {
        let all = [include_str!("weights/minilm.json")];
        all.iter().filter_map(|json| serde_json::from_str::<Self>(json).ok()).find(|one| one.embedder == embedder)
    }
}
