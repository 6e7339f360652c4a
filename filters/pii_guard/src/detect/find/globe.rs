//! Places on the globe (ISO 6709): in pairs, each beside its name, in degrees, minutes and seconds.

use super::{Found, run, run_back, value};
use crate::detect::surroundings::Scene;

/// The sign of degrees.
const DEGREE: &[u8] = "°".as_bytes();

/// A decimal degree that starts at `from`, with its sign: where it ends, and how many whole degrees it has at most.
fn decimal(scene: &Scene<'_>, from: usize, least: usize) -> Option<(usize, u32)> {
    let from = if matches!(scene.at(from), b'-' | b'+') { from + 1 } else { from };
    let whole = run(scene.bytes, from, 4, |b| b.is_ascii_digit());
    if !(1..=3).contains(&(whole - from)) || scene.at(whole) != b'.' {
        return None;
    }
    let end = run(scene.bytes, whole + 1, 16, |b| b.is_ascii_digit());
    let degrees = value(scene.bytes.get(from..whole)?);
    let fits = degrees <= 180 && end - whole > least;
    (fits && !scene.at(end).is_ascii_alphanumeric()).then_some((end, degrees))
}

/// Behind the sign of degrees and the letter of a direction that may stand behind them.
fn directed(scene: &Scene<'_>, end: usize) -> usize {
    let signed = scene.bytes.get(end..).is_some_and(|rest| rest.starts_with(DEGREE));
    let end = if signed { end + DEGREE.len() } else { end };
    // In a stream the letter may not have come yet.
    let letter = run(scene.bytes, end, usize::from(scene.looks_ahead), |b| b == b' ');
    let known =
        matches!(scene.at(letter), b'N' | b'S' | b'E' | b'W' | b'O') && !scene.at(letter + 1).is_ascii_alphanumeric();
    if known { letter + 1 } else { end }
}

/// Two decimal degrees, the first of which starts at `start` (at its sign or its first digit).
pub fn coordinates(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let (first, a) = decimal(scene, start, 4)?;
    let behind = directed(scene, first);
    let second = run(scene.bytes, behind, 3, |b| matches!(b, b',' | b' ' | b';'));
    let (last, b) = decimal(scene, second, 4).filter(|_| second > behind)?;
    let end = directed(scene, last);
    // `52.5200° N, 13.4050° E` is nothing else.
    let score = (behind > first && end > last).then_some(0.75);
    let start = if matches!(scene.before(start, 1), b'-') { start - 1 } else { start };
    (a.min(b) <= 90).then_some(Found { entity: "GPS_COORDINATES", start, end, score })
}

/// One decimal degree beside its name: `lat: 52.52`, `"longitude": 13.405`.
pub fn labelled(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let before = scene.before(start, 1);
    let inside = before.is_ascii_alphabetic() && !scene.at(start).is_ascii_uppercase();
    let signs = |from: usize| {
        run(scene.bytes, from, 6, |b| matches!(b, b' ' | b':' | b'=' | b'"' | b'\'' | b'*' | b'|' | b'.'))
    };
    let end = run(scene.bytes, end, 1, |b| b.is_ascii_digit());
    // `latitude of 52.52`
    let word = signs(end);
    let behind = run(scene.bytes, word, 3, |b| b.is_ascii_lowercase());
    let from = if scene.at(behind) == b' ' { signs(behind) } else { word };
    if inside || (from == end && scene.at(end).is_ascii()) {
        return;
    }
    if let Some((to, _)) = decimal(scene, from, 2) {
        see(Found { entity: "GPS_COORDINATES", start: from, end: directed(scene, to), score: Some(0.75) });
    }
}

/// Degrees and minutes, and seconds where they are given, whose degrees start at `start`: `52°31'12"N 13°24'18"E`. Both of a pair
/// are one place.
pub fn degrees(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let first = sexagesimal(scene, start)?;
    let next = run(scene.bytes, first, 3, |b| matches!(b, b' ' | b',' | b';' | b'/'));
    let next = run(scene.bytes, next, 2, |b| matches!(b, b'N' | b'S' | b'E' | b'W' | b'O' | b' '));
    let end = sexagesimal(scene, next).unwrap_or(first);
    let letters = run_back(scene.bytes, start, 2, |b| matches!(b, b'N' | b'S' | b'E' | b'W' | b'O' | b' '));
    let before = scene.bytes.get(letters..start).is_some_and(|text| text.first() != Some(&b' ') && !text.is_empty());
    let before = before && !scene.before(letters, 1).is_ascii_alphanumeric();
    let start = if before { letters } else { start };
    let directed = before || scene.before(end, 1).is_ascii_uppercase();
    directed.then_some(Found { entity: "GPS_COORDINATES", start, end, score: Some(0.75) })
}

/// Where an angle ends that starts at `start`: with minutes, and with a direction before or behind it.
fn sexagesimal(scene: &Scene<'_>, start: usize) -> Option<usize> {
    let space = |at: usize| run(scene.bytes, at, 1, |b| b == b' ');
    let whole = run(scene.bytes, start, 4, |b| b.is_ascii_digit());
    let known = whole > start && whole - start <= 3 && value(scene.bytes.get(start..whole)?) <= 180;
    let from = space(whole + DEGREE.len());
    let minutes = run(scene.bytes, from, 7, |b| b.is_ascii_digit() || b == b'.');
    let fits = known && scene.bytes.get(whole..whole + DEGREE.len()) == Some(DEGREE) && minutes > from;
    if !fits || scene.at(minutes) != b'\'' {
        return None;
    }
    let from = space(minutes + 1);
    let seconds = run(scene.bytes, from, 9, |b| b.is_ascii_digit() || b == b'.');
    // `″`, `"` or `''`.
    let signs = run(scene.bytes, seconds, 3, |b| matches!(b, b'"' | b'\'' | 0xe2 | 0x80 | 0xb3));
    let end = if seconds > from && signs > seconds { signs } else { minutes + 1 };
    Some(directed(scene, end))
}
