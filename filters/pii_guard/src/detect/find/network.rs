//! Addresses of machines: URL, IPv4, IPv6, MAC.

use super::secret::is_random;
use super::{Found, run, run_back, value};
use crate::detect::surroundings::Scene;
use std::net::Ipv6Addr;

/// The longest URL that is read.
const LONGEST: usize = 2048;

/// What may stand in a URL (RFC 3986).
fn in_url(b: u8) -> bool {
    // One look at a range each: a search in a list is a call.
    matches!(b, b'!' | b'#'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~')
}

/// Where the URL ends whose host starts at `from`, without what ends a sentence behind it. What is encoded in it is of it.
fn url_end(scene: &Scene<'_>, from: usize) -> usize {
    let mut end = run(scene.bytes, from, LONGEST, in_url);
    while scene.is_encoded(end) && end < from + LONGEST {
        end = run(scene.bytes, end + 1, LONGEST, in_url);
    }
    while end > from && b".,;:!?'()]*".contains(&scene.at(end - 1)) && !scene.is_encoded(end - 1) {
        end -= 1;
    }
    end
}

/// A URL at its `://`, and the credentials in it.
pub fn url(scene: &Scene<'_>, at: usize, see: &mut dyn FnMut(Found)) {
    let start = run_back(scene.bytes, at, 16, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let end = url_end(scene, at + 3);
    if start == at || end < at + 6 {
        return;
    }
    let rest = scene.bytes.get(at + 3..end).unwrap_or_default();
    let host = rest.split(|b| matches!(b, b'/' | b'?' | b'#')).next().unwrap_or_default();
    if let Some(sign) = host.iter().rposition(|b| *b == b'@') {
        let user = host.get(..sign).unwrap_or_default();
        if let Some(colon) = user.iter().position(|b| *b == b':').filter(|colon| colon + 3 < sign) {
            let first = user.get(colon + 1).copied().unwrap_or(0);
            if !matches!(first, b'$' | b'{' | b'<' | b'*') {
                see(Found { entity: "SECRET_BASIC_AUTH", start, end: at + 3 + host.len(), score: Some(0.9) });
            }
        } else if user.len() >= 20 && user.iter().any(u8::is_ascii_digit) && is_random(user) {
            // A key in the place of a user.
            see(Found { entity: "SECRET_BASIC_AUTH", start, end: at + 3 + host.len(), score: Some(0.9) });
        }
    } else if let Some(end) = raw_userinfo(scene, at + 3) {
        see(Found { entity: "SECRET_BASIC_AUTH", start, end, score: Some(0.9) });
    }
    let scheme = scene.bytes.get(start..at).unwrap_or_default();
    let known = [&b"http"[..], b"https", b"ftp", b"ws", b"wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if known && host.contains(&b'.') {
        see(Found { entity: "URL_DOMAIN", start, end, score: Some(0.6) });
    }
}

/// Where the host ends behind a user and a password with signs that should have been encoded: `user:pa?ss#word@host`. A port before
/// a query is digits alone.
fn raw_userinfo(scene: &Scene<'_>, from: usize) -> Option<usize> {
    let colon = run(scene.bytes, from, 64, |b| b.is_ascii_alphanumeric() || b"._-+%".contains(&b));
    let port = run(scene.bytes, colon + 1, 6, |b| b.is_ascii_digit());
    let to = run(scene.bytes, colon + 1, 128, |b| !b.is_ascii_whitespace() && b != b'/' && !b"\"'`<>".contains(&b));
    let sign = colon + 1 + scene.bytes.get(colon + 1..to)?.iter().rposition(|b| *b == b'@')?;
    let host = run(scene.bytes, sign + 1, 253, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
    let plain = matches!(scene.at(port), b'?' | b'#') && port > colon + 1;
    let template = matches!(scene.at(colon + 1), b'$' | b'{' | b'*' | b'[' | b'%');
    (scene.at(colon) == b':' && !plain && !template && sign > colon + 3 && host > sign + 1).then_some(host)
}

/// A host that starts with `www.`.
pub fn www(scene: &Scene<'_>, at: usize, see: &mut dyn FnMut(Found)) {
    if scene.before(at, 1).is_ascii_alphanumeric() || scene.before(at, 1) == b'/' {
        return;
    }
    let end = url_end(scene, at + 4);
    if scene.bytes.get(at + 4..end).is_some_and(|rest| rest.contains(&b'.')) {
        see(Found { entity: "URL_DOMAIN", start: at, end, score: Some(0.6) });
    }
}

/// Whether an IPv4 address says nothing of anybody: the own machine (RFC 1122), a mask, a public resolver.
fn is_nobodys(address: &[u8]) -> bool {
    const KNOWN: [&[u8]; 6] = [b"0.0.0.0", b"8.8.8.8", b"8.8.4.4", b"1.1.1.1", b"1.0.0.1", b"9.9.9.9"];
    KNOWN.contains(&address) || address.starts_with(b"127.") || address.starts_with(b"255.255.")
}

/// Words before four numbers that are a version.
const VERSIONS: [&[u8]; 12] = [
    b"version",
    b"versions",
    b"ver",
    b"v",
    b"release",
    b"build",
    b"firmware",
    b"revision",
    b"rev",
    b"versao",
    b"versione",
    b"wersja",
];

/// Whether a word for a version stands before it: `version 10.0.113.17`, `"version": "10.0.113.17"`.
fn is_version(scene: &Scene<'_>, start: usize) -> bool {
    let to = run_back(scene.bytes, start, 5, |b| b.is_ascii_punctuation() || b == b' ');
    let from = run_back(scene.bytes, to, 10, |b| b.is_ascii_alphabetic());
    let word = scene.bytes.get(from..to).unwrap_or_default();
    VERSIONS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// An IPv4 address that starts at `start`.
pub fn ipv4(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let mut at = start;
    for part in 0..4 {
        let end = run(scene.bytes, at, 4, |b| b.is_ascii_digit());
        let octet = scene.bytes.get(at..end)?;
        if octet.is_empty()
            || octet.len() > 3
            || value(octet) > 255
            || (octet.len() > 1 && octet.first() == Some(&b'0'))
        {
            return None;
        }
        at = end;
        if part < 3 {
            if scene.at(at) != b'.' {
                return None;
            }
            at += 1;
        }
    }
    let (next, after) = (scene.at(at), scene.at(at + 1));
    let goes_on =
        next.is_ascii_alphanumeric() || next == b'_' || (matches!(next, b'.' | b'-') && after.is_ascii_digit());
    let address = scene.bytes.get(start..at)?;
    // `10.0.0.0/8`
    let network = next == b'/' && after.is_ascii_digit() && address.ends_with(b".0");
    let nobody = network || is_nobodys(address) || is_version(scene, start);
    (!goes_on && !nobody).then_some(Found { entity: "IP_ADDRESS", start, end: at, score: None })
}

/// An IPv4 address behind a user (`jane@203.0.113.54`). A version of four parts behind a name has no three digits in a row.
pub fn host(scene: &Scene<'_>, start: usize) -> Option<Found> {
    let long = |found: &Found| {
        let address = scene.bytes.get(found.start..found.end).unwrap_or_default();
        address.split(|b| *b == b'.').any(|octet| octet.len() == 3)
    };
    ipv4(scene, start).filter(long).filter(|_| scene.before(start, 2).is_ascii_alphanumeric())
}

/// An IPv6 or MAC address around the colon at `at`, and where to go on looking.
pub fn ipv6_or_mac(scene: &Scene<'_>, at: usize, see: &mut dyn FnMut(Found)) -> usize {
    let holds = |b: u8| b.is_ascii_hexdigit() || b == b':';
    let mut start = run_back(scene.bytes, at, 5, holds);
    // `IP:2001:db8::1` has a name before it.
    if scene.at(start) == b':' && scene.at(start + 1) != b':' && scene.before(start, 1).is_ascii_alphabetic() {
        start += 1;
    }
    let end = run(scene.bytes, at, 48, |b| holds(b) || b == b'.');
    let text = scene.bytes.get(start..end).unwrap_or_default();
    let trimmed = text.len() - text.iter().rev().take_while(|b| matches!(b, b'.')).count();
    let (text, end) = (text.get(..trimmed).unwrap_or_default(), start + trimmed);
    // The end of a longer row of bytes: `3c:91:e2:…`
    let pair = [scene.before(start, 3), scene.before(start, 2)].iter().all(u8::is_ascii_hexdigit);
    let row = scene.before(start, 1) == b':' && pair && !scene.before(start, 4).is_ascii_alphanumeric();
    let bounded = !row && !scene.before(start, 1).is_ascii_alphanumeric() && !scene.at(end).is_ascii_alphanumeric();
    let colons = text.iter().filter(|b| **b == b':').count();
    if !bounded || colons < 2 {
        return at + 1;
    }
    if colons == 5 && text.len() == 17 && text.split(|b| *b == b':').all(|pair| pair.len() == 2) {
        let same = text.iter().filter(|b| **b != b':').all(|b| matches!(b, b'0'))
            || text.iter().filter(|b| **b != b':').all(|b| matches!(b, b'f' | b'F'));
        if !same {
            see(Found { entity: "MAC_ADDRESS", start, end, score: Some(0.7) });
        }
        return end;
    }
    let groups = text.split(|b| *b == b':').filter(|group| !group.is_empty()).count();
    let parsed = std::str::from_utf8(text).ok().and_then(|text| text.parse::<Ipv6Addr>().ok());
    if parsed.is_some_and(|address| !address.is_loopback() && !address.is_unspecified()) && groups >= 3 {
        see(Found { entity: "IP_ADDRESS", start, end, score: Some(0.8) });
        return end;
    }
    at + 1
}
