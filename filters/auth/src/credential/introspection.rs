//! OAuth 2.0 token introspection (RFC 7662): another service is asked about a token, and its answer remembered.

use crate::auth::Auth;
use crate::caller::{Caller, Needs, Owned};
use crate::config::introspection as config;
use crate::config::policy::Method;
use crate::credential::cache::digest;
use crate::event::Asked;
use crate::jwt::claims::Claims;
use crate::jwt::json::Json;
use crate::jwt::jwks::{check_address, check_timeout};
use crate::jwt::token::Reason;
use crate::jwt::verify::{Checked, MAX_TOKEN, Waiting};
use crate::rules::refusal::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plugin::{Answer, Call, Cx, FailureMode, HttpCall, Tag};
use policy::Faults;
use std::rc::Rc;

/// The tag of its calls.
pub const TAG: Tag = 1;

/// The largest answer that is read, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// The introspection service.
#[derive(Debug)]
pub struct Introspection {
    raw: config::Introspection,
    authorization: Vec<u8>,
    claims: Claims,
}

/// What the service said.
#[derive(Debug)]
pub enum Finding {
    /// The token is good for this caller, for so many seconds at most.
    Active(Caller, i64),
    /// It is not; that holds for so many seconds.
    Inactive(Reason, i64),
    /// It said nothing of use.
    Unavailable,
}

impl Introspection {
    /// Checks the configuration. `secret` is the client's, wherever it stands.
    ///
    /// # Errors
    /// Hosts, paths and names that are none.
    pub fn new(
        mut raw: config::Introspection,
        secret: Option<String>,
        needs: Rc<Needs>,
        owned: &mut Owned,
        state: &mut Vec<String>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        check_address(&raw.host, &raw.path, &mut faults);
        check_timeout(raw.service.timeout_ms, "service.timeout_ms", &mut faults);
        if raw.client_id.is_empty() {
            faults.push("client_id", "is empty");
        }
        // RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        let pair = format!("{}:{}", form_encoded(&raw.client_id), form_encoded(secret.as_deref().unwrap_or_default()));
        let authorization = format!("Basic {}", STANDARD.encode(pair)).into_bytes();
        let claims = Claims::new(std::mem::take(&mut raw.identity), needs, owned, state);
        let claims = faults.gather("identity", claims);
        match claims {
            Some(claims) if faults.is_empty() => Ok(Self { raw, authorization, claims }),
            _ => Err(faults),
        }
    }

    /// Whether a request goes on without identity while the service is gone.
    pub fn fails_open(&self) -> bool {
        self.raw.service.failure_mode == FailureMode::Allow
    }

    /// Whether a token goes on to the upstream.
    pub fn forwards(&self) -> bool {
        self.raw.forward
    }

    /// The question about a token.
    pub fn ask(&self, token: &str) -> Call {
        let fields = [
            (":method", b"POST".to_vec()),
            (":path", self.raw.path.clone().into_bytes()),
            (":authority", self.raw.host.clone().into_bytes()),
            (":scheme", b"https".to_vec()),
            ("content-type", b"application/x-www-form-urlencoded".to_vec()),
            ("accept", b"application/json".to_vec()),
            ("authorization", self.authorization.clone()),
        ];
        Call::Http(HttpCall {
            tag: TAG,
            target: self.raw.service.cluster.clone(),
            headers: fields.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            body: format!("token={}&token_type_hint=access_token", form_encoded(token)).into_bytes(),
            timeout: self.raw.service.timeout(),
        })
    }

    /// Reads the answer. Only `{"active": true}` with status 200 opens anything.
    pub fn read(&self, answer: &Answer, now: i64) -> Finding {
        let Answer::Http { status: 200, body } = answer else { return Finding::Unavailable };
        let Some(document) = Some(body).filter(|body| body.len() <= MAX_BYTES).and_then(|body| Json::parse(body))
        else {
            return Finding::Unavailable;
        };
        let negative = i64::try_from(self.raw.negative_cache_secs).unwrap_or(i64::MAX);
        match document.get("active") {
            Some(Json::Bool(true)) => {}
            Some(Json::Bool(false)) => return Finding::Inactive("inactive", negative),
            _ => return Finding::Unavailable,
        }
        match self.judge(&document, now) {
            Ok((caller, secs)) => Finding::Active(caller, secs),
            Err(reason) => Finding::Inactive(reason, negative),
        }
    }

    fn judge(&self, document: &Json<'_>, now: i64) -> Result<(Caller, i64), Reason> {
        let audiences = document.get("aud").map(Json::scalars).unwrap_or_default();
        let ours = audiences.iter().any(|name| self.raw.audiences.contains(name));
        if !self.raw.audiences.is_empty() && !ours {
            return Err("aud not ours");
        }
        let longest = i64::try_from(self.raw.cache_secs).unwrap_or(i64::MAX);
        let secs = match document.get("exp") {
            None | Some(Json::Null) => longest,
            Some(Json::Int(expires)) if *expires > now => longest.min(expires - now),
            Some(Json::Int(_)) => return Err("expired"),
            Some(_) => return Err("a time that is no whole number of seconds"),
        };
        let caller = self.claims.caller(Method::Introspection, document, None)?;
        Ok((Caller { forward: self.forwards(), ..caller }, secs))
    }
}

impl Auth {
    /// The caller of an opaque token, as the introspection service said or is now asked.
    pub(crate) fn introspect(&self, cx: &mut Cx<'_>, text: &str) -> Checked {
        let Some(service) = &self.introspection else { return Checked::Refused(Refusal::token("no token")) };
        if text.len() > MAX_TOKEN {
            return Checked::Refused(Refusal::token("too long"));
        }
        match self.introspected.get(&digest(text.as_bytes()), Self::seconds(cx)) {
            Some(Ok(caller)) => Checked::Caller(caller),
            Some(Err(reason)) => Checked::Refused(Refusal::token(reason)),
            None => Checked::Wait(Waiting::Introspection, vec![service.ask(text)]),
        }
    }

    /// Takes the answer of the introspection service.
    pub(crate) fn introspected(&self, cx: &mut Cx<'_>, token: &[u8], answer: &Answer) -> Checked {
        let Some(service) = &self.introspection else { return Checked::Refused(Refusal::token("no token")) };
        let now = Self::seconds(cx);
        let finding = service.read(answer, now);
        let good = !matches!(finding, Finding::Unavailable);
        let outcome = if good { "a token was introspected" } else { "no usable answer" };
        cx.emit(&Asked { dependency: "introspection", outcome, good, skipped: 0 });
        match finding {
            Finding::Active(caller, secs) => {
                self.introspected.put(digest(token), Ok(caller.clone()), now..now.saturating_add(secs));
                Checked::Caller(caller)
            }
            Finding::Inactive(reason, secs) => {
                self.introspected.put(digest(token), Err(reason), now..now.saturating_add(secs));
                Checked::Refused(Refusal::token(reason))
            }
            Finding::Unavailable if service.fails_open() => Checked::Nobody,
            Finding::Unavailable => Checked::Refused(Refusal::no_introspection()),
        }
    }
}

/// Percent-encoding of all but unreserved characters (RFC 3986 section 2.3).
fn form_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
