//! Placeholders: `<EMAIL_1>`, numbered by the first appearance of a value in its request.
//!
//! So they stay the same while a conversation grows, and two requests that differ in values alone become equal. They live and
//! die with their request: nothing is shared, nothing is stored.

use ahash::AHashMap;

/// The longest placeholder, in bytes: what a stream may hold back of one.
pub const LONGEST: usize = 64;

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

/// Whether a byte can be part of a placeholder's name.
fn in_name(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

impl Placeholders {
    /// The placeholders of a request with this body. If it holds texts that look like placeholders, ours get a prefix that
    /// none of them has: the lowest number that does.
    pub fn new(body: &[u8]) -> Self {
        let mut used = [false; 256];
        let mut any = false;
        for at in memchr::memchr_iter(b'<', body) {
            let rest = body.get(at + 1..).unwrap_or_default();
            let name = rest.iter().take(LONGEST).take_while(|byte| in_name(**byte)).count();
            let (name, closed) = (rest.get(..name).unwrap_or_default(), rest.get(name) == Some(&b'>'));
            if closed && name.len() > 2 && name.last().is_some_and(u8::is_ascii_digit) && name.contains(&b'_') {
                any = true;
                let number = name.strip_prefix(b"P").unwrap_or_default();
                let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let number =
                    number.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<usize>().ok());
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

    /// `text` with the originals in the place of their placeholders. `write` says how an original is written there.
    pub fn restored(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for at in memchr::memchr_iter(b'<', text.as_bytes()) {
            if at < copied {
                continue;
            }
            let rest = text.get(at..).unwrap_or_default();
            let Some(end) = rest.bytes().take(LONGEST).position(|byte| byte == b'>').map(|end| end + 1) else {
                continue;
            };
            let name = rest.get(..end).unwrap_or_default();
            // Models change the case of what they repeat.
            let original = self.originals.get(name).or_else(|| self.originals.get(&name.to_ascii_uppercase()));
            if let Some(original) = original {
                out.push_str(text.get(copied..at).unwrap_or_default());
                out.push_str(&write(original));
                copied = at + end;
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
        let Some(at) = memchr::memrchr(b'<', text.as_bytes()) else { return text.len() };
        let tail = text.get(at..).unwrap_or_default().to_ascii_uppercase();
        let grows =
            tail.len() < LONGEST && self.originals.keys().any(|key| key.len() > tail.len() && key.starts_with(&tail));
        if grows { at } else { text.len() }
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
    }

    #[test]
    fn a_request_that_holds_placeholders_gets_others() {
        let mut all = Placeholders::new(b"what is <EMAIL_1> and <P2_X_1>?");
        assert_eq!(all.of("EMAIL_ADDRESS", "a@x.de", true), "<P3_EMAIL_1>");
        assert_eq!(all.restored("<EMAIL_1>", str::to_owned), "<EMAIL_1>");
    }
}
