//! A JWT in compact serialization (RFC 7519, RFC 7515 section 3.1), taken apart and checked for form. Nothing in it is
//! trusted yet: no signature is looked at here.

use crate::jwt::algorithm::Algorithm;
use crate::jwt::json::Json;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Why a token is refused; for the operator's log, never for the caller.
pub type Reason = &'static str;

/// The longest `kid` that is looked up, in bytes.
const MAX_KID: usize = 1024;

/// A JWS taken apart, before anything is known of its payload.
#[derive(Debug)]
pub struct Jws<'t> {
    /// Its parts, as they were sent.
    pub parts: Parts<'t>,
    /// What its header says.
    pub header: Rc<Header>,
    /// The payload.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The parts of a compact serialization, as they were sent, in base64url.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'t> {
    header: &'t str,
    /// The payload.
    pub payload: &'t str,
    signature: &'t str,
    /// What is signed: header and payload.
    pub signed: &'t str,
}

/// What the header of a token says.
#[derive(Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithm that the token claims.
    pub algorithm: Algorithm,
    /// The key that it says it was signed with.
    pub kid: Option<String>,
    /// Its media type, without `application/`, in lower case.
    pub typ: Option<String>,
}

impl<'t> Parts<'t> {
    /// The three parts of a token; `None` for fewer or more.
    pub fn of(token: &'t [u8]) -> Option<Self> {
        let token = std::str::from_utf8(token).ok()?;
        let (header, rest) = token.split_once('.')?;
        let (payload, signature) = rest.split_once('.')?;
        let signed = token.get(..header.len() + 1 + payload.len())?;
        (!signature.contains('.')).then_some(Self { header, payload, signature, signed })
    }

    /// Whether the first part begins like an object, with the white space that JSON allows and some issuers write. What does not
    /// is taken for an API key or an opaque token.
    pub fn look_like_jwt(&self) -> bool {
        let begins_object = || decode(self.header).is_ok_and(|header| header.trim_ascii_start().starts_with(b"{"));
        self.header.as_bytes().starts_with(USUAL) || begins_object()
    }
}

/// What the first part of nearly every JWT begins with: `{"` in base64url.
pub const USUAL: &[u8] = b"eyJ";

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// No object, a member twice, depth; an unknown `alg`; `crit` (RFC 7515 section 4.1.11: no extension is understood here, and
    /// an empty list is forbidden), `b64` (RFC 7797), `zip` (RFC 7516), or `cty: JWT` (a nested token).
    fn read(text: &str) -> Result<Self, Reason> {
        let bytes = decode(text)?;
        let fields = Json::parse(&bytes).filter(Json::is_object).ok_or("unreadable header")?;
        let algorithm = fields.get("alg").and_then(Json::text).ok_or("no alg")?;
        let algorithm = Algorithm::from_name(algorithm).ok_or("unknown alg")?;
        for name in ["crit", "b64", "zip"] {
            if fields.get(name).is_some() {
                return Err("header extension");
            }
        }
        let typ = optional_text(&fields, "typ")?.map(media_type);
        if optional_text(&fields, "cty")?.is_some_and(media_type_is_jwt) {
            return Err("nested token");
        }
        let kid = optional_text(&fields, "kid")?.map(str::to_owned);
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KID) {
            return Err("kid too long");
        }
        Ok(Self { algorithm, kid, typ })
    }
}

/// Headers of tokens whose signature was right, by their text: those of all tokens of one key are the same.
#[derive(Debug, Default)]
pub struct Headers(RefCell<VecDeque<(Box<str>, Rc<Header>)>>);

impl Headers {
    /// The most that are remembered.
    const MAX: usize = 8;

    /// What a header says, if it is remembered.
    fn get(&self, text: &str) -> Option<Rc<Header>> {
        let known = self.0.borrow();
        known.iter().find(|(of, _)| of.len() == text.len() && **of == *text).map(|(_, header)| header.clone())
    }

    /// Remembers the header of a token whose signature was right, in place of the oldest.
    pub fn remember(&self, token: &Jws<'_>) {
        let mut known = self.0.borrow_mut();
        if known.iter().any(|(_, header)| Rc::ptr_eq(header, &token.header)) {
            return;
        }
        known.truncate(Self::MAX - 1);
        known.push_front((token.parts.header.into(), token.header.clone()));
    }
}

impl<'t> Jws<'t> {
    /// Takes a compact serialization apart. `known` are headers that were read before.
    ///
    /// # Errors
    /// Whatever two readers could see differently, or a reader without the extension would miss: padding, unused bits that are
    /// set, other characters; a header as in [`Header::read`].
    pub fn read(parts: Parts<'t>, known: &Headers) -> Result<Self, Reason> {
        let header = match known.get(parts.header) {
            Some(header) => header,
            None => Rc::new(Header::read(parts.header)?),
        };
        let signature = decode(parts.signature)?;
        if signature.is_empty() {
            return Err("no signature");
        }
        Ok(Self { parts, header, payload: decode(parts.payload)?, signature })
    }

    /// The claims.
    ///
    /// # Errors
    /// A payload that is no JSON object, or that two readers could see differently.
    pub fn claims(&self) -> Result<Json<'_>, Reason> {
        Json::parse(&self.payload).filter(Json::is_object).ok_or("unreadable claims")
    }
}

/// Base64url without padding, in the one form that RFC 7515 section 2 allows.
fn decode(text: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "not base64url")
}

fn optional_text<'f>(fields: &'f Json<'_>, name: &str) -> Result<Option<&'f str>, Reason> {
    match fields.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(_) => Err("header member of another type"),
    }
}

/// The form in which media types are compared: RFC 7515 section 4.1.9 leaves out `application/` where no other slash
/// follows, and they know no case.
pub fn media_type(text: impl AsRef<str>) -> String {
    let lower = text.as_ref().to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(rest) if !rest.contains('/') => rest.to_owned(),
        _ => lower,
    }
}

fn media_type_is_jwt(text: &str) -> bool {
    media_type(text) == "jwt"
}
