//! Configuration faults: what is wrong, and under which key. All of them are reported at once, so an operator
//! repairs a configuration in one round. Not an error of a request.

use std::fmt::{self, Write as _};

/// One thing that is wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, as in `policies.strict.limits[2].window_secs`. Empty for the document as a whole.
    pub key: String,
    /// What is wrong and what would be right. Never quotes a value that could be a secret.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_empty() { "configuration" } else { &self.key };
        write!(out, "{key}: {}", self.message)
    }
}

/// A list of [`Fault`]s; as an error, the reason why a configuration was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No fault so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault. Control characters in the message become spaces: one fault is one line.
    pub fn push(&mut self, key: impl Into<String>, message: impl Into<String>) {
        let message = message.into().replace(char::is_control, " ");
        self.0.push(Fault { key: key.into(), message });
    }

    /// Takes over the faults of a part, whose keys are relative to `prefix` (`""` leaves them as they are).
    pub fn extend(&mut self, prefix: &str, part: Faults) {
        self.0.extend(part.0.into_iter().map(|fault| Fault { key: joined(prefix, &fault.key), ..fault }));
    }

    /// The value of a part, or `None` after [`extend`](Self::extend)ing by its faults, so that the next part is
    /// looked at as well.
    pub fn gather<T>(&mut self, prefix: &str, part: Result<T, Faults>) -> Option<T> {
        part.map_err(|faults| self.extend(prefix, faults)).ok()
    }

    /// `Ok` if there is no fault.
    ///
    /// # Errors
    /// The faults themselves.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Whether there is no fault.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many faults there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The faults in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                out.write_char('\n')?;
            }
            write!(out, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// `prefix` and `key` as one key: `rules` + `[3].match` is `rules[3].match`.
pub(crate) fn joined(prefix: &str, key: &str) -> String {
    let dot = if prefix.is_empty() || key.is_empty() || key.starts_with('[') { "" } else { "." };
    format!("{prefix}{dot}{key}")
}

/// The key of an entry of an object: `policies.strict`, or `policies["a.b"]` where the name is no plain word.
pub(crate) fn entry(parent: &str, name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.len() <= LONGEST_SHOWN && name.chars().all(plain) {
        joined(parent, name)
    } else {
        format!("{parent}[\"{}\"]", shown(name))
    }
}

/// How many bytes of a name from the configuration are worth repeating.
const LONGEST_SHOWN: usize = 64;

/// A name from outside, made fit for one line of text: escaped, and cut when it is long.
pub(crate) fn shown(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if text.len() >= LONGEST_SHOWN {
            text.push('…');
            break;
        }
        text.extend(c.escape_debug());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_one_fault_per_line_with_its_whole_key() {
        let mut limit = Faults::new();
        limit.push("window_secs", "must be\nabove 0");
        let mut policy = Faults::new();
        policy.extend("limits[2]", limit);
        let mut all = Faults::new();
        all.extend(&entry("policies", "strict"), policy.clone());
        all.extend(&entry("policies", "a.b\n"), policy);
        all.push("", "is empty");
        assert_eq!(
            all.to_string(),
            "policies.strict.limits[2].window_secs: must be above 0\n\
             policies[\"a.b\\n\"].limits[2].window_secs: must be above 0\n\
             configuration: is empty"
        );
        assert_eq!(all.len(), 3);
        assert_eq!(all.clone().into_result(), Err(all));
        assert_eq!(Faults::new().into_result(), Ok(()));
    }

    #[test]
    fn cuts_long_names() {
        assert_eq!(shown(&"é".repeat(1000)).chars().count(), 33);
    }
}
