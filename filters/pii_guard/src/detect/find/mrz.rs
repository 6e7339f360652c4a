//! The machine-readable lines of travel documents (ICAO Doc 9303), at `<<`.

use super::{Found, run, run_back};
use crate::detect::checks::icao731;
use crate::detect::surroundings::Scene;

/// The line around `<<`, where its check digits are right.
pub fn line(scene: &Scene<'_>, at: usize, see: &mut dyn FnMut(Found)) {
    let holds = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'<';
    let start = run_back(scene.bytes, at, 44, holds);
    let end = run(scene.bytes, at, 45, holds);
    // `…06</td>`: the last sign is a tag's.
    let tag = scene.before(end, 1) == b'<' && (scene.at(end) == b'/' || scene.at(end).is_ascii_lowercase());
    let end = end - usize::from(tag);
    let line = scene.bytes.get(start..end).unwrap_or_default();
    // Fillers count as zero.
    let checked = |from: usize, to: usize| {
        let part: Vec<u8> =
            line.get(from..to).unwrap_or_default().iter().map(|b| if *b == b'<' { b'0' } else { *b }).collect();
        part.len() == to - from && part.last().is_some_and(u8::is_ascii_digit) && icao731(&part)
    };
    let fits = match line.len() {
        // Second line of a passport and of a visa, first of a card.
        44 | 36 => checked(0, 10) && checked(13, 20) && checked(21, 28),
        30 => checked(5, 15) || (checked(0, 7) && checked(8, 15)),
        _ => false,
    };
    if fits {
        see(Found { entity: "PASSPORT_MRZ", start, end, score: Some(0.95) });
    }
}
