//! What becomes of findings: which of several that overlap counts, what stands in their place, and the way back.

mod overlap;
mod placeholder;
mod spelling;

pub use overlap::{Span, resolve};
pub use placeholder::{Placeholders, label};

use sha2::{Digest, Sha256};

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is counted and passes.
    Flag,
    /// All but the last characters become one.
    Mask {
        /// The character.
        character: char,
        /// So many letters and digits stay.
        keep_last: usize,
    },
    /// A placeholder.
    Replace,
    /// It is taken out.
    Redact,
    /// A keyed hash.
    Hash,
    /// A placeholder that becomes the original again in the response.
    Restore,
    /// The message is refused.
    Block,
}

impl Action {
    /// Its name, for metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Mask { .. } => "mask",
            Self::Replace => "replace",
            Self::Redact => "redact",
            Self::Hash => "hash",
            Self::Restore => "restore",
            Self::Block => "block",
        }
    }
}

/// HMAC-SHA-256 (RFC 2104), of which 16 hexadecimal digits are shown. Without a key a small domain such as telephone numbers
/// could be tried out.
#[derive(Clone)]
pub struct Hash {
    inner: Sha256,
    outer: Sha256,
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Hash")
    }
}

impl Hash {
    /// With this key.
    pub fn new(key: &str) -> Self {
        let mut block = [0_u8; 64];
        let short: Vec<u8> = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.as_bytes().to_vec() };
        block.iter_mut().zip(short).for_each(|(to, from)| *to = from);
        let keyed = |pad: u8| Sha256::new().chain_update(block.map(|byte| byte ^ pad));
        Self { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    /// The hash of a value, in 16 digits.
    pub fn of(&self, value: &str) -> String {
        let inner = self.inner.clone().chain_update(value).finalize();
        let hash = self.outer.clone().chain_update(inner).finalize();
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What stands in the place of a value.
pub fn masked(value: &str, character: char, keep_last: usize) -> String {
    // What is no longer than what stays is hidden whole.
    let hidden = |count: usize| if count > keep_last { count - keep_last } else { count };
    if let (true, Some(sign)) = (value.is_ascii(), u8::try_from(character).ok().filter(u8::is_ascii)) {
        // Without branches: which of a value's bytes are letters is as good as random.
        let counts = |byte: u8| ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10);
        let mut left = hidden(value.bytes().map(|byte| usize::from(counts(byte))).sum());
        let mask = |byte: u8| {
            let (counts, open) = (counts(byte), left > 0);
            left -= usize::from(open & counts);
            let hides = open & (counts | (byte == b'@') | (byte == b'_'));
            byte ^ ((byte ^ sign) & u8::from(hides).wrapping_neg())
        };
        return String::from_utf8(value.bytes().map(mask).collect()).unwrap_or_default();
    }
    let mut left = hidden(value.chars().filter(|c| c.is_alphanumeric()).count());
    let mask = |c: char| {
        let (counts, open) = (c.is_alphanumeric(), left > 0);
        left -= usize::from(open && counts);
        if open && (counts || matches!(c, '@' | '_')) { character } else { c }
    };
    value.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_what_they_are_told() {
        assert_eq!(masked("4111 1111 1111 1234", '*', 4), "**** **** **** 1234");
        assert_eq!(masked("ab", '#', 4), "##");
        assert_eq!(masked("jö@x", '*', 0), "****");
    }

    #[test]
    fn the_hash_is_hmac() {
        // RFC 4231, test case 2.
        assert_eq!(Hash::new("Jefe").of("what do ya want for nothing?"), "5bdcc146bf60754e");
    }
}
