//! Recognizers of the configuration: a pattern or a list of words.

use super::checks;
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// The largest automaton of one pattern, in bytes.
const MAX_AUTOMATON: usize = 256 << 10;

/// A recognizer of the configuration.
#[derive(Debug)]
pub struct Custom {
    /// The entity's name.
    pub entity: String,
    /// Its group.
    pub group: String,
    /// What it looks like.
    pub pattern: Option<Pattern>,
    /// Words that are found as they are.
    pub words: Vec<String>,
    /// What must hold of the value without separators.
    pub check: Option<checks::Check>,
    /// Words beside it, parted by `|`.
    pub context: String,
    /// The score without a word beside it.
    pub score: f32,
}

/// A compiled pattern. It runs in linear time; there is no look-around and no back-reference.
#[derive(Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Where it is no regular expression of the `regex` crate, too large, or matches the empty text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let built =
            RegexBuilder::new(text).unicode(false).size_limit(MAX_AUTOMATON).dfa_size_limit(MAX_AUTOMATON).build();
        let regex =
            built.map_err(|_| "is no pattern of the regex crate (no look-around, no back-references), or too large")?;
        if regex.is_match(b"") {
            return Err("matches the empty text");
        }
        Ok(Self(regex))
    }

    /// Where it matches.
    pub fn find_iter<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.find_iter(bytes).map(|found| found.range())
    }
}

impl Custom {
    /// Whether the check holds of a value.
    pub fn holds(&self, value: &[u8]) -> bool {
        let Some(check) = self.check else { return true };
        let compact: Vec<u8> = value.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect();
        check(&compact)
    }
}
