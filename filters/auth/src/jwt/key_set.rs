//! A JWK Set (RFC 7517 section 5), read as a gateway must: what is odd is left out, what is dangerous refuses the set.

use crate::jwt::algorithm::{Algorithm, Kind};
use crate::jwt::json::Json;
use crate::jwt::signature::{HostVerify, Material};
use crate::jwt::token::Jws;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The most keys of one set.
const MAX_KEYS: usize = 100;

/// The most keys that are tried for a token that does not name its key.
const MAX_TRIED: usize = 8;

/// A key with the one algorithm that it is used with.
#[derive(Debug)]
pub struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    material: Material,
}

/// Keys of one issuer. Never empty.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
    /// Why entries were left out.
    pub skipped: Vec<&'static str>,
}

/// Where a set comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The configuration: it may hold shared secrets, and none of its keys may be broken or weak.
    Configuration,
    /// The network: it holds public keys, and what cannot be used is left out.
    Network,
    /// A test of a signature: it may hold secrets, and what cannot be used is left out.
    Mixed,
}

/// Why a key is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is for something else, or of a kind that is not spoken here: a reader of a set leaves it out (RFC 7517 section 5).
    Foreign(&'static str),
    /// It is broken or weak.
    Faulty(&'static str),
}

impl Unfit {
    /// Why, in fixed words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Foreign(reason) | Self::Faulty(reason) => reason,
        }
    }
}

/// What came of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The signature is a key's of this set.
    Valid,
    /// It is not.
    Invalid,
    /// It may be that of a key which is not in this set: the token names another, or none.
    UnknownKey,
}

impl KeySet {
    /// Reads the text of a set.
    ///
    /// # Errors
    /// No JSON, and those of [`read`](Self::read).
    pub fn parse(text: &[u8], origin: Origin, allowed: &[Algorithm]) -> Result<Self, &'static str> {
        let set = Json::parse(text).ok_or("no JSON, or a member twice")?;
        Self::read(&set, origin, allowed).map_err(|(_, reason)| reason)
    }

    /// Reads a set. `allowed` are the algorithms of its issuer: a key without `alg` gets the first that suits it, so that
    /// each key has one (RFC 8725 section 3.1).
    ///
    /// # Errors
    /// No object with `keys`; over 100 keys; one `kid` for two keys of one algorithm (in a test of a signature, for one key twice); secrets beside public keys (the door to
    /// algorithm confusion), or from the network; no key that can be used; in the configuration, any key that is broken or weak.
    /// With the place of the key that is at fault, where it is one.
    pub fn read(set: &Json<'_>, origin: Origin, allowed: &[Algorithm]) -> Result<Self, (Option<usize>, &'static str)> {
        let entries = set.get("keys").and_then(Json::list).ok_or((None, "no JWK Set: it has no list `keys`"))?;
        if entries.len() > MAX_KEYS {
            return Err((None, "more than 100 keys"));
        }
        let kinds = entries.iter().filter_map(|entry| entry.get("kty")).filter_map(Json::text);
        let secrets = kinds.clone().filter(|kind| *kind == "oct").count();
        if secrets > 0 && secrets < kinds.count() {
            return Err((None, "shared secrets and public keys in one set"));
        }
        if secrets > 0 && origin == Origin::Network {
            return Err((None, "shared secrets in a public key set"));
        }
        let mut keys: Vec<Key> = Vec::new();
        let mut skipped = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            // OpenID Connect Discovery 1.0 section 3, `jwks_uri`: whoever reads such a set can sign.
            let is_private = origin != Origin::Mixed && entry.get("d").is_some();
            let key = if is_private { Err(Unfit::Faulty("a private key")) } else { Key::parse(entry, allowed) };
            match key {
                // One key under one name twice is one key, but where sets are judged and not used.
                Ok(key) if origin != Origin::Mixed && keys.iter().any(|known| known.is(&key)) => {}
                Ok(key) => keys.push(key),
                Err(Unfit::Faulty(reason)) if origin == Origin::Configuration => return Err((Some(at), reason)),
                Err(unfit) => skipped.push(unfit.reason()),
            }
        }
        for (at, key) in keys.iter().enumerate() {
            let twin = |other: &Key| other.kid == key.kid && other.algorithm == key.algorithm;
            if key.kid.is_some() && keys.iter().skip(at + 1).any(twin) {
                return Err((None, "one kid stands for two keys"));
            }
        }
        match (keys.is_empty(), skipped.first()) {
            (false, _) => Ok(Self { keys, skipped }),
            // All were left out, the first as well.
            (true, Some(reason)) if origin == Origin::Configuration => Err((Some(0), reason)),
            (true, _) => Err((None, "no key that can be used")),
        }
    }

    /// Whether a token's signature is one of this set's.
    ///
    /// A token that names a key is checked with that one; keys without a name are tried for every token, and for a token
    /// that names none all of its algorithm, at most eight.
    pub fn verify(&self, token: &Jws<'_>, host: HostVerify<'_>) -> Verdict {
        let wanted = token.header.kid.as_ref();
        let named = self.keys.iter().filter(|key| wanted.is_some() && key.kid.as_ref() == wanted);
        let others = self.keys.iter().filter(|key| wanted.is_none() || key.kid.is_none());
        // The one that is named first, so that it is not beyond the last that is tried.
        let fits = |key: &&Key| key.algorithm == token.header.algorithm;
        let is_named = named.clone().next().is_some();
        for key in named.chain(others).filter(fits).take(MAX_TRIED) {
            if key.verify(token, host) {
                return Verdict::Valid;
            }
        }
        if is_named { Verdict::Invalid } else { Verdict::UnknownKey }
    }

    /// How many keys there are.
    pub fn count(&self) -> usize {
        self.keys.len()
    }
}

impl Key {
    /// Reads a key.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn parse(entry: &Json<'_>, allowed: &[Algorithm]) -> Result<Self, Unfit> {
        match entry.get("use") {
            None | Some(Json::Null) => {}
            // The second in a bundle of SPIFFE (SPIFFE Trust Domain and Bundle, section 4.2.2).
            Some(Json::Text(usage)) if matches!(&**usage, "sig" | "jwt-svid") => {}
            Some(Json::Text(_)) => return Err(Unfit::Foreign("a key that is not for signatures")),
            Some(_) => return Err(Unfit::Faulty("a use that is no string")),
        }
        let verifies = |list: &[Json<'_>]| list.iter().any(|operation| operation.text() == Some("verify"));
        let operations = entry.get("key_ops").filter(|operations| **operations != Json::Null);
        if operations.is_some_and(|operations| !operations.list().is_some_and(verifies)) {
            return Err(Unfit::Foreign("a key whose key_ops do not hold `verify`"));
        }
        let kid = match entry.get("kid") {
            None | Some(Json::Null) => None,
            Some(Json::Text(kid)) => Some(kid.clone().into_owned()),
            Some(_) => return Err(Unfit::Faulty("a kid that is no string")),
        };
        // Before the key is read: it may be broken or weak, where it is for something else.
        const OTHER: Unfit = Unfit::Foreign("a key of an algorithm that is not in `algorithms`");
        let named = match entry.get("alg") {
            None | Some(Json::Null) => None,
            Some(name) => {
                Some(name.text().and_then(Algorithm::from_name).filter(|name| allowed.contains(name)).ok_or(OTHER)?)
            }
        };
        let material = material(entry)?;
        let suiting = || allowed.iter().copied().find(|algorithm| algorithm.kind() == material.kind());
        let algorithm = named.or_else(suiting).ok_or(OTHER)?;
        if !material.suits(algorithm) {
            return Err(Unfit::Faulty(if material.kind() == Kind::Secret {
                "a secret that is shorter than the hash of its algorithm (RFC 7518 section 3.2)"
            } else {
                "a key whose algorithm is not of its kind"
            }));
        }
        Ok(Self { kid, algorithm, material })
    }

    fn is(&self, other: &Self) -> bool {
        self.kid == other.kid && self.algorithm == other.algorithm && self.material.is(&other.material)
    }

    /// Whether a token's signature is this key's.
    pub fn verify(&self, token: &Jws<'_>, host: HostVerify<'_>) -> bool {
        self.algorithm == token.header.algorithm
            && self.material.verify(self.algorithm, token.parts.signed.as_bytes(), &token.signature, host)
    }
}

/// The material of a JWK.
///
/// # Errors
/// A kind that is not known, or members that do not make a key.
pub fn material(entry: &Json<'_>) -> Result<Material, Unfit> {
    let text = |name: &str| entry.get(name).and_then(Json::text).unwrap_or_default();
    let read = match (text("kty"), text("crv")) {
        ("RSA", _) => Material::rsa(text("n"), text("e")),
        ("EC", curve @ ("P-256" | "P-384")) => Material::elliptic(curve, text("x"), text("y")),
        ("EC", _) => return Err(Unfit::Foreign("a curve other than P-256 and P-384")),
        ("OKP", "Ed25519") => Material::edwards(text("x")),
        ("OKP", _) => return Err(Unfit::Foreign("a curve other than Ed25519")),
        ("oct", _) => URL_SAFE_NO_PAD
            .decode(text("k"))
            .map(Material::secret)
            .map_err(|_| "a secret that is not in plain base64url"),
        _ => return Err(Unfit::Foreign("a key of a kind other than RSA, EC, OKP and oct")),
    };
    read.map_err(Unfit::Faulty)
}
