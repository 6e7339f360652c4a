//! Placeholders: `<EMAIL_1>`, numbered by the first appearance of a value in its request.
//!
//! So they stay the same while a conversation grows, and two requests that differ in values alone become equal. They live and
//! die with their request: nothing is shared, nothing is stored.

use super::spelling::{Spelling, candidates, spelling};
use ahash::AHashMap;

/// The longest placeholder however it is spelled, in bytes: what a stream may hold back of one.
const LONGEST: usize = 96;

/// The placeholders of one request.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    /// What stands before each label, where the request itself holds placeholders.
    prefix: String,
    by_value: AHashMap<(String, String), usize>,
    counts: AHashMap<String, usize>,
    /// The originals that come back, by placeholder.
    originals: AHashMap<String, String>,
}

/// The short name of an entity: `EMAIL_ADDRESS` is `EMAIL`.
pub fn label(entity: &str) -> &str {
    ["_ADDRESS", "_NUMBER"].iter().find_map(|end| entity.strip_suffix(end)).unwrap_or(entity)
}

impl Placeholders {
    /// The placeholders of a request with this body. If it holds texts that look like placeholders, ours get a prefix that
    /// none of them has: the lowest number that does.
    pub fn new(body: &[u8]) -> Self {
        let mut used = [false; 256];
        let mut any = false;
        for at in candidates(body) {
            let Spelling::Whole { name, .. } = spelling(body.get(at..).unwrap_or_default()) else { continue };
            if name.len() > 2 && name.ends_with(|c: char| c.is_ascii_digit()) && name.contains('_') {
                any = true;
                let number = name.strip_prefix('P').unwrap_or_default();
                let number = number.split('_').next().and_then(|digits| digits.parse::<usize>().ok());
                if let Some(used) = number.and_then(|number| used.get_mut(number)) {
                    *used = true;
                }
            }
        }
        let free = used.iter().skip(2).position(|used| !used).map_or(256, |at| at + 2);
        let prefix = if any { format!("P{free}_") } else { String::new() };
        Self { prefix, ..Self::default() }
    }

    /// The placeholder of a value. It comes back in the response if `restore`.
    pub fn of(&mut self, entity: &str, value: &str, restore: bool) -> String {
        let label = label(entity);
        let key = (label.to_owned(), value.to_owned());
        let number = match self.by_value.get(&key) {
            Some(number) => *number,
            None => {
                let count = self.counts.entry(label.to_owned()).or_default();
                *count += 1;
                self.by_value.insert(key, *count);
                *count
            }
        };
        let placeholder = format!("<{}{label}_{number}>", self.prefix);
        if restore {
            self.originals.insert(placeholder.clone(), value.to_owned());
        }
        placeholder
    }

    /// Whether nothing comes back.
    pub fn is_empty(&self) -> bool {
        self.originals.is_empty()
    }

    /// `text` with the originals in the place of their placeholders, however those are spelled. `write` says how an original is
    /// written there.
    pub fn restored(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for at in candidates(text.as_bytes()) {
            if at < copied {
                continue;
            }
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let Spelling::Whole { name, length } = spelling(rest) else { continue };
            if let Some(original) = self.originals.get(&format!("<{name}>")) {
                out.push_str(text.get(copied..at).unwrap_or_default());
                out.push_str(&write(original));
                copied = at + length;
            }
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        out
    }

    /// Where the end of a text begins that can still become a placeholder; the text's length if there is none.
    pub fn open_end(&self, text: &str) -> usize {
        if self.is_empty() {
            return text.len();
        }
        let bytes = text.as_bytes();
        let from = bytes.len().saturating_sub(LONGEST);
        let tail = bytes.get(from..).unwrap_or_default();
        let grows = |at: &usize| match spelling(tail.get(*at..).unwrap_or_default()) {
            Spelling::Open(name) => {
                self.originals.keys().any(|key| key.get(1..).is_some_and(|key| key.starts_with(&name)))
            }
            _ => false,
        };
        candidates(tail).find(grows).map_or(bytes.len(), |at| from + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_first_appearance() {
        let mut all = Placeholders::new(b"{}");
        assert_eq!(all.of("EMAIL_ADDRESS", "a@x.de", true), "<EMAIL_1>");
        assert_eq!(all.of("EMAIL_ADDRESS", "b@x.de", true), "<EMAIL_2>");
        assert_eq!(all.of("EMAIL_ADDRESS", "a@x.de", true), "<EMAIL_1>");
        assert_eq!(
            all.restored("to <EMAIL_2> and <email_1>, <EMAIL_3> <", str::to_owned),
            "to b@x.de and a@x.de, <EMAIL_3> <"
        );
        assert_eq!(all.open_end("to <EMA"), 3);
        assert_eq!(all.open_end("to <b"), 5);
        assert_eq!(all.open_end(r"to \u003cema"), 3);
        assert_eq!(all.open_end("Q&A & co &l"), 9);
    }

    #[test]
    fn a_request_that_holds_placeholders_gets_others() {
        let mut all = Placeholders::new(b"what is <EMAIL_1> and <P2_X_1>?");
        assert_eq!(all.of("EMAIL_ADDRESS", "a@x.de", true), "<P3_EMAIL_1>");
        assert_eq!(all.restored("<EMAIL_1>", str::to_owned), "<EMAIL_1>");
        let mut escaped = Placeholders::new(br#"{"q": "what is \u003cEMAIL_1\u003e?"}"#);
        assert_eq!(escaped.of("EMAIL_ADDRESS", "a@x.de", true), "<P2_EMAIL_1>");
    }

    #[test]
    fn placeholders_come_back_however_they_are_spelled() {
        let mut all = Placeholders::new(b"{}");
        all.of("EMAIL_ADDRESS", "a@x.de", true);
        for spelled in
            ["<EMAIL_1>", "<email_1>", r"\<EMAIL\_1\>", r"\\<EMAIL\\_1\\>", "&lt;EMAIL_1&gt;", r"\u003cEMAIL_1\u003E"]
        {
            assert_eq!(all.restored(&format!("to {spelled}!"), str::to_owned), "to a@x.de!", "{spelled}");
            for (at, _) in spelled.char_indices().skip(1) {
                let cut = format!("to {}", &spelled[..at]);
                assert_eq!(all.open_end(&cut), 3, "{cut}");
            }
        }
        for other in ["<EMAIL_1", "<EMAIL_12>", "&lt;EMAIL_1", "EMAIL_1", "<<EMAIL_>"] {
            assert_eq!(all.restored(other, str::to_owned), other);
        }
    }
}
