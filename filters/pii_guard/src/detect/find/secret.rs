//! Secrets by their own look: prefixes, tokens, keys, authorization.

use super::{Found, run, run_back};
use crate::detect::groups::secrets::{PREFIXES, Tail};
use crate::detect::surroundings::Scene;

/// The secrets of all prefixes that are at `start`. `first` is the first that is so written but for its case.
pub fn prefixed(scene: &Scene<'_>, first: usize, start: usize, see: &mut dyn FnMut(Found)) {
    let Some((_, written, ..)) = PREFIXES.get(first) else { return };
    for (entity, literal, tail, least, most) in PREFIXES.iter().filter(|prefix| prefix.1.eq_ignore_ascii_case(written))
    {
        let from = start + literal.len();
        if scene.bytes.get(start..from) != Some(literal.as_bytes()) {
            continue;
        }
        let mut end = run(scene.bytes, from, most + 1, |b| tail.holds(b));
        while end > from && *tail == Tail::Wide && matches!(scene.at(end - 1), b'.' | b',') {
            end -= 1;
        }
        let length = end - from;
        let begin = match *literal {
            // A bot's number stands before, a key's first part too.
            ":AA" => run_back(scene.bytes, start, 20, |b| b.is_ascii_alphanumeric()),
            "atlasv1." => run_back(scene.bytes, start, 20, |b| b.is_ascii_alphanumeric() || b == b'.'),
            "&sig=" | "?sig=" => start + 1,
            _ => start,
        };
        let short = literal.len() < 4 && !matches!(*literal, ":AA");
        let glued =
            scene.before(begin, 1).is_ascii_alphanumeric() || (short && matches!(scene.before(begin, 1), b'_' | b'-'));
        let named = *literal != ":AA"
            || scene.bytes.get(begin..start).is_some_and(|id| id.len() >= 8 && id.iter().all(u8::is_ascii_digit));
        let body = scene.bytes.get(from..end).unwrap_or_default();
        if length >= *least && length <= *most && !glued && named && is_random(body) {
            see(Found { entity, start: begin, end, score: Some(0.9) });
            return;
        }
    }
}

/// Whether text is no word, no run of one character and no placeholder: enough different characters for its length.
pub fn is_random(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    body.iter().for_each(|b| {
        if let Some(seen) = seen.get_mut(usize::from(*b)) {
            *seen = true;
        }
    });
    let different = seen.iter().filter(|seen| **seen).count();
    different >= (body.len() / 3).clamp(4, 9)
}

/// A JSON Web Token at its `eyJ`: three parts, the first of which is a JSON object.
pub fn jwt(scene: &Scene<'_>, start: usize, see: &mut dyn FnMut(Found)) {
    let part = |from: usize| run(scene.bytes, from, 8192, |b| Tail::Url.holds(b));
    if !scene.bytes.get(start..).is_some_and(|rest| rest.starts_with(b"eyJ"))
        || scene.before(start, 1).is_ascii_alphanumeric()
    {
        return;
    }
    let first = part(start);
    let second = part(first + 1);
    let end = part(second + 1);
    let json = scene.bytes.get(first + 1..first + 3) == Some(b"ey");
    if scene.at(first) == b'.' && scene.at(second) == b'.' && json && first - start >= 12 && end > second + 1 {
        see(Found { entity: "SECRET_JWT", start, end, score: Some(0.95) });
    }
}

/// A private key in its armour (RFC 7468), to its end or to that of the text.
pub fn pem(scene: &Scene<'_>, start: usize, see: &mut dyn FnMut(Found)) {
    let label = run(scene.bytes, start + 11, 48, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
    let name = scene.bytes.get(start + 11..label).unwrap_or_default();
    if !name.ends_with(b"PRIVATE KEY") && !name.ends_with(b"PRIVATE KEY BLOCK") {
        return;
    }
    let rest = scene.bytes.get(label..).unwrap_or_default();
    let end = match memchr::memmem::find(rest, b"-----END ") {
        Some(at) => {
            let foot =
                run(scene.bytes, label + at + 9, 48, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
            run(scene.bytes, foot, 5, |b| b == b'-')
        }
        None => scene.bytes.len(),
    };
    see(Found { entity: "SECRET_PRIVATE_KEY", start, end, score: Some(0.98) });
}

/// Credentials behind `Basic` or `Bearer`.
pub fn authorization(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let to = run(scene.bytes, end, 4096, |b| Tail::Wide.holds(b) || b == b'~');
    let body = scene.bytes.get(end..to).unwrap_or_default();
    let mixed = body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_alphabetic);
    let header = memchr::memmem::find(
        &scene.bytes.get(start.saturating_sub(24)..start).unwrap_or_default().to_ascii_lowercase(),
        b"authorization",
    );
    let least = if header.is_some() { 8 } else { 20 };
    if !scene.before(start, 1).is_ascii_alphanumeric()
        && body.len() >= least
        && (mixed || header.is_some())
        && is_random(body)
    {
        see(Found { entity: "SECRET_BASIC_AUTH", start: end, end: to, score: Some(0.85) });
    }
}
