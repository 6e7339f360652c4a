//! What URLs and forms encode: `%20`, and the `+` that is a space there (RFC 3986, section 2.1; application/x-www-form-urlencoded).

/// A character that is written as another or as several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// Its first byte in the source.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// What it stands for.
    pub c: char,
}

/// How far a word is looked through for signs of a form, and the longest of its parts that a `+` joins: base64 has longer ones.
const LONGEST: usize = 2048;
const LONGEST_PART: usize = 20;

/// All that is encoded in `text`, in its order.
pub fn encoded(text: &str) -> Vec<Encoded> {
    let bytes = text.as_bytes();
    let (mut out, mut form): (Vec<Encoded>, Option<Form>) = (Vec::new(), None);
    for start in memchr::memchr2_iter(b'%', b'+', bytes) {
        let found = if bytes.get(start) == Some(&b'%') {
            escape(bytes, start)
        } else if is_between(bytes, start) {
            let form = match form.filter(|form| start < form.end) {
                Some(form) => form,
                None => *form.insert(Form::around(bytes, start)),
            };
            form.spaces.then_some(Encoded { start, end: start + 1, c: ' ' })
        } else {
            None
        };
        out.extend(found.filter(|found| out.last().is_none_or(|last| last.end <= found.start)));
    }
    out
}

/// The character whose escape sequences start at `start`: one of ASCII that is written, a space, or all bytes of another.
fn escape(bytes: &[u8], start: usize) -> Option<Encoded> {
    let first = byte(bytes, start)?;
    let size = match first {
        // A tab parts cells, but not of a URL.
        b' ' | b'\t' => return Some(Encoded { start, end: start + 3, c: ' ' }),
        b'!'..=b'~' | b'\n' | b'\r' => return Some(Encoded { start, end: start + 3, c: char::from(first) }),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut buffer = [first; 4];
    for (at, place) in buffer.iter_mut().enumerate().take(size) {
        *place = byte(bytes, start + at * 3)?;
    }
    let c = std::str::from_utf8(buffer.get(..size)?).ok()?.chars().next()?;
    Some(Encoded { start, end: start + size * 3, c })
}

/// The byte that an escape sequence stands for.
fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = *bytes.get(at..at + 3)? else { return None };
    let digit = |hex: u8| char::from(hex).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Whether a `+` is between two letters or digits, or what stands for them, and joins no long part.
fn is_between(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
    let next = bytes.get(at + 1).copied().unwrap_or(0);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    // `%20+49…` is a space and a sign.
    let signed = next.is_ascii_digit() && at.checked_sub(3).and_then(|at| byte(bytes, at)) == Some(b' ');
    if signed || !(is_part(before) || before == b':') || !(is_part(next) || matches!(next, b'%' | b'+' | b'(')) {
        return false;
    }
    let behind = bytes.get(at + 1..).unwrap_or_default().iter().take(LONGEST_PART + 1);
    let ahead = bytes.get(..at).unwrap_or_default().iter().rev().take(LONGEST_PART + 1);
    let short = |run: usize| run <= LONGEST_PART;
    short(behind.take_while(|byte| byte.is_ascii_alphanumeric()).count())
        && short(ahead.take_while(|byte| byte.is_ascii_alphanumeric()).count())
}

/// A word with a `+` in it.
#[derive(Debug, Clone, Copy)]
struct Form {
    end: usize,
    /// The `+` are spaces.
    spaces: bool,
}

impl Form {
    /// The word around `at`: a form where it has a name with a value (`q=`), and a second one, a sequence, or a second `+`
    /// to tell. Base64 ends in the same sign, and an address may have a `+` of its own.
    fn around(bytes: &[u8], at: usize) -> Self {
        let in_word = |byte: &&u8| byte.is_ascii_graphic() && !b"\"'<>`\\{}".contains(byte);
        let before = bytes.get(..at).unwrap_or_default().iter().rev().take(LONGEST).take_while(in_word).count();
        let end = at + bytes.get(at..).unwrap_or_default().iter().take(LONGEST).take_while(in_word).count();
        let word = bytes.get(at - before..end).unwrap_or_default();
        let query = word.iter().position(|byte| *byte == b'?').map_or(0, |at| at + 1);
        let pairs = word.get(query..).unwrap_or_default().split(|byte| *byte == b'&');
        let named = pairs.clone().filter(|pair| is_named(pair)).count();
        let has_sequence = (0..word.len()).any(|at| byte(word, at).is_some());
        let address = word.contains(&b'@');
        let plus = word.iter().filter(|byte| **byte == b'+').count();
        let told = query > 0 || named > 1 || has_sequence || (plus > 1 && !is_key(word));
        Self { end, spaces: named > 0 && named == pairs.count() && told && (!address || plus > 1) }
    }
}

/// Whether what a `+` parts is as random as base64 is: `KEY=G5SIhkRY+A6zx/Op+6fSG`.
fn is_key(word: &[u8]) -> bool {
    word.split(|byte| *byte == b'+').any(|part| {
        let has = |holds: fn(&u8) -> bool| part.iter().any(holds);
        part.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
    })
}

/// Whether it is a name with a value, and no base64 that ends in `=`.
fn is_named(pair: &[u8]) -> bool {
    let Some(sign) = pair.iter().position(|byte| *byte == b'=') else { return false };
    let (name, value) = pair.split_at(sign);
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-[]%".contains(byte);
    !name.is_empty() && name.iter().all(in_name) && !value.get(1..).unwrap_or_default().contains(&b'=')
}

#[cfg(test)]
mod tests {
    use super::encoded;

    fn decoded(text: &str) -> String {
        let (mut out, mut at) = (String::new(), 0);
        for found in encoded(text) {
            out.push_str(text.get(at..found.start).unwrap_or_default());
            out.push(found.c);
            at = found.end;
        }
        out + text.get(at..).unwrap_or_default()
    }

    #[test]
    fn forms_and_urls_are_decoded() {
        for (text, read) in [
            ("card=4111+1111%201111%2D1111&x=1", "card=4111 1111 1111-1111&x=1"),
            ("https://x.example/?q=my+card+is+4111+1111", "https://x.example/?q=my card is 4111 1111"),
            ("tel=%2B49+30+901820", "tel=+49 30 901820"),
            ("q=call+me+at++1+415&x=a%20+1+415", "q=call me at +1 415&x=a +1 415"),
            ("name=%E5%8D%A1%E5%8F%B7&a=%C2%A0", "name=卡号&a=\u{a0}"),
            // No sequences, and no forms.
            ("100%2 %zz %C3 %E5%8D %", "100%2 %zz %C3 %E5%8D %"),
            ("%08x %d %s", "%08x %d %s"),
            ("a+b = c+d, x=1+2", "a+b = c+d, x=1+2"),
            ("mail jane+tag@example.com, m=jane+tag@example.com", "mail jane+tag@example.com, m=jane+tag@example.com"),
            ("API_KEY=G5SIhkRYw5cL+A6zx/OpKdw+5QN2v6fSGx", "API_KEY=G5SIhkRYw5cL+A6zx/OpKdw+5QN2v6fSGx"),
            ("AccountKey=q7Xk2Mz4vB3nTr5wJ6lDp9Hs+Ab3+x==", "AccountKey=q7Xk2Mz4vB3nTr5wJ6lDp9Hs+Ab3+x=="),
        ] {
            assert_eq!(decoded(text), read);
        }
    }
}
