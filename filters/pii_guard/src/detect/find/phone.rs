//! Telephone numbers: international by E.164, North American by its plan, and others beside a word for them.

use super::{Found, run, run_back};
use crate::detect::surroundings::Scene;

/// How many digits a number has at least.
pub const SHORTEST: usize = 7;

/// A telephone number that starts at `start`: at a digit, `+` or `(`.
pub fn phone(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let mut digits = [0_u8; 16];
    let (mut count, mut end, mut at) = (0, start, start);
    let (mut groups, mut in_group, mut separators) = (0, false, 0_usize);
    while at < start + 28 {
        let byte = scene.at(at);
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = byte;
                count += 1;
                groups += usize::from(!in_group);
                in_group = true;
                separators = 0;
                end = at + 1;
            }
            b'+' if at == start || (at == start + 1 && scene.at(start) == b'(') => {}
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => {
                in_group = false;
                separators += 1;
                if separators > 2 {
                    break;
                }
            }
            _ => break,
        }
        at += 1;
    }
    let digits = digits.get(..count).filter(|digits| digits.len() >= SHORTEST && !digits.ends_with(b"000000"))?;
    // `0.2+20090917-7` is a version.
    let before = scene.before(start, 1);
    if scene.at(start) == b'+' && (before.is_ascii_digit() || before == b'+') {
        return None;
    }
    let number = scene.bytes.get(start..end)?;
    end = extension(scene, end);
    let (next, after) = (scene.at(end), scene.at(end + 1));
    if next.is_ascii_alphanumeric()
        || next == b'@'
        || (matches!(next, b'_' | b'-' | b'/' | b'.' | b':') && after.is_ascii_alphanumeric())
        || (next == b',' && after.is_ascii_digit() && !number.starts_with(b"+") && !is_cell(before))
    {
        return None;
    }
    let open = number.iter().filter(|b| **b == b'(').count();
    let close = number.iter().filter(|b| **b == b')').count();
    if open != close {
        return None;
    }
    let score = if scene.at(start) == b'+' || scene.at(start + 1) == b'+' {
        // `5.1.1alpha+20120614`
        let sure = if scene.before(start, 1).is_ascii_alphanumeric() { 0.0 } else { 0.75 };
        ((8..=15).contains(&count) && is_country(digits)).then_some(Some(sure))?
    } else if (3..=8).contains(&groups)
        && number.starts_with(b"00")
        && (11..=16).contains(&count)
        && is_country(digits.get(2..)?)
    {
        // The prefix that is dialled for `+`.
        None
    } else if north_american(digits, number, groups) {
        None
    } else if (SHORTEST..=14).contains(&count) && groups <= 6 && !is_years(number) && !number.starts_with(b"0.") {
        // Only a word beside it makes it one.
        Some(0.0)
    } else {
        return None;
    };
    Some(Found { entity: "PHONE_NUMBER", start, end, score })
}

/// Whether what stands before a number parts the cells of a table: what is behind its comma is the next one.
fn is_cell(before: u8) -> bool {
    matches!(before, b',' | b'\n' | b'\r')
}

/// The end of an extension behind a number that ends at `end`: `x123`, ` ext. 123`; `end` where there is none.
fn extension(scene: &Scene<'_>, end: usize) -> usize {
    let mut at = run(scene.bytes, end, 2, |b| matches!(b, b' ' | b','));
    let word = run(scene.bytes, at, 9, |b| b.is_ascii_alphabetic());
    let name = scene.bytes.get(at..word).unwrap_or_default();
    let known: [&[u8]; 4] = [b"x", b"ext", b"extn", b"extension"];
    if !known.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return end;
    }
    at = run(scene.bytes, word, 2, |b| matches!(b, b' ' | b'.' | b':'));
    let to = run(scene.bytes, at, 6, |b| b.is_ascii_digit());
    if to > at && !scene.at(to).is_ascii_alphanumeric() { to } else { end }
}

/// What is spoken of where an extension is one of a telephone.
const SPOKEN: [&[u8]; 11] = [
    b"phone",
    b"telephone",
    b"phones",
    b"tel",
    b"call",
    b"dial",
    b"reach",
    b"ring",
    b"office",
    b"desk",
    b"switchboard",
];

/// An extension alone, at its word or its `x`: directly before its digits, near a telephone's number or a word for one. Software has
/// extensions too.
pub fn office(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let short = end == start + 1;
    let from = if short { end } else { run(scene.bytes, end, 2, |b| matches!(b, b' ' | b'.' | b':')) };
    let least = if short { 4 } else { 3 };
    let to = run(scene.bytes, from, 6, |b| b.is_ascii_digit());
    let (next, after) = (scene.at(to), scene.at(to + 1));
    let goes_on = next.is_ascii_alphanumeric() || (matches!(next, b'.' | b'-' | b'_') && after.is_ascii_alphanumeric());
    let glued = scene.before(start, 1).is_ascii_alphanumeric() || matches!(scene.before(start, 1), b'.' | b'_' | b'-');
    if (from == end && !short) || !(least..=5).contains(&(to - from)) || goes_on || glued {
        return;
    }
    let near = scene.bytes.get(start.saturating_sub(56)..start).unwrap_or_default().to_ascii_lowercase();
    // `Ext. 1840`: a file's has no full stop behind the word.
    let spoken = (end == start + 3 && scene.at(end) == b'.')
        || near.split(|b| !b.is_ascii_alphanumeric()).any(|word| SPOKEN.contains(&word));
    let number = run_back(scene.bytes, start, 24, |b| b.is_ascii_digit() || b" -.()/,+".contains(&b));
    let digits = scene.bytes.get(number..start).unwrap_or_default().iter().filter(|b| b.is_ascii_digit()).count();
    if spoken || digits >= SHORTEST {
        see(Found { entity: "US_PHONE_EXTENSION", start: from, end: to, score: Some(0.75) });
    }
}

/// Whether digits start with a country's code (ITU-T E.164): all first digits but 0 have some.
fn is_country(digits: &[u8]) -> bool {
    matches!(digits.first(), Some(b'1'..=b'9'))
}

/// Whether it is a time from one year to another: `2008-2019`.
fn is_years(text: &[u8]) -> bool {
    let is_year = |year: &[u8]| year.len() == 4 && (year.starts_with(b"19") || year.starts_with(b"20"));
    let mut years = text.splitn(2, |b| *b == b'-').map(<[u8]>::trim_ascii);
    years.next().is_some_and(is_year) && years.next().is_some_and(is_year)
}

/// Three, three and four digits with separators: area and exchange start with 2 to 9.
fn north_american(digits: &[u8], text: &[u8], groups: usize) -> bool {
    let digits = if digits.len() == 11 { digits.strip_prefix(b"1").unwrap_or(digits) } else { digits };
    let starts = |at: usize| matches!(digits.get(at), Some(b'2'..=b'9'));
    let lengths = || text.rsplit(|b| !b.is_ascii_digit()).map(<[u8]>::len).filter(|length| *length > 0);
    digits.len() == 10 && starts(0) && starts(3) && groups >= 3 && lengths().take(3).eq([4, 3, 3])
}
