//! Days and ages.

use super::{Found, run, run_back, value};
use crate::detect::checks::dates::{is_day, yyyymmdd};
use crate::detect::joint::goes_on;
use crate::detect::surroundings::Scene;

/// The names of months, as a day stands before them.
pub const MONTHS: &str = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|\
    januar|februar|marz|mai|juni|juli|oktober|dezember|maart|mei|januari|februari|augustus|mars|maj|augusti|marts|\
    enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|\
    gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|\
    janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|\
    janvier|fevrier|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|\
    stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrzesnia|pazdziernika|listopada|grudnia|\
    ledna|unora|brezna|dubna|kvetna|cervna|cervence|srpna|zari|rijna|listopadu|prosince|\
    ianuarie|februarie|martie|aprilie|iunie|iulie|septembrie|octombrie|noiembrie|decembrie|\
    ocak|subat|mart|nisan|mayis|haziran|temmuz|agustos|eylul|ekim|kasim|aralik|\
    января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|\
    січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня";

/// A date that a word for a birth alone makes one.
fn of_birth(start: usize, end: usize) -> Found {
    Found { entity: "DATE_OF_BIRTH", start, end, score: Some(0.0) }
}

/// A date in digits that starts at `start`: year first or last, with one kind of separator.
pub fn calendar(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let digits = |from: usize| run(scene.bytes, from, 5, |b| b.is_ascii_digit());
    let first = digits(start);
    let separator = scene.at(first);
    if !matches!(separator, b'/' | b'-' | b'.') {
        return None;
    }
    let second = digits(first + 1);
    if scene.at(second) != separator {
        return None;
    }
    let end = digits(second + 1);
    let part = |from: usize, to: usize| scene.bytes.get(from..to).unwrap_or_default();
    let (a, b, c) = (part(start, first), part(first + 1, second), part(second + 1, end));
    let (x, y, z) = (u64::from(value(a)), u64::from(value(b)), u64::from(value(c)));
    if b.is_empty() || b.len() > 2 {
        return None;
    }
    let fits = match (a.len(), c.len()) {
        (4, 1 | 2) => (1880..2100).contains(&x) && is_day(x, y, z),
        (1 | 2, 4) => (1880..2100).contains(&z) && (is_day(z, y, x) || is_day(z, x, y)),
        (1 | 2, 2) => is_day(z, y, x) || is_day(z, x, y),
        _ => false,
    };
    let (next, after) = (scene.at(end), scene.at(end + 1));
    // A time behind it makes it a machine's stamp.
    // `[03.06.24, 10:12:44] Ana: …` is a message's.
    let hour = [scene.at(end + 2), scene.at(end + 3)].iter().all(u8::is_ascii_digit) && scene.at(end + 4) == b':';
    if next == b',' && after == b' ' && hour && matches!(scene.before(start, 1), b'[' | b'\n' | 0) {
        return None;
    }
    // `2024-06-03 10:12 Ana`
    let opens = matches!(scene.before(start, 1), b'\n' | 0) && scene.at(end + 1) != b'0';
    let clock = [scene.at(end + 1), scene.at(end + 2)].iter().all(u8::is_ascii_digit) && scene.at(end + 3) == b':';
    if opens && next == b' ' && clock {
        return None;
    }
    let stamp = next == b'T' || (next == b' ' && after.is_ascii_digit() && scene.at(end + 3) == b':');
    let goes_on = next.is_ascii_alphanumeric() || (matches!(next, b'-' | b'/' | b'.') && after.is_ascii_alphanumeric());
    // `Birth: 2024-11-21 20:01:54.000000000`: a file's.
    let nanos = run(scene.bytes, end + 10, 10, |b| b.is_ascii_digit());
    if stamp && scene.at(end + 9) == b'.' && nanos == end + 19 {
        return None;
    }
    let told = a.len() == 4 || c.len() == 4 || (separator == b'/' && a.len() == 2);
    match fits && (stamp || !goes_on) {
        true if stamp || !told => Some(of_birth(start, end)),
        true => Some(Found { entity: "DATE_TIME", start, end, score: None }),
        false => None,
    }
}

/// A day of birth in eight digits that start at `start`: `19861208`.
pub fn compact(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let end = start + 8;
    let fits = scene.bytes.get(start..end).is_some_and(yyyymmdd) && !goes_on(scene.at(end), scene.at(end + 1));
    fits.then(|| of_birth(start, end))
}

/// A date whose year starts at `start`, in Chinese, Japanese or Korean: `1985年3月12日`.
pub fn named(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let ([year, month, day], end) = parts(scene, start)?;
    let fits = (1880..2100).contains(&year) && is_day(year, month, day);
    fits.then_some(Found { entity: "DATE_TIME", start, end, score: None })
}

/// The year, the month and the day from `start` on that are named by their signs, and where they end.
fn parts(scene: &Scene<'_>, start: usize) -> Option<([u64; 3], usize)> {
    let (mut at, mut parts) = (start, [0; 3]);
    for (part, signs) in parts.iter_mut().zip([["年", "년"], ["月", "월"], ["日", "일"]]) {
        let from = run(scene.bytes, at, 1, |b| b == b' ');
        let to = run(scene.bytes, from, 5, |b| b.is_ascii_digit());
        *part = u64::from(value(scene.bytes.get(from..to)?));
        let sign = run(scene.bytes, to, 1, |b| b == b' ');
        let known = scene.bytes.get(sign..sign + 3)?;
        if !signs.iter().any(|sign| sign.as_bytes() == known) {
            return None;
        }
        at = sign + 3;
    }
    Some((parts, at))
}

/// A date of an era of Japan, at the digits of its year: `昭和60年3月12日`.
pub fn era(scene: &Scene<'_>, start: usize) -> Option<Found> {
    const ERAS: [&str; 5] = ["明治", "大正", "昭和", "平成", "令和"];
    let before = scene.bytes.get(..start)?;
    ERAS.iter().find(|era| before.ends_with(era.as_bytes()))?;
    let ([_, month, day], end) = parts(scene, start)?;
    is_day(2000, month, day).then_some(Found { entity: "DATE_TIME", start, end, score: None })
}

/// A date with the name of a month, at that name.
pub fn month(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let letters = scene.at(start);
    let goes_on = |b: u8| b.is_ascii_alphabetic() || !(b.is_ascii() || letters.is_ascii());
    if goes_on(scene.before(start, 1)) || goes_on(scene.at(end)) {
        return;
    }
    let day = |bytes: &[u8]| (1..=31).contains(&value(bytes)) && (1..=2).contains(&bytes.len());
    let behind = if scene.at(end) == b'.' { end + 1 } else { end };
    let behind = run(scene.bytes, behind, 2, |b| matches!(b, b' ' | b',' | b'-'));
    let is_next = |word: &&&[u8]| scene.bytes.get(behind..).is_some_and(|rest| rest.starts_with(word));
    let behind = behind + OF.iter().find(is_next).map_or(0, |word| word.len());
    let number = run(scene.bytes, behind, 5, |b| b.is_ascii_digit());
    let text = scene.bytes.get(behind..number).unwrap_or_default();
    if is_stamp(scene, number) {
        return;
    }
    // 3 March 1985, the 3rd of March
    let space = ordinal(scene, start);
    let first = run_back(scene.bytes, space, 3, |b| b.is_ascii_digit());
    if space < start && day(scene.bytes.get(first..space).unwrap_or_default()) {
        // `12-Mar-85`
        let short = text.len() == 2 && (scene.before(start, 1), scene.at(end)) == (b'-', b'-');
        let end = if text.len() == 4 || short { number } else { end };
        see(Found { entity: "DATE_TIME", start: first, end, score: None });
        return;
    }
    // March 3, 1985
    if behind > end && day(text) {
        let comma = run(scene.bytes, number, 4, |b| b" ,stndrh".contains(&b));
        let year = run(scene.bytes, comma, 5, |b| b.is_ascii_digit());
        if year - comma == 4 && comma > number {
            see(Found { entity: "DATE_TIME", start, end: year, score: None });
        } else if !scene.at(number).is_ascii_alphanumeric() {
            see(Found { entity: "DATE_TIME", start, end: number, score: None });
        }
    }
}

/// What joins a day, a month and a year.
const OF: [&[u8]; 4] = [b"of ", b"de ", b"di ", b"del "];

/// Where the digits of a day end whose month starts at `start`: before `rd of `, `. `, `º de `.
fn ordinal(scene: &Scene<'_>, start: usize) -> usize {
    let text = scene.bytes.get(..start).unwrap_or_default();
    let text = OF.iter().find_map(|word| text.strip_suffix(*word)).unwrap_or(text);
    let space = run_back(scene.bytes, text.len(), 3, |b| matches!(b, b' ' | b'.' | b'-'));
    let text = scene.bytes.get(..space).unwrap_or_default();
    let ends: [&[u8]; 8] = [b"st", b"nd", b"rd", b"th", b"er", b"e", "º".as_bytes(), "°".as_bytes()];
    ends.iter().find_map(|end| text.strip_suffix(*end)).unwrap_or(text).len()
}

/// Whether a time of day with its colon stands at or behind a number that ends here: `Mar  5 16:56:12` is a machine's stamp.
fn is_stamp(scene: &Scene<'_>, end: usize) -> bool {
    let space = run(scene.bytes, end, 1, |b| b == b' ');
    let year = run(scene.bytes, space, 4, |b| b.is_ascii_digit());
    let hour = if year - space == 4 { run(scene.bytes, year, 1, |b| b == b' ') } else { space };
    let minute = run(scene.bytes, hour, 2, |b| b.is_ascii_digit());
    scene.at(end) == b':' || (minute > hour && scene.at(minute) == b':' && scene.at(minute + 1).is_ascii_digit())
}

/// An age, at the words behind its number.
pub fn age(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let space = run_back(scene.bytes, start, 1, |b| matches!(b, b' ' | b'-'));
    let first = run_back(scene.bytes, space, 4, |b| b.is_ascii_digit());
    let number = scene.bytes.get(first..space).unwrap_or_default();
    let bounded = !scene.before(first, 1).is_ascii_alphanumeric() && !scene.at(end).is_ascii_alphanumeric();
    // `42岁` has no space.
    if bounded
        && (space < start || !scene.at(start).is_ascii())
        && (1..=3).contains(&number.len())
        && (1..=120).contains(&value(number))
    {
        see(Found { entity: "AGE", start: first, end, score: Some(0.6) });
    }
}

/// An age, at the word before its number: `aged 42`, `Alter: 42`.
pub fn aged(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let before = scene.before(start, 1);
    let said = scene.bytes.get(end..).unwrap_or_default();
    // A form has it in the next line.
    let next = if matches!(before, b'\n' | 0) { &b"\n"[..] } else { b" is " };
    let is = [&b" is "[..], b" (", b" - ", next].iter().find(|is| said.starts_with(is)).map_or(0, |is| is.len());
    let first = run(scene.bytes, end + is, 5, |b| matches!(b, b' ' | b':' | b'=' | b'"' | b'\'' | b'*' | b'|'));
    let last = run(scene.bytes, first, 4, |b| b.is_ascii_digit());
    let number = scene.bytes.get(first..last).unwrap_or_default();
    let (next, after) = (scene.at(last), scene.at(last + 1));
    let goes_on = next.is_ascii_alphanumeric()
        || matches!(next, b'%' | b'/' | b'_' | b'+')
        || (matches!(next, b'.' | b',' | b':' | b'-') && after.is_ascii_alphanumeric());
    // `age: 60 seconds` is a machine's.
    let unit = scene.bytes.get(last + 1..last + 3).unwrap_or_default().to_ascii_lowercase();
    let unit = next == b' ' && [b"se", b"mi", b"ho", b"da", b"we", b"mo", b"ms"].iter().any(|known| unit == **known);
    let own = !before.is_ascii_alphanumeric() && !matches!(before, b'-' | b'_' | b'.');
    if own && first > end && (1..=3).contains(&number.len()) && (1..=120).contains(&value(number)) && !goes_on && !unit
    {
        see(Found { entity: "AGE", start: first, end: last, score: Some(0.6) });
    }
}
