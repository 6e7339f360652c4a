//! Vectors for texts: a bag of hashed words, so that texts that share words lie close. Not a model, but repeatable.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Dimensions, where the call asks for none.
pub(crate) const DEFAULT_DIMENSIONS: usize = 64;
/// More is not served.
pub(crate) const MAX_DIMENSIONS: usize = 4_096;

/// A vector of length one.
pub(crate) fn embed(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0_f32; dimensions.clamp(1, MAX_DIMENSIONS)];
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    for word in words {
        let hash = fnv1a(word.to_lowercase().as_bytes());
        let at = usize::try_from(hash >> 1).unwrap_or(usize::MAX) % vector.len();
        if let Some(value) = vector.get_mut(at) {
            *value += if hash & 1 == 0 { 1.0 } else { -1.0 };
        }
    }
    normalise(&mut vector);
    vector
}

/// `encoding_format: base64`: little-endian floats, as the OpenAI clients ask by default.
pub(crate) fn base64(vector: &[f32]) -> String {
    STANDARD.encode(vector.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    } else if let Some(first) = vector.first_mut() {
        *first = 1.0;
    }
}

/// FNV-1a, 64 bits (RFC 9923).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(left: &str, right: &str) -> f32 {
        embed(left, 64).iter().zip(embed(right, 64)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_with_the_same_words_are_close() {
        assert!(similarity("What is a gateway?", "what is a gateway") > 0.99);
        assert!(
            similarity("What is a gateway?", "what is the gateway") > similarity("What is a gateway?", "bake bread")
        );
        assert!((similarity("", "") - 1.0).abs() < 1e-6);
    }
}
