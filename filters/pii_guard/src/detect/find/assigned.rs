//! What is named before it: `password: …`, header fields, boxes, stripes.

use super::secret::is_random;
use super::{Found, Mark, run};
use crate::detect::checks::banking::track as is_track;
use crate::detect::surroundings::Scene;

/// Where the value that is assigned to a name that ends at `end` starts and ends, and whether an assignment is written.
fn assigned(scene: &Scene<'_>, end: usize) -> Option<(usize, usize)> {
    // The name may go on: `password_hash`, `api_key_2`, and it may be quoted.
    let mut at = run(scene.bytes, end, 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    at = run(scene.bytes, at, 2, |b| matches!(b, b'"' | b'\'' | b'`' | b']'));
    at = run(scene.bytes, at, 3, |b| b == b' ');
    let sign = run(scene.bytes, at, 3, |b| matches!(b, b':' | b'=' | b'>'));
    let mut from = sign;
    if sign == at {
        from = [&b"is "[..], b"ist ", b"es ", b"est "]
            .iter()
            .find(|word| scene.bytes.get(at..).is_some_and(|rest| rest.starts_with(word)))
            .map(|word| at + word.len())?;
        from = if scene.at(from) == b':' { from + 1 } else { from };
    }
    from = run(scene.bytes, from, 3, |b| b == b' ');
    let quote = scene.at(from);
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    let from = if quoted { from + 1 } else { from };
    let holds = |b: u8| {
        if quoted { b != quote && b != b'\n' } else { !b.is_ascii_whitespace() && !b"\"'`,;<>){}".contains(&b) }
    };
    let mut to = run(scene.bytes, from, 512, holds);
    while !quoted && to > from && matches!(scene.at(to - 1), b'.' | b'!' | b'?' | b':') {
        to -= 1;
    }
    Some((from, to))
}

/// Whether a value is no variable, template, mask or word of documentation.
fn is_value(value: &[u8]) -> bool {
    let first = value.first().copied().unwrap_or(0);
    let lower = value.to_ascii_lowercase();
    let told = [
        &b"null"[..],
        b"none",
        b"true",
        b"false",
        b"your",
        b"example",
        b"change",
        b"xxx",
        b"required",
        b"string",
        b"undefined",
        b"env",
        b"process.",
        b"os.",
    ];
    !matches!(first, b'$' | b'{' | b'<' | b'*' | b'%' | b'[' | b'(') && !told.iter().any(|word| lower.starts_with(word))
}

/// A password.
pub fn password(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let Some((from, to)) = assigned(scene, end) else { return };
    let value = scene.bytes.get(from..to).unwrap_or_default();
    let strange = value.iter().any(|b| !b.is_ascii_lowercase()) || value.len() >= 12;
    if !scene.before(start, 1).is_ascii_alphabetic() && (4..=128).contains(&value.len()) && strange && is_value(value) {
        see(Found { entity: "PASSWORD", start: from, end: to, score: Some(0.75) });
    }
}

/// Another secret: a random value of 16 characters and more.
pub fn generic(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let Some((from, to)) = assigned(scene, end) else { return };
    let value = scene.bytes.get(from..to).unwrap_or_default();
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let plain = value.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=_-.~!@#$%^&*".contains(b));
    if !(16..=512).contains(&value.len())
        || digits < 2
        || letters < 4
        || !plain
        || !is_random(value)
        || !is_value(value)
    {
        return;
    }
    let name = scene.bytes.get(start.saturating_sub(24)..from).unwrap_or_default().to_ascii_lowercase();
    let aws = value.len() == 40
        && (memchr::memmem::find(&name, b"aws").is_some() || memchr::memmem::find(&name, b"secret_access").is_some());
    let entity = if aws { "SECRET_AWS_SECRET_KEY" } else { "SECRET_GENERIC" };
    see(Found { entity, start: from, end: to, score: Some(0.75) });
}

/// The name that a user logs in with.
pub fn username(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let Some((from, to)) = assigned(scene, end) else { return };
    let value = scene.bytes.get(from..to).unwrap_or_default();
    let plain = value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(b));
    if !scene.before(start, 1).is_ascii_alphanumeric() && (3..=64).contains(&value.len()) && plain && is_value(value) {
        see(Found { entity: "USERNAME", start: from, end: to, score: Some(0.6) });
    }
}

/// A `Cookie` or `User-Agent` field, to the end of its line.
pub fn header(scene: &Scene<'_>, mark: Mark, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let from = if scene.at(end.saturating_sub(1)) == b'(' { start } else { run(scene.bytes, end, 3, |b| b == b' ') };
    let to = run(scene.bytes, from, 2048, |b| !matches!(b, b'\n' | b'\r' | b'"'));
    let value = scene.bytes.get(from..to).unwrap_or_default();
    let cookie = mark == Mark::Cookie;
    if value.len() >= 4 && (!cookie || value.contains(&b'=')) {
        let entity = if cookie { "HTTP_COOKIE" } else { "HTTP_USER_AGENT" };
        see(Found { entity, start: from, end: to, score: Some(0.7) });
    }
}

/// A post office box.
pub fn po_box(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let from = run(scene.bytes, end, 3, |b| matches!(b, b' ' | b'#' | b':'));
    let to = run(scene.bytes, from, 8, |b| b.is_ascii_digit());
    if to > from && !scene.at(to).is_ascii_alphanumeric() && !scene.before(start, 1).is_ascii_alphanumeric() {
        see(Found { entity: "PO_BOX", start, end: to, score: Some(0.7) });
    }
}

/// Track 1 of a card, at its sentinel.
pub fn track(scene: &Scene<'_>, start: usize, see: &mut dyn FnMut(Found)) {
    let to = run(scene.bytes, start, 80, |b| b != b'?' && b != b'\n');
    let digits = scene.bytes.get(start + 2..to).unwrap_or_default();
    if scene.at(to) == b'?' && digits.contains(&b'^') && is_track(digits) {
        see(Found { entity: "CARD_TRACK", start, end: to + 1, score: Some(0.95) });
    }
}
