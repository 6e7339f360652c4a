//! Patterns of one kind: a string of characters from a set, `^[a-zA-Z0-9_-]{1,64}$`. No regular expressions: names in the
//! references have no other patterns, and the module with the built-in schemas alone has no engine for them.

/// Which characters a string may hold, and how many. All of them are ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charset {
    /// A bit for each character that is allowed.
    allowed: u128,
    min: usize,
    max: usize,
}

impl Charset {
    /// Reads `^[…]+$` or `^[…]{min,max}$`; within the brackets single characters and ranges, and a hyphen last.
    pub fn new(pattern: &str) -> Option<Self> {
        let (class, count) = pattern.strip_prefix("^[")?.strip_suffix('$')?.split_once(']')?;
        let (min, max) = match count {
            "+" => (1, usize::MAX),
            count => {
                let (min, max) = count.strip_prefix('{')?.strip_suffix('}')?.split_once(',')?;
                (min.parse().ok()?, max.parse().ok()?)
            }
        };
        let mut allowed = 0;
        let mut rest = class.as_bytes();
        while let Some((first, behind)) = rest.split_first() {
            let last = match behind {
                [b'-', last, after @ ..] => {
                    rest = after;
                    last
                }
                _ => {
                    rest = behind;
                    first
                }
            };
            let is_special = |byte: &u8| !byte.is_ascii() || matches!(byte, b'\\' | b'^' | b'[');
            if is_special(first) || is_special(last) || first > last {
                return None;
            }
            allowed = (*first..=*last).fold(allowed, |allowed, byte| allowed | 1_u128 << byte);
        }
        Some(Self { allowed, min, max })
    }

    /// Whether a string is one.
    pub fn fits(&self, text: &str) -> bool {
        let is_allowed = |byte: u8| byte.is_ascii() && self.allowed >> byte & 1 == 1;
        (self.min..=self.max).contains(&text.len()) && text.bytes().all(is_allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_with_ranges_and_a_hyphen() {
        let name = Charset::new("^[a-zA-Z0-9_-]{1,8}$").unwrap();
        for (text, fits) in
            [("a-B_9", true), ("", false), ("a b", false), ("12345678", true), ("123456789", false), ("é", false)]
        {
            assert_eq!(name.fits(text), fits, "{text}");
        }
        assert!(Charset::new("^[ab]+$").unwrap().fits(&"ab".repeat(500)));
        for none in ["", "[a]+", "^a+$", "^[a-]", "^[^a]+$", "^[\\d]+$", "^[z-a]+$", "^[a]*$", "^[a]{1}$"] {
            assert_eq!(Charset::new(none), None, "{none}");
        }
    }
}
