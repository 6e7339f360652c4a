//! How values look: as passwords and keys do, or as words, names and types of code.

use super::given::humps;
use super::secret::is_random;
use super::spoken::is_other;

/// Whether a value has three of: capital letters, small ones, digits, signs; and does not call anything.
pub fn is_mixed(value: &[u8]) -> bool {
    let has = |holds: fn(&u8) -> bool| usize::from(value.iter().any(holds));
    has(u8::is_ascii_uppercase) + has(u8::is_ascii_lowercase) + has(u8::is_ascii_digit) + has(u8::is_ascii_punctuation)
        >= 3
        && has(u8::is_ascii_digit) == 1
        && value.len() >= 6
        && !value.iter().any(|b| b"/[]".contains(b))
        && !is_code(value)
}

/// Whether a value without digits is none of a word or a name of things: `BlueRiver!`, `tK#vLm^q`, `tRGwQxnAnx`.
pub fn is_jumbled(value: &[u8]) -> bool {
    if value.len() < 8 {
        return false;
    }
    let sign = |b: &u8| b"!#$%^*?@&".contains(b);
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let small = value.iter().any(u8::is_ascii_lowercase);
    let capital = value.iter().any(u8::is_ascii_uppercase);
    let inside = value.get(1..value.len().saturating_sub(1)).unwrap_or_default();
    // Names of things have a capital letter for each of their words: `MacBookPro`.
    let changes = value.windows(2).filter(|two| matches!(two, [one, next] if one & 0x20 != next & 0x20)).count();
    let signed = inside.iter().any(sign) || (humps(value) > 0 && value.last().is_some_and(sign));
    letters >= 4
        && value.iter().all(|b| b.is_ascii_alphabetic() || sign(b) || b"-_.+~".contains(b))
        && small
        && capital
        && (signed || (changes * 2 > value.len() && letters == value.len()))
        && !(value.contains(&b'@') && value.contains(&b'.'))
        && !is_code(value)
}

/// Whether a value cannot well be a word.
pub fn is_odd(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    is_mixed(value) || is_jumbled(value) || (digits > 1 && is_numbered(value) && !is_step(value))
}

/// Whether a value is a word with digits behind it, and no algorithm's name: `hunter2`.
pub fn is_numbered(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let digits = value.get(letters..).unwrap_or_default();
    value.len() >= 6 && letters >= 3 && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Whether a value in small letters is the name of an algorithm or a standard, with its number, or a range: `sha-256`, `oauth2`, `8-64`.
fn is_standard(value: &[u8]) -> bool {
    const NAMES: &[u8] = b"|sha|md|base|oauth|argon|pbkdf|http|aes|rsa|hs|rs|es|ps|utf|iso|rfc|tls|ssl|hmac|pkcs|fips|nist|ed|x|level|step|";
    let letters = value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (name, number) = value.split_at_checked(letters).unwrap_or_default();
    let named = name.is_empty() || memchr::memmem::find(NAMES, &[b"|", name, b"|"].concat()).is_some();
    let digits = number.iter().filter(|b| b.is_ascii_digit()).count();
    let range = !name.is_empty() || number.contains(&b'-');
    named
        && range
        && (1..=6).contains(&digits)
        && number.iter().filter(|b| !b.is_ascii_digit()).all(|b| matches!(b, b'-' | b'.' | b'_' | b'i' | b'd'))
}

/// Whether a value has a sign that names have not.
pub fn has_sign(value: &[u8]) -> bool {
    value.iter().any(|b| b"!@#$%^&*?+".contains(b))
}

/// Whether a word with digits behind it counts steps, or is a name with a number: `level3`, `password2`.
pub fn is_step(value: &[u8]) -> bool {
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
const KEYWORDS: [&[u8]; 17] = [
    b"1password",
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
pub fn is_named(value: &[u8], bare: bool) -> bool {
    let letters = value.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
    let humped = humps(value) > 0;
    // `SEC_ERROR_BASE`
    let constant = value.contains(&b'_') && value.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    let small = value.first().is_some_and(u8::is_ascii_lowercase);
    let name = if bare { small && humped } else { !value.iter().all(u8::is_ascii_lowercase) };
    matches!(value.first(), Some(b'*' | b'&'))
        || memchr::memmem::find(value, b"::").is_some()
        || (letters && name)
        || constant
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
        b"tbd",
        b"n/a",
    ];
    let rest = value.get(1..).unwrap_or_default();
    let variable = match first {
        b'{' | b'<' | b'[' | b'(' | b',' => true,
        b'$' | b'%' => rest.iter().all(|b| b.is_ascii_alphanumeric() || b"_{}()%.->".contains(b)),
        // A tag of YAML.
        b'!' => rest.iter().all(u8::is_ascii_lowercase),
        b'/' => rest.contains(&b'/') && !rest.iter().any(u8::is_ascii_uppercase),
        _ => value.iter().all(|b| *b == first),
    };
    !variable
        && !is_standard(&lower)
        && !KEYWORDS.contains(&lower.as_slice())
        && !lower.starts_with(b"***")
        && memchr::memmem::find(&lower, b"://").is_none()
        && !told.iter().any(|word| lower.starts_with(word))
}

/// Whether a value is as random as a key.
pub fn is_secret(value: &[u8]) -> bool {
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|b| holds(b)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    // Names in code have a capital letter now and then, random text has as many of both.
    let cases = count(u8::is_ascii_uppercase) * 4 >= letters && count(u8::is_ascii_lowercase) * 4 >= letters;
    let plain = value.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=_-.~!@#$%^&*".contains(b));
    // `projects/123/secrets/db`
    let path = value.contains(&b'/') && !value.iter().any(u8::is_ascii_uppercase);
    !path && digits + usize::from(cases) >= 2 && letters >= 4 && plain && is_random(value) && is_value(value)
}
