//! An issuer's OpenID configuration, as far as it says where the keys are.

use crate::jwt::json::Json;
use crate::jwt::jwks::{Place, is_plain};

/// Where the key set of an OpenID configuration is (OpenID Connect Discovery 1.0, sections 3 and 4.3): which of `places` its host is,
/// and the path there. Where they lead is their clusters' business, so the document cannot send this gateway anywhere else.
///
/// # Errors
/// No such document, another issuer's, or one that names a host that is none of these.
pub fn place_of_keys<'p>(
    body: &[u8],
    issuers: &[String],
    mut places: impl Iterator<Item = &'p Place>,
) -> Result<(&'p Place, String), &'static str> {
    let document = Json::parse(body).ok_or("the OpenID configuration is no JSON")?;
    let issuer = document.get("issuer").and_then(Json::text).unwrap_or_default();
    if !issuers.iter().any(|known| known == issuer) {
        return Err("the OpenID configuration is another issuer's: `issuer` in it is none of `issuers`");
    }
    let uri = document.get("jwks_uri").and_then(Json::text).ok_or("the OpenID configuration has no jwks_uri")?;
    let (rest, port) = match (uri.strip_prefix("https://"), uri.strip_prefix("http://")) {
        (Some(rest), _) => (rest, ":443"),
        (None, Some(rest)) => (rest, ":80"),
        (None, None) => return Err("jwks_uri is no URL"),
    };
    let (named, path) = rest.split_at(rest.find('/').ok_or("jwks_uri has no path")?);
    // The port that its scheme has anyway (RFC 9110 section 4.2).
    let bare = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    let place = places.find(|place| bare(&place.host) == bare(named));
    let place = place.ok_or("jwks_uri is on another host: say in `keys_at` which, and the cluster that leads there")?;
    if !is_plain(path) || path.contains('#') {
        return Err("jwks_uri is no URL");
    }
    Ok((place, path.to_owned()))
}
