//! Which end of a text can still become a finding, and so waits for what follows.

use crate::detect::{BOXES, UNSPACED, is_said, waits};

/// How many groups back a value can begin.
const MAX_GROUPS: usize = 9;

/// Whether a byte can be inside a value of one token: an address, a URL, a key.
fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"@._+-%/:=~#&?$!*^'(<\\".contains(&byte)
}

/// Where the suffix of a text begins that can still become a finding: its last token, and before it groups with digits, one
/// separator apart; an open key's armour.
pub fn grows_from(bytes: &[u8]) -> usize {
    if let Some(at) = memchr::memmem::rfind(bytes, b"-----BEGIN ") {
        let rest = bytes.get(at..).unwrap_or_default();
        let label = rest.get(..64.min(rest.len())).unwrap_or_default();
        let is_key = rest.len() < 48 || memchr::memmem::find(label, b"PRIVATE KEY").is_some();
        let foot = memchr::memmem::find(rest, b"-----END ");
        let closed =
            foot.is_some_and(|foot| memchr::memmem::find(rest.get(foot + 9..).unwrap_or_default(), b"-----").is_some());
        if is_key && !closed {
            return at;
        }
    }
    let token = |to: usize| token(bytes.get(..to).unwrap_or_default());
    let mut start = token(bytes.len());
    // Up to two words may stand behind a number: `3 March`, `42 years old`.
    let (mut kept, mut words) = (start, 0);
    for _ in 0..MAX_GROUPS {
        // One or two separators, then a group that could be part of one value with what follows.
        let gap = bytes.get(..start).unwrap_or_default().iter().rev().take_while(|b| b" ,);\"".contains(b)).count();
        if gap == 0 || gap > 3 {
            break;
        }
        let before = token(start - gap);
        let group = bytes.get(before..start - gap).unwrap_or_default();
        if group.iter().any(u8::is_ascii_digit) || is_short(group) {
            kept = before;
            words = 0;
        } else if words < 2 && gap == 1 && waits(group) {
            // `3 de abril de 1990`
            words += usize::from(group.len() > 2);
        } else {
            break;
        }
        start = before;
    }
    let word = back(bytes, bytes.len(), URL, |b| is_of_url(*b));
    let is_url = bytes.get(word..).is_some_and(|word| word.windows(3).any(|three| three == b"://"));
    if is_url { kept.min(word) } else { kept }
}

/// The longest URL that waits for its end.
const URL: usize = 2048;

/// Whether a byte may stand in a URL (RFC 3986): some of them end other tokens.
pub fn is_of_url(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>`\\^{|}".contains(&byte)
}

/// Where a text in quotes starts that can be the first part of an address (`"jane doe"@…`), open or closed at the end of `text`, or
/// before its last token, which begins with an `@`. A value of JSON is none.
pub fn local(text: &str) -> Option<usize> {
    const LONGEST: usize = 66;
    let bytes = text.as_bytes();
    memchr::memrchr(b'"', bytes)?;
    let token = token(bytes);
    let closed = if bytes.get(token) == Some(&b'@') { bytes.get(..token)? } else { bytes };
    let from = closed.len().saturating_sub(LONGEST);
    let near = closed.get(from..)?;
    let last = memchr::memrchr(b'"', near)?;
    let open = if last + 1 == near.len() { memchr::memrchr(b'"', near.get(..last)?).unwrap_or(last) } else { last };
    let inside = near.get(open + 1..)?;
    let before = near.get(..open)?;
    let alone = match before {
        [.., sign, b' '] => !b":=,{[".contains(sign),
        [.., sign] => b"<(\n*|>'`".contains(sign),
        [] => from == 0,
    };
    (alone && !inside.contains(&b'\n')).then_some(from + open)
}

/// Where the text in quotes starts that stands behind a label for a secret and is not closed: `password: "correct horse ba`. It may have
/// spaces.
pub fn quoted(text: &str, names_secret: impl Fn(&str) -> bool) -> Option<usize> {
    const LONGEST: usize = 130;
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(LONGEST);
    let open = memchr::memrchr3(b'"', b'\'', b'`', bytes.get(from..)?).map(|at| from + at)?;
    if bytes.get(open..)?.contains(&b'\n') {
        return None;
    }
    let label = bytes.get(..open)?.trim_ascii_end();
    let given =
        matches!(label.last(), Some(b':' | b'=')) || label.ends_with(b" is") || label.ends_with("：".as_bytes());
    (given && is_named(text, label.len(), names_secret)).then_some(open)
}

/// So many bytes at most that end at `to` and hold.
fn back(bytes: &[u8], to: usize, most: usize, holds: fn(&u8) -> bool) -> usize {
    to - bytes.get(..to).unwrap_or_default().iter().rev().take(most).take_while(|byte| holds(byte)).count()
}

/// Whether one of these names stands in what is before `to`.
fn is_named(text: &str, to: usize, names: impl Fn(&str) -> bool) -> bool {
    let start = (to.saturating_sub(40)..=to).find(|at| text.is_char_boundary(*at));
    start.and_then(|start| text.get(start..to)).is_some_and(names)
}

/// Where a word behind a label starts (`password: Sommer`, `the password is Sommer`), while the word behind it is not over: what
/// follows tells whether it is a password.
pub fn labelled(text: &str, names_secret: impl Fn(&str) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let part = back(bytes, bytes.len(), 64, |b| b.is_ascii_alphanumeric() || *b == b'_');
    let gap = back(bytes, part, 2, |b| b" ,.!)<".contains(b));
    let word = back(bytes, gap, 64, u8::is_ascii_alphabetic);
    if gap == part || word == gap {
        return None;
    }
    let sign = back(bytes, word, 3, |b| matches!(b, b' ' | b'*'));
    let before = bytes.get(..sign)?;
    let said = || is_said(before) && is_named(text, sign, names_secret);
    (matches!(before.last(), Some(b':' | b'=')) || said()).then_some(word)
}

/// Where the user starts that stands before a password, behind a label for one of them, while the password is not over:
/// `login: jane / hunter22`, `the login is jane, hunter22`.
pub fn paired(text: &str, names_login: impl Fn(&str) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let before = |word: (usize, usize)| word_before(bytes, word.0);
    let is =
        |(from, to): (usize, usize), known: &[&[u8]]| bytes.get(from..to).is_some_and(|word| known.contains(&word));
    let last = (back(bytes, bytes.len(), 130, |b| !b.is_ascii_whitespace()), bytes.len());
    let (second, third) = (before(last), before(before(last)));
    let user = if bytes.ends_with(b",") {
        last
    } else if is(second, &[b"/", b":", b"|", b"and"]) {
        third
    } else if is(last, &[b"", b"/", b":", b"|", b"a", b"an", b"and"]) || bytes.get(..second.1)?.ends_with(b",") {
        second
    } else {
        return None;
    };
    let sign = back(bytes, user.0, 2, |b| *b == b' ');
    let label = bytes.get(..sign)?;
    let given = matches!(label.last(), Some(b':' | b'='))
        || is_said(label)
        || [&b" are"[..], b" were", b" sind", b" lauten", b" son", b" sont", b" sono", b" now"]
            .iter()
            .any(|says| label.ends_with(says));
    (user.0 < user.1 && given && is_named(text, sign, names_login)).then_some(user.0)
}

/// The word before a place and one or two spaces.
fn word_before(bytes: &[u8], at: usize) -> (usize, usize) {
    let to = back(bytes, at, 2, |b| *b == b' ');
    (back(bytes, to, 130, |b| !b.is_ascii_whitespace()), to)
}

/// Where a post office box starts whose name or number is not over: `P.O. Bo`, `Postfach 12`.
pub fn boxed(text: &[u8]) -> Option<usize> {
    const LONGEST: usize = 32;
    let from = text.len().saturating_sub(LONGEST);
    // Two letters tell most words at once.
    let likely = |one: u8, two: u8| {
        let second = match one | 0x20 {
            b'p' => [b'o', b'.'],
            b'b' => [b'o'; 2],
            b'a' => [b'p'; 2],
            b'c' => [b'a'; 2],
            _ => return false,
        };
        second.contains(&(two | 0x20))
    };
    let opens = |at: &usize| {
        let rest = text.get(*at..).unwrap_or_default();
        BOXES.iter().any(|name| is_begun(rest, name.as_bytes()))
    };
    let first = matches!(text, [one, two, ..] if from == 0 && likely(*one, *two)).then_some(0);
    let behind = from.max(1) - 1;
    let places = text.get(behind..).unwrap_or_default().windows(3).enumerate();
    let fresh = places.filter(
        |(_, three)| matches!(three, [before, one, two] if likely(*one, *two) && !before.is_ascii_alphanumeric()),
    );
    first.into_iter().chain(fresh.map(|(at, _)| behind + at + 1)).find(opens)
}

/// Whether a text is a part of a name, or the name and a part of a number behind it.
fn is_begun(text: &[u8], name: &[u8]) -> bool {
    let number = |rest: &[u8]| rest.iter().all(|b| b.is_ascii_digit() || b" #:".contains(b));
    let alike = name.iter().zip(text).take_while(|(one, other)| **one == other.to_ascii_lowercase()).count();
    alike == text.len() || (alike == name.len() && text.get(alike..).is_some_and(number))
}

/// Where the token starts that a text ends with. Letters of languages with spaces are part of it, others only the first few
/// behind a letter or digit, or behind a number and a space: they tell what it is.
fn token(text: &[u8]) -> usize {
    let size = |text: &[u8]| match text {
        [.., last] if in_token(*last) => 1,
        [.., 0xc2..=0xdf, 0x80..=0xbf] => 2,
        // The scripts of India, and Korean.
        [.., 0xe0, 0xa4..=0xb7, _] | [.., 0xea..=0xed, _, _] => 3,
        [.., 0xe0..=0xef, _, _] => unspaced(text),
        _ => 0,
    };
    let mut start = text.len();
    while let Some(more) = text.get(..start).map(size).filter(|more| *more > 0) {
        start -= more;
    }
    // `{SSHA}…`
    let scheme = text.get(..start).map_or(start, |before| back(before, start, 1, |b| *b == b'}'));
    let name = back(text, scheme, 12, |b| b.is_ascii_alphanumeric() || *b == b'-');
    let opens = name.checked_sub(1).filter(|at| text.get(*at) == Some(&b'{'));
    opens.unwrap_or(start)
}

/// How long the letters of a language without spaces are that a text ends with, where they are few enough to wait for.
fn unspaced(text: &[u8]) -> usize {
    let is_letter = |at: usize| matches!(text.get(at), Some(0xe0..=0xef));
    let lengths = (1..=UNSPACED).map(|count| count * 3);
    let mut runs = lengths.take_while(|length| text.len().checked_sub(*length).is_some_and(is_letter));
    let waits = |length: &usize| match text.get(..text.len() - length) {
        Some([.., digit, b' ']) => digit.is_ascii_digit(),
        Some([.., before]) => before.is_ascii_alphanumeric(),
        _ => false,
    };
    runs.find(waits).unwrap_or(0)
}

/// Letters that can begin a value: `AB 12 34 56 C`, `B-MA 1234`, `April 4, 1977`; of other alphabets small ones too, as the view has
/// them. Signs before them do not count.
fn is_short(group: &[u8]) -> bool {
    let group = group.rsplit(|byte| b"'(=:/*".contains(byte)).next().unwrap_or_default();
    let foreign = group.len() <= 6 && group.iter().all(|byte| (0x80..0xe0).contains(byte));
    let capital = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'-';
    let code = group.len() <= if group.contains(&b'-') { 6 } else { 4 } && group.iter().all(capital);
    !group.is_empty() && (code || foreign || is_month(group))
}

/// Whether a word starts as an English month does.
fn is_month(word: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    word.len() <= 10 && MONTHS.iter().any(|month| word.starts_with(month))
}

#[cfg(test)]
mod tests {
    use super::grows_from;

    fn held(text: &str) -> &str {
        text.get(grows_from(text.as_bytes())..).unwrap_or_default()
    }

    #[test]
    fn only_what_can_grow_is_held() {
        assert_eq!(held("we said hello"), "hello");
        assert_eq!(held("we said hello "), "");
        assert_eq!(held("the card 4111 1111 11"), "4111 1111 11");
        assert_eq!(held("write to jane@exam"), "jane@exam");
        assert_eq!(held("напиши почта@при"), "почта@при");
        assert_eq!(held("그 차는 12가 34"), "12가 34");
        assert_eq!(held("她的卡是4111吗谢谢"), "4111吗谢谢");
        assert_eq!(held("她的卡是4111吗谢谢你们"), "");
        assert_eq!(held("カードは 4111 です"), "4111 です");
        assert_eq!(held("el 3 de abril de 19"), "3 de abril de 19");
        assert_eq!(held("it is {SSH"), "{SSH");
        assert_eq!(held("it is {SSHA}q7X"), "{SSHA}q7X");
        assert_eq!(held("she is 42 years o"), "42 years o");
        assert_eq!(held("the plate 'B-MA "), "'B-MA ");
        assert_eq!(held("born April 4, "), "April 4, ");
        assert_eq!(held("in spring "), "");
        assert_eq!(held("x -----BEGIN PRIVATE KEY-----\nMIIE \n"), "-----BEGIN PRIVATE KEY-----\nMIIE \n");
    }
}
