//! An issuer of JWTs: what it demands of a token's claims (RFC 7519 section 4.1, RFC 8725).

use crate::caller::{Caller, Needs, Owned};
use crate::config::policy::Method;
use crate::config::provider::{self, Keys};
use crate::credential::cache::{Numbers, digest, numbers};
use crate::jwt::algorithm::{Algorithm, Kind};
use crate::jwt::claims::{Claims, Registered};
use crate::jwt::json::Json;
use crate::jwt::jwks::Remote;
use crate::jwt::key_set::{KeySet, Origin};
use crate::jwt::token::{Header, Parts, Reason, media_type};
use policy::{Faults, Glob};
use std::rc::Rc;

/// The latest time that a token may name: the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// The most that clocks may differ by, in seconds: more would be an expiry that does not count.
const MAX_SKEW: u64 = 3600;

/// Types of JWTs that open nothing, whoever signed them: logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4),
/// security events (RFC 8417), proofs of possession (RFC 9449), request objects (RFC 9101), introspection answers (RFC 9701)
/// and status lists. An issuer signs some of them with the very keys of its access tokens (RFC 8725 section 3.11).
const OTHER_USES: [&str; 6] =
    ["logout+jwt", "secevent+jwt", "dpop+jwt", "oauth-authz-req+jwt", "token-introspection+jwt", "statuslist+jwt"];

/// An issuer.
#[derive(Debug)]
pub struct Provider {
    /// The values of `iss` that are its own.
    pub issuers: Vec<String>,
    /// The SPIFFE trust domains that are its own.
    pub trust_domains: Vec<String>,
    /// Where its keys are.
    pub keys: Source,
    audiences: Vec<String>,
    algorithms: Vec<Algorithm>,
    subjects: Vec<Glob>,
    types: Vec<String>,
    require_expiration: bool,
    max_lifetime: Option<i64>,
    skew: i64,
    denied_ids: Numbers,
    denied_subjects: Numbers,
    claims: Claims,
    forward: bool,
    payload_header: Option<String>,
}

/// Where keys are.
#[derive(Debug)]
pub enum Source {
    /// Here.
    Inline(Rc<KeySet>),
    /// Behind a cluster.
    Remote(Box<Remote>),
}

impl Provider {
    /// Checks a provider; `number` is its place among all.
    ///
    /// # Errors
    /// Everything that would make it accept nothing, or too much.
    pub fn new(
        raw: provider::Provider,
        number: usize,
        needs: Rc<Needs>,
        owned: &mut Owned,
        state: &mut Vec<String>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let discovery = matches!(raw.keys, Keys::Discovery(_));
        let nameless = raw.issuers.is_empty() && (raw.trust_domains.is_empty() || discovery);
        if nameless || raw.issuers.iter().any(String::is_empty) {
            faults.push("issuers", "is empty or has an empty entry: name the values of `iss` that are this issuer's");
        }
        if !raw.trust_domains.iter().all(|name| is_trust_domain(name)) {
            faults.push("trust_domains", "holds what is no trust domain such as example.org, without `spiffe://`");
        }
        if raw.audiences.iter().any(String::is_empty) {
            faults.push("audiences", "has an empty entry");
        }
        if raw.types.iter().any(String::is_empty) {
            faults.push("types", "has an empty entry");
        }
        if raw.clock_skew_secs > MAX_SKEW {
            faults.push("clock_skew_secs", "is over an hour; it is in seconds");
        }
        if raw.max_lifetime_secs == Some(0) {
            faults.push("max_lifetime_secs", "is 0, so that no token would be accepted; without it any lifetime is");
        }
        if raw.algorithms.is_empty() {
            faults.push("algorithms", "is empty: name the algorithms that its keys use, such as RS256");
        }
        if raw.algorithms.iter().enumerate().any(|(at, one)| raw.algorithms.iter().take(at).any(|other| other == one)) {
            faults.push("algorithms", "names an algorithm twice");
        }
        let keys = match raw.keys {
            Keys::Inline(set) => match KeySet::read(&set, Origin::Configuration, &raw.algorithms) {
                Ok(set) => Some(Source::Inline(Rc::new(set))),
                Err((at, reason)) => {
                    let place = at.map(|at| format!(".keys[{at}]")).unwrap_or_default();
                    faults.push(format!("keys.inline{place}"), reason);
                    None
                }
            },
            Keys::Remote(remote) | Keys::Discovery(remote) => {
                let key = if discovery { "keys.discovery" } else { "keys.remote" };
                let remote = Remote::new(remote, number, discovery, &raw.issuers, &raw.algorithms);
                faults.gather(key, remote).map(|remote| Source::Remote(Box::new(remote)))
            }
        };
        if matches!(keys, Some(Source::Remote(_))) && raw.algorithms.iter().any(|one| one.kind() == Kind::Secret) {
            let message = "a key set from the network never holds secrets: HS256 and its kin need `inline`";
            faults.push("algorithms", message);
        }
        let payload_header =
            raw.payload_header.as_deref().and_then(|name| faults.gather("payload_header", owned.add(name)));
        let claims = faults.gather("identity", Claims::new(raw.identity, needs, owned, state));
        let seconds = |secs: u64| i64::try_from(secs).unwrap_or(i64::MAX).min(LAST_SECOND);
        match (keys, claims) {
            (Some(keys), Some(claims)) if faults.is_empty() => Ok(Self {
                issuers: raw.issuers,
                trust_domains: raw.trust_domains,
                keys,
                audiences: raw.audiences,
                algorithms: raw.algorithms,
                subjects: raw.subjects.iter().map(|pattern| Glob::new(pattern)).collect(),
                types: raw.types.iter().map(media_type).collect(),
                require_expiration: raw.require_expiration,
                max_lifetime: raw.max_lifetime_secs.map(seconds),
                skew: seconds(raw.clock_skew_secs),
                denied_ids: set_of(&raw.denied_ids),
                denied_subjects: set_of(&raw.denied_subjects),
                claims,
                forward: raw.forward,
                payload_header,
            }),
            _ => Err(faults),
        }
    }

    /// Checks everything but the signature, and says until when that holds (Unix seconds).
    ///
    /// # Errors
    /// Why the token is refused.
    pub fn check(&self, header: &Header, claims: &Registered<'_>, now: i64) -> Result<i64, Reason> {
        if !self.algorithms.contains(&header.algorithm) {
            return Err("alg not allowed");
        }
        let type_fits = match &header.typ {
            None => self.types.is_empty(),
            Some(typ) if self.types.is_empty() => {
                // RFC 7515 section 4.1.9: `JOSE` says that it is in this form, as a JWT-SVID may (section 2.3 there).
                matches!(&**typ, "jwt" | "jose") || (typ.ends_with("+jwt") && !OTHER_USES.contains(&typ.as_str()))
            }
            Some(typ) => self.types.contains(typ),
        };
        if !type_fits {
            return Err("typ not allowed");
        }
        self.check_audience(claims.aud)?;
        let subject = optional_text(claims.sub)?;
        // A trust domain's keys vouch for its own names alone (SPIFFE Trust Domain and Bundle, section 5.1).
        let is_own = |sub| trust_domain(sub).is_some_and(|domain| self.trust_domains.iter().any(|own| own == domain));
        if !self.trust_domains.is_empty() && !subject.is_some_and(is_own) {
            return Err("sub of another trust domain");
        }
        if !self.subjects.is_empty() && !subject.is_some_and(|sub| self.subjects.iter().any(|glob| glob.matches(sub))) {
            return Err("sub not allowed");
        }
        if subject.is_some_and(|sub| holds(&self.denied_subjects, sub)) {
            return Err("sub denied");
        }
        if optional_text(claims.jti)?.is_some_and(|id| holds(&self.denied_ids, id)) {
            return Err("jti denied");
        }
        self.check_times(claims, now)
    }

    fn check_audience(&self, audience: Option<&Json<'_>>) -> Result<(), Reason> {
        let ours = |name: &str| self.audiences.iter().any(|ours| ours == name);
        let named = match audience {
            None => false,
            Some(Json::Text(one)) => ours(one),
            Some(Json::List(many)) if many.iter().all(|item| item.text().is_some()) => {
                many.iter().filter_map(Json::text).any(ours)
            }
            Some(_) => return Err("aud of another type"),
        };
        if named || self.audiences.is_empty() { Ok(()) } else { Err("aud not ours") }
    }

    fn check_times(&self, claims: &Registered<'_>, now: i64) -> Result<i64, Reason> {
        let [expires, not_before, issued] = [time(claims.exp)?, time(claims.nbf)?, time(claims.iat)?];
        if expires.is_none() && (self.require_expiration || self.max_lifetime.is_some()) {
            return Err("no exp");
        }
        let until = expires.map_or(LAST_SECOND, |expires| expires.saturating_add(self.skew));
        if now >= until {
            return Err("expired");
        }
        let early = now.saturating_add(self.skew);
        if not_before.is_some_and(|from| from > early) {
            return Err("not valid yet");
        }
        if issued.is_some_and(|at| at > early) {
            return Err("issued in the future");
        }
        if let (Some(longest), Some(expires)) = (self.max_lifetime, expires) {
            let begin = issued.unwrap_or(now).min(now.saturating_add(self.skew));
            if expires.saturating_sub(begin) > longest.saturating_add(self.skew) {
                return Err("lifetime too long");
            }
        }
        Ok(until)
    }

    /// The caller of a token that was checked and whose signature is right.
    ///
    /// # Errors
    /// Why it says too little.
    pub fn caller(&self, parts: Parts<'_>, claims: &Json<'_>) -> Result<Caller, Reason> {
        let payload = self.payload_header.as_ref().map(|name| (name.clone(), parts.payload.as_bytes().to_vec()));
        let caller = self.claims.caller(Method::Jwt, claims, payload)?;
        Ok(Caller { forward: self.forward, ..caller })
    }
}

/// The trust domain of a SPIFFE ID (SPIFFE-ID, section 2) of a workload; `None` of any other text.
pub fn trust_domain(subject: &str) -> Option<&str> {
    let (domain, path) = subject.strip_prefix("spiffe://")?.split_once('/')?;
    (is_trust_domain(domain) && !path.is_empty()).then_some(domain)
}

fn is_trust_domain(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(sign)
}

/// A set of texts, by their digests.
fn set_of(texts: &[String]) -> Numbers {
    let mut set = numbers();
    for text in texts {
        set.insert(digest(text.as_bytes()), 0);
    }
    set
}

fn holds(set: &Numbers, text: &str) -> bool {
    !set.is_empty() && set.contains_key(&digest(text.as_bytes()))
}

/// A NumericDate, which here must be a whole number of seconds: `"1700000000"`, `1.7e9` and milliseconds are refused.
fn time(claim: Option<&Json<'_>>) -> Result<Option<i64>, Reason> {
    match claim {
        None => Ok(None),
        Some(Json::Int(secs)) if (0..=LAST_SECOND).contains(secs) => Ok(Some(*secs)),
        Some(_) => Err("a time that is no whole number of seconds"),
    }
}

fn optional_text<'c>(claim: Option<&'c Json<'_>>) -> Result<Option<&'c str>, Reason> {
    match claim {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(_) => Err("a claim of another type"),
    }
}
