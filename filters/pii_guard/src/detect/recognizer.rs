//! What a recognizer is: data. How it is found is `shape`, `scan` and the finders beside them.

use super::checks::Check;

/// How much a well-formed value tells by itself, and so the score that it starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Nothing: only a word beside it makes it one (any nine digits).
    Weak,
    /// A look that machines write as often: enough in a sentence alone (a UUID, a date).
    Shy,
    /// A look without a check: with its separators alone (`123-45-6789`).
    Formed,
    /// A check digit that one number in ten has: enough in a sentence, or with its separators; not in a log line.
    Fair,
    /// A format or a check that few other things have.
    Good,
    /// The same, but found in log lines too: a card's number.
    Firm,
    /// Cannot well be anything else.
    Sure,
}

impl Strength {
    /// The score of a match without context.
    pub fn score(self) -> f32 {
        match self {
            Self::Weak => 0.05,
            Self::Shy | Self::Formed | Self::Fair => 0.4,
            Self::Good => 0.6,
            Self::Firm => 0.7,
            Self::Sure => 0.9,
        }
    }
}

/// A type of personal data or secret, and how it looks.
#[derive(Debug, Clone, Copy)]
pub struct Recognizer {
    /// The entity's name.
    pub entity: &'static str,
    /// The group by which policies name it with others.
    pub group: &'static str,
    /// How much a match tells by itself.
    pub strength: Strength,
    /// What it looks like ([`super::shape`]). Empty where a finder of its own looks for it.
    pub shapes: &'static [&'static str],
    /// What must hold of the value.
    pub check: Option<Check>,
    /// Words beside it, parted by `|`, in lower case and without marks on Latin letters.
    pub context: &'static str,
    /// Values that are found, in the forms they are written in. Of secrets the parts are joined at run time.
    pub examples: &'static [&'static str],
    /// Where the format and the check are from.
    pub source: &'static str,
}

/// A row of a table of recognizers.
#[allow(clippy::too_many_arguments)]
pub const fn row(
    entity: &'static str,
    group: &'static str,
    strength: Strength,
    shapes: &'static [&'static str],
    check: Option<Check>,
    context: &'static str,
    examples: &'static [&'static str],
    source: &'static str,
) -> Recognizer {
    Recognizer { entity, group, strength, shapes, check, context, examples, source }
}
