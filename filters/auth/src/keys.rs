//! API keys: looked up by digest in constant time, so that no comparison depends on a secret. Also how `modelgate keys`
//! makes and hashes them.

use crate::caller::{Caller, Models, More, check_names, permissions};
use crate::config::api_keys::{ApiKey, ApiKeys};
use crate::config::policy::Method;
use crate::credential::cache::{Cache, Numbers, Sha256, digest, from_hex, numbers};
use crate::credential::date::unix_secs;
use crate::jwt::token::Reason;
use crate::rules::address::Networks;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::{Faults, Glob};
use std::rc::Rc;

/// What a key begins with, so that secret scanners find one that leaked.
pub const PREFIX: &str = "mgk-";

/// All keys.
pub struct KeyTable {
    by_digest: Numbers,
    keys: Vec<Key>,
    pepper: Option<Vec<u8>>,
    /// The places of keys that were found, by another digest.
    seen: Cache<u32>,
}

/// The most keys whose place is remembered.
const MAX_SEEN: usize = 10_000;

struct Key {
    caller: Caller,
    limits: Option<Box<Limits>>,
}

/// When a key opens anything, where that is not always.
#[derive(Default, PartialEq, Eq)]
struct Limits {
    not_before: Option<i64>,
    expires: Option<i64>,
    disabled: bool,
}

impl std::fmt::Debug for KeyTable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} keys", self.keys.len())
    }
}

/// One value for all keys that say the same: the values, and their places by the digest of what says so.
struct Shared {
    places: Numbers,
    texts: Vec<Rc<str>>,
    models: Vec<Rc<Models>>,
}

impl Shared {
    fn text(&mut self, text: Option<String>) -> Option<Rc<str>> {
        let text = text?;
        let place = place_of(self.texts.len());
        let place = *self.places.entry(digest(text.as_bytes())).or_insert(place);
        if let Some(known) = self.texts.get(place as usize) {
            return Some(known.clone());
        }
        self.texts.push(text.into());
        self.texts.last().cloned()
    }

    fn models(&mut self, list: Option<Vec<String>>) -> Result<Option<Rc<Models>>, Faults> {
        let Some(list) = list else { return Ok(None) };
        // Of digests, so that no text has the digest of a list, and no other list either.
        let said: Vec<u8> = list.iter().flat_map(|entry| digest(entry.as_bytes()).to_le_bytes()).chain([0]).collect();
        let said = digest(&said);
        if let Some(known) = self.places.get(&said).and_then(|place| self.models.get(*place as usize)) {
            return Ok(Some(known.clone()));
        }
        let models = permissions(Some(&list), "models")?;
        self.places.insert(said, place_of(self.models.len()));
        self.models.extend(models.clone());
        Ok(models)
    }
}

fn place_of(end: usize) -> u32 {
    u32::try_from(end).unwrap_or(u32::MAX)
}

impl KeyTable {
    /// Checks all keys. `pepper` is the pepper, wherever it stands.
    ///
    /// # Errors
    /// Digests that are none or stand twice, times and networks that are none, a pepper that is short.
    pub fn new(raw: ApiKeys, pepper: Option<String>) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let pepper = pepper.map(String::into_bytes);
        if pepper.as_ref().is_some_and(|pepper| pepper.len() < 16) {
            faults.push("pepper", "is shorter than 16 bytes");
        }
        let mut table =
            Self { by_digest: numbers(), keys: Vec::with_capacity(raw.keys.len()), pepper, seen: Cache::new(MAX_SEEN) };
        let mut shared = Shared { places: numbers(), texts: Vec::new(), models: Vec::new() };
        for (at, key) in raw.keys.into_iter().enumerate() {
            let result = table.add(key, &mut shared);
            // The name of a key is made for the faulty ones alone: there may be very many.
            if let Err(part) = result {
                faults.extend(&format!("keys[{at}]"), part);
            }
        }
        faults.into_result().map(|()| table)
    }

    fn add(&mut self, raw: ApiKey, shared: &mut Shared) -> Result<(), Faults> {
        let mut faults = Faults::new();
        if raw.digests.is_empty() || raw.digests.len() > 2 {
            faults.push("digests", "holds one digest, or two while the key is rotated");
        }
        let number = place_of(self.keys.len());
        for (at, text) in raw.digests.iter().enumerate() {
            match self.digest_of_config(text) {
                Ok(sha256) if self.by_digest.insert(digest(&sha256), number).is_some() => {
                    faults.push(format!("digests[{at}]"), "stands twice: two callers cannot share a key");
                }
                Ok(_) => {}
                Err(message) => faults.push(format!("digests[{at}]"), message),
            }
        }
        let (tenant, tier) = (raw.tenant.as_ref(), raw.tier.as_ref());
        check_names(&[("consumer", Some(&raw.consumer)), ("tenant", tenant), ("tier", tier)], &mut faults);
        let more = faults.gather("", more(&raw)).flatten();
        let limits = faults.gather("", limits(&raw)).flatten();
        let models = faults.gather("", shared.models(raw.models)).flatten();
        faults.into_result()?;
        let (tenant, tier) = (shared.text(raw.tenant), shared.text(raw.tier));
        let caller = Caller { tenant, tier, models, more, ..Caller::new(Method::ApiKey, &raw.consumer) };
        self.keys.push(Key { caller, limits });
        Ok(())
    }

    fn digest_of_config(&self, text: &str) -> Result<Sha256, &'static str> {
        let (kind, hex) = text.split_once(':').unwrap_or_default();
        if kind == "hmac-sha256" && self.pepper.is_none() {
            return Err("is a digest with a pepper, and there is no `pepper`");
        }
        let known = matches!(kind, "sha256" | "hmac-sha256");
        known.then(|| from_hex(hex)).flatten().ok_or(
            "is no digest: sha256:<64 hexadecimal digits>, as `modelgate keys hash` prints it; never the key itself",
        )
    }

    /// The caller whose key this is. The time costs a question to the host, which few keys make necessary.
    ///
    /// # Errors
    /// Why it opens nothing.
    pub fn find(&self, key: &str, now: &dyn Fn() -> i64) -> Result<Caller, Reason> {
        let number = self.number(key.as_bytes()).ok_or("unknown key")?;
        let key = usize::try_from(number).ok().and_then(|at| self.keys.get(at)).ok_or("unknown key")?;
        if let Some(limits) = &key.limits {
            if limits.disabled {
                return Err("key disabled");
            }
            if limits.not_before.is_some_and(|from| now() < from) {
                return Err("key not valid yet");
            }
            if limits.expires.is_some_and(|until| now() >= until) {
                return Err("key expired");
            }
        }
        Ok(key.caller.clone())
    }
}

impl KeyTable {
    /// The place of a key. SHA-256 takes many times the instructions of the digest under which it is remembered.
    fn number(&self, key: &[u8]) -> Option<u32> {
        let quick = digest(key);
        if let Some(number) = self.seen.get(&quick, 0) {
            return Some(number);
        }
        let plain = self.by_digest.get(&digest(&hmac_sha256::Hash::hash(key)));
        let peppered = || self.by_digest.get(&digest(&hmac_sha256::HMAC::mac(key, self.pepper.as_ref()?)));
        let number = *plain.or_else(peppered)?;
        self.seen.put(quick, number, 0..i64::MAX);
        Some(number)
    }
}

fn limits(raw: &ApiKey) -> Result<Option<Box<Limits>>, Faults> {
    let mut faults = Faults::new();
    let mut time = |name: &str, text: Option<&String>| {
        let text = text?;
        let secs = unix_secs(text).and_then(|secs| i64::try_from(secs).ok());
        if secs.is_none() {
            faults.push(name, "is no time such as 2026-12-01T00:00:00Z");
        }
        secs
    };
    let not_before = time("not_before", raw.not_before.as_ref());
    let expires = time("expires_at", raw.expires_at.as_ref());
    if expires.is_some() && not_before >= expires {
        faults.push("expires_at", "is not after `not_before`");
    }
    faults.into_result()?;
    let limits = Limits { not_before, expires, disabled: raw.disabled };
    Ok((limits != Limits::default()).then(|| Box::new(limits)))
}

fn more(raw: &ApiKey) -> Result<Option<Rc<More>>, Faults> {
    let networks = Networks::new("cidrs", &raw.cidrs, &[])?;
    let routes = raw.routes.iter().map(|pattern| Glob::new(pattern)).collect();
    Ok(More { scopes: raw.scopes.clone(), routes, networks, ..More::default() }.kept())
}

/// A key of 256 random bits: [`PREFIX`] and base64url.
pub fn key_of(random: &[u8; 32]) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// The digest of a key as configurations hold it; with a pepper `hmac-sha256:…`.
pub fn hash(key: &str, pepper: Option<&str>) -> String {
    match pepper {
        None => format!("sha256:{}", to_hex(&hmac_sha256::Hash::hash(key.as_bytes()))),
        Some(pepper) => {
            format!("hmac-sha256:{}", to_hex(&hmac_sha256::HMAC::mac(key.as_bytes(), pepper.as_bytes())))
        }
    }
}

fn to_hex(digest: &Sha256) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
