//! How a group of letters and digits hangs on what stands around it: whether it is the whole of a value.

use super::find::is_escape;

/// How a value hangs on what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// Not at all.
    Free,
    /// By a sign behind which only a word says what it is: `SSN #…`, `patients/…`.
    Named,
    /// It is the continuation: a path, a decimal, a name with a sign in it.
    Glued,
}

impl Joint {
    /// That of a value with these two bytes before it, the nearer one first.
    pub fn of(before: u8, earlier: u8) -> Self {
        let word = earlier.is_ascii_alphanumeric();
        match before {
            b'@' | b'\\' | b'%' | b'$' => Self::Glued,
            // `[#1889](…)` is an issue.
            b'#' if matches!(earlier, b'[' | b'(') => Self::Glued,
            b'#' if !word => Self::Named,
            b'/' if word => Self::Named,
            b'/' if earlier == b'/' => Self::Glued,
            // `_value_` and `~~value~~` are emphasis.
            b'#' | b'_' | b'-' | b'.' | b'+' | b'&' if word => Self::Glued,
            // `[.2194.0020.0002]`, base64.
            b'.' if matches!(earlier, b'[' | b'(') => Self::Glued,
            b'+' if matches!(earlier, b'+' | b'/') => Self::Glued,
            // `-2147454975`, `kx_group::SECP256R1`
            b'-' if matches!(earlier, b' ' | b'(' | b',' | b'=' | b'[' | b'\t') => Self::Named,
            b':' if earlier == b':' => Self::Named,
            b'~' if earlier != b'~' => Self::Glued,
            b':' if earlier.is_ascii_digit() => Self::Glued,
            _ => Self::Free,
        }
    }
}

/// Whether a value goes on behind its end, with these two bytes, but for an escaped sign of a URL and the next part of a path there.
#[inline]
pub fn goes_on_at(bytes: &[u8], start: usize, end: usize, next: u8, after: u8) -> bool {
    goes_on(next, after) && !is_part(bytes, start, end, next)
}

/// Whether a value of a URL ends at `end`, before a sign with which others go on: `card=…/x`, `patients/…/visits`.
fn is_part(bytes: &[u8], start: usize, end: usize, next: u8) -> bool {
    match next {
        b'/' => start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|before| matches!(before, b'=' | b'/')),
        b'%' => is_escape(bytes, end),
        b'&' => is_parameter(bytes, start, end),
        _ => false,
    }
}

/// Whether a value goes on behind its end.
pub fn goes_on(next: u8, after: u8) -> bool {
    match next {
        b'@' | b'%' | b'\\' => true,
        b'_' | b'~' | b'=' | b'-' | b'/' | b'+' | b'&' | b'.' | b':' => after.is_ascii_alphanumeric(),
        _ => next.is_ascii_alphanumeric(),
    }
}

/// Whether a value of a query or a form ends at `end`, before the next one: `card=…&cvc=123`.
pub fn is_parameter(bytes: &[u8], start: usize, end: usize) -> bool {
    let behind = bytes.get(end..).unwrap_or_default();
    let [b'&', first, rest @ ..] = behind else { return false };
    let name = rest.iter().take(32).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let named = name.and_then(|at| rest.get(at)) == Some(&b'=');
    let given = start.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'=');
    (first.is_ascii_alphabetic() || *first == b'_') && (given || named)
}
