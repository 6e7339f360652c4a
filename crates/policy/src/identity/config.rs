//! The key `identity` of a filter's configuration: where the caller's identity comes from, and what must not be
//! trusted.

use serde::Deserialize;

use super::{IdentitySource, Locator, filter_state};
use crate::Faults;
use crate::rule::is_token;

/// Where a filter reads the caller's identity. Exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum IdentityConfig {
    /// The filter state that `auth` writes (`"identity": "filter_state"`).
    #[default]
    FilterState,
    /// Envoy's dynamic metadata, where for instance `jwt_authn` puts the payload of a token.
    Metadata(MetadataIdentity),
    /// Host properties, such as `["connection", "uri_san_peer_certificate"]` or `["filter_state", "<key>"]`.
    Attribute(IdentityPaths),
    /// Request headers that something in front of this filter sets, and removes where a caller sends them.
    Header(HeaderIdentity),
}

/// An identity in dynamic metadata. Each path leads through the namespace's structure to a string (`models`: or a
/// list of strings): `["payload", "sub"]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataIdentity {
    /// The namespace, such as `envoy.filters.http.jwt_authn`.
    pub namespace: String,
    /// The path to the consumer's name.
    pub consumer: Vec<String>,
    /// The path to the tenant.
    pub tenant: Option<Vec<String>>,
    /// The path to the tier.
    pub tier: Option<Vec<String>>,
    /// The path to the models that the caller may use.
    pub models: Option<Vec<String>>,
}

/// An identity in host properties, each given by its whole path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityPaths {
    /// The path to the consumer's name.
    pub consumer: Vec<String>,
    /// The path to the tenant.
    pub tenant: Option<Vec<String>>,
    /// The path to the tier.
    pub tier: Option<Vec<String>>,
    /// The path to the models that the caller may use.
    pub models: Option<Vec<String>>,
}

/// An identity in request headers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderIdentity {
    /// The operator's word that callers cannot set these headers; must be `true`.
    #[serde(default)]
    pub trusted_header: bool,
    /// The header with the consumer's name.
    pub consumer: String,
    /// The header with the tenant.
    pub tenant: Option<String>,
    /// The header with the tier.
    pub tier: Option<String>,
    /// The header with the models that the caller may use.
    pub models: Option<String>,
}

/// The consumer's place, and those of tenant, tier and models.
type Places<'c, T> = [(&'static str, Option<&'c T>); 4];

const FIELDS: [&str; 4] = ["consumer", "tenant", "tier", "models"];

fn places<'c, T>(consumer: &'c T, others: [&'c Option<T>; 3]) -> Places<'c, T> {
    let [tenant, tier, models] = others.map(Option::as_ref);
    let [a, b, c, d] = FIELDS;
    [(a, Some(consumer)), (b, tenant), (c, tier), (d, models)]
}

impl MetadataIdentity {
    fn places(&self) -> Places<'_, Vec<String>> {
        places(&self.consumer, [&self.tenant, &self.tier, &self.models])
    }
}

impl IdentityPaths {
    fn places(&self) -> Places<'_, Vec<String>> {
        places(&self.consumer, [&self.tenant, &self.tier, &self.models])
    }
}

impl HeaderIdentity {
    fn places(&self) -> Places<'_, String> {
        places(&self.consumer, [&self.tenant, &self.tier, &self.models])
    }
}

impl IdentityConfig {
    pub(super) fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::new();
        match self {
            Self::FilterState => {}
            Self::Metadata(metadata) => check_metadata(metadata, &mut faults),
            Self::Attribute(paths) => check_attributes(paths, &mut faults),
            Self::Header(header) => check_headers(header, &mut faults),
        }
        faults.into_result()
    }

    pub(super) fn source(&self) -> IdentitySource {
        let [consumer, tenant, tier, models] = match self {
            Self::FilterState => {
                let keys = [filter_state::CONSUMER, filter_state::TENANT, filter_state::TIER, filter_state::MODELS];
                keys.map(|key| Some(Locator::Attribute(vec![key.to_owned()])))
            }
            Self::Metadata(metadata) => {
                let root = ["metadata", "filter_metadata", &metadata.namespace].map(str::to_owned);
                let path = |path: &Vec<String>| Locator::Attribute(root.iter().chain(path).cloned().collect());
                metadata.places().map(|(_, place)| place.map(path))
            }
            Self::Attribute(paths) => paths.places().map(|(_, place)| place.cloned().map(Locator::Attribute)),
            Self::Header(header) => {
                header.places().map(|(_, name)| name.map(|name| Locator::Header(name.to_ascii_lowercase())))
            }
        };
        IdentitySource { consumer, tenant, tier, models }
    }
}

fn check_metadata(metadata: &MetadataIdentity, faults: &mut Faults) {
    if metadata.namespace.is_empty() || metadata.namespace.contains('\0') {
        faults.push("metadata.namespace", "is empty or no namespace");
    }
    for (field, path) in metadata.places() {
        check_path("metadata", field, path, faults);
    }
}

fn check_attributes(paths: &IdentityPaths, faults: &mut Faults) {
    for (field, path) in paths.places() {
        check_path("attribute", field, path, faults);
        if path.is_some_and(|path| is_callers(path)) {
            let message = "this attribute is whatever the caller sends; if something in front of this filter sets \
                           it, use `header` with `trusted_header: true`";
            faults.push(format!("attribute.{field}"), message);
        }
    }
}

/// Host properties hold a path as text with a zero byte after each part.
fn check_path(kind: &str, field: &str, path: Option<&Vec<String>>, faults: &mut Faults) {
    if path.is_some_and(|path| path.is_empty() || path.iter().any(|part| part.is_empty() || part.contains('\0'))) {
        faults.push(format!("{kind}.{field}"), "is an empty path or has an empty part");
    }
}

/// Whether an attribute is what the caller says about itself: its request, or the name in its TLS greeting.
fn is_callers(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(path.as_slice(), ["request" | "response", ..] | ["connection", "requested_server_name", ..])
}

fn check_headers(header: &HeaderIdentity, faults: &mut Faults) {
    if !header.trusted_header {
        let message = "must be true: a caller can send this header and be anyone, unless something in front of this \
                       filter always sets or removes it; say so only if that is the case";
        faults.push("header.trusted_header", message);
    }
    for (field, name) in header.places() {
        let Some(name) = name else { continue };
        let lower = name.to_ascii_lowercase();
        if !is_token(&lower) {
            faults.push(format!("header.{field}"), "is no header name");
        } else if ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"].contains(&lower.as_str()) {
            faults.push(format!("header.{field}"), "this header holds a credential, not a name; `auth` checks those");
        }
    }
}
