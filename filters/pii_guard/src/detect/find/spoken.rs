//! Passwords of letters alone, beside their name: `password: hunter`, `das Passwort ist Sommer`. As letters tell nothing, what
//! stands around has to be a label in a sentence, a chat or a setting, and no code.

use super::given::is_quote;
use super::run_back;
use crate::detect::surroundings::Scene;
use std::ops::Range;

/// What stands behind a password's name and is none: types and parameters of code, states, and words of forms, as they begin.
const OTHER: &str = "str|string|text|char|varchar|bytes|buffer|any|int|integer|bool|boolean|number|option|object|array|list|null|nil|none|void|unknown|\
    never|user|account|admin|credential|secret|token|field|value|input|param|arg|type|model|schema|data|config|setting|env|\
    default|form|widget|label|name|mail|email|login|hash|salt|plain|encrypt|crypt|bcrypt|scrypt|argon|pbkdf|masked|hidden|\
    redacted|removed|required|optional|mandatory|missing|empty|blank|invalid|valid|wrong|incorrect|correct|expired|changed|\
    updated|reset|forgot|lost|weak|strong|medium|short|long|same|unchanged|stored|disabled|enabled|success|failed|failure|\
    error|accepted|rejected|denied|allowed|minimum|maximum|must|should|please|enter|choose|select|confirm|show|hide|create|\
    new|old|current|your|here|there|this|that|then|with|when|only|also|from|note|needed|protected|authentication|based|less|\
    mine|yours|yes|see|ask|administrador|administrator|used|read|hashed|kept|given|taken|\
    pflicht|erforderlich|falsch|vergessen|ungultig|richtig|geandert|eingeben|bitte|obligatoire|requis|incorrecte|oublie|\
    obligatorio|requerido|incorrecta|olvidada|obbligatoria|verplicht|onjuist|vereist|richiesta|invalida|incorreta|esquecida";

/// What passwords are called, as it begins: `"password": "Passwort"` translates it.
const NAMES: &str = "pass|passw|passphrase|passcode|password|passwort|pwd|kennwort|contrasena|mot|senha|clave|wachtwoord|haslo|heslo|parol|losenord";

/// What is said of a password in English with `is`, and what such words end with.
const QUALITIES: &str = "wrong|right|good|great|nice|best|better|fine|okay|safe|known|clear|clean|fresh|ready|gone|tricky|easy|hard|\
    simple|complex|unique|random|equal|above|below|inside|never|always|often|still|again|about|either|under|where|what|which|almost|\
    enough|legit|stale|sent|kept|shown|later|first|second|third|public|private|plaintext|case|just|being|very|quite|really|crap|\
    older|newer|longer|shorter|stronger|weaker|cheaper|hello|fun|high|out|off|up|too|so|not|no|to|yet|much";
const ENDINGS: [&[u8]; 20] = [
    b"ed", b"en", b"ing", b"able", b"ible", b"ive", b"ly", b"ent", b"ant", b"ous", b"ful", b"al", b"ic", b"ary",
    b"ory", b"ure", b"less", b"proof", b"where", b"thing",
];

/// What follows a password's name where what is behind it is no password: `password reset: requested`.
const MATTERS: [&[u8]; 18] = [
    b"reset",
    b"change",
    b"check",
    b"status",
    b"hint",
    b"recovery",
    b"update",
    b"request",
    b"strength",
    b"expir",
    b"rotation",
    b"refresh",
    b"policy",
    b"contain",
    b"require",
    b"rule",
    b"manager",
    b"field",
];

/// Words that join what stands behind a value to it.
const JOINS: [&str; 9] = ["and", "und", "et", "y", "e", "en", "och", "i", "for"];

/// Whether a value of letters is one of these words, or one with an ending.
fn is_among(value: &[u8], words: &str) -> bool {
    let starts = |word: &[u8]| {
        let most = word.len() + if word.len() < 5 { 1 } else { 4 };
        value.len() <= most && value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let begins = |word: &&[u8]| word.first().zip(value.first()).is_some_and(|(one, other)| one | 0x20 == other | 0x20);
    let mut words = words.as_bytes().split(|byte| *byte == b'|').filter(begins);
    value.iter().all(u8::is_ascii_alphabetic) && words.any(starts)
}

/// Whether a value is what passwords are called.
pub fn is_name(value: &[u8]) -> bool {
    // `autocomplete="current-password"`
    let plain = |first: &[u8]| first.iter().all(|b| b.is_ascii_lowercase() || *b == b'-');
    is_among(value, NAMES) || value.strip_suffix(b"-password").is_some_and(plain)
}

/// Whether a value is a word that stands where a password could.
pub fn is_other(value: &[u8]) -> bool {
    is_name(value) || is_among(value, OTHER)
}

/// Whether the name of a password that ends at `end` goes on to what is said about them: `password policy: …`.
pub fn is_matter(scene: &Scene<'_>, end: usize) -> bool {
    scene.bytes.get(end + 1..).is_some_and(|rest| MATTERS.iter().any(|matter| rest.starts_with(matter)))
}

/// Whether a value of letters can be a password, whose name is from `start` to `end`; `said` where words say so (`is`), and no sign.
pub fn is_labelled(scene: &Scene<'_>, start: usize, end: usize, place: Range<usize>, said: bool) -> bool {
    let value = scene.bytes.get(place.clone()).unwrap_or_default();
    let capital = value.first().is_some_and(u8::is_ascii_uppercase);
    let word = value.iter().all(u8::is_ascii_alphabetic) && value.iter().skip(1).all(u8::is_ascii_lowercase);
    if !word || is_matter(scene, end) || (said && !capital) {
        return false;
    }
    if is_quote(scene.before(place.start, 1)) {
        // `"password": "hunter"`; not the next attribute of a form: `type="password" class="wide"`.
        return scene.bytes.get(end..place.start).is_some_and(|signs| {
            signs.iter().any(|b| matches!(b, b':' | b'='))
                && !signs.iter().any(u8::is_ascii_alphanumeric)
                && !is_other(value)
        });
    }
    // In a stream what follows is held back behind these signs alone.
    let sign = run_back(scene.bytes, place.start, 3, |b| matches!(b, b' ' | b'*'));
    let before = scene.bytes.get(..sign).unwrap_or_default();
    let waits = if said { is_said(before) } else { matches!(before.last(), Some(b':' | b'=')) } && value.len() < 64;
    (scene.looks_ahead || waits) && ends(scene, place.end) && is_label(scene, start, place.start) && !is_other(value)
}

/// Whether a value of small letters alone is a password that words say: `the pwd is sommer`, at the end of a clause. No quality.
pub fn is_told(scene: &Scene<'_>, start: usize, place: Range<usize>) -> bool {
    let value = scene.bytes.get(place.clone()).unwrap_or_default();
    let before = scene.bytes.get(..place.start).unwrap_or_default();
    [&b" is "[..], b" was "].iter().any(|word| before.ends_with(word))
        && (5..=24).contains(&value.len())
        && value.iter().all(u8::is_ascii_lowercase)
        && !ENDINGS.iter().any(|ending| value.ends_with(ending))
        && !is_among(value, QUALITIES)
        && !is_other(value)
        && matches!(scene.at(place.end), b'\n' | b'\r' | b'.' | b'!' | b',' | 0)
        && ends(scene, place.end)
        && is_label(scene, start, place.start)
}

/// Whether a text ends with a word that says of a secret what it is: `the password is`. In a stream what is behind it waits.
pub fn is_said(text: &[u8]) -> bool {
    const SAYS: [&[u8]; 6] = [b" is", b" was", b" ist", b" lautet", b" est", b" es"];
    SAYS.iter().any(|says| text.ends_with(says))
}

/// Whether a value of several words tells of passwords: `Enter your password`, `at least 8 characters`.
pub fn is_phrase(value: &[u8]) -> bool {
    let mut words = value.split(|b| *b == b' ');
    words.next().is_some_and(|first| first.len() < value.len() && is_other(first))
        || words.any(|word| is_name(word) || is_among(word, "character|zeichen|caracter|caractere|caratteri|znak"))
}

/// Whether a sentence goes on with a word behind a value: then that is one too.
pub fn goes_on(scene: &Scene<'_>, to: usize) -> bool {
    let next = scene.at(to + 1);
    let word = scene.at(to) == b' ' && (next.is_ascii_lowercase() || next.is_ascii_digit());
    scene.looks_ahead && word && !ends(scene, to)
}

/// Whether a clause, a line or a text ends behind a value, and none of code.
fn ends(scene: &Scene<'_>, to: usize) -> bool {
    let rest = scene.bytes.get(to..).unwrap_or_default();
    let is_space = |at: usize| rest.get(at).is_none_or(|b| b.is_ascii_whitespace());
    let is_word = |at: usize| rest.get(at).is_some_and(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    match rest {
        [] | [b'\n' | b'\r', ..] => true,
        [b'.' | b'!', ..] => is_space(1),
        // `, thanks`, but no next parameter: `, name: string`.
        [b',', b' ', behind @ ..] => {
            let word = behind.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            is_word(2) && !matches!(behind.get(word), Some(b':' | b'=' | b')' | b'?' | b'(' | b'.'))
        }
        [b')', ..] => is_space(1),
        [b'<', b'/' | b'b', ..] | [b' ', b'#' | b'|', ..] | [b'&', ..] => true,
        [b' ', behind @ ..] => JOINS
            .iter()
            .any(|join| behind.strip_prefix(join.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '))),
        _ => false,
    }
}

/// Whether the name that starts at `start` is a label, not a member or a parameter: a `:` behind it, or an `=` without spaces in a
/// line of its own; and no code before it in its line.
fn is_label(scene: &Scene<'_>, start: usize, from: usize) -> bool {
    if matches!(scene.before(start, 1), b'?' | b'&') {
        return true;
    }
    // In a stream little is kept of what went on.
    let line = run_back(scene.bytes, start, if scene.looks_ahead { 160 } else { 24 }, |b| b != b'\n');
    let before = scene.bytes.get(line..start).unwrap_or_default();
    let before = before.strip_prefix(b"export ").unwrap_or(before);
    let sign = scene.bytes.get(start..from).unwrap_or_default();
    let code = before
        .iter()
        .any(|b| matches!(b, b'{' | b'}' | b'[' | b'=' | b';' | b'$' | b'@' | b'&') || is_quote(*b) && *b != b'\'')
        || before.windows(2).any(|two| two == b"::" || two == b"->" || two == b"//")
        || [
            &b"let "[..],
            b"var ",
            b"const ",
            b"pub ",
            b"private ",
            b"public ",
            b"self.",
            b"this.",
            b"def ",
            b"fn ",
            b"readonly ",
        ]
        .iter()
        .any(|word| memchr::memmem::find(before, word).is_some());
    let called = before.iter().rposition(|b| *b == b'(').is_some_and(|at| {
        !before.get(at..).unwrap_or_default().contains(&b')')
            && at.checked_sub(1).and_then(|at| before.get(at)).is_some_and(u8::is_ascii_alphanumeric)
    });
    let assigned = sign.contains(&b'=');
    let setting =
        !assigned || (!sign.contains(&b' ') && before.iter().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b)));
    !code && !called && setting
}
