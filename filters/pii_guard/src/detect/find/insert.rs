//! Passwords, keys and names of users in the rows of SQL: `INSERT INTO t (name, password) VALUES ('…', '…'), ('…', '…')`.

use super::columns::{fits, kind};
use super::{Found, run, run_back};
use crate::detect::surroundings::Scene;

/// The longest list of columns on either side of a name, and the longest value.
const LONGEST: usize = 200;

/// The values of all rows, where the name from `start` to `end` is in the list of columns. A row is read once.
pub fn rows(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let in_list = |b: u8| b.is_ascii_alphanumeric() || b.is_ascii_whitespace() || b"_,\"`[]".contains(&b);
    let close = run(scene.bytes, end, LONGEST, in_list);
    if start < scene.tables.get() || scene.at(close) != b')' {
        return;
    }
    let open = run_back(scene.bytes, start, LONGEST, in_list);
    let mut at = space(scene, close + 1, |_| false);
    if scene.before(open, 1) != b'(' || !scene.bytes.get(at..at + 6).is_some_and(|w| w.eq_ignore_ascii_case(b"values"))
    {
        return;
    }
    at += 6;
    let names = scene.bytes.get(open..close).unwrap_or_default().split(|b| *b == b',');
    let columns: Vec<Option<&str>> = names.map(kind).collect();
    loop {
        at = space(scene, at, |b| b == b',');
        let Some((values, next)) = row(scene, at).filter(|(values, _)| values.len() == columns.len()) else { break };
        for (entity, (from, to)) in columns.iter().zip(values) {
            let Some(entity) = entity.filter(|_| to > from) else { continue };
            let value = scene.bytes.get(from..to).unwrap_or_default();
            if fits(entity, value, true) {
                see(Found { entity, start: from, end: to, score: Some(0.75) });
            }
        }
        at = next;
        scene.tables.set(at);
    }
}

fn space(scene: &Scene<'_>, at: usize, holds: impl Fn(u8) -> bool) -> usize {
    run(scene.bytes, at, 64, |b| b.is_ascii_whitespace() || holds(b))
}

/// Where the strings of the row in parentheses at `at` are, nothing for what is no string; and where the row ends.
fn row(scene: &Scene<'_>, mut at: usize) -> Option<(Vec<(usize, usize)>, usize)> {
    let mut values = Vec::new();
    if scene.at(at) != b'(' {
        return None;
    }
    while values.len() < 64 {
        at = space(scene, at + 1, |_| false);
        let mut value = (at, at);
        if scene.at(at) == b'\'' {
            let mut to = run(scene.bytes, at + 1, LONGEST, |b| b != b'\'');
            // A quote in a string is written twice.
            while scene.at(to + 1) == b'\'' && to - at < LONGEST {
                to = run(scene.bytes, to + 2, LONGEST, |b| b != b'\'');
            }
            value = (at + 1, to);
            at = to + 1;
        }
        values.push(value);
        // What is no string may be a call.
        at = run(scene.bytes, at, LONGEST, |b| !matches!(b, b',' | b')' | b'(' | b'\''));
        if scene.at(at) == b'(' {
            at = run(scene.bytes, at, LONGEST, |b| b != b')');
            at = run(scene.bytes, at + 1, LONGEST, |b| b != b',' && b != b')');
        }
        match scene.at(at) {
            b',' => {}
            b')' => return Some((values, at + 1)),
            _ => return None,
        }
    }
    None
}
