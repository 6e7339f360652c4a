//! The lexical parts of JSON (RFC 8259): strings and numbers.

use super::scan::Reason;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes at the front are neither a quote, a backslash nor a control character. Eight at a time: strings are
/// most of a body.
fn plain_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        let zero = |x: u64| x.wrapping_sub(LOW) & !x;
        let found = (zero(word ^ (LOW * u64::from(b'"')))
            | zero(word ^ (LOW * u64::from(b'\\')))
            | (word.wrapping_sub(LOW * 0x20) & !word))
            & HIGH;
        if found != 0 {
            // The lowest mark is exact; borrows can only put false ones above it.
            return run + (found.trailing_zeros() / 8) as usize;
        }
        run += 8;
    }
    let rest = words.remainder().iter();
    run + rest.take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count()
}

/// The end of the string whose opening quote is at `at`, and whether it has escapes.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Result<(usize, bool), (Reason, usize)> {
    let mut at = at + 1;
    let mut escaped = false;
    loop {
        at += plain_run(bytes.get(at..).unwrap_or_default());
        match bytes.get(at) {
            Some(b'"') => return Ok((at + 1, escaped)),
            Some(b'\\') => {
                escaped = true;
                at = escape_end(bytes, at)?;
            }
            Some(_) => return Err((Reason::Syntax, at)),
            None => return Err((Reason::Truncated, at)),
        }
    }
}

/// The end of the escape whose backslash is at `at`.
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, (Reason, usize)> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match unit(bytes, at)? {
            0xd800..=0xdbff if bytes.get(at + 6) == Some(&b'\\') && bytes.get(at + 7) == Some(&b'u') => {
                match unit(bytes, at + 6)? {
                    0xdc00..=0xdfff => Ok(at + 12),
                    _ => Err((Reason::LoneSurrogate, at)),
                }
            }
            0xd800..=0xdfff => Err((Reason::LoneSurrogate, at)),
            _ => Ok(at + 6),
        },
        Some(_) => Err((Reason::Syntax, at)),
        None => Err((Reason::Truncated, at)),
    }
}

/// The UTF-16 unit that `\uXXXX` at `at` spells.
fn unit(bytes: &[u8], at: usize) -> Result<u32, (Reason, usize)> {
    let digits = bytes.get(at + 2..at + 6).ok_or((Reason::Truncated, bytes.len()))?;
    digits.iter().try_fold(0, |unit, digit| {
        char::from(*digit).to_digit(16).map(|digit| unit * 16 + digit).ok_or((Reason::Syntax, at))
    })
}

/// The end of the number that starts at `at`. Beyond `max_digits` digits, or beyond a double's range, it is refused.
pub(super) fn number_end(bytes: &[u8], at: usize, max_digits: usize) -> Result<usize, (Reason, usize)> {
    let start = at;
    let run = |at: usize| bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let some = |at: usize| match run(at) {
        0 if at >= bytes.len() => Err((Reason::Truncated, at)),
        0 => Err((Reason::Syntax, at)),
        digits => Ok(digits),
    };
    let mut at = if bytes.get(at) == Some(&b'-') { at + 1 } else { at };
    let whole = some(at)?;
    if whole > 1 && bytes.get(at) == Some(&b'0') {
        return Err((Reason::Syntax, at));
    }
    at += whole;
    let (mut digits, mut exponent) = (whole, 0);
    if bytes.get(at) == Some(&b'.') {
        let fraction = some(at + 1)?;
        digits += fraction;
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += if matches!(bytes.get(at + 1), Some(b'+' | b'-')) { 2 } else { 1 };
        exponent = some(at)?;
        at += exponent;
    }
    let is_finite = || {
        let text = bytes.get(start..at).and_then(|text| std::str::from_utf8(text).ok());
        text.and_then(|text| text.parse::<f64>().ok()).is_some_and(f64::is_finite)
    };
    if digits + exponent > max_digits || ((digits > 300 || exponent > 2) && !is_finite()) {
        return Err((Reason::Digits, start));
    }
    Ok(at)
}
