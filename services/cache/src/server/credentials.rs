//! Who calls, and as what. Pure: from digests and what a peer presented to a role.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// As what somebody calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A gateway: looks up, stores, reserves, settles.
    Caller,
    /// May do what a caller may, and administration.
    Administrator,
}

/// A SHA-256 digest of a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl std::fmt::Debug for Digest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("…")
    }
}

impl Digest {
    /// The digest of a token's or a certificate's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// `sha256:` and 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Whether it is among these. The time it takes tells nothing about them.
    fn is_among(&self, known: &[Self]) -> bool {
        known.iter().fold(false, |found, one| found | bool::from(one.0.ct_eq(&self.0)))
    }
}

/// The credentials of one role.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub tokens: Vec<Digest>,
    pub certificates: Vec<Digest>,
}

/// All credentials that are known.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    pub callers: Known,
    pub administrators: Known,
    /// A certificate that TLS has accepted makes a caller.
    pub any_certificate: bool,
}

impl Credentials {
    /// Whether a call without any credential is refused.
    pub fn ask_for_any(&self) -> bool {
        self.any_certificate || !self.callers.tokens.is_empty() || !self.callers.certificates.is_empty()
    }

    /// The role of a peer with this token and this certificate (its DER form, accepted by TLS), or `None` for a stranger.
    pub fn role(&self, token: Option<&[u8]>, certificate: Option<&[u8]>) -> Option<Role> {
        let token = token.map(Digest::of);
        let certificate = certificate.map(Digest::of);
        let is = |known: &Known| {
            token.is_some_and(|digest| digest.is_among(&known.tokens))
                || certificate.is_some_and(|digest| digest.is_among(&known.certificates))
        };
        if is(&self.administrators) {
            Some(Role::Administrator)
        } else if is(&self.callers) || (self.any_certificate && certificate.is_some()) || !self.ask_for_any() {
            Some(Role::Caller)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(token: &str) -> Known {
        Known { tokens: vec![Digest::of(token.as_bytes())], certificates: Vec::new() }
    }

    #[test]
    fn a_digest_is_read_as_it_is_printed() {
        let digits: String = Sha256::digest(b"abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(Digest::parse(&format!("sha256:{digits}")), Some(Digest::of(b"abc")));
        assert_eq!(Digest::parse(&digits), None);
        assert_eq!(Digest::parse(&format!("sha256:{}", &digits[1..])), None);
        assert_eq!(Digest::parse(&format!("sha256:{}", "é".repeat(32))), None);
        assert_eq!(Digest::parse(&format!("sha256:{}", "+1".repeat(32))), None);
    }

    #[test]
    fn everybody_calls_where_nobody_is_named_but_nobody_administers() {
        let open = Credentials::default();
        assert_eq!(open.role(None, None), Some(Role::Caller));
        assert_eq!(open.role(Some(b"anything"), None), Some(Role::Caller));
        let administered = Credentials { administrators: known("root"), ..Credentials::default() };
        assert_eq!(administered.role(None, None), Some(Role::Caller));
        assert_eq!(administered.role(Some(b"root"), None), Some(Role::Administrator));
    }

    #[test]
    fn a_stranger_has_no_role() {
        let closed = Credentials { callers: known("a"), administrators: known("b"), any_certificate: false };
        assert_eq!(closed.role(Some(b"a"), None), Some(Role::Caller));
        assert_eq!(closed.role(Some(b"b"), None), Some(Role::Administrator));
        assert_eq!(closed.role(Some(b"c"), None), None);
        assert_eq!(closed.role(None, None), None);
        assert_eq!(closed.role(None, Some(b"certificate")), None);
        let mutual = Credentials { any_certificate: true, ..Credentials::default() };
        assert_eq!(mutual.role(None, Some(b"certificate")), Some(Role::Caller));
        assert_eq!(mutual.role(Some(b"a"), None), None);
    }
}
