//! Which models a caller may use: globs that allow and globs that deny. Denial wins. Not a choice of model.

use std::fmt;

use crate::Glob;

/// A caller's model permissions, as they travel in filter state: `gpt-4*,llama-*,!gpt-4-32k`.
///
/// The text is a list of globs separated by commas; a glob after `!` denies. A model may be used if some glob allows
/// it and none denies it. No text at all (an absent key) is [`unrestricted`](Self::unrestricted), which is `*`; an
/// empty text allows nothing. Names are compared as they are, case included, to be allowed; to be denied, without it, because some
/// servers know none (Azure, Ollama). The comma cannot be part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPermissions(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    denies: bool,
    glob: Glob,
}

/// Why a text is no list of model permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelPermissionsError {
    /// Two commas without a name between them, or `!` without one.
    #[error("an entry of the model list is empty")]
    EmptyEntry,
    /// `!a,!b` would allow nothing, which is hardly meant.
    #[error("the model list only denies, so no model would be left; allow the others with `*`")]
    OnlyDenies,
    /// A control character, or a comma inside an entry of a list.
    #[error("an entry of the model list has a comma or a control character in it")]
    Sign,
}

impl ModelPermissions {
    /// Every model may be used.
    #[must_use]
    pub fn unrestricted() -> Self {
        Self(vec![Entry { denies: false, glob: Glob::new("*") }])
    }

    /// No model may be used.
    #[must_use]
    pub fn nothing() -> Self {
        Self(Vec::new())
    }

    /// Reads the text form. Spaces around entries do not count; a blank text is [`nothing`](Self::nothing).
    ///
    /// # Errors
    /// See [`ModelPermissionsError`].
    pub fn parse(text: &str) -> Result<Self, ModelPermissionsError> {
        if text.trim().is_empty() {
            return Ok(Self::nothing());
        }
        Self::from_entries(text.split(','))
    }

    /// The same from a list of entries, as a configuration or a claim has it; an empty list allows nothing.
    ///
    /// # Errors
    /// See [`ModelPermissionsError`].
    pub fn from_entries<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, ModelPermissionsError> {
        let entries = entries.into_iter().map(Entry::parse).collect::<Result<Vec<_>, _>>()?;
        if !entries.is_empty() && entries.iter().all(|entry| entry.denies) {
            return Err(ModelPermissionsError::OnlyDenies);
        }
        Ok(Self(entries))
    }

    /// Whether an entry denies the model.
    #[must_use]
    pub fn denies(&self, model: &str) -> bool {
        self.0.iter().any(|entry| entry.denies && entry.glob.matches(model.to_ascii_lowercase()))
    }

    /// Whether the model may be used.
    #[must_use]
    pub fn allows(&self, model: &str) -> bool {
        self.0.iter().any(|entry| !entry.denies && entry.glob.matches(model)) && !self.denies(model)
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Self, ModelPermissionsError> {
        let text = text.trim();
        let name = text.strip_prefix('!').map_or(text, str::trim_start);
        if name.is_empty() {
            return Err(ModelPermissionsError::EmptyEntry);
        }
        if name.contains(|c: char| c == ',' || c.is_control()) {
            return Err(ModelPermissionsError::Sign);
        }
        let denies = text.starts_with('!');
        Ok(Self { denies, glob: Glob::new(&if denies { name.to_ascii_lowercase() } else { name.to_owned() }) })
    }
}

/// The text form; parsing it gives the same permissions.
impl fmt::Display for ModelPermissions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, entry) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let sign = if entry.denies { "!" } else { "" };
            write!(out, "{comma}{sign}{}", entry.glob)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn denial_wins_in_any_order() {
        for text in ["gpt-4*,!gpt-4-32k", " !gpt-4-32k , gpt-4* "] {
            let permissions = ModelPermissions::parse(text).unwrap();
            assert!(permissions.allows("gpt-4o"));
            assert!(!permissions.allows("gpt-4-32k"));
            assert!(!permissions.allows("llama-3"));
        }
    }

    #[test]
    fn denial_knows_no_case() {
        let permissions = ModelPermissions::parse("*,GPT-5,!Gpt-4-32k*").unwrap();
        assert!(permissions.allows("gpt-5") && permissions.allows("GPT-4"));
        for model in ["gpt-4-32k", "GPT-4-32K", "Gpt-4-32k-x"] {
            assert!(!permissions.allows(model) && permissions.denies(model), "{model}");
        }
        assert!(!ModelPermissions::parse("GPT-5").unwrap().allows("gpt-5"), "and what is allowed is exact");
    }

    #[test]
    fn empty_is_nothing_and_absent_is_everything() {
        assert!(!ModelPermissions::parse("").unwrap().allows("a"));
        assert!(!ModelPermissions::parse(" ").unwrap().allows(""));
        assert!(!ModelPermissions::from_entries([]).unwrap().allows("a"));
        assert!(ModelPermissions::unrestricted().allows("a"));
        assert_eq!(ModelPermissions::parse("*").unwrap(), ModelPermissions::unrestricted());
    }

    #[test]
    fn refuses_what_is_hardly_meant() {
        use ModelPermissionsError::{EmptyEntry, OnlyDenies, Sign};
        for (text, error) in
            [("a,,b", EmptyEntry), ("a,", EmptyEntry), ("!", EmptyEntry), ("!a,!b", OnlyDenies), ("a\0b", Sign)]
        {
            assert_eq!(ModelPermissions::parse(text), Err(error), "{text}");
        }
        assert_eq!(ModelPermissions::from_entries(["a,!b"]), Err(Sign));
    }

    proptest! {
        #[test]
        fn survives_display(text in "[ab!*, ]{0,12}|\\PC*") {
            if let Ok(permissions) = ModelPermissions::parse(&text) {
                prop_assert_eq!(ModelPermissions::parse(&permissions.to_string()), Ok(permissions));
            }
        }
    }
}
