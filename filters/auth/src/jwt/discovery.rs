//! An issuer's OpenID configuration, as far as it says where the keys are.

use crate::jwt::json::Json;
use crate::jwt::jwks::is_plain;

/// The path of the key set in an OpenID configuration (OpenID Connect Discovery 1.0, sections 3 and 4.3). Only the path:
/// where it leads is the cluster's business, so the document cannot send this gateway anywhere else.
///
/// # Errors
/// No such document, another issuer's, or one that names another host than `host`.
pub fn path_of_keys(body: &[u8], issuers: &[String], host: &str) -> Result<String, &'static str> {
    let document = Json::parse(body).ok_or("the OpenID configuration is no JSON")?;
    let issuer = document.get("issuer").and_then(Json::text).unwrap_or_default();
    if !issuers.iter().any(|known| known == issuer) {
        return Err("the OpenID configuration is another issuer's");
    }
    let uri = document.get("jwks_uri").and_then(Json::text).ok_or("the OpenID configuration has no jwks_uri")?;
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://")).ok_or("jwks_uri is no URL")?;
    let (named, path) = rest.split_at(rest.find('/').ok_or("jwks_uri has no path")?);
    if !named.eq_ignore_ascii_case(host) {
        return Err("jwks_uri is on another host");
    }
    if !is_plain(path) || path.contains('#') {
        return Err("jwks_uri is no URL");
    }
    Ok(path.to_owned())
}
