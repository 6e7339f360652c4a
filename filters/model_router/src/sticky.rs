//! What identifies a caller for the split. Not who the caller is: that is `auth`'s to say.

use crate::config::{self, StickyBy, names};
use plugin::{Facts, Faults, RequestHead};
use policy::Identity;
use std::borrow::Cow;
use std::net::SocketAddr;

/// The prefix of the filter state in which `auth` hands claims over.
const CLAIM: &str = "modelgate.claim.";

/// The places of a value by which callers stay on a version, in order.
#[derive(Debug, Default)]
pub(crate) struct Sticky(Vec<Place>);

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Consumer,
    Header(String),
    Cookie(String),
    /// The filter state's key.
    Claim(String),
    SourceAddress,
}

impl Sticky {
    /// Checks the places.
    ///
    /// # Errors
    /// Names that cannot be, a place that stands twice, and none at all.
    pub fn compile(raw: &config::Sticky) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut places = Vec::new();
        if raw.by.is_empty() {
            faults.push("by", "is empty, so each request would be drawn anew; name a place, or leave `sticky` out");
        }
        for (at, by) in raw.by.iter().enumerate() {
            let key = format!("by[{at}]");
            let place = match by {
                StickyBy::Consumer => Some(Place::Consumer),
                StickyBy::SourceAddress => Some(Place::SourceAddress),
                StickyBy::Header(name) => {
                    faults.gather(&format!("{key}.header"), names::header(name)).map(Place::Header)
                }
                StickyBy::Cookie(name) => {
                    faults.gather(&format!("{key}.cookie"), names::cookie(name)).map(Place::Cookie)
                }
                StickyBy::Claim(name) => {
                    let claim = faults.gather(&format!("{key}.claim"), names::text(name));
                    claim.map(|name| Place::Claim(format!("{CLAIM}{name}")))
                }
            };
            if let Some(place) = place {
                if places.contains(&place) {
                    faults.push(key, "is there twice; the first one counts");
                }
                places.push(place);
            }
        }
        faults.into_result().map(|()| Self(places))
    }

    /// The value of the first place that has one.
    pub fn value<'a>(&self, head: &'a RequestHead, facts: &dyn Facts, identity: &'a Identity) -> Option<Cow<'a, [u8]>> {
        self.0.iter().find_map(|place| place.value(head, facts, identity))
    }
}

impl Place {
    fn value<'a>(&self, head: &'a RequestHead, facts: &dyn Facts, identity: &'a Identity) -> Option<Cow<'a, [u8]>> {
        let headers = &head.headers;
        let value = match self {
            Self::Consumer => identity.consumer.as_deref().map(|name| Cow::Borrowed(name.as_bytes())),
            Self::Header(name) => headers.get(name).map(Cow::Borrowed),
            Self::Cookie(name) => headers.get_all("cookie").find_map(|field| cookie(field, name)).map(Cow::Borrowed),
            Self::Claim(key) => facts.attribute(&[key]).map(Cow::Owned),
            Self::SourceAddress => {
                facts.attribute(&["source", "address"]).and_then(|text| address(&text)).map(Cow::Owned)
            }
        };
        value.filter(|value| !value.is_empty())
    }
}

/// The value of the first cookie of this name that has one (RFC 6265, section 4.2.1). Quotes are part of it.
fn cookie<'a>(field: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let pairs = field.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let mut values = pairs.filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    values.find(|value| !value.is_empty())
}

/// The address of `1.2.3.4:5` or `[::1]:5` as text, without its port; an IPv4 address in IPv6 form is the IPv4 one. A
/// Unix socket has none.
fn address(text: &[u8]) -> Option<Vec<u8>> {
    let socket: SocketAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(socket.ip().to_canonical().to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let field = b"a=1; uid=; xuid=2;uid=3 ; uid=4; odd; =5";
        assert_eq!(cookie(field, "uid"), Some(&b"3"[..]));
        assert_eq!(cookie(field, "a"), Some(&b"1"[..]));
        assert_eq!(cookie(field, "id"), None);
        assert_eq!(cookie(field, "odd"), None);
        assert_eq!(cookie(b"uid=\xff=\xfe", "uid"), Some(&b"\xff=\xfe"[..]));
    }

    #[test]
    fn one_client_is_one_address() {
        for (text, plain) in [
            ("10.0.0.1:1", "10.0.0.1"),
            ("10.0.0.1:65535", "10.0.0.1"),
            ("[::ffff:10.0.0.1]:1", "10.0.0.1"),
            ("[2001:DB8::1]:443", "2001:db8::1"),
        ] {
            assert_eq!(address(text.as_bytes()).as_deref(), Some(plain.as_bytes()), "{text}");
        }
        for odd in ["", "10.0.0.1", "/run/envoy.sock", "10.0.0.1:99999", "\u{fffd}"] {
            assert_eq!(address(odd.as_bytes()), None, "{odd}");
        }
    }

    #[test]
    fn faults_name_their_place() {
        let raw = config::Sticky {
            by: vec![
                StickyBy::Header("x y".into()),
                StickyBy::Cookie(String::new()),
                StickyBy::Consumer,
                StickyBy::Consumer,
                StickyBy::Header("X-User".into()),
                StickyBy::Header("x-user".into()),
                StickyBy::Claim("a\0b".into()),
            ],
            salt: None,
        };
        assert_eq!(
            Sticky::compile(&raw).unwrap_err().to_string(),
            "by[0].header: is no header name\n\
             by[1].cookie: is no cookie name\n\
             by[3]: is there twice; the first one counts\n\
             by[5]: is there twice; the first one counts\n\
             by[6].claim: is empty or has a control character"
        );
    }
}
