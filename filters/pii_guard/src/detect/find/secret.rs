//! Secrets by their own look: prefixes, tokens, keys, authorization.

use super::given::is_quote;
use super::{Found, run, run_back};
use crate::detect::groups::secrets::{PREFIXES, Tail};
use crate::detect::surroundings::Scene;

/// The secrets of all prefixes that are at `start`. `first` is the first that is so written but for its case.
pub fn prefixed(scene: &Scene<'_>, first: usize, start: usize, see: &mut dyn FnMut(Found)) {
    let Some((_, written, ..)) = PREFIXES.get(first) else { return };
    // What joins words is alike in the table: `api key` is no `api-`.
    if !scene.bytes.get(start..start + written.len()).is_some_and(|here| here.eq_ignore_ascii_case(written.as_bytes()))
    {
        return;
    }
    for (entity, literal, tail, least, most) in PREFIXES.iter().filter(|prefix| prefix.1.eq_ignore_ascii_case(written))
    {
        let from = start + literal.len();
        if scene.bytes.get(start..from) != Some(literal.as_bytes()) {
            continue;
        }
        let mut end = run(scene.bytes, from, most + 1, |b| tail.holds(b));
        while end > from && matches!(tail, Tail::Wide | Tail::Phc) && matches!(scene.at(end - 1), b'.' | b',') {
            end -= 1;
        }
        let length = end - from;
        let webhook = literal.contains(".com/");
        if webhook && length >= *least {
            // The whole address: from its scheme on, and with what Teams has behind its first part.
            end = run(scene.bytes, end, 200, |b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'@' | b'-'));
        }
        let begin = match *literal {
            _ if webhook => run_back(scene.bytes, start, 48, |b| {
                b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'/')
            }),
            // A bot's number stands before, a key's first part too.
            ":AA" => run_back(scene.bytes, start, 20, |b| b.is_ascii_alphanumeric()),
            // The sender's number of Firebase Cloud Messaging.
            ":APA91b" => run_back(scene.bytes, start, 11, |b| Tail::Url.holds(b)),
            "atlasv1." => run_back(scene.bytes, start, 20, |b| b.is_ascii_alphanumeric() || b == b'.'),
            "&sig=" | "?sig=" => start + 1,
            "SSHA}" | "SSHA512}" | "SHA}" => run_back(scene.bytes, start, 1, |b| b == b'{'),
            _ => start,
        };
        let short = (literal.len() < 4 && !matches!(*literal, ":AA")) || matches!(*literal, "api-" | "sdk-");
        let glued = scene.before(begin, 1).is_ascii_alphanumeric()
            || scene.before(begin, 1) == b'+'
            || (short && matches!(scene.before(begin, 1), b'_' | b'-'));
        let named = *literal != ":AA"
            || scene.bytes.get(begin..start).is_some_and(|id| id.len() >= 8 && id.iter().all(u8::is_ascii_digit));
        let body = scene.bytes.get(from..end).unwrap_or_default();
        // What words with hyphens could be too.
        let has = |holds: fn(&u8) -> bool| body.iter().any(holds);
        let named = named
            && match *literal {
                "A3-" => has(u8::is_ascii_digit) && !has(u8::is_ascii_lowercase),
                "api-" | "sdk-" | "pat-na1-" | "pat-eu1-" => is_uuid(body),
                "re_" => body.get(8) == Some(&b'_') && has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase),
                "sk.eyJ" | "pk.eyJ" => body.iter().rev().position(|b| *b == b'.') == Some(22),
                "pa-" => has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase),
                _ => true,
            };
        if length >= *least && length <= *most && !glued && named && is_random(body) {
            see(Found { entity, start: begin, end, score: Some(0.9) });
            return;
        }
    }
}

/// Whether text is a UUID (RFC 9562).
fn is_uuid(text: &[u8]) -> bool {
    let fits = |(at, b): (usize, &u8)| if matches!(at, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() };
    text.len() == 36 && text.iter().enumerate().all(fits)
}

/// Whether text is no word, no run of one character and no placeholder: enough different characters for its length.
pub fn is_random(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    body.iter().for_each(|b| {
        if let Some(seen) = seen.get_mut(usize::from(*b)) {
            *seen = true;
        }
    });
    let different = seen.iter().filter(|seen| **seen).count();
    different >= (body.len() / 3).clamp(4, 9)
}

/// A JSON Web Token at its `eyJ`: three parts, the first of which is a JSON object, or five where it is encrypted (RFC 7516).
pub fn jwt(scene: &Scene<'_>, start: usize, see: &mut dyn FnMut(Found)) {
    let part = |from: usize| run(scene.bytes, from, 8192, |b| Tail::Url.holds(b));
    if !scene.bytes.get(start..).is_some_and(|rest| rest.starts_with(b"eyJ"))
        || scene.before(start, 1).is_ascii_alphanumeric()
    {
        return;
    }
    let first = part(start);
    let second = part(first + 1);
    let end = part(second + 1);
    let json = scene.bytes.get(first + 1..first + 3) == Some(b"ey");
    if scene.at(first) == b'.' && scene.at(second) == b'.' && json && first - start >= 12 && end > second + 1 {
        see(Found { entity: "SECRET_JWT", start, end, score: Some(0.95) });
        return;
    }
    let fourth = part(end + 1);
    let fifth = part(fourth + 1);
    let dotted = [first, second, end, fourth].iter().all(|dot| scene.at(*dot) == b'.');
    if dotted && first - start >= 12 && end > second + 1 && fifth > fourth + 1 {
        see(Found { entity: "SECRET_JWT", start, end: fifth, score: Some(0.95) });
    }
}

/// A private key in its armour (RFC 7468), to its end or to that of the text.
pub fn pem(scene: &Scene<'_>, start: usize, see: &mut dyn FnMut(Found)) {
    // What joins words is alike in the table, and may be left out.
    if !scene.bytes.get(start..).is_some_and(|rest| rest.starts_with(b"-----BEGIN ")) {
        return;
    }
    let label = run(scene.bytes, start + 11, 48, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
    let name = scene.bytes.get(start + 11..label).unwrap_or_default();
    if !name.ends_with(b"PRIVATE KEY") && !name.ends_with(b"PRIVATE KEY BLOCK") {
        return;
    }
    let rest = scene.bytes.get(label..).unwrap_or_default();
    // A constant of code has no key behind it.
    let body = rest.strip_prefix(b"-----").unwrap_or_default().trim_ascii_start();
    if body.first().is_some_and(|b| is_quote(*b)) {
        return;
    }
    let end = match memchr::memmem::find(rest, b"-----END ") {
        Some(at) => {
            let foot =
                run(scene.bytes, label + at + 9, 48, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
            run(scene.bytes, foot, 5, |b| b == b'-')
        }
        None => scene.bytes.len(),
    };
    see(Found { entity: "SECRET_PRIVATE_KEY", start, end, score: Some(0.98) });
}

/// The lines of a private key of PuTTY (format 2 and 3), at the field that counts them.
pub fn putty(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let count = run(scene.bytes, end, 5, |b| b == b' ' || b.is_ascii_digit());
    let mut to = count;
    for _ in 0..100 {
        let line = run(scene.bytes, to, 2, |b| matches!(b, b'\n' | b'\r'));
        let last = run(scene.bytes, line, 80, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
        if line == to || last < line + 8 || scene.at(last) == b'-' {
            break;
        }
        to = last;
    }
    if to > count {
        see(Found { entity: "SECRET_PRIVATE_KEY", start, end: to, score: Some(0.98) });
    }
}

/// The password that `curl -u name:password` has, behind `curl `.
pub fn curl(scene: &Scene<'_>, end: usize, see: &mut dyn FnMut(Found)) {
    let line = run(scene.bytes, end, 400, |b| b != b'\n');
    let rest = scene.bytes.get(end - 1..line).unwrap_or_default();
    let option = [&b" -u "[..], b" --user ", b" -u", b" --user="]
        .iter()
        .find_map(|option| memchr::memmem::find(rest, option).map(|at| end - 1 + at + option.len()));
    let Some(from) = option else { return };
    let from = run(scene.bytes, from, 1, |b| matches!(b, b'"' | b'\''));
    let to = run(scene.bytes, from, 160, |b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`'));
    let value = scene.bytes.get(from..to).unwrap_or_default();
    let Some(colon) = value.iter().position(|b| *b == b':') else { return };
    let first = value.get(colon + 1).copied().unwrap_or(b'$');
    if value.len() - colon > 4 && !matches!(first, b'$' | b'<' | b'{' | b'*' | b'/') {
        see(Found { entity: "SECRET_BASIC_AUTH", start: from, end: to, score: Some(0.8) });
    }
}

/// A key that is known by what it ends with, in the group from `start` to `end`: one of Azure's services (84 characters with `JQQJ99`
/// or `AZDO` in their place), of Mailchimp (`…-us12`), or of Airtable (`pat`, 14 characters, a dot,
/// and 64 hexadecimal digits).
pub fn suffixed(scene: &Scene<'_>, start: usize, end: usize) -> Option<Found> {
    let value = scene.bytes.get(start..end)?;
    let azure = value.len() == 84 && (value.get(52..58) == Some(b"JQQJ99") || value.get(76..80) == Some(b"AZDO"));
    if azure {
        return Some(Found { entity: "SECRET_AZURE", start, end, score: Some(0.95) });
    }
    if value.len() == 17 && value.starts_with(b"pat") && scene.at(end) == b'.' {
        let to = run(scene.bytes, end + 1, 65, |b| Tail::Hex.holds(b));
        let fits = to == end + 65 && !scene.at(to).is_ascii_alphanumeric() && is_random(value);
        return fits.then_some(Found { entity: "SECRET_VENDOR", start, end: to, score: Some(0.95) });
    }
    let center =
        value.len() == 32 && scene.bytes.get(end..end + 3) == Some(b"-us") && value.iter().all(u8::is_ascii_hexdigit);
    let to = run(scene.bytes, end + 3, 3, |b| b.is_ascii_digit());
    let fits = center && (1..=2).contains(&(to - end - 3)) && !scene.at(to).is_ascii_alphanumeric();
    (fits && is_random(value)).then_some(Found { entity: "SECRET_VENDOR", start, end: to, score: Some(0.9) })
}

/// Credentials behind `Basic` or `Bearer`.
pub fn authorization(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    // `basic_auth_header` is a name.
    if scene.at(end - 1) != b' ' {
        return;
    }
    let to = run(scene.bytes, end, 4096, |b| Tail::Wide.holds(b) || b == b'~');
    let body = scene.bytes.get(end..to).unwrap_or_default();
    let mixed = body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_alphabetic);
    let header = memchr::memmem::find(
        &scene.bytes.get(start.saturating_sub(24)..start).unwrap_or_default().to_ascii_lowercase(),
        b"authorization",
    );
    let least = if header.is_some() { 8 } else { 20 };
    if !scene.before(start, 1).is_ascii_alphanumeric()
        && body.len() >= least
        && (mixed || header.is_some())
        && is_random(body)
    {
        see(Found { entity: "SECRET_BASIC_AUTH", start: end, end: to, score: Some(0.85) });
    }
}

/// The user and password in base64 of a registry of containers, behind `auths` in a file of Docker's: `"auth": "…"`.
pub fn auths(scene: &Scene<'_>, end: usize, see: &mut dyn FnMut(Found)) {
    const NAME: &[u8] = b"\"auth\"";
    let block = scene.bytes.get(end..run(scene.bytes, end, 90, |_| true)).unwrap_or_default();
    let Some(at) = memchr::memmem::find(block, NAME) else { return };
    let from = run(scene.bytes, end + at + NAME.len(), 6, |b| b" :\"\n".contains(&b));
    let to = run(scene.bytes, from, 512, |b| Tail::Wide.holds(b));
    if to >= from + 8 && scene.at(to) == b'"' && scene.before(from, 1) == b'"' {
        see(Found { entity: "SECRET_BASIC_AUTH", start: from, end: to, score: Some(0.85) });
    }
}

/// A client secret of Microsoft Entra ID (Azure AD) at its `~`: three characters, a digit, `Q~`, and 31 to 34 more.
pub fn azure(scene: &Scene<'_>, at: usize) -> Option<Found> {
    let holds = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'~');
    let start = run_back(scene.bytes, at - 2, 3, holds);
    let mut end = run(scene.bytes, at + 1, 36, |b| holds(b) || b == b'-');
    // It can end with a full stop, as a sentence does.
    if scene.at(end - 1) == b'.' && end > at + 32 {
        end -= 1;
    }
    let fits = start + 5 == at
        && (31..=34).contains(&(end - at - 1))
        && !scene.before(start, 1).is_ascii_alphanumeric()
        && is_random(scene.bytes.get(at + 1..end)?);
    fits.then_some(Found { entity: "SECRET_AZURE", start, end, score: Some(0.9) })
}

/// A token of a Discord bot, whose first part is the group from `start` to `end`: the bot's number (17 to 20 digits) in base64, a
/// time, and a signature.
pub fn discord(scene: &Scene<'_>, start: usize, end: usize) -> Option<Found> {
    let part = |from: usize, most: usize| run(scene.bytes, from, most + 1, |b| Tail::Url.holds(b));
    let number = scene.bytes.get(start..end)?;
    if !matches!(number.len(), 23 | 24 | 26 | 27) || !number.chunks(4).all(is_number) {
        return None;
    }
    let time = part(end + 1, 6);
    let last = part(time + 1, 38);
    let fits = scene.at(end) == b'.'
        && time == end + 7
        && scene.at(time) == b'.'
        && (27..=38).contains(&(last - time - 1))
        && !matches!(scene.before(start, 1), b'.' | b'-' | b'_' | b'/');
    fits.then_some(Found { entity: "SECRET_VENDOR", start, end: last, score: Some(0.95) })
}

/// Whether up to four characters of base64 are one to three digits.
fn is_number(four: &[u8]) -> bool {
    let bits = four.iter().try_fold(0_u32, |bits, byte| {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            _ => return None,
        };
        Some(bits << 6 | u32::from(value))
    });
    let bytes = bits.map(|bits| (bits << (6 * (4 - four.len().min(4)))).to_be_bytes());
    bytes.is_some_and(|[_, bytes @ ..]| bytes.iter().take(four.len() - 1).all(u8::is_ascii_digit))
}
