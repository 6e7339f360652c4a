//! Fields of HTTP in a text: cookies, and the names of browsers.

use super::given::is_quote;
use super::{Found, Mark, run};
use crate::detect::surroundings::Scene;

/// The longest field that is read.
const LONGEST: usize = 2048;

/// The value of a `Cookie` or `User-Agent` field, or a browser's name without it.
pub fn header(scene: &Scene<'_>, mark: Mark, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let named = scene.at(end - 1) == b':';
    let from = if named { run(scene.bytes, end, 3, |b| b == b' ') } else { start };
    let agent = mark == Mark::UserAgent;
    let from = from + usize::from(named && agent && is_quote(scene.at(from)));
    let line = run(scene.bytes, from, LONGEST, |b| !(matches!(b, b'\n' | b'\r' | b'"') || agent && is_quote(b)));
    let value = scene.bytes.get(from..line).unwrap_or_default();
    let (entity, length) = match mark {
        Mark::Cookie => ("HTTP_COOKIE", pairs(value)),
        _ if named => ("HTTP_USER_AGENT", value.len()),
        _ => ("HTTP_USER_AGENT", products(value)),
    };
    // `user_agent: String` is a field of code.
    let holds = |value: &[u8]| if agent { is_product(value) } else { value.contains(&b'=') };
    if length >= 4 && value.get(..length).is_some_and(holds) {
        see(Found { entity, start: from, end: from + length, score: Some(0.7) });
    }
}

/// Where the value of such a field starts that is not over at the end of a text: of its last line, which may go on.
pub fn open_field(text: &[u8]) -> Option<usize> {
    const LONGEST: usize = 1024;
    let from = text.len().saturating_sub(LONGEST);
    let line = memchr::memrchr(b'\n', text.get(from..)?).map_or(from, |at| from + at + 1);
    let last = text.get(line..)?;
    // A sign is rarer than the names before it.
    let behind = |name: &[u8], sign: u8| {
        let is_name = |at: &usize| last.get(..*at).is_some_and(|before| before.ends_with(name));
        let at = memchr::memrchr_iter(sign, last).find(is_name)?;
        Some(run(text, line + at + 1, 3, |b| b == b' '))
    };
    let rest = |at: &usize| text.get(*at..).unwrap_or_default();
    let in_pairs = |at: &usize| {
        rest(at).split(|b| *b == b';').map(<[u8]>::trim_ascii_start).all(|pair| {
            let dated = pair.get(..8).is_some_and(|name| name.eq_ignore_ascii_case(b"expires="));
            dated || !pair.iter().any(|b| b.is_ascii_whitespace() || *b == b'"')
        })
    };
    let in_products = |at: &usize| {
        let value = rest(at);
        let value = value.get(..trimmed(value, value.len())).unwrap_or_default();
        let last = value.get(products(value)..).unwrap_or_default().trim_ascii_start();
        !value.contains(&b'"') && !last.contains(&b' ')
    };
    let named = || behind(b"gent", b':').filter(in_products);
    let browser = || behind(b"ozilla", b'/').and_then(|at| at.checked_sub(8)).filter(in_products);
    behind(b"ookie", b':').filter(in_pairs).or_else(named).or_else(browser)
}

/// Whether a text names a product with its version.
fn is_product(text: &[u8]) -> bool {
    text.contains(&b'/') && text.iter().any(u8::is_ascii_digit)
}

/// How long the pairs of a cookie are: `name=value; name=value` (RFC 6265, section 4.2.1). A value has no space, but for the date of
/// `Expires`.
fn pairs(line: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let dated = rest.get(..8).is_some_and(|name| name.eq_ignore_ascii_case(b"expires="));
        let pair = rest.iter().position(|b| *b == b';' || (b.is_ascii_whitespace() && !dated)).unwrap_or(rest.len());
        let space = rest.get(pair + 1..).unwrap_or_default().iter().take_while(|b| **b == b' ').count();
        let next = at + pair + 1 + space;
        if rest.get(pair) != Some(&b';') || next >= line.len() {
            return trimmed(line, at + pair);
        }
        at = next;
    }
}

/// How long a list of products and comments is: `Mozilla/5.0 (X11; Linux) Gecko/1` (RFC 9110, section 10.1.5).
fn products(line: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let part = if rest.first() == Some(&b'(') {
            rest.iter().position(|b| *b == b')').map_or(rest.len(), |close| close + 1)
        } else {
            rest.iter().position(|b| matches!(b, b' ' | b'(')).unwrap_or(rest.len())
        };
        let is_part = rest.first() == Some(&b'(')
            || rest.get(..part).is_some_and(|product| product.contains(&b'/') || product == b"Mobile");
        if !is_part || part == 0 {
            return trimmed(line, at);
        }
        at += part;
        at += line.get(at..).unwrap_or_default().iter().take_while(|b| **b == b' ').count();
    }
}

/// Without what ends a sentence behind it.
fn trimmed(line: &[u8], to: usize) -> usize {
    let ends = |b: &&u8| b" .,;:!?'`*".contains(b);
    to - line.get(..to).unwrap_or_default().iter().rev().take_while(ends).count()
}
