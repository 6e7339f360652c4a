//! What claims say of a caller: from a JWT's payload or from the answer of an introspection.

use crate::caller::{CLAIM_STATE, Caller, MAX_VALUE, Models, More, Needs, Owned, check_names, is_name, permissions};
use crate::config::claims::ClaimMap;
use crate::config::policy::Method;
use crate::jwt::bound::Bound;
use crate::jwt::json::Json;
use crate::jwt::token::Reason;
use policy::{Faults, ModelPermissions};
use std::rc::Rc;

/// A [`ClaimMap`], checked.
#[derive(Debug)]
pub struct Claims {
    map: ClaimMap,
    default_models: Option<Rc<Models>>,
    needs: Rc<Needs>,
}

impl Claims {
    /// Checks a map. The headers that it sets are added to `owned`, its filter state to `state`.
    ///
    /// # Errors
    /// Empty paths, names that cannot be.
    pub fn new(
        mut map: ClaimMap,
        needs: Rc<Needs>,
        owned: &mut Owned,
        state: &mut Vec<String>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let models = faults.gather("", permissions(map.default_models.as_ref(), "default_models"));
        let mut check = |key: String, path: &[String]| {
            if path.is_empty() || path.iter().any(String::is_empty) {
                faults.push(key, "is an empty path, or has an empty name in it");
            }
        };
        check("consumer".to_owned(), &map.consumer);
        for (key, path) in [("tenant", &map.tenant), ("tier", &map.tier), ("models", &map.models)] {
            if let Some(path) = path {
                check(key.to_owned(), path);
            }
        }
        for (at, path) in map.scopes.iter().enumerate() {
            check(format!("scopes[{at}]"), path);
        }
        for (at, header) in map.headers.iter().enumerate() {
            check(format!("headers[{at}].claim"), &header.claim);
        }
        for (name, path) in map.state.iter() {
            check(format!("state.{name}"), path);
        }
        let defaults = [("default_tenant", map.default_tenant.as_ref()), ("default_tier", map.default_tier.as_ref())];
        check_names(&defaults, &mut faults);
        if map.consumer_prefix.contains(char::is_control) || map.consumer_prefix.starts_with(char::is_whitespace) {
            faults.push("consumer_prefix", "has a control character in it, or a space first");
        }
        for (name, _) in map.state.iter() {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
                faults.push(format!("state.{name}"), "is no name for filter state: letters, digits, `_` and `-`");
            }
            state.push(format!("{CLAIM_STATE}{name}"));
        }
        for (at, header) in map.headers.iter_mut().enumerate() {
            let name = faults.gather(&format!("headers[{at}].header"), owned.add(&header.header));
            header.header = name.unwrap_or_default();
        }
        faults.into_result()?;
        Ok(Self { map, default_models: models.flatten(), needs })
    }

    /// The caller of these claims, with one more header for the upstream, if there is one.
    ///
    /// # Errors
    /// A refresh or logout token, a `cnf` that says nothing, no consumer, or a required header without its claim.
    pub fn caller(
        &self,
        method: Method,
        claims: &Json<'_>,
        header: Option<(String, Vec<u8>)>,
    ) -> Result<Caller, Reason> {
        // Issuers sign these with the keys of their access tokens, services may call them active (RFC 7662 section 4), and each
        // has a member of its own to say what they are.
        let is_other = |name| {
            let kind = claims.get(name).and_then(Json::text).unwrap_or_default();
            ["refresh", "refresh_token", "offline", "logout"].iter().any(|known| kind.eq_ignore_ascii_case(known))
        };
        if ["token_type", "token_use", "typ"].into_iter().any(is_other) {
            return Err("a refresh or logout token");
        }
        let map = &self.map;
        let name = claims.at(&map.consumer).and_then(Json::scalar).ok_or("no consumer in the claims")?;
        let consumer = match map.consumer_prefix.as_str() {
            "" => name,
            _ if name.is_empty() => return Err("a consumer that is no name"),
            prefix => format!("{prefix}{name}").into(),
        };
        if !is_name(&consumer) {
            return Err("a consumer that is no name");
        }
        let mut more = More::default();
        if self.needs.scopes {
            more.scopes = map.scopes.iter().filter_map(|path| claims.at(path)).flat_map(words).collect();
        }
        if !self.needs.claims.is_empty() {
            let values = |path: &Vec<String>| claims.at(path).map(Json::scalars).unwrap_or_default();
            more.claims = self.needs.claims.iter().map(values).collect();
        }
        for header in &map.headers {
            match claims.at(&header.claim).and_then(plain) {
                Some(value) => more.headers.push((header.header.clone(), value)),
                None if header.required => return Err("a required claim that is missing or fits no header"),
                None => {}
            }
        }
        more.headers.extend(header);
        for (name, path) in map.state.iter() {
            if let Some(value) = claims.at(path).and_then(plain) {
                more.state.push((format!("{CLAIM_STATE}{name}"), value));
            }
        }
        Ok(Caller {
            tenant: name_at(claims, map.tenant.as_ref(), map.default_tenant.as_ref())?,
            tier: name_at(claims, map.tier.as_ref(), map.default_tier.as_ref())?,
            models: self.models(claims),
            bound: Bound::of(claims)?,
            more: more.kept(),
            ..Caller::new(method, &consumer)
        })
    }

    /// Models that are there but cannot be read are none.
    fn models(&self, claims: &Json<'_>) -> Option<Rc<Models>> {
        let Some(path) = &self.map.models else { return self.default_models.clone() };
        let read = match claims.at(path) {
            None if self.default_models.is_some() => return self.default_models.clone(),
            None => None,
            Some(Json::Text(text)) => ModelPermissions::parse(text).ok(),
            Some(Json::List(items)) if items.iter().all(|item| item.text().is_some()) => {
                ModelPermissions::from_entries(items.iter().filter_map(Json::text)).ok()
            }
            Some(_) => None,
        };
        Some(Rc::new(read.unwrap_or_else(ModelPermissions::nothing).into()))
    }
}

/// The registered claims (RFC 7519 section 4.1), found in one pass.
#[derive(Debug, Default)]
pub struct Registered<'c> {
    /// The issuer.
    pub iss: Option<&'c Json<'c>>,
    /// The subject.
    pub sub: Option<&'c Json<'c>>,
    /// The audience.
    pub aud: Option<&'c Json<'c>>,
    /// The token's own name.
    pub jti: Option<&'c Json<'c>>,
    /// When it expires.
    pub exp: Option<&'c Json<'c>>,
    /// From when it holds.
    pub nbf: Option<&'c Json<'c>>,
    /// When it was issued.
    pub iat: Option<&'c Json<'c>>,
}

impl<'c> Registered<'c> {
    /// Those of a payload.
    pub fn of(claims: &'c Json<'c>) -> Self {
        let mut found = Self::default();
        for (name, value) in claims.members() {
            let place = match name.as_bytes() {
                b"iss" => &mut found.iss,
                b"sub" => &mut found.sub,
                b"aud" => &mut found.aud,
                b"jti" => &mut found.jti,
                b"exp" => &mut found.exp,
                b"nbf" => &mut found.nbf,
                b"iat" => &mut found.iat,
                _ => continue,
            };
            *place = Some(value);
        }
        found
    }
}

/// A name where a path leads, `default` where there is nothing, or null.
fn name_at(claims: &Json<'_>, path: Option<&Vec<String>>, default: Option<&String>) -> Result<Option<Rc<str>>, Reason> {
    let Some(value) = path.and_then(|path| claims.at(path)).filter(|value| **value != Json::Null) else {
        return Ok(default.map(|name| name.as_str().into()));
    };
    value.scalar().filter(|name| is_name(name)).map(|name| Some(name.into())).ok_or("a tenant or tier that is no name")
}

/// Text with spaces, or a list.
fn words(value: &Json<'_>) -> Vec<String> {
    match value {
        Json::Text(text) => text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        other => other.scalars(),
    }
}

/// A claim as one value, where that fits a header: nothing that would end a field or a log line, no space around it that some
/// take away (RFC 9110 section 5.5), no element of a list that would read as two, and not too long.
fn plain(claim: &Json<'_>) -> Option<Vec<u8>> {
    let values = claim.scalars();
    let reads_as_more = claim.list().is_some() && values.iter().any(|value| value.contains(','));
    let text = values.join(",");
    let fits = !reads_as_more && text.len() <= MAX_VALUE && !text.contains(char::is_control) && text.trim() == text;
    (!text.is_empty() && fits).then(|| text.into_bytes())
}
