//! E-mail addresses (RFC 5321, RFC 6531), at an `@` or what stands for it in a URL.

use super::{Found, run, run_back};
use crate::detect::surroundings::Scene;

/// Names that follow a dot and are no top-level domain: files.
const FILES: &[&[u8]] = &[b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"js", b"css", b"json", b"ts"];

/// The longest part before the sign (RFC 5321, section 4.5.3.1.1).
const LONGEST: usize = 64;

/// The address around the `@` at `at`.
pub fn email(scene: &Scene<'_>, at: usize) -> Option<Found> {
    around(scene, at, at + 1)
}

/// The address around `%40`.
pub fn escaped(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    around(scene, start, end).into_iter().for_each(see);
}

/// The address around the sign from `at` to `behind`.
fn around(scene: &Scene<'_>, at: usize, behind: usize) -> Option<Found> {
    let start = local(scene, at)?;
    let end = domain(scene, behind)?;
    let user = scene.bytes.get(start..at)?;
    // `git@host.org:owner/repository` is an address of a machine, `x@y.f()` a product of matrices.
    let copy = scene.at(end) == b':' && matches!(user, b"git" | b"hg" | b"svn");
    let (before, earlier) = (scene.before(start, 1), scene.before(start, 2));
    let path = matches!((before, earlier), (b'/', b'/' | b':') | (b':', b'/'));
    (!copy && !path && scene.at(end) != b'(').then_some(Found { entity: "EMAIL_ADDRESS", start, end, score: Some(0.9) })
}

/// Where the part before the sign at `at` starts.
fn local(scene: &Scene<'_>, at: usize) -> Option<usize> {
    match scene.before(at, 1) {
        b'"' => return quoted(scene, at - 1),
        b'.' => return None,
        _ => {}
    }
    // What RFC 5322 allows, but for what parts fields, paths and code: `/`, `?`, `|`, braces, backticks.
    let foreign = !scene.before(at, 1).is_ascii();
    let in_local = |b: u8| b.is_ascii_alphanumeric() || b"._%+-'=&!#$*^~".contains(&b) || (foreign && !b.is_ascii());
    let mut start = run_back(scene.bytes, at, LONGEST, in_local);
    while start < at && scene.at(start).is_ascii() && !scene.at(start).is_ascii_alphanumeric() {
        start += 1;
    }
    // A member, an assignment or an escaped sign before it is not part of it: `to=jane@…`, `to%3Djane@…`.
    let text = scene.bytes.get(start..at)?;
    if let Some(sign) = text.iter().rposition(|byte| *byte == b'=') {
        start += sign + 1;
    }
    let text = scene.bytes.get(start..at)?;
    let escape = (0..text.len()).rev().find(|from| is_escape(scene.bytes, start + from));
    start += escape.map_or(0, |from| from + 3);
    // A character of another script is not cut.
    while scene.at(start) & 0xc0 == 0x80 {
        start += 1;
    }
    (start < at).then_some(start)
}

/// Where a quoted part starts that ends with the quote at `end`: `"jane doe"@…`.
fn quoted(scene: &Scene<'_>, end: usize) -> Option<usize> {
    let start = run_back(scene.bytes, end, LONGEST, |b| b != b'"' && !b.is_ascii_control());
    let opens = start < end && scene.before(start, 1) == b'"';
    let before = scene.before(start, 2);
    let alone = before == 0 || before.is_ascii_whitespace() || b"<(,;:='[*`>|".contains(&before);
    (opens && alone).then_some(start.saturating_sub(1))
}

/// Where the domain that starts at `from` ends.
fn domain(scene: &Scene<'_>, from: usize) -> Option<usize> {
    let in_domain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let end = without_signs(scene, from, run(scene.bytes, from, 253, in_domain));
    if is_domain(scene.bytes.get(from..end)?) {
        return Some(end);
    }
    // A domain of another script goes on where an ASCII one cannot end.
    let end = run(scene.bytes, from, 253, |b| in_domain(b) || !b.is_ascii());
    let name = scene.bytes.get(from..end)?;
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let end = match name.get(dot + 1..)? {
        // `пример.рф.` ends a sentence.
        [] => from + dot,
        [first, ..] if first.is_ascii() => {
            run(scene.bytes, from + dot + 1, 24, |b| b.is_ascii_alphanumeric() || b == b'-')
        }
        // Languages without spaces go on behind it: as long as a name there.
        [0xe3..=0xed, ..] => run(scene.bytes, from + dot + 1, 6, |b| !b.is_ascii()),
        _ => run(scene.bytes, from + dot + 1, 40, |b| !b.is_ascii()),
    };
    is_domain(scene.bytes.get(from..end)?).then_some(end)
}

fn without_signs(scene: &Scene<'_>, from: usize, end: usize) -> usize {
    end - scene.bytes.get(from..end).unwrap_or_default().iter().rev().take_while(|b| matches!(b, b'.' | b'-')).count()
}

/// Whether it is a name with a top-level domain, and no version: `package@1.2.3-rc.one`, `action@v1.x`.
fn is_domain(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > 0) else { return false };
    let top = name.get(dot + 1..).unwrap_or_default();
    let letters = (2..=24).contains(&top.len()) && top.iter().all(u8::is_ascii_alphabetic);
    let foreign = top.len() >= 4 && top.iter().all(|b| !b.is_ascii());
    let numbered = name.strip_prefix(b"v").unwrap_or(name);
    let digits = numbered.iter().take_while(|b| b.is_ascii_digit()).count();
    let next = numbered.get(digits + 1).is_some_and(u8::is_ascii_digit);
    let version = digits > 0 && numbered.get(digits) == Some(&b'.') && (next || numbered.len() < name.len());
    (letters || foreign || top.starts_with(b"xn--"))
        && !version
        && !name.starts_with(b"-")
        && !name.windows(2).any(|pair| pair == b"..")
        && !FILES.iter().any(|file| top.eq_ignore_ascii_case(file))
}

/// Whether an escaped sign of a URL that parts values starts at `at` (RFC 3986, section 2.1).
pub fn is_escape(bytes: &[u8], at: usize) -> bool {
    let Some([b'%', high, low]) = bytes.get(at..at + 3) else { return false };
    matches!(
        (high, low.to_ascii_uppercase()),
        (b'2', b'0' | b'2' | b'6' | b'7' | b'8' | b'9' | b'C' | b'F') | (b'3', b'A' | b'B' | b'C' | b'D' | b'E')
    ) || (matches!(high, b'0') && matches!(low, b'a' | b'A' | b'd' | b'D'))
}
