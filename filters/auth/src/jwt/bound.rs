//! Tokens that are bound to a key (RFC 7800): they open something for whoever holds that key too, and for nobody else.

use crate::credential::cache::Sha256;
use crate::jwt::json::Json;
use crate::jwt::token::Reason;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::rc::Rc;

/// What a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// The client certificate with this SHA-256 digest (RFC 8705 section 3.1), which the connection shows.
    Certificate(Rc<Sha256>),
    /// A key that requests prove in ways that are not spoken here, such as DPoP (RFC 9449).
    Key,
}

impl Bound {
    /// What `cnf` says, in the claims of a token or in the answer of an introspection.
    ///
    /// # Errors
    /// A `cnf` that says nothing.
    pub fn of(claims: &Json<'_>) -> Result<Option<Self>, Reason> {
        let Some(confirmation) = claims.get("cnf") else { return Ok(None) };
        match confirmation.members() {
            [] => Err("a cnf without a key"),
            [(name, Json::Text(print))] if name == "x5t#S256" => {
                let digest = URL_SAFE_NO_PAD.decode(&**print).ok().and_then(|digest| Sha256::try_from(digest).ok());
                digest.map(|digest| Some(Self::Certificate(digest.into()))).ok_or("a cnf without a key")
            }
            _ => Ok(Some(Self::Key)),
        }
    }
}
