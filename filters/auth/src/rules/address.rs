//! Networks (CIDR, RFC 4632 and RFC 4291) and the addresses that callers come from.

use policy::Faults;
use std::net::IpAddr;

/// A network. IPv4 is kept as IPv4-mapped IPv6, so that both spellings of an address are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    mask: u128,
}

/// Networks that are let in and networks that are shut out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    allow: Vec<Network>,
    deny: Vec<Network>,
}

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or an address alone. `None` where it is neither, or has bits behind the prefix.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let (whole, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let prefix: u32 = match prefix {
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            Some(_) => return None,
            None => whole,
        };
        if prefix > whole {
            return None;
        }
        let mask = u128::MAX.checked_shl(128 - prefix - offset).unwrap_or(0);
        let bits = mapped(address);
        (bits & !mask == 0).then_some(Self { bits, mask })
    }

    fn holds(self, address: u128) -> bool {
        address & self.mask == self.bits
    }
}

impl Networks {
    /// Reads both lists; the first is under this key, the second under `deny`.
    ///
    /// # Errors
    /// Entries that are no network.
    pub fn new(key: &str, allow: &[String], deny: &[String]) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut read = |key: &str, texts: &[String]| {
            let mut networks = Vec::new();
            for (at, text) in texts.iter().enumerate() {
                match Network::parse(text) {
                    Some(network) => networks.push(network),
                    None => faults.push(
                        format!("{key}[{at}]"),
                        "is no network such as 10.0.0.0/8 or 2001:db8::/32, or has bits behind its prefix",
                    ),
                }
            }
            networks
        };
        let networks = Self { allow: read(key, allow), deny: read("deny", deny) };
        faults.into_result().map(|()| networks)
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// Whether a caller from `source` is let in. An address that cannot be read is not, unless nothing is said.
    pub fn admit(&self, source: Option<&[u8]>) -> bool {
        if self.is_empty() {
            return true;
        }
        let Some(address) = source.and_then(address) else { return false };
        let within = |networks: &[Network]| networks.iter().any(|network| network.holds(address));
        !within(&self.deny) && (self.allow.is_empty() || within(&self.allow))
    }
}

impl Networks {
    /// The same, where the address costs a question that is asked only if it counts.
    pub fn admit_of(&self, source: impl FnOnce() -> Option<Vec<u8>>) -> bool {
        self.is_empty() || self.admit(source().as_deref())
    }
}

/// The address in `source.address`: `1.2.3.4:567`, `[2001:db8::1]:567`, `[fe80::1%eth0]:567`, with or without its port.
fn address(source: &[u8]) -> Option<u128> {
    let text = std::str::from_utf8(source).ok()?;
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if text.matches(':').count() == 1 => text.split(':').next()?,
        None => text,
    };
    let unscoped = bare.split('%').next()?;
    unscoped.parse().ok().map(mapped)
}

fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
    .to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(allow: &[&str], deny: &[&str]) -> Networks {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Networks::new("allow", &owned(allow), &owned(deny)).unwrap()
    }

    #[test]
    fn both_spellings_of_an_address_are_one() {
        let inside = networks(&["10.0.0.0/8", "fe80::/10"], &["10.9.0.0/16"]);
        for source in ["10.1.2.3:5", "[::ffff:10.1.2.3]:5", "10.1.2.3", "[fe80::1%eth0]:5", "::ffff:a01:203"] {
            assert!(inside.admit(Some(source.as_bytes())), "{source}");
        }
        for source in ["10.9.2.3:5", "[::ffff:10.9.0.1]:5", "11.0.0.1:5", "[::1]:5", "", "unix", "[fe80::1"] {
            let admitted = inside.admit(Some(source.as_bytes()));
            assert_eq!(admitted, source == "[fe80::1", "{source}");
        }
        assert!(!inside.admit(None));
        assert!(Networks::default().admit(None));
    }

    #[test]
    fn denial_alone_lets_the_others_in() {
        let shut = networks(&[], &["0.0.0.0/0"]);
        assert!(!shut.admit(Some(b"1.2.3.4:5")));
        assert!(shut.admit(Some(b"[2001:db8::1]:5")));
        assert!(networks(&["::/0"], &[]).admit(Some(b"1.2.3.4:5")));
    }

    #[test]
    fn networks_are_written_exactly() {
        for text in ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "a", "", "::/129", "10.0.0/8"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
