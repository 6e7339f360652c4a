//! A JWT in compact serialization (RFC 7519, RFC 7515 section 3.1), taken apart and checked for form. Nothing in it is
//! trusted yet: no signature is looked at here.

use crate::jwt::algorithm::Algorithm;
use crate::jwt::json::Json;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Why a token is refused; for the operator's log, never for the caller.
pub type Reason = &'static str;

/// The longest `kid` that is looked up, in bytes.
const MAX_KID: usize = 1024;

/// The parts of a JWS, before anything is known of its payload.
#[derive(Debug)]
pub struct Jws<'a> {
    /// What is signed: header and payload, as they were sent.
    pub signed: &'a str,
    /// The algorithm that the token claims.
    pub algorithm: Algorithm,
    /// The key that it says it was signed with.
    pub kid: Option<String>,
    /// Its media type, without `application/`, in lower case.
    pub typ: Option<String>,
    /// The payload as it was sent, in base64url.
    pub payload_base64: &'a str,
    /// The payload.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Whether a bearer credential has the shape of a JWT: three parts, the first of which begins like an object, with the white space
/// that JSON allows and some issuers write. What has not is taken for an API key or an opaque token.
pub fn looks_like_jwt(credential: &str) -> bool {
    credential.split('.').count() == 3 && (credential.starts_with("eyJ") || begins_object(credential))
}

fn begins_object(credential: &str) -> bool {
    let header = credential.split('.').next().and_then(|header| decode(header).ok()).unwrap_or_default();
    header.trim_ascii_start().starts_with(b"{")
}

impl<'a> Jws<'a> {
    /// Takes a compact serialization apart.
    ///
    /// # Errors
    /// Whatever two readers could see differently, or a reader without the extension would miss: other than three parts,
    /// padding, unused bits that are set, other characters; a header that is no object, has a member twice, is deep; an
    /// unknown `alg`; `crit` (RFC 7515 section 4.1.11: no extension is understood here, and an empty list is forbidden),
    /// `b64` (RFC 7797), `zip` (RFC 7516), or `cty: JWT` (a nested token).
    pub fn parse(token: &'a str) -> Result<Self, Reason> {
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("not three parts");
        };
        let signed = token.get(..header.len() + 1 + payload.len()).ok_or("not three parts")?;
        let fields = Json::parse(&decode(header)?).filter(Json::is_object).ok_or("unreadable header")?;
        let algorithm = fields.get("alg").and_then(Json::text).ok_or("no alg")?;
        let algorithm = Algorithm::from_name(algorithm).ok_or("unknown alg")?;
        for name in ["crit", "b64", "zip"] {
            if fields.get(name).is_some() {
                return Err("header extension");
            }
        }
        let media_type = optional_text(&fields, "typ")?.map(media_type);
        if optional_text(&fields, "cty")?.is_some_and(|kind| media_type_is_jwt(&kind)) {
            return Err("nested token");
        }
        let kid = optional_text(&fields, "kid")?;
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KID) {
            return Err("kid too long");
        }
        let signature_bytes = decode(signature)?;
        if signature_bytes.is_empty() {
            return Err("no signature");
        }
        Ok(Self {
            signed,
            algorithm,
            kid,
            typ: media_type,
            payload_base64: payload,
            payload: decode(payload)?,
            signature: signature_bytes,
        })
    }

    /// The claims.
    ///
    /// # Errors
    /// A payload that is no JSON object, or that two readers could see differently.
    pub fn claims(&self) -> Result<Json, Reason> {
        Json::parse(&self.payload).filter(Json::is_object).ok_or("unreadable claims")
    }
}

/// Base64url without padding, in the one form that RFC 7515 section 2 allows.
fn decode(text: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "not base64url")
}

fn optional_text(fields: &Json, name: &str) -> Result<Option<String>, Reason> {
    match fields.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.clone())),
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
