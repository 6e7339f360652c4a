//! For whom a limit counts apart: names that are the same on every gateway.

use crate::config::{Per, Store};
use crate::limits::Limit;
use policy::{Facts, Identity};
use siphasher::sip128::{Hasher128, SipHasher24};
use std::cell::OnceCell;
use std::fmt::Write;
use std::hash::Hasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest name that the service takes is 256 bytes; a longer one ends with a hash.
const MAX_NAME: usize = 200;

/// A limit for one caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// `<limit>|consumer=alice|model=m`. Callers' names stand in it as they are, header values as hashes. Empty for a limit that is
    /// kept here, where nobody reads it.
    pub name: String,
    /// Stable, of the name.
    pub hash: u128,
    /// Stable, of the caller alone: all limits of one caller are kept together.
    pub caller: u128,
}

/// What keys are made of.
pub(crate) struct Caller<'a> {
    pub facts: &'a dyn Facts,
    pub identity: &'a Identity,
    /// Written small.
    pub model: Option<&'a str>,
    /// The client's address, once it was asked for.
    pub address: OnceCell<String>,
    /// What the limit before counted by, and its number: the next one is often about the same caller.
    pub last: Option<(&'a [Per], String, u128)>,
}

impl<'a> Caller<'a> {
    /// The key of a limit.
    pub fn key(&mut self, limit: &'a Limit) -> Key {
        let (parts, caller) = match self.last.take() {
            Some((per, parts, caller)) if *per == *limit.per => (parts, caller),
            _ => {
                let mut parts = String::with_capacity(64);
                for per in &limit.per {
                    self.push(&mut parts, per);
                }
                let caller = hash(&[&parts]);
                (parts, caller)
            }
        };
        let whole = hash(&[&limit.name, &parts]);
        let name = match limit.name.len() + parts.len() {
            _ if limit.store == Store::Local => String::new(),
            length if length > MAX_NAME => format!("{}|hash={caller:032x}", limit.name),
            _ => [limit.name.as_str(), &parts].concat(),
        };
        self.last = Some((&limit.per, parts, caller));
        Key { name, hash: whole, caller }
    }

    fn push(&self, parts: &mut String, per: &Per) {
        match per {
            Per::Consumer => self.named(parts, "consumer", self.identity.consumer.as_deref()),
            Per::Tenant => self.named(parts, "tenant", self.identity.tenant.as_deref()),
            Per::Tier => self.named(parts, "tier", self.identity.tier.as_deref()),
            Per::Model => part(parts, "model", self.model.unwrap_or_default()),
            Per::Route => {
                let route = self.facts.attribute(&["xds", "route_name"]).unwrap_or_default();
                part(parts, "route", &String::from_utf8_lossy(&route));
            }
            Per::Address => part(parts, "address", self.address()),
            Per::Header(header) => {
                let value = self.facts.header(header).unwrap_or_default();
                part(parts, header, &format!("{:032x}", hash(&[value])));
            }
        }
    }

    /// A caller without this field counts by its address, apart from all who have the field.
    fn named(&self, parts: &mut String, field: &str, value: Option<&str>) {
        match value {
            Some(value) => part(parts, field, value),
            None => part(parts, "address", self.address()),
        }
    }

    /// The client's, as [`address_of`] reads it.
    fn address(&self) -> &str {
        self.address.get_or_init(|| self.read_address())
    }

    fn read_address(&self) -> String {
        let text = self.facts.attribute(&["source", "address"]).unwrap_or_default();
        std::str::from_utf8(&text).map(address_of).unwrap_or_default()
    }
}

/// An address without its port; an IPv4 address in IPv6 form is the IPv4 one. Of an IPv6 address the network of 64 bits, which one
/// customer has whole (RFC 6177): it would have a budget for each address otherwise. Empty for a Unix socket.
fn address_of(text: &str) -> String {
    // An IPv4 address has one spelling, which is there already.
    if let Some((address, _)) = text.rsplit_once(':').filter(|(address, _)| address.parse::<Ipv4Addr>().is_ok()) {
        return address.to_owned();
    }
    match text.parse::<SocketAddr>().map(|socket| socket.ip().to_canonical()) {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from(u128::from(address) >> 64 << 64).to_string(),
        Ok(address) => address.to_string(),
        Err(_) => String::new(),
    }
}

/// Adds a part that cannot be mistaken for two.
fn part(parts: &mut String, field: &str, value: &str) {
    parts.extend(["|", field, "="]);
    if memchr::memchr3(b'|', b'=', b'%', value.as_bytes()).is_none() {
        parts.push_str(value);
        return;
    }
    for c in value.chars() {
        match c {
            '|' | '=' | '%' => {
                let _ = write!(parts, "%{:02x}", u32::from(c));
            }
            c => parts.push(c),
        }
    }
}

/// SipHash-2-4 of 128 bits with a fixed key: the same on every gateway and in every version.
fn hash<B: AsRef<[u8]>>(parts: &[B]) -> u128 {
    let mut hasher = SipHasher24::new_with_keys(0x6d6f_6465_6c67_6174, 0x652d_6275_6467_6574);
    for part in parts {
        hasher.write(part.as_ref());
    }
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_pose_as_parts() {
        let mut one = String::new();
        part(&mut one, "consumer", "a|model=b");
        let mut two = String::new();
        part(&mut two, "consumer", "a");
        part(&mut two, "model", "b");
        assert_eq!(one, "|consumer=a%7cmodel%3db");
        assert_eq!(two, "|consumer=a|model=b");
    }

    #[test]
    fn a_customer_has_one_address() {
        for (text, address) in [
            ("192.0.2.1:5", "192.0.2.1"),
            ("[::ffff:192.0.2.1]:5", "192.0.2.1"),
            ("[2001:db8:0:1::2]:5", "2001:db8:0:1::"),
            ("[2001:db8:0:1:ffff::3]:6", "2001:db8:0:1::"),
            ("/run/socket", ""),
        ] {
            assert_eq!(address_of(text), address);
        }
    }

    #[test]
    fn hashes_never_change() {
        // Budgets that are stored would be forgotten.
        assert_eq!(format!("{:032x}", hash(&["tokens|consumer=alice"])), HASH);
        assert_eq!(format!("{:032x}", hash(&["tokens", "|consumer=", "alice"])), HASH);
    }

    const HASH: &str = "8b1c99855ca7fda8bb68db02c1ab65bb";
}
