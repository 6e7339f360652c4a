//! Placeholders that a guard in front put in the place of values: `<EMAIL_1>`, `<P2_EMAIL_1>`. An answer that holds one
//! which its request does not hold would show a caller what cannot be restored, so it is neither stored nor given.

use std::collections::BTreeSet;

/// The longest one, in bytes.
const LONGEST: usize = 64;

/// The placeholders of a request or an answer, in capitals: models change the case of what they repeat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placeholders(BTreeSet<String>);

impl Placeholders {
    /// Adds those of a text.
    pub fn see(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
            rest = rest.get(at + 1..).unwrap_or_default();
            if let Some(name) = name(rest) {
                self.0.insert(name.to_ascii_uppercase());
            }
        }
    }

    /// Whether all of these are here too.
    pub fn hold(&self, others: &Self) -> bool {
        others.0.is_subset(&self.0)
    }
}

/// The name that a text starts with, up to its `>`: a word, an underscore, a number.
fn name(rest: &str) -> Option<&str> {
    let end = rest.bytes().take(LONGEST).position(|byte| !byte.is_ascii_alphanumeric() && byte != b'_')?;
    let name = rest.get(..end).filter(|_| rest.as_bytes().get(end) == Some(&b'>'))?;
    let (label, number) = name.rsplit_once('_')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && label.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Placeholders {
        let mut found = Placeholders::default();
        found.see(text);
        found
    }

    #[test]
    fn placeholders_are_found_in_any_case_and_nothing_else_is_one() {
        assert_eq!(of("to <EMAIL_1>, <<email_1>> and <P2_IBAN_CODE_12>").0.len(), 2);
        assert_eq!(of("<b> <EMAIL> <EMAIL_> <_1> <E-MAIL_1> < EMAIL_1> <EMAIL_1 <a_b> <1_1>"), Placeholders::default());
        assert!(of("<A_1><B_2>").hold(&of("<b_2>")) && !of("<A_1>").hold(&of("<A_2>")) && of("").hold(&of("")));
    }
}
