//! A question's vector in eight bits per dimension: what is kept in memory, on disk and in tickets.
//!
//! The scale is each vector's own and is never needed again: a cosine does not depend on it.

/// A vector, quantised.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Vector(#[serde(with = "bytes")] Box<[i8]>);

impl Vector {
    /// Quantises so that the largest component becomes 127. `None` for a vector without a direction.
    #[must_use]
    pub fn quantise(exact: &[f32]) -> Option<Self> {
        let largest = exact.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        if !largest.is_finite() || largest <= 0.0 || exact.iter().any(|value| value.is_nan()) {
            return None;
        }
        let scale = 127.0 / largest;
        #[allow(clippy::cast_possible_truncation)]
        let small = exact.iter().map(|value| (value * scale).round() as i8).collect();
        Some(Self(small))
    }

    /// The components.
    #[must_use]
    pub fn components(&self) -> &[i8] {
        &self.0
    }

    /// Back at length 1, for those who calculate with it.
    #[must_use]
    pub fn unit(&self) -> Vec<f32> {
        let inverse = self.inverse_length();
        self.0.iter().map(|value| f32::from(*value) * inverse).collect()
    }

    /// Cosine of two vectors; 0 where they have not the same length.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        if self.0.len() != other.0.len() {
            return 0.0;
        }
        let dot: i64 = self.0.iter().zip(&other.0).map(|(a, b)| i64::from(*a) * i64::from(*b)).sum();
        #[allow(clippy::cast_precision_loss)]
        let dot = dot as f32;
        dot * self.inverse_length() * other.inverse_length()
    }

    /// 1 / length.
    #[must_use]
    pub fn inverse_length(&self) -> f32 {
        inverse_length(&self.0)
    }
}

/// 1 / length of the components; 0 where there is none.
fn inverse_length(components: &[i8]) -> f32 {
    let square: i64 = components.iter().map(|value| i64::from(*value) * i64::from(*value)).sum();
    #[allow(clippy::cast_precision_loss)]
    if square == 0 { 0.0 } else { 1.0 / (square as f32).sqrt() }
}

/// As bytes, not as a list of numbers: half the size in JSON-like formats, and one copy.
mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(components: &[i8], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = components.iter().map(|value| value.cast_unsigned()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[i8]>, D::Error> {
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        Ok(bytes.into_iter().map(u8::cast_signed).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Vector;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cosine_survives(a in vector(), b in vector()) {
            let exact = cosine(&a, &b);
            let (a, b) = (Vector::quantise(&a).unwrap(), Vector::quantise(&b).unwrap());
            let kept = cosine(&a.unit(), &b.unit());
            prop_assert!((exact - kept).abs() < 0.01, "{exact} became {kept}");
        }
    }

    fn vector() -> impl Strategy<Value = Vec<f32>> {
        proptest::collection::vec(-1.0_f32..1.0, 256)
            .prop_filter("a direction", |vector| vector.iter().any(|v| *v != 0.0))
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn without_a_direction_there_is_none() {
        assert_eq!(Vector::quantise(&[]), None);
        assert_eq!(Vector::quantise(&[0.0; 4]), None);
        assert_eq!(Vector::quantise(&[f32::NAN, 1.0]), None);
        assert_eq!(Vector::quantise(&[f32::INFINITY, 1.0]), None);
    }
}
