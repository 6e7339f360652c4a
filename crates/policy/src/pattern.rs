//! The patterns of one field of a rule's `match`: one string, or a list of which any may match.

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// Patterns as written: `"api.example.com"`, or `["api.example.com", "*.example.org"]`.
///
/// A pattern without `*` is compared exactly. `*` stands for any run of characters: `"/v1/*"` is a prefix,
/// `"*.example.com"` a suffix, `"gpt-*-mini"` both, and `"*"` alone asks only that the field is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns(Vec<String>);

impl Patterns {
    /// The patterns in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The patterns, each with its key: `key` itself where there is only one.
    pub(crate) fn with_keys(&self, key: &str) -> impl Iterator<Item = (String, &str)> {
        let single = self.0.len() == 1;
        self.iter().enumerate().map(move |(at, text)| {
            let key = if single { key.to_owned() } else { format!("{key}[{at}]") };
            (key, text)
        })
    }
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PatternsVisitor)
    }
}

struct PatternsVisitor;

impl<'de> Visitor<'de> for PatternsVisitor {
    type Value = Patterns;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<Patterns, E> {
        Ok(Patterns(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Patterns, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = list.next_element()? {
            texts.push(text);
        }
        Ok(Patterns(texts))
    }
}
