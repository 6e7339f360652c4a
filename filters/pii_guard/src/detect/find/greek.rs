//! Greek identity cards whose letters are written in Greek: `ΑΒ 123456`.

use super::Found;
use crate::detect::surroundings::Scene;

/// The identity card whose six digits start at `start`: one or two Greek capital letters before them, which are small ones of two
/// bytes in the view.
pub fn greek_card(scene: &Scene<'_>, start: usize, end: usize) -> Option<Found> {
    let letters = match scene.before(start, 1) {
        b' ' | b'-' => start - 1,
        _ => start,
    };
    let is_letter = |at: usize| {
        let lead = at.checked_sub(2).map(|lead| (scene.at(lead), scene.at(lead + 1)));
        matches!(lead, Some((0xce, 0xb1..=0xbf) | (0xcf, 0x80..=0x89)))
    };
    let first = match (is_letter(letters), is_letter(letters.saturating_sub(2))) {
        (false, _) => return None,
        (true, true) => letters - 4,
        (true, false) => letters - 2,
    };
    let alone = !is_letter(first) && !scene.before(first, 1).is_ascii_alphanumeric();
    let ends = !scene.at(end).is_ascii_alphanumeric() && scene.at(end) < 0x80;
    (alone && ends).then_some(Found { entity: "GR_ID_CARD", start: first, end, score: None })
}
