//! From a token to its caller: remembered, or verified with the keys of its issuer, for which an exchange may have to wait.

use crate::auth::{Auth, Verified};
use crate::caller::Caller;
use crate::credential::introspection::TAG;
use crate::jwt::claims::Registered;
use crate::jwt::json::Json;
use crate::jwt::jwks::{Remote, Why, Wish};
use crate::jwt::key_set::{KeySet, Verdict};
use crate::jwt::provider::{Provider, Source, trust_domain};
use crate::jwt::token::{Jws, Parts, Reason, USUAL};
use crate::rules::Rules;
use crate::rules::refusal::Refusal;
use plugin::{Answer, Call, Cx, Park};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN: usize = 16 << 10;

/// The most exchanges of one worker that wait for keys.
const MAX_WAITING: usize = 8192;

/// What came of a credential.
#[derive(Debug)]
pub enum Checked {
    /// It is this caller's.
    Caller(Caller),
    /// Nobody can tell, and the request may pass without.
    Nobody,
    /// It is refused.
    Refused(Refusal),
    /// An answer must come first.
    Wait(Waiting, Vec<Call>),
}

/// What an exchange waits for.
#[derive(Debug)]
pub enum Waiting {
    /// Keys, until this time (Unix milliseconds) at the latest.
    Keys {
        /// That time.
        patience: u64,
        /// How many fetches had come to an end when it began to wait.
        attempts: u64,
        /// Its place among those that wait.
        place: Place,
    },
    /// An answer about a token.
    Introspection,
}

/// A place among the exchanges that wait; it is free again when the exchange is gone.
#[derive(Debug)]
pub struct Place(Rc<Cell<usize>>);

impl Place {
    fn take(waiting: &Rc<Cell<usize>>) -> Option<Self> {
        if waiting.get() >= MAX_WAITING {
            return None;
        }
        waiting.set(waiting.get() + 1);
        Some(Self(waiting.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Auth {
    /// The caller of a JWT; `None` for what is none. One that is remembered is not taken apart again.
    pub(crate) fn check_token(&self, cx: &mut Cx<'_>, rules: &Rules, token: &[u8]) -> Option<Checked> {
        let usual = token.starts_with(USUAL) && token.len() <= MAX_TOKEN;
        let lookup = usual.then(|| Lookup::of(cx, token, None));
        if let Some(caller) = lookup.as_ref().and_then(|lookup| self.remembered(rules, lookup)) {
            return Some(Checked::Caller(caller));
        }
        let parts = Parts::of(token).filter(Parts::look_like_jwt)?;
        if token.len() > MAX_TOKEN {
            return Some(Checked::Refused(Refusal::token("too long")));
        }
        let lookup = lookup.unwrap_or_else(|| Lookup::of(cx, token, None));
        Some(self.check(cx, rules, parts, &lookup))
    }

    fn check(&self, cx: &mut Cx<'_>, rules: &Rules, parts: Parts<'_>, lookup: &Lookup<'_>) -> Checked {
        self.verify(cx, rules, parts, lookup).unwrap_or_else(|reason| Checked::Refused(Refusal::token(reason)))
    }

    fn remembered(&self, rules: &Rules, lookup: &Lookup<'_>) -> Option<Caller> {
        let verified = self.verified.get(lookup.token, lookup.now)?;
        let holds = rules.accepts_provider(verified.provider)
            && self.generation(verified.provider) == Some(verified.generation);
        holds.then_some(verified.caller)
    }

    fn generation(&self, provider: usize) -> Option<u32> {
        self.providers.get(provider).map(|provider| match &provider.keys {
            Source::Inline(_) => 0,
            Source::Remote(remote) => remote.generation(),
        })
    }

    fn verify(&self, cx: &mut Cx<'_>, rules: &Rules, parts: Parts<'_>, lookup: &Lookup<'_>) -> Result<Checked, Reason> {
        let now = lookup.now;
        let token = Jws::read(parts, &self.token_headers)?;
        let claims = token.claims()?;
        let registered = Registered::of(&claims);
        let number = self.provider_of(&registered)?;
        let provider = self.providers.get(number).ok_or("iss not known")?;
        if !rules.accepts_provider(number) {
            return Err("iss not accepted here");
        }
        let until = provider.check(&token.header, &registered, now)?;
        let (mut verdict, remote) = match &provider.keys {
            Source::Inline(keys) => (Some(verdict(cx, keys, &token)), None),
            Source::Remote(remote) => {
                if remote.set().is_none() {
                    remote.sync(cx);
                }
                (remote.set().map(|keys| verdict(cx, &keys, &token)), Some(&**remote))
            }
        };
        // Another worker may have found the key already.
        if let (Some(Verdict::UnknownKey), Some(remote)) = (verdict, remote) {
            let before = remote.generation();
            remote.sync(cx);
            if remote.generation() != before {
                verdict = remote.set().map(|keys| self::verdict(cx, &keys, &token));
            }
        }
        match (verdict, remote) {
            (Some(Verdict::Valid), _) => {
                let caller = provider.caller(parts, &claims)?;
                self.token_headers.remember(&token);
                let found = || Verified {
                    provider: number,
                    generation: self.generation(number).unwrap_or_default(),
                    caller: caller.clone(),
                };
                self.verified.put(lookup.token, found, now..until.min(now.saturating_add(self.max_age)));
                Ok(Checked::Caller(caller))
            }
            (Some(Verdict::Invalid), _) | (Some(Verdict::UnknownKey), None) => Err("signature"),
            (Some(Verdict::UnknownKey), Some(remote)) => {
                let reason = if token.header.kid.is_some() { "unknown kid" } else { "signature" };
                self.wish(cx, remote, Why::UnknownKey, lookup).ok_or(reason)
            }
            (None, Some(remote)) => {
                let wished = self.wish(cx, remote, Why::Due, lookup);
                Ok(wished.unwrap_or_else(|| Checked::Refused(Refusal::no_keys(1))))
            }
            (None, None) => Err("no keys"),
        }
    }

    /// The provider that a token says it is of: by its `iss`, or without one by the trust domain in its `sub`.
    fn provider_of(&self, claims: &Registered<'_>) -> Result<usize, Reason> {
        let of = |list: fn(&Provider) -> &[String], name: &str| {
            self.providers.iter().position(|provider| list(provider).iter().any(|own| own == name))
        };
        if let Some(issuer) = claims.iss {
            let issuer = issuer.text().ok_or("no iss")?;
            return of(|provider| &provider.issuers, issuer).ok_or("iss not known");
        }
        let domain = claims.sub.and_then(Json::text).and_then(trust_domain).ok_or("no iss")?;
        of(|provider| &provider.trust_domains, domain).ok_or("trust domain not known")
    }

    /// Asks for newer keys and waits, where that can help.
    fn wish(&self, cx: &mut Cx<'_>, remote: &Remote, why: Why, lookup: &Lookup<'_>) -> Option<Checked> {
        if lookup.is_last(remote) {
            return None;
        }
        let call = match remote.wish(cx, why) {
            Wish::Fetch(call) => Some(call),
            Wish::UnderWay => None,
            Wish::NotNow(secs) if why == Why::Due => return Some(Checked::Refused(Refusal::no_keys(secs))),
            Wish::NotNow(_) => return None,
        };
        if let Some(call) = call {
            cx.call_in_background(&call);
        }
        let Some(place) = Place::take(&self.waiting) else { return Some(Checked::Refused(Refusal::no_keys(1))) };
        let patience = remote.patience();
        let until = cx.unix_nanos() / 1_000_000 + u64::try_from(patience.as_millis()).unwrap_or_default();
        Some(Checked::Wait(
            Waiting::Keys { patience: until, attempts: remote.attempts(), place },
            vec![parked(patience)],
        ))
    }

    /// Checks a JWT anew, for whose keys an exchange waited.
    pub(crate) fn check_again(
        &self,
        cx: &mut Cx<'_>,
        rules: &Rules,
        token: &[u8],
        answer: &Answer,
        (patience, attempts): (u64, u64),
    ) -> Checked {
        for provider in &self.providers {
            if let Source::Remote(remote) = &provider.keys {
                remote.sync(cx);
            }
        }
        let now = cx.unix_nanos() / 1_000_000;
        let in_time = *answer == Answer::Woken && now < patience;
        let Some(parts) = Parts::of(token) else { return Checked::Refused(Refusal::token("not three parts")) };
        let lookup = Lookup::of(cx, token, Some(if in_time { attempts } else { u64::MAX }));
        if let Some(caller) = self.remembered(rules, &lookup) {
            return Checked::Caller(caller);
        }
        // Woken by another issuer's keys, it waits on; but not forever.
        match self.check(cx, rules, parts, &lookup) {
            Checked::Wait(Waiting::Keys { place, .. }, _) => {
                let left = Duration::from_millis(patience.saturating_sub(now));
                Checked::Wait(Waiting::Keys { patience, attempts, place }, vec![parked(left)])
            }
            other => other,
        }
    }
}

/// What a verification knows beside the token.
struct Lookup<'t> {
    token: &'t [u8],
    now: i64,
    /// The number of fetches that had come to an end before this exchange waited. Once there is one more, its keys are the last
    /// word.
    waited: Option<u64>,
}

impl<'t> Lookup<'t> {
    fn of(cx: &Cx<'_>, token: &'t [u8], waited: Option<u64>) -> Self {
        Self { token, now: Auth::seconds(cx), waited }
    }

    /// Whether the keys that are there now are the last word for this exchange.
    fn is_last(&self, remote: &Remote) -> bool {
        self.waited.is_some_and(|attempts| attempts != remote.attempts())
    }
}

/// Whether the signature is one of these keys', as the host or pure Rust says.
fn verdict(cx: &Cx<'_>, keys: &KeySet, token: &Jws<'_>) -> Verdict {
    let host = |hash: &str, key: &[u8], signature: &[u8], text: &[u8]| cx.verify_signature(hash, key, signature, text);
    keys.verify(token, &host)
}

fn parked(timeout: Duration) -> Call {
    Call::Park(Park { tag: TAG, timeout })
}
