//! What is named before it: `password: …`, header fields, boxes, stripes.

use super::secret::is_random;
use super::spoken::{is_labelled, is_name, is_other, is_told};
use super::{Found, run, run_back};
use crate::detect::checks::banking::track as is_track;
use crate::detect::joint::is_parameter;
use crate::detect::surroundings::Scene;

/// What a name says its value is.
#[derive(Debug, Clone, Copy)]
struct Assigned {
    from: usize,
    to: usize,
    /// By a sign or a quote, not by words alone.
    written: bool,
    /// By a word: `is`, `lautet`.
    said: bool,
    /// As the next argument (`put("name", "value")`) or in the next line. Other words stand there as often.
    listed: bool,
}

/// Words that say what something is.
const SAYS: [&[u8]; 14] =
    [b"as", b"is", b"was", b"to", b"es", b"est", b"ist", b"lautet", b"for", b"e", b"ar", b"er", b"je", b"este"];

/// Words for passwords that say something else too: only what looks like one behind them is.
const OTHERWISE: [&[u8]; 8] =
    [b"pass", b"pw", b"mdp", b"clave", b"parola", "парола".as_bytes(), "κωδικοσ".as_bytes(), "암호".as_bytes()];

/// Parts of a name whose value tells of passwords, and is none: `password_file`.
const ABOUT: [&[u8]; 10] =
    [b"file", b"path", b"length", b"policy", b"url", b"field", b"label", b"manager", b"prompt", b"input"];

/// Whether it opens or closes a text in code.
pub fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'`')
}

/// The value that starts at `from`: to its closing quote, or to the end of the word.
fn value_at(scene: &Scene<'_>, from: usize) -> (usize, usize) {
    let quote = scene.at(from);
    let quoted = is_quote(quote);
    let bold = !quoted && scene.bytes.get(from..from + 2) == Some(b"**") && scene.at(from + 2) != b'*';
    let from = from + if bold { 2 } else { usize::from(quoted) };
    let holds = |b: u8| {
        if quoted { b != quote && b != b'\n' } else { !b.is_ascii_whitespace() && !b"\"'`,;<>){}".contains(&b) }
    };
    let mut to = run(scene.bytes, from, 512, holds);
    // `Sommer12!` may well end so.
    let numbered = scene.bytes.get(from..to).is_some_and(|value| value.iter().any(u8::is_ascii_digit));
    if !quoted && let Some(end) = (from..to).find(|at| scene.at(*at) == b'&' && is_parameter(scene.bytes, from, *at)) {
        to = end;
    }
    let marked = scene.before(from, 1);
    while !quoted
        && to > from
        && (matches!(scene.at(to - 1), b'.' | b':')
            || (matches!(scene.at(to - 1), b'!' | b'?') && !numbered)
            || (marked == b'*' && scene.at(to - 1) == b'*'))
    {
        to -= 1;
    }
    (from, to)
}

/// What is assigned to a name that ends at `end`: `name: value`, `name = "value"`, `name value`, `the name is now value`.
fn assigned(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    // The name may go on: `password_hash`, `api_key_2`, and it may be quoted.
    let mut at = run(scene.bytes, end, 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    at = run(scene.bytes, at, 3, |b| is_quote(b) || matches!(b, b']' | b'*'));
    if let Some(found) = paired(scene, at).or_else(|| answered(scene, at)) {
        return Some(found);
    }
    let mut says = at == end;
    for word in 0..7 {
        at = run(scene.bytes, at, 3, |b| matches!(b, b' ' | b'\t'));
        // `密码是…`, `пароль от …`: words of another script.
        if !scene.at(at).is_ascii() && (word > 0 || at > end || !scene.before(end, 1).is_ascii()) {
            at = run(scene.bytes, at, 48, |b| !b.is_ascii());
            at = run(scene.bytes, at, 3, |b| b == b' ');
        }
        let cell = next_cell(scene, at);
        if cell > at {
            let (from, to) = value_at(scene, cell);
            return Some(Assigned { from, to, written: false, said: false, listed: false });
        }
        let sign = run(scene.bytes, at, 3, |b| matches!(b, b':' | b'=' | b'>' | b'*' | b'|' | b'-'));
        let from = run(scene.bytes, tags(scene, sign), 3, |b| matches!(b, b' ' | b'\t'));
        if sign > at || is_quote(scene.at(from)) {
            let (from, to) = value_at(scene, from);
            return Some(Assigned { from, to, written: true, said: says && word > 0, listed: false });
        }
        let to = run(scene.bytes, at, 12, |b| b.is_ascii_lowercase());
        let text = scene.bytes.get(at..to).unwrap_or_default();
        // `has changed, the new one is …`
        let goes_on = NEXT.iter().any(|next| scene.bytes.get(to..).is_some_and(|rest| rest.starts_with(next)));
        let filler = to > at && (goes_on || matches!(scene.at(to), b' ' | b':' | b'='));
        if !filler {
            // `login.example.com` is no name with a value.
            if scene.at(at) == b'/' || (at == end && scene.at(at).is_ascii_punctuation()) {
                return None;
            }
            let (from, to) = value_at(scene, at);
            let said = says && word > 0;
            return (says || word == 0).then_some(Assigned { from, to, written: false, said, listed: false });
        }
        says |= SAYS.contains(&text);
        at = to + usize::from(goes_on);
    }
    None
}

/// What follows where a sentence goes on to the value.
const NEXT: [&[u8]; 3] = [b", the new ", b", new one ", b", it is "];

/// What the next line of a talk answers: `Agent: your password?`, `Customer: …`.
fn answered(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    let line = run(scene.bytes, end, 4, |b| matches!(b, b'?' | b'\r' | b'\n'));
    let label = run(scene.bytes, line, 24, |b| b.is_ascii_alphanumeric() || b == b' ');
    if scene.at(end) != b'?' || scene.before(line, 1) != b'\n' || label == line || scene.at(label) != b':' {
        return None;
    }
    let (from, to) = value_at(scene, run(scene.bytes, label + 1, 2, |b| b == b' '));
    Some(Assigned { from, to, written: false, said: true, listed: true })
}

/// What a pair has beside the name that ends at `end`: the line `value: …` of a manifest, `"value": …` of JSON, `value="…"` of a tag,
/// the next argument of a call.
fn paired(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    let quoted = is_quote(scene.before(end, 1));
    let at = run(scene.bytes, end, 24, |b| b.is_ascii_whitespace() || (quoted && b == b','));
    let key = at + usize::from(is_quote(scene.at(at)));
    if at > end && scene.bytes.get(key..).is_some_and(|rest| rest.starts_with(b"value")) {
        let sign = run(scene.bytes, key + 5, 2, |b| is_quote(b) || b == b' ');
        let (from, to) = value_at(scene, run(scene.bytes, sign + 1, 3, |b| b == b' '));
        // Variables of an environment have nothing but their value there.
        let written = scene.before(end - usize::from(quoted), 1).is_ascii_uppercase();
        return matches!(scene.at(sign), b':' | b'=').then_some(Assigned {
            from,
            to,
            written,
            said: true,
            listed: false,
        });
    }
    let listed = quoted && key > at && scene.at(end) == b',' && at <= end + 2;
    let (from, to) = value_at(scene, at);
    listed.then_some(Assigned { from, to, written: false, said: false, listed })
}

/// Where a table or a form has what it names: behind the tags of a page, or in the next line. `at` where there is no such place.
fn next_cell(scene: &Scene<'_>, at: usize) -> usize {
    let to = tags(scene, at);
    if to == at { run(scene.bytes, at, 2, |b| matches!(b, b'\n' | b'\r')) } else { to }
}

/// Behind up to three tags of a page. `at` where there is none.
fn tags(scene: &Scene<'_>, at: usize) -> usize {
    let mut to = at;
    for _ in 0..3 {
        if scene.at(to) != b'<' {
            break;
        }
        let tag = run(scene.bytes, to, 24, |b| b != b'>' && b != b'\n');
        if scene.at(tag) != b'>' {
            return at;
        }
        to = tag + 1;
    }
    to
}

/// What is said to be the name that starts at `start`: `value is my name`.
fn said_before(scene: &Scene<'_>, start: usize) -> Option<Assigned> {
    let space = |at: usize| run_back(scene.bytes, at, 2, |b| b == b' ');
    let word = |at: usize| run_back(scene.bytes, at, 8, |b| b.is_ascii_lowercase());
    let mut at = space(start);
    for _ in 0..3 {
        let from = word(at);
        let text = scene.bytes.get(from..at)?;
        if text.is_empty() {
            return None;
        }
        at = space(from);
        if SAYS.contains(&text) {
            if is_quote(scene.before(at, 1)) {
                at -= 1;
            }
            let from = run_back(scene.bytes, at, 128, |b| !b.is_ascii_whitespace() && !is_quote(b) && b != b',');
            return Some(Assigned { from, to: at, written: false, said: true, listed: false });
        }
    }
    None
}

/// What a name is given, before it and behind it.
fn given<'a>(scene: &Scene<'a>, start: usize, end: usize) -> impl Iterator<Item = (Assigned, &'a [u8])> {
    let both = [assigned(scene, end), said_before(scene, start)];
    let bytes = scene.bytes;
    both.into_iter().flatten().map(move |found| (found, bytes.get(found.from..found.to).unwrap_or_default()))
}

/// Whether a value has three of: capital letters, small ones, digits, signs; and does not call anything.
fn is_mixed(value: &[u8]) -> bool {
    let has = |holds: fn(&u8) -> bool| usize::from(value.iter().any(holds));
    has(u8::is_ascii_uppercase) + has(u8::is_ascii_lowercase) + has(u8::is_ascii_digit) + has(u8::is_ascii_punctuation)
        >= 3
        && has(u8::is_ascii_digit) == 1
        && value.len() >= 6
        && !value.iter().any(|b| b"/[]".contains(b))
        && !is_code(value)
}

/// Whether a value is a word with digits behind it, and no algorithm's name: `hunter2`.
fn is_numbered(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let digits = value.get(letters..).unwrap_or_default();
    let name = value.get(..letters).unwrap_or_default().to_ascii_lowercase();
    let known: [&[u8]; 10] = [b"base", b"sha", b"md", b"utf", b"oauth", b"argon", b"pbkdf", b"http", b"level", b"step"];
    value.len() >= 6
        && letters >= 3
        && !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && !known.contains(&name.as_slice())
}

/// Whether a word with digits behind it counts steps, or is a name with a number: `level3`, `password2`.
fn is_step(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    value.len() < letters + 2 || value.get(..letters).is_none_or(is_other)
}

/// Whether a value is a path of names in code: `settings.password`, `config[`, `get_secret(`.
pub fn is_code(value: &[u8]) -> bool {
    let names = value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let dotted = names && value.contains(&b'.') && !value.iter().any(u8::is_ascii_digit);
    let call = value.iter().position(|b| matches!(b, b'(' | b'[')).and_then(|at| value.get(..at));
    let called = call.is_some_and(|name| {
        !name.first().is_some_and(u8::is_ascii_digit)
            && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))
    });
    dotted || called
}

/// Words of code that stand where a value could.
const KEYWORDS: [&[u8]; 16] = [
    b"await",
    b"async",
    b"option",
    b"self",
    b"this",
    b"void",
    b"char",
    b"bool",
    b"const",
    b"function",
    b"lambda",
    b"bytes",
    b"object",
    b"varchar",
    b"optional",
    b"typeof",
];

/// Whether a value without quotes is one that code names: `*mut`, `&str`, `std::string`, `readPassword`; and, where no
/// `bare` word can be a value, all that is made as names of types and variables are: `user_password`, `SecretString`.
fn is_named(value: &[u8], bare: bool) -> bool {
    let letters = value.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
    let humped = value.windows(2).any(|two| matches!(two, [b'a'..=b'z', b'A'..=b'Z']));
    let small = value.first().is_some_and(u8::is_ascii_lowercase);
    let name = if bare { small && humped } else { !value.iter().all(u8::is_ascii_lowercase) };
    matches!(value.first(), Some(b'*' | b'&')) || memchr::memmem::find(value, b"::").is_some() || (letters && name)
}

/// Whether a value is no variable, template, mask or word of documentation.
pub fn is_value(value: &[u8]) -> bool {
    let first = value.first().copied().unwrap_or(0);
    let lower = value.to_ascii_lowercase();
    let told = [
        &b"null"[..],
        b"none",
        b"true",
        b"false",
        b"your",
        b"example",
        b"change",
        b"xxx",
        b"required",
        b"string",
        b"undefined",
        b"env",
        b"process.",
        b"os.",
    ];
    let rest = value.get(1..).unwrap_or_default();
    let variable = match first {
        b'{' | b'<' | b'[' | b'(' | b',' => true,
        b'$' | b'%' => rest.iter().all(|b| b.is_ascii_alphanumeric() || b"_{}()%.".contains(b)),
        _ => value.iter().all(|b| *b == first),
    };
    !variable
        && !KEYWORDS.contains(&lower.as_slice())
        && !lower.starts_with(b"***")
        && !told.iter().any(|word| lower.starts_with(word))
}

/// A password.
pub fn password(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    if scene.before(start, 1).is_ascii_alphabetic() && !scene.at(start).is_ascii_uppercase() {
        return;
    }
    let word = scene.bytes.get(start..end).unwrap_or_default();
    let doubtful = OTHERWISE.iter().any(|other| word.eq_ignore_ascii_case(other));
    let tail = run(scene.bytes, end, 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let tail = scene.bytes.get(end..tail).unwrap_or_default().to_ascii_lowercase();
    // `passport`, and the results of tests: `PASS: name_2`.
    let other = word.len() <= 4 && (!tail.is_empty() || (word == b"PASS" && scene.at(end) == b':'));
    if (doubtful && other) || ABOUT.iter().any(|about| memchr::memmem::find(&tail, about).is_some()) {
        return;
    }
    // `DB_PASSWORD=Sommer` is a setting, `Passwort: Sommer` a sentence, `password: Sommer` code.
    let english =
        [&b"password"[..], b"passwd", b"pwd", b"passphrase"].iter().any(|name| word.eq_ignore_ascii_case(name));
    let bare = !english || word.iter().all(u8::is_ascii_uppercase);
    for (found, value) in given(scene, start, end) {
        let quoted = is_quote(scene.before(found.from, 1));
        let strange = match (doubtful, found.written) {
            (false, true) => {
                (value.iter().any(|b| !b.is_ascii_lowercase()) || value.len() >= 12)
                    && (quoted || !(is_code(value) || (!found.said && is_named(value, bare))))
                    || is_labelled(scene, start, end, found.from..found.to, false)
            }
            (false, false) => {
                let labelled = || is_labelled(scene, start, end, found.from..found.to, true);
                let told = || english && is_told(scene, start, found.from..found.to);
                let beside = found.from == end + 1 && is_numbered(value) && !is_step(value);
                is_mixed(value)
                    || beside
                    || (found.said
                        && (is_numbered(value) || (found.from > end && !found.listed && (labelled() || told()))))
            }
            (true, true) => is_mixed(value) || is_numbered(value),
            (true, false) => {
                found.from <= end + 1 && is_mixed(value) && value.iter().any(|b| b"!@#$%^&*?+".contains(b))
            }
        };
        let other = || if quoted { is_name(value) } else { is_other(value) };
        if (4..=128).contains(&value.len()) && strange && is_value(value) && !other() {
            see(Found { entity: "PASSWORD", start: found.from, end: found.to, score: Some(0.75) });
        }
    }
}

/// Another secret: a random value of 16 characters and more that is given to its name, or one that cannot be a word near it.
pub fn generic(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let mut any = false;
    for (found, value) in given(scene, start, end) {
        if !(16..=512).contains(&value.len()) || !is_secret(value) {
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

/// Whether a value is as random as a key.
pub fn is_secret(value: &[u8]) -> bool {
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|b| holds(b)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    // Names in code have a capital letter now and then, random text has as many of both.
    let cases = count(u8::is_ascii_uppercase) * 4 >= letters && count(u8::is_ascii_lowercase) * 4 >= letters;
    let plain = value.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=_-.~!@#$%^&*".contains(b));
    digits + usize::from(cases) >= 2 && letters >= 4 && plain && is_random(value) && is_value(value)
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
        let strange = found.written
            || (value.iter().any(u8::is_ascii_alphabetic)
                && value.iter().any(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.')));
        let named = is_name(value) || (!is_quote(scene.before(found.from, 1)) && is_named(value, true));
        if (3..=64).contains(&value.len()) && plain && strange && !found.listed && !named && is_value(value) {
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
