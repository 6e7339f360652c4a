//! How sure a well-formed value is, by what stands around it.

use super::recognizer::Strength;
use super::surroundings::Around;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A run of digits alone.
    Plain,
    /// In groups with the separators of its format.
    Parted,
    /// With letters, or not by a shape.
    Other,
}

/// The score of a well-formed value, and whether a word beside it spoke for it.
pub fn score(
    strength: Strength,
    number: usize,
    around: &Around,
    form: Form,
    is_prose: impl Fn() -> bool,
) -> (f32, bool) {
    let base = strength.score();
    if around.context.has(number) {
        return ((base + 0.35).clamp(0.75, 1.0), true);
    }
    let penalty = match (strength, form) {
        (Strength::Sure | Strength::Weak, _) => 0.0,
        // Whoever writes the separators of a format means it, or letters with a check: whatever word stands beside.
        (Strength::Firm | Strength::Good, Form::Parted | Form::Other) if around.against => 0.2,
        _ if around.against => 0.35,
        (Strength::Formed | Strength::Fair, Form::Parted) => 0.0,
        (Strength::Formed, _) => 0.25,
        _ if is_prose() => 0.0,
        (Strength::Shy | Strength::Fair, _) => 0.25,
        (_, Form::Plain) => 0.2,
        _ => 0.15,
    };
    (base - penalty, false)
}
