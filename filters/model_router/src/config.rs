//! The configuration as it is written. What it means is checked and compiled in `router` and `catalogue`; the reference
//! in the README is made from the comments here.

pub(crate) mod names;

use plugin::{Attachment, Bodies};
use policy::{IdentityConfig, Named, PolicyName, RawRule, RouteMetadata};
use serde::Deserialize;

/// The configuration of the filter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the filter is attached: `plain`, or `full` where Envoy's plugin configuration says
    /// `allow_on_headers_stop_iteration: true`. A route chosen by the body needs `full`. Default `plain`.
    #[serde(default)]
    pub attachment: Attachment,
    /// How bodies are read: `max_body_bytes`, `encoded`, `upgrade`, `watchdog_secs`.
    #[serde(default)]
    pub bodies: Bodies,
    /// Where clients name the model: `path`, `body` (needs `full`), `header`. The first of them that names one counts;
    /// places that name different models are a 400, whether they are sources or not. Default `[path, body]`.
    #[serde(default = "default_sources")]
    pub sources: Vec<Source>,
    /// The header of the source `header`. Default `x-gateway-model`.
    #[serde(default = "default_model_header")]
    pub model_header: String,
    /// The headers that the router owns: removed from each client's request, and set by the router alone.
    #[serde(default)]
    pub headers: OwnedHeaders,
    /// Whether the response carries `headers.version` too. An upstream's own is removed in any case. Default `true`.
    #[serde(default = "yes")]
    pub response_header: bool,
    /// Whether the model's name in the path and in the body is replaced by the version's `upstream_model`, where it has one
    /// (needs `full`). Default `true`.
    #[serde(default = "yes")]
    pub rewrite_model: bool,
    /// Where the caller's identity is read: `filter_state` (what `auth` writes), `metadata`, `attribute` or `header`.
    /// Default `filter_state`.
    #[serde(default)]
    pub identity: IdentityConfig,
    /// The policies by name.
    pub policies: Named<Policy>,
    /// The policy of requests that no rule matches; `off` lets them pass unjudged.
    pub default_policy: PolicyName,
    /// Which requests get which policy: `{match: {route, host, path, model, consumer, tier, header}, policy}`. The first
    /// that matches wins.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// How a route's metadata overrides the rules: `namespace`, `allow_route_off`.
    #[serde(default)]
    pub route_metadata: RouteMetadata,
}

/// A place where clients name the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// KServe's model, Azure's deployment.
    Path,
    /// The top-level member `model`.
    Body,
    /// The header `model_header`.
    Header,
}

/// The key `headers`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnedHeaders {
    /// The header with the resolved model's name. Default `x-model`.
    pub model: String,
    /// The header with the version's name, which routes match on. Default `x-model-version`.
    pub version: String,
}

/// One policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What becomes of a call to a model that is not in `models`: `refuse` (404), or `pass` without a version.
    /// Default `refuse`.
    #[serde(default)]
    pub unknown_model: UnknownModel,
    /// The models that clients may ask for.
    pub models: Vec<Model>,
}

/// What becomes of a call to an unknown model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownModel {
    /// 404 `model_not_found`.
    #[default]
    Refuse,
    /// It goes on without a version.
    Pass,
}

/// A model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What clients ask for, what the caller's permissions are about, and what `headers.model` says.
    pub name: String,
    /// Other names for it; `*` stands for any run of characters. Names win over aliases, and exact aliases over globs.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The versions that serve it. The first is the stable one.
    pub versions: Vec<Version>,
    /// By what a caller stays on one version. Without it each request is drawn anew.
    #[serde(default)]
    pub sticky: Option<Sticky>,
    /// Who may name the version in a header. Without it nobody.
    #[serde(default)]
    pub r#override: Option<Override>,
    /// The version for a client's API version: the `API-Version` header, the `api-version` query parameter, the path's
    /// version (`v1`), or the model version of a KServe path.
    #[serde(default)]
    pub api_versions: Named<String>,
}

/// A version of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// What `headers.version` says: letters, digits, `_`, `-`, `.`.
    pub name: String,
    /// Its share in parts per million; together exactly 1000000. 0 is a dark version: only named ones reach it.
    pub weight: u32,
    /// What it is called upstream, in the path and in the body's `model`, where `rewrite_model` is set. It is not judged
    /// again.
    #[serde(default)]
    pub upstream_model: Option<String>,
}

/// The key `sticky`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sticky {
    /// What identifies the caller; the first that the request has counts: `consumer`, `{header: <name>}`,
    /// `{cookie: <name>}`, `{claim: <name>}` (filter state `modelgate.claim.<name>`), `source_address`. With none of
    /// them the request is drawn anew.
    pub by: Vec<StickyBy>,
    /// The salt of the hash, the model's name by default. Models that share a salt draw a caller alike.
    #[serde(default)]
    pub salt: Option<String>,
}

/// What identifies a caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StickyBy {
    /// The consumer of the caller's identity.
    Consumer,
    /// A request header.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A claim that `auth` put into filter state.
    Claim(String),
    /// The client's address without its port.
    SourceAddress,
}

/// The key `override`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The header that names the version. It never reaches the upstream.
    pub header: String,
    /// The consumers that may use it, as globs. `*` is every consumer with a name, not a caller without one. Default none.
    #[serde(default)]
    pub consumers: Vec<String>,
    /// The tiers that may use it, as globs. Default none.
    #[serde(default)]
    pub tiers: Vec<String>,
}

impl Default for OwnedHeaders {
    fn default() -> Self {
        Self { model: "x-model".into(), version: "x-model-version".into() }
    }
}

fn default_sources() -> Vec<Source> {
    vec![Source::Path, Source::Body]
}

fn default_model_header() -> String {
    "x-gateway-model".into()
}

fn yes() -> bool {
    true
}
