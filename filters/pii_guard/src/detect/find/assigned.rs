//! What is named before it: `password: …`, header fields, boxes, stripes.

use super::given::{Assigned, given, humps, is_quote};
use super::looks::{
    has_sign, is_code, is_jumbled, is_mixed, is_named, is_numbered, is_odd, is_secret, is_step, is_value,
};
use super::spoken::{goes_on, is_labelled, is_matter, is_name, is_other, is_phrase, is_told};
use super::{Found, run};
use crate::detect::checks::banking::track as is_track;
use crate::detect::surroundings::Scene;

/// Words for passwords that say something else too: only what looks like one behind them is.
const OTHERWISE: [&[u8]; 12] = [
    b"psk",
    b"pass",
    b"pw",
    b"mdp",
    b"creds",
    b"credentials",
    b"identified by",
    b"clave",
    b"parola",
    "парола".as_bytes(),
    "κωδικοσ".as_bytes(),
    "암호".as_bytes(),
];

/// Parts of a name whose value tells of passwords, and is none: `password_file`.
const ABOUT: [&[u8]; 10] =
    [b"file", b"path", b"length", b"policy", b"url", b"field", b"label", b"manager", b"prompt", b"input"];

/// A password.
pub fn password(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    if scene.before(start, 1).is_ascii_alphabetic()
        && !scene.at(start).is_ascii_uppercase()
        && scene.at(start).is_ascii()
    {
        return;
    }
    let word = scene.bytes.get(start..end).unwrap_or_default();
    let doubtful = OTHERWISE.iter().any(|other| word.eq_ignore_ascii_case(other));
    let tail = run(scene.bytes, end, 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let tail = scene.bytes.get(end..tail).unwrap_or_default().to_ascii_lowercase();
    // `passport`, and the results of tests: `PASS: name_2`.
    let result = word == b"PASS" && scene.at(end) == b':' && scene.before(start, 1) != b'_';
    let other = word.len() <= 4 && (!tail.is_empty() || result);
    if (doubtful && other) || ABOUT.iter().any(|about| memchr::memmem::find(&tail, about).is_some()) {
        return;
    }
    // `DB_PASSWORD=Sommer` is a setting, `Passwort: Sommer` a sentence, `password: Sommer` code.
    let english =
        [&b"password"[..], b"passwd", b"pwd", b"passphrase"].iter().any(|name| word.eq_ignore_ascii_case(name));
    let bare = !english || word.iter().all(u8::is_ascii_uppercase);
    for (found, value) in given(scene, start, end) {
        let quoted = is_quote(scene.before(found.from, 1));
        // `it's hunter22 (password)`, but no `OAuth2.0 (password)`.
        let remarked = found.listed && found.to < start;
        let strange = match (doubtful, found.written) {
            _ if remarked => is_odd(value) && (found.said || has_sign(value)),
            (false, true) => {
                let letters = value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'!' | b'?'));
                !(letters && !quoted && is_matter(scene, end))
                    && ((value.iter().any(|b| !b.is_ascii_lowercase()) || value.len() >= 12)
                        && (quoted || !(is_code(value) || (!found.said && is_named(value, bare))))
                        || is_labelled(scene, start, end, found.from..found.to, false))
            }
            (false, false) => {
                let labelled = || is_labelled(scene, start, end, found.from..found.to, true);
                let told = || english && is_told(scene, start, found.from..found.to);
                let in_words = || scene.bytes.get(end..found.from).is_some_and(<[u8]>::is_ascii);
                let place = found.beside || matches!(scene.before(found.from, 1), b'(' | b'>');
                let beside = place && is_numbered(value) && !is_step(value);
                // `Password (SHA-256)`
                let named = scene.before(found.from, 1) == b'(' && !has_sign(value);
                // `username, password, address2`
                let item = found.beside && found.listed && !is_odd(value);
                (is_mixed(value) && !named)
                    || ((place || found.said) && is_jumbled(value))
                    || (beside && !item)
                    || (found.said
                        && (is_numbered(value)
                            || (found.from > end && !found.listed && in_words() && (labelled() || told()))))
            }
            // `struct LowerSwitchPass : PassInfoMixin<…>`
            (true, true) if scene.before(start, 1).is_ascii_lowercase() => is_mixed(value) && has_sign(value),
            (true, true) => is_mixed(value) || (is_numbered(value) && humps(value) == 0) || is_jumbled(value),
            (true, false) => {
                let beside = found.from <= end + 1 || scene.before(found.from, 1) == b'>';
                (beside && is_mixed(value) && has_sign(value))
                    || (is_odd(value)
                        && (says_is(scene, &found, start, end) || (beside && is_login(scene, start, word))))
                    || (is_numbered(value) && !is_step(value) && says_is(scene, &found, start, end))
            }
        };
        // `socks5://<user>:<password>@host`, `self.password = password`
        let placeholder = scene.before(found.from, 1) == b'>' && value.starts_with(b"@");
        let path = value.starts_with(b"/") && word.eq_ignore_ascii_case(b"pwd");
        let strange = strange && !placeholder && !path;
        // `Passwort: Mindestens 8 Zeichen`, `密码: 8位以上`
        let worded = || value.iter().all(u8::is_ascii_alphabetic) && found.written && goes_on(scene, found.to);
        let other = || {
            if quoted {
                is_name(value) || is_phrase(value)
            } else {
                is_other(value) || worded() || value.iter().any(|b| matches!(b, 0xe3..=0xed))
            }
        };
        if (4..=128).contains(&value.len()) && strange && is_value(value) && !other() {
            see(Found { entity: "PASSWORD", start: found.from, end: found.to, score: Some(0.75) });
        }
    }
}

/// Whether words say that a value is it, before the name or behind it: `the pw is …`, `… is the pw`. No `pass this as …`.
fn says_is(scene: &Scene<'_>, found: &Assigned, start: usize, end: usize) -> bool {
    const IS: [&[u8]; 13] = [
        b" is", b" was", b" es", b" est", b" ist", b" este", b" e", b" lautet", b" it's", b" c'est", b" now", b" be",
        b"'s",
    ];
    if found.to < start {
        let gap = scene.bytes.get(found.to..start).unwrap_or_default();
        return found.said && (gap.starts_with(b" is ") || gap.starts_with(b"\" is ") || gap.starts_with(b" as "));
    }
    let gap = scene.bytes.get(end..found.from).unwrap_or_default().trim_ascii_end();
    found.said && (IS.iter().any(|is| gap.ends_with(is)) || !gap.is_ascii() || gap.ends_with(b"?"))
}

/// Whether what stands right behind `pass` or `pw` is a password: behind a user or a network, or an option of a command.
fn is_login(scene: &Scene<'_>, start: usize, word: &[u8]) -> bool {
    const NAMES: [&[u8]; 12] = [
        b"user",
        b"login",
        b"root",
        b"admin",
        b"wifi",
        b"wi-fi",
        b"wlan",
        b"ssh",
        b"ftp",
        b"vpn",
        b"benutzer",
        b"usuario",
    ];
    let near = scene.bytes.get(start.saturating_sub(48)..start).unwrap_or_default();
    let named = || {
        let near = near.to_ascii_lowercase();
        NAMES.iter().any(|name| memchr::memmem::find(&near, name).is_some())
    };
    !word.eq_ignore_ascii_case(b"pass") || near.ends_with(b"--") || named()
}

/// Another secret: a random value of 16 characters and more that is given to its name, or one that cannot be a word near it.
pub fn generic(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    if is_of_pages(scene, start) {
        return;
    }
    let mut any = false;
    for (found, value) in given(scene, start, end) {
        // A short one is a password.
        let short =
            || (8..16).contains(&value.len()) && found.written && is_odd(value) && has_sign(value) && is_value(value);
        if !((16..=512).contains(&value.len()) && is_secret(value) || short()) {
            continue;
        }
        any = true;
        see(Found {
            entity: secret_name(scene, start, end, value),
            start: found.from,
            end: found.to,
            score: Some(0.75),
        });
    }
    if any {
        return;
    }
    let key = scene.bytes.get(start..end).is_some_and(|name| name.to_ascii_lowercase().ends_with(b"key"));
    if let Some((from, to)) = random_behind(scene, end, key) {
        let value = scene.bytes.get(from..to).unwrap_or_default();
        see(Found { entity: secret_name(scene, start, end, value), start: from, end: to, score: Some(0.6) });
    }
}

/// Whether the name that starts at `start` is one of a token for the next page of a list: `nextToken`, `continuation_token`.
fn is_of_pages(scene: &Scene<'_>, start: usize) -> bool {
    const PAGES: [&[u8]; 4] = [b"next", b"page", b"continuation", b"pagination"];
    let before = scene.bytes.get(start.saturating_sub(13)..start).unwrap_or_default().to_ascii_lowercase();
    let before = before.strip_suffix(b"_").or(before.strip_suffix(b"-")).unwrap_or(&before);
    scene.at(start) | 0x20 == b't' && PAGES.iter().any(|page| before.ends_with(page))
}

fn secret_name(scene: &Scene<'_>, start: usize, end: usize, value: &[u8]) -> &'static str {
    let near = scene.bytes.get(start.saturating_sub(24)..end).unwrap_or_default().to_ascii_lowercase();
    let named = |word: &[u8]| memchr::memmem::find(&near, word).is_some();
    let aws = value.len() == 40 && (named(b"aws") || named(b"secret_access"));
    if aws { "SECRET_AWS_SECRET_KEY" } else { "SECRET_GENERIC" }
}

/// A key in the row under its name, or a few words behind it: at least 24 characters, of which digits, small and capital letters
/// are about as many as in random text; of a `key` hexadecimal digits too.
fn random_behind(scene: &Scene<'_>, end: usize, key: bool) -> Option<(usize, usize)> {
    let in_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-');
    let mut at = end;
    while at < end + 72 {
        let from = run(scene.bytes, at, 72, |b| !in_key(b));
        let to = run(scene.bytes, from, 200, in_key);
        if to == from {
            return None;
        }
        // `sha256=…`
        let body = scene.bytes.get(from..to.saturating_sub(2)).filter(|body| body.len() >= 22).unwrap_or_default();
        let from = from + body.iter().rposition(|b| *b == b'=').map_or(0, |sign| sign + 1);
        let value = scene.bytes.get(from..to).unwrap_or_default();
        let count = |holds: fn(&u8) -> bool| value.iter().filter(|b| holds(b)).count();
        let least = value.len() / 8;
        let even = [count(u8::is_ascii_digit) * 2, count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase)];
        let dot = scene.at(to) == b'.' && !matches!(scene.at(to + 1), b' ' | b'\n' | b'\r' | 0);
        let alone = !matches!(scene.before(from, 1), b'.' | b':' | b'@' | b'#') && !dot && scene.at(to) != b'@';
        if from < end + 72
            && (24..=128).contains(&value.len())
            && alone
            && (even.iter().all(|count| *count > least)
                || (key && value.len() >= 32 && value.iter().all(u8::is_ascii_hexdigit)))
            && is_secret(value)
            && !scene.around(from, to).against
        {
            return Some((from, to));
        }
        at = to;
    }
    None
}

/// The name that a user logs in with.
pub fn username(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    if scene.before(start, 1).is_ascii_alphanumeric() {
        return;
    }
    for (found, value) in given(scene, start, end) {
        let plain = value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(b));
        // `identifiant de la commande : 12345`
        // `SET user_id = 650783241`, `logins: 48213 per day`
        let quoted = is_quote(scene.before(found.from, 1));
        let number = value.iter().all(u8::is_ascii_digit);
        let set = scene.bytes.get(end..found.from) == Some(b" = ");
        let counted = number && (found.from > end + 4 || set || scene.at(end) == b's');
        let strange = found.written && !counted
            || (value.iter().any(u8::is_ascii_alphabetic)
                && value.iter().any(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.')));
        let word = value.iter().all(u8::is_ascii_alphabetic);
        // `AUDIT_LOGINUID: u32`
        let kind = matches!(
            value,
            b"u8" | b"u16" | b"u32" | b"u64" | b"i16" | b"i32" | b"i64" | b"usize" | b"c_short" | b"c_int"
        );
        // `user_id`, `login: used for …`
        let part = value.split(|b| *b == b'_').next().unwrap_or_default();
        let other = is_other(part) && !value.iter().any(u8::is_ascii_digit);
        let worded = word && goes_on(scene, found.to);
        // `username (sven_l51)`
        let remark = scene.before(found.from, 1) == b'(' && scene.at(found.to) == b')' && is_odd(value);
        let listed = found.listed && !remark;
        // `self.username = handler.username`, `<user>@host`, a line of a manual: `.br`
        let name = scene.bytes.get(start..end).unwrap_or_default();
        let last = value.rsplit(|b| *b == b'.').next().unwrap_or_default();
        let own = (last.len() >= 4 && name.to_ascii_lowercase().ends_with(&last.to_ascii_lowercase()))
            || value.starts_with(b".")
            || value.starts_with(b"@");
        let named = is_name(value) || (!quoted && (is_named(value, true) || other || worded || own));
        if (3..=64).contains(&value.len()) && plain && strange && !listed && !named && !kind && is_value(value) {
            see(Found { entity: "USERNAME", start: found.from, end: found.to, score: Some(0.6) });
        }
    }
}

/// A post office box.
pub fn po_box(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let from = run(scene.bytes, end, 3, |b| matches!(b, b' ' | b'#' | b':'));
    let mut to = run(scene.bytes, from, 8, |b| b.is_ascii_digit());
    // `Postfach 12 34 56`.
    while to - from >= 2 && scene.at(to) == b' ' && run(scene.bytes, to + 1, 3, |b| b.is_ascii_digit()) == to + 3 {
        to += 3;
    }
    if to > from && !scene.at(to).is_ascii_alphanumeric() && !scene.before(start, 1).is_ascii_alphanumeric() {
        see(Found { entity: "PO_BOX", start, end: to, score: Some(0.7) });
    }
}

/// Track 1 of a card, at its sentinel.
pub fn track(scene: &Scene<'_>, start: usize, see: &mut dyn FnMut(Found)) {
    let to = run(scene.bytes, start, 80, |b| b != b'?' && b != b'\n');
    let digits = scene.bytes.get(start + 2..to).unwrap_or_default();
    if scene.at(to) == b'?' && digits.contains(&b'^') && is_track(digits) {
        see(Found { entity: "CARD_TRACK", start, end: to + 1, score: Some(0.95) });
    }
}
