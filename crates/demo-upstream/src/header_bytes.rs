//! Header values and settings as text: percent-encoded, so that any byte can be named. Not for paths or queries.

use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode, percent_encode};

const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// Decodes `%XX`; whatever is no such triple stays as it is.
pub(crate) fn decode(value: &[u8]) -> Vec<u8> {
    percent_decode(value).collect()
}

/// Encodes controls, `%` and all that is not ASCII. [`decode`] gives the bytes back.
pub(crate) fn encode(value: &[u8]) -> String {
    percent_encode(value, ESCAPED).to_string()
}

/// `name=value` with a percent-encoded value, as a header. `None` if it is not one.
pub(crate) fn header(pair: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let at = pair.iter().position(|byte| *byte == b'=')?;
    let (name, value) = pair.split_at(at);
    let name = HeaderName::from_bytes(name.trim_ascii()).ok()?;
    let value = HeaderValue::from_bytes(&decode(value.get(1..)?)).ok()?;
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_bytes_that_are_not_utf8() {
        let (name, value) = header(b"x-odd=a%ffb").unwrap();
        assert_eq!((name.as_str(), value.as_bytes()), ("x-odd", &b"a\xffb"[..]));
    }

    #[test]
    fn refuses_what_cannot_be_a_header() {
        assert!(header(b"no-value").is_none());
        assert!(header(b"x=line%0abreak").is_none());
        assert!(header(b"bad name=x").is_none());
    }

    proptest! {
        #[test]
        fn gives_every_byte_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), bytes);
        }
    }
}
