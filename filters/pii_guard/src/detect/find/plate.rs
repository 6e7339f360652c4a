//! Plates of vehicles with letters of other scripts: `А123ВС 77`, `京A·12345`, `12가 3456`, `品川 300 あ 12-34`. Those of Latin
//! letters have shapes.

use super::{Found, run};
use crate::detect::surroundings::Scene;

/// Letters of one script, by the first bytes of their UTF-8 and how many bytes one has.
type Script = (u8, u8, usize);

/// Greek and Cyrillic, Chinese characters, Korean syllables, and Hiragana.
const ALPHABETS: Script = (0xce, 0xd2, 2);
const HAN: Script = (0xe4, 0xe9, 3);
const HANGUL: Script = (0xea, 0xed, 3);
const KANA: Script = (0xe3, 0xe3, 3);

/// Where up to `most` letters from `from` on end.
fn letters(scene: &Scene<'_>, from: usize, most: usize, (first, last, size): Script) -> usize {
    let is_letter = |at: &usize| (first..=last).contains(&scene.at(*at));
    (0..=most)
        .map(|count| from + count * size)
        .take_while(|at| *at == from || is_letter(&(at - size)))
        .last()
        .unwrap_or(from)
}

/// Where up to `most` letters begin that end at `to`.
fn letters_back(scene: &Scene<'_>, to: usize, most: usize, (first, last, size): Script) -> usize {
    let is_letter = |back: usize| (first..=last).contains(&scene.before(to, back));
    to - (1..=most).map(|count| count * size).take_while(|back| is_letter(*back)).last().unwrap_or(0)
}

/// Behind one space, hyphen or dot.
fn gap(scene: &Scene<'_>, at: usize) -> usize {
    run(scene.bytes, at, 1, |b| matches!(b, b' ' | b'-' | b'.'))
}

/// Before one of them.
fn gap_back(scene: &Scene<'_>, at: usize) -> usize {
    at - usize::from(matches!(scene.before(at, 1), b' ' | b'-' | b'.'))
}

/// The plate in which the group of letters and digits from `at` to `end` is, the first but for letters of other scripts.
pub fn foreign_plate(scene: &Scene<'_>, at: usize, end: usize) -> Option<Found> {
    let number = scene.bytes.get(at..end)?;
    let found = if number.iter().all(u8::is_ascii_digit) {
        alphabetic(scene, at, end).or_else(|| korean(scene, at, end)).or_else(|| japanese(scene, at, end))
    } else {
        chinese(scene, at, end)
    };
    let (start, end) = found?;
    let ends = !scene.at(end).is_ascii_alphanumeric() && !scene.before(start, 1).is_ascii_alphanumeric();
    ends.then_some(Found { entity: "LICENSE_PLATE", start, end, score: None })
}

/// One to three letters on either side of three or four digits, and a region: Russia, Ukraine, Greece, Bulgaria.
fn alphabetic(scene: &Scene<'_>, at: usize, end: usize) -> Option<(usize, usize)> {
    let first = letters_back(scene, gap_back(scene, at), 4, ALPHABETS);
    let before = (gap_back(scene, at) - first) / 2;
    let from = gap(scene, end);
    let last = letters(scene, from, 4, ALPHABETS);
    let behind = (last - from) / 2;
    let region = run(scene.bytes, gap(scene, last), 4, |b| b.is_ascii_digit());
    let regional =
        behind > 0 && region > last && region - gap(scene, last) <= 3 && !scene.at(region).is_ascii_alphanumeric();
    let fits = matches!(end - at, 3 | 4)
        && before <= 3
        && behind <= 3
        && (before >= 2 || (before == 1 && behind == 2) || regional);
    let start = if before > 0 { first } else { at };
    let to = if regional {
        region
    } else if behind > 0 {
        last
    } else {
        end
    };
    (fits && before + behind > 0).then_some((start, to))
}

/// Two or three digits, a syllable, and four digits.
fn korean(scene: &Scene<'_>, at: usize, end: usize) -> Option<(usize, usize)> {
    let from = gap(scene, end);
    let syllable = letters(scene, from, 2, HANGUL);
    let last = gap(scene, syllable);
    let to = run(scene.bytes, last, 5, |b| b.is_ascii_digit());
    (matches!(end - at, 2 | 3) && syllable == from + 3 && to == last + 4).then_some((at, to))
}

/// A region, two or three digits, a sign of Hiragana, and up to four digits.
fn japanese(scene: &Scene<'_>, at: usize, end: usize) -> Option<(usize, usize)> {
    let from = gap(scene, end);
    let sign = letters(scene, from, 2, KANA);
    let last = gap(scene, sign);
    let to = run(scene.bytes, last, 6, |b| b.is_ascii_digit() || b == b'-');
    let start = letters_back(scene, gap_back(scene, at), 4, HAN);
    let start = if start < gap_back(scene, at) { start } else { at };
    (matches!(end - at, 2 | 3) && sign == from + 3 && to > last).then_some((start, to))
}

/// A province, a letter, and five or six letters and digits.
fn chinese(scene: &Scene<'_>, at: usize, end: usize) -> Option<(usize, usize)> {
    let start = letters_back(scene, at, 1, HAN);
    let capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let from = if end == at + 1 { gap(scene, end) } else { at + 1 };
    let to = run(scene.bytes, from, 7, capital);
    (start < at && scene.at(at).is_ascii_uppercase() && matches!(to - from, 5 | 6)).then_some((start, to))
}
