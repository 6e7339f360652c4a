//! A user and a password in one: `login: jane / hunter22`, `credentials are jane:hunter22`, `auth=("jane", "hunter22")`.

use super::given::{is_quote, value_at};
use super::looks::{is_odd, is_value};
use super::spoken::is_other;
use super::{Found, run};
use crate::detect::surroundings::Scene;

/// Words between what both are called and the two.
const SAYS: [&[u8]; 12] =
    [b"is", b"are", b"was", b"were", b"sind", b"lauten", b"ist", b"son", b"es", b"sont", b"sono", b"now"];

/// What parts a user from a password.
const PARTS: [&[u8]; 7] = [b" / ", b"/", b" : ", b":", b" | ", b", ", b" and "];

/// The two behind the name that ends at `end`, or, where the name is `told`, right behind it.
pub fn pair(scene: &Scene<'_>, end: usize, mut told: bool, see: &mut dyn FnMut(Found)) {
    let mut at = end;
    for _ in 0..4 {
        let from = run(scene.bytes, at, 1, |b| b == b' ');
        let to = run(scene.bytes, from, 9, |b| b.is_ascii_lowercase());
        let word = scene.bytes.get(from..to).unwrap_or_default();
        if to == from || from == at || told {
            break;
        }
        told = SAYS.contains(&word);
        at = to;
    }
    let sign = run(scene.bytes, at, 2, |b| matches!(b, b' ' | b':' | b'='));
    told |= matches!(scene.before(sign, 1), b':' | b'=') || matches!(scene.before(sign, 2), b':' | b'=');
    let from = run(scene.bytes, sign, 2, |b| b == b' ');
    let to = run(scene.bytes, from, 64, |b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    let user = scene.bytes.get(from..to).unwrap_or_default();
    let rest = scene.bytes.get(to..).unwrap_or_default();
    let Some(part) = PARTS.iter().find(|part| rest.starts_with(part)) else { return };
    if !told || from == at || user.len() < 2 || !user.iter().any(u8::is_ascii_alphabetic) || is_other(user) {
        return;
    }
    let (start, end) = value_at(scene, to + part.len());
    let value = scene.bytes.get(start..end).unwrap_or_default();
    if (6..=128).contains(&value.len()) && is_odd(value) && is_value(value) {
        see(Found { entity: "PASSWORD", start, end, score: Some(0.75) });
        see(Found { entity: "USERNAME", start: from, end: to, score: Some(0.6) });
    }
}

/// The two as the first arguments of a call whose parenthesis ends at `end`: `auth=("jane", "hunter22")`.
pub fn called(scene: &Scene<'_>, end: usize, see: &mut dyn FnMut(Found)) {
    let space = |at: usize| run(scene.bytes, at, 12, |b| b.is_ascii_whitespace());
    let quoted = |at: usize| {
        let quote = scene.at(at);
        let to = run(scene.bytes, at + 1, 130, |b| b != quote && b != b'\n');
        (is_quote(quote) && scene.at(to) == quote).then_some((at + 1, to))
    };
    let Some((from, to)) = quoted(space(end)) else { return };
    let next = space(to + 2);
    let option = if scene.bytes.get(next..).is_some_and(|rest| rest.starts_with(b"Some(")) { 5 } else { 0 };
    let Some((start, last)) = quoted(next + option).filter(|_| scene.at(to + 1) == b',') else { return };
    let (user, value) =
        (scene.bytes.get(from..to).unwrap_or_default(), scene.bytes.get(start..last).unwrap_or_default());
    // `auth("google", "redirect-uri-2024")`
    let named = value.iter().any(|b| matches!(b, b'_' | b'-')) && !value.iter().any(u8::is_ascii_uppercase);
    if !is_odd(value) || named || !is_value(value) || value.contains(&b' ') || user.is_empty() {
        return;
    }
    see(Found { entity: "PASSWORD", start, end: last, score: Some(0.75) });
    let plain = user.iter().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(b));
    // In a stream the user is gone when the password comes.
    let is_user = scene.looks_ahead && plain && user.len() >= 2 && user.iter().any(u8::is_ascii_alphabetic);
    if is_user && !is_other(user) {
        see(Found { entity: "USERNAME", start: from, end: to, score: Some(0.6) });
    }
}
