//! Patterns with `*` for any run of bytes, the empty one too. No other sign is special, and `*` cannot be escaped.
//! Not a path glob: `*` crosses `/` and `.`.

use std::fmt;

/// A pattern with any number of `*`.
///
/// Matching takes time linear in the length of the text: the literal parts between two `*` are looked for from left
/// to right with a linear search, and the leftmost place is always good enough, so nothing is ever tried twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    text: Box<str>,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Exact,
    /// Lengths in bytes of what stands before the first and after the last `*`.
    Wild {
        head: usize,
        tail: usize,
    },
}

impl Glob {
    /// Every text is a pattern; the empty one matches the empty text alone.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let form = match (text.find('*'), text.rfind('*')) {
            (Some(first), Some(last)) => Form::Wild { head: first, tail: text.len() - last - 1 },
            _ => Form::Exact,
        };
        Self { text: text.into(), form }
    }

    /// Whether the whole of `value` fits the pattern, byte by byte.
    #[must_use]
    pub fn matches(&self, value: impl AsRef<[u8]>) -> bool {
        let value = value.as_ref();
        let Form::Wild { head, tail } = self.form else { return value == self.text.as_bytes() };
        let inner = value.strip_prefix(part(&self.text, 0, head)).and_then(|rest| {
            let tail = part(&self.text, self.text.len() - tail, self.text.len());
            rest.strip_suffix(tail)
        });
        inner.is_some_and(|inner| self.middle_fits(inner))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether every text that `other` matches is matched by this pattern too.
    ///
    /// A literal never holds a `*`, so the text of `other`, read as a value, is its most general member: where this
    /// pattern matches a `*` it does so with a `*` of its own, which would match anything else in that place as well.
    #[must_use]
    pub fn covers(&self, other: &Glob) -> bool {
        self.matches(other.as_str())
    }

    /// The literal parts at both ends, or the whole text of a pattern without `*`.
    pub(crate) fn ends(&self) -> Ends<'_> {
        match self.form {
            Form::Exact => Ends::Exact(self.text.as_bytes()),
            Form::Wild { head, tail } => {
                let len = self.text.len();
                Ends::Wild { head: part(&self.text, 0, head), tail: part(&self.text, len - tail, len) }
            }
        }
    }

    /// Whether the literal parts between the first and the last `*` occur in `inner` in their order.
    fn middle_fits(&self, inner: &[u8]) -> bool {
        let Form::Wild { head, tail } = self.form else { return false };
        let middle = self.text.get(head + 1..(self.text.len() - tail).saturating_sub(1)).unwrap_or_default();
        if middle.is_empty() {
            return true;
        }
        // Bytes that are no text are none of a literal's.
        let inner = String::from_utf8_lossy(inner);
        let mut rest = inner.as_ref();
        for literal in middle.split('*').filter(|literal| !literal.is_empty()) {
            let Some((_, behind)) = rest.split_once(literal) else { return false };
            rest = behind;
        }
        true
    }
}

/// The literal ends of a [`Glob`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends<'g> {
    /// The pattern has no `*`.
    Exact(&'g [u8]),
    /// What stands before the first and after the last `*`; each may be empty.
    Wild { head: &'g [u8], tail: &'g [u8] },
}

fn part(text: &str, from: usize, to: usize) -> &[u8] {
    text.as_bytes().get(from..to).unwrap_or_default()
}

impl fmt::Display for Glob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, tried out in every way.
    fn naive(pattern: &[u8], value: &[u8]) -> bool {
        match pattern.split_first() {
            None => value.is_empty(),
            Some((b'*', rest)) => (0..=value.len()).any(|skip| naive(rest, &value[skip..])),
            Some((byte, rest)) => value.first() == Some(byte) && naive(rest, &value[1..]),
        }
    }

    #[test]
    fn knows_the_plain_forms() {
        for (pattern, value, fits) in [
            ("gpt-4", "gpt-4", true),
            ("gpt-4", "gpt-4o", false),
            ("gpt-4*", "gpt-4", true),
            ("*.example.com", ".example.com", true),
            ("*.example.com", "example.com", false),
            ("ab*ba", "aba", false),
            ("ab*ba", "abba", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(value), fits, "{pattern} {value}");
        }
        assert!(Glob::new("a*").matches(b"a\xff"));
    }

    #[test]
    fn stays_linear_where_backtracking_blows_up() {
        let pattern = Glob::new(&format!("{}b", "*aaaaaaaaaaaaaaaaaaaa".repeat(50)));
        assert!(!pattern.matches("a".repeat(1_000_000)));
    }

    proptest! {
        #[test]
        fn equals_its_definition(pattern in "[ab*]{0,8}", value in "[ab*]{0,10}") {
            prop_assert_eq!(Glob::new(&pattern).matches(&value), naive(pattern.as_bytes(), value.as_bytes()));
        }

        #[test]
        fn covering_means_matching_every_member(a in "[ab*]{0,5}", b in "[ab*]{0,5}", fill in "[ab]{0,4}") {
            let (a, b) = (Glob::new(&a), Glob::new(&b));
            if a.covers(&b) {
                prop_assert!(a.matches(b.as_str().replace('*', &fill)));
            } else {
                // A sign that is in neither pattern is one of the members that are left out.
                prop_assert!(!a.matches(b.as_str().replace('*', "#")));
            }
        }
    }
}
