//! E-mail addresses (RFC 5321), at an `@`.

use super::{Found, run, run_back};
use crate::detect::surroundings::Scene;

/// Names that follow a dot and are no top-level domain: files.
const FILES: &[&[u8]] = &[b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"js", b"css", b"json", b"ts"];

/// The address around the `@` at `at`.
pub fn email(scene: &Scene<'_>, at: usize) -> Option<Found> {
    let local =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'=' | b'&');
    let mut start = run_back(scene.bytes, at, 64, local);
    while start < at && !scene.at(start).is_ascii_alphanumeric() {
        start += 1;
    }
    // A member or an assignment before it is not part of it.
    if let Some(sign) = scene.bytes.get(start..at)?.iter().rposition(|byte| *byte == b'=') {
        start += sign + 1;
    }
    let domain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let mut end = run(scene.bytes, at + 1, 253, domain);
    while end > at + 1 && matches!(scene.at(end - 1), b'.' | b'-') {
        end -= 1;
    }
    let name = scene.bytes.get(at + 1..end)?;
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let top = name.get(dot + 1..)?;
    let known = (2..=24).contains(&top.len()) && top.iter().all(u8::is_ascii_alphabetic);
    let known = known || top.starts_with(b"xn--");
    // `git@host.org:owner/repository` is an address of a machine.
    let copy =
        scene.at(end) == b':' && scene.bytes.get(start..at).is_some_and(|user| matches!(user, b"git" | b"hg" | b"svn"));
    let fits = start < at
        && !copy
        && dot > 0
        && known
        && scene.before(at, 1) != b'.'
        && !name.windows(2).any(|pair| pair == b"..")
        && !FILES.iter().any(|file| top.eq_ignore_ascii_case(file))
        && !(scene.before(start, 1) == b'/' && matches!(scene.before(start, 2), b'/' | b':'))
        && !(scene.before(start, 1) == b':' && scene.before(start, 2) == b'/');
    fits.then_some(Found { entity: "EMAIL_ADDRESS", start, end, score: Some(0.9) })
}
