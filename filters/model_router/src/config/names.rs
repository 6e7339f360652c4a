//! What may be a name in the configuration. Each check gives the name in the form that is compared with, or a fault
//! without a key: the caller knows where it stands.

use policy::Faults;

/// Header fields that HTTP itself or other filters need, and which the router must not own.
const RESERVED: [&str; 14] = [
    "host",
    "connection",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
    "authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api-version",
];

/// A header's name, in lower case.
pub(crate) fn header(name: &str) -> Result<String, Faults> {
    if is_token(name) { Ok(name.to_ascii_lowercase()) } else { Err(fault("is no header name")) }
}

/// The name of a header that is removed from each request, in lower case.
pub(crate) fn owned_header(name: &str) -> Result<String, Faults> {
    let name = header(name)?;
    if RESERVED.contains(&name.as_str()) {
        return Err(fault("cannot be owned: requests need it for something else; choose another name"));
    }
    Ok(name)
}

/// A cookie's name.
pub(crate) fn cookie(name: &str) -> Result<String, Faults> {
    if is_token(name) { Ok(name.to_owned()) } else { Err(fault("is no cookie name")) }
}

/// A text of some characters, none of them a control character.
pub(crate) fn text(name: &str) -> Result<String, Faults> {
    let odd = name.trim().is_empty() || name.contains(char::is_control);
    if odd { Err(fault("is empty or has a control character")) } else { Ok(name.to_owned()) }
}

/// What a model is called upstream: it stands in bodies and in paths.
pub(crate) fn upstream(name: &str) -> Result<String, Faults> {
    let text = text(name)?;
    if text.split('/').any(|part| matches!(part, "." | "..")) {
        return Err(fault("has a part that is `.` or `..`, which no path can hold"));
    }
    Ok(text)
}

/// A model's name: it stands in a header, in a metric and in lists of permissions, which part their entries by commas.
pub(crate) fn model(name: &str) -> Result<String, Faults> {
    let text = upstream(name)?;
    if text.contains(['*', ',']) {
        return Err(fault("is one model's name, without `*` and `,`; patterns go to `aliases`"));
    }
    if text.trim() != text || text.starts_with('!') || text.len() > 256 {
        return Err(fault("has spaces around it, a `!` in front, or more than 256 bytes"));
    }
    Ok(text)
}

/// A version's name: it stands in a header and in a metric.
pub(crate) fn version(name: &str) -> Result<String, Faults> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let fits = (1..=64).contains(&name.len()) && name.chars().all(plain);
    if fits { Ok(name.to_owned()) } else { Err(fault("a version's name has 1 to 64 letters, digits, `_`, `-` or `.`")) }
}

/// A token (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn fault(message: &str) -> Faults {
    let mut faults = Faults::new();
    faults.push("", message);
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_tokens_in_lower_case() {
        assert_eq!(header("X-Model"), Ok("x-model".to_owned()));
        for odd in ["", ":path", "x y", "x:y", "é"] {
            assert!(header(odd).is_err(), "{odd}");
        }
        assert!(owned_header("Content-Length").is_err());
        assert!(owned_header("Authorization").is_err());
    }

    #[test]
    fn names_stay_what_headers_and_lists_can_hold() {
        assert!(model("org/llama-3.1 8B").is_ok());
        for odd in ["", " ", "a*", "a,b", "a\nb", " a", "!a", "..", "a/./b"] {
            assert!(model(odd).is_err(), "{odd}");
        }
        for odd in ["", "a b", "a;b", "é"] {
            assert!(version(odd).is_err(), "{odd}");
        }
        assert!(version("2024-06-01_a.b").is_ok());
    }
}
