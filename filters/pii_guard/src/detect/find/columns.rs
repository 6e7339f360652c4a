//! Passwords, keys and names of users in the columns of a table: comma-separated values (RFC 4180), and the tables of Markdown.

use super::given::is_quote;
use super::looks::{is_code, is_secret, is_value};
use super::spoken::{is_name as is_password_name, is_other};
use super::{Found, run, run_back};
use crate::detect::surroundings::Scene;
use crate::detect::table::{LONGEST_ROW, is_separator, separator};

/// What columns of passwords and of keys are called, at the end of their name.
const PASSWORDS: &[&[u8]] =
    &[b"password", b"passwort", b"passwd", b"pwd", b"kennwort", b"contrasena", b"motdepasse", b"senha"];
/// What columns of names of users are called.
const USERS: &[&[u8]] = &[
    b"username",
    b"user",
    b"login",
    b"loginname",
    b"benutzername",
    b"usuario",
    b"utilisateur",
    b"nomeutente",
    b"gebruikersnaam",
];
const KEYS: &[&[u8]] = &[b"secret", b"token", b"apikey", b"accesskey", b"privatekey", b"secretkey"];

/// The values of the table in whose head the name from `start` to `end` is, of all columns of secrets. A row is read once.
pub fn column(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    if start < scene.tables.get() || !is_cell(scene, start, end) {
        return;
    }
    let from = run_back(scene.bytes, start, LONGEST_ROW.min(start - scene.tables.get()), |b| b != b'\n');
    let (head, mut at) = row(scene, from);
    scene.tables.set(at);
    let Some(separator) = separator(head).filter(|_| matches!(scene.before(from, 1), b'\n' | 0)) else { return };
    let names = cells(head, separator);
    let columns: Vec<(usize, &str)> =
        names.iter().enumerate().filter_map(|(at, (from, to))| Some((at, kind(head.get(*from..*to)?)?))).collect();
    let named = names.iter().filter(|(from, to)| head.get(*from..*to).is_some_and(is_name)).count();
    // A row of Markdown has an empty cell before its first sign and behind its last.
    let framed = if separator == b'|' { 2 } else { 0 };
    if columns.is_empty() || named < 2 || named + framed < names.len() {
        return;
    }
    while at < scene.bytes.len() {
        let (text, next) = row(scene, at);
        let values = cells(text, separator);
        if values.len() != names.len() {
            break;
        }
        for (column, entity) in &columns {
            let Some((from, to)) = values.get(*column).copied().filter(|(from, to)| from < to) else { continue };
            let value = text.get(from..to).unwrap_or_default();
            let quoted = from > 0 && text.get(from - 1).is_some_and(|b| is_quote(*b));
            // A list in a sentence could have a plain word there.
            let word = value.len() < 12 && value.iter().all(u8::is_ascii_alphabetic);
            if fits(entity, value, quoted) && !(word && *entity == "PASSWORD") {
                see(Found { entity, start: at + from, end: at + to, score: Some(0.75) });
            }
        }
        at = next;
    }
    scene.tables.set(at);
}

/// Whether a name is in a cell, with little more than itself: most are in sentences.
fn is_cell(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let around = |b: u8| b.is_ascii_alphanumeric() || is_quote(b) || matches!(b, b' ' | b'_' | b'-');
    let is_edge = |b: u8| matches!(b, b',' | b';' | b'\t' | b'|' | b'\n' | b'\r' | 0);
    let from = run_back(scene.bytes, start, 40, around);
    is_edge(scene.before(from, 1)) && is_edge(scene.at(run(scene.bytes, end, 40, around)))
}

/// The row that starts at a place, and where the next one does.
fn row<'a>(scene: &Scene<'a>, from: usize) -> (&'a [u8], usize) {
    let to = run(scene.bytes, from, LONGEST_ROW, |b| b != b'\n');
    let text = scene.bytes.get(from..to).unwrap_or_default();
    (text.strip_suffix(b"\r").unwrap_or(text), to + 1)
}

/// Where the cells of a row are, without quotes and spaces around them.
fn cells(row: &[u8], separator: u8) -> Vec<(usize, usize)> {
    let (mut out, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in row.iter().enumerate() {
        if is_separator(*byte, separator, &mut quoted) {
            out.push(trimmed(row, from, at));
            from = at + 1;
        }
    }
    out.push(trimmed(row, from, row.len()));
    out
}

fn trimmed(row: &[u8], from: usize, to: usize) -> (usize, usize) {
    let edge = |b: &u8| *b == b' ' || is_quote(*b);
    let cell = row.get(from..to).unwrap_or_default();
    let before = cell.iter().take_while(|b| edge(b)).count();
    let behind = cell.get(before..).unwrap_or_default().iter().rev().take_while(|b| edge(b)).count();
    (from + before, to - behind)
}

/// Whether a cell is the name of a column: up to three words.
fn is_name(cell: &[u8]) -> bool {
    cell.first().is_some_and(u8::is_ascii_alphabetic)
        && cell.len() <= 40
        && cell.iter().all(|b| b.is_ascii_alphanumeric() || b" _-.#/".contains(b))
        && cell.iter().filter(|b| **b == b' ').count() <= 2
}

/// Whether a row can be the head of a table: nothing but names, two at least, in any script; or the columns of an `INSERT`.
pub fn is_head(row: &[u8]) -> bool {
    let text = row.trim_ascii().to_ascii_lowercase();
    if text.starts_with(b"insert ") && text.ends_with(b"values") {
        return true;
    }
    let Some(separator) = separator(row) else { return false };
    let name = |cell: &[u8]| {
        let first = cell.first().copied().unwrap_or(0);
        (first.is_ascii_alphabetic() || !first.is_ascii())
            && cell.len() <= 48
            && cell.iter().all(|b| b.is_ascii_alphanumeric() || !b.is_ascii() || b" _-.#/()".contains(b))
            && cell.iter().filter(|b| **b == b' ').count() <= 2
    };
    let cells = cells(row, separator);
    let named = cells.iter().filter(|(from, to)| row.get(*from..*to).is_some_and(name)).count();
    let framed = if separator == b'|' { 2 } else { 0 };
    named >= 2 && named + framed >= cells.len()
}

/// The entity of the values in a column of this name.
pub fn kind(name: &[u8]) -> Option<&'static str> {
    let name: Vec<u8> = name.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    let ends = |names: &[&[u8]]| names.iter().any(|known| name.ends_with(known));
    if USERS.contains(&name.as_slice()) {
        return Some("USERNAME");
    }
    if ends(PASSWORDS) { Some("PASSWORD") } else { ends(KEYS).then_some("SECRET_GENERIC") }
}

/// Whether a cell can be of this entity.
pub fn fits(entity: &str, value: &[u8], quoted: bool) -> bool {
    match entity {
        "PASSWORD" => {
            (4..=128).contains(&value.len())
                && (quoted || (!value.contains(&b' ') && !is_code(value)))
                && is_value(value)
                && !is_password_name(value)
        }
        "USERNAME" => {
            (3..=64).contains(&value.len())
                && value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(b))
                && value.iter().any(u8::is_ascii_alphabetic)
                && is_value(value)
                && !is_other(value)
        }
        _ => (16..=512).contains(&value.len()) && is_secret(value),
    }
}
