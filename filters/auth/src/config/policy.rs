//! A policy as it is written: who is let in, and what for.

use serde::Deserialize;

/// One policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// `enforce`, or `shadow`: decide, count, and let pass.
    pub mode: Mode,
    /// How callers may prove who they are. Without the list: in every way that is configured. It lists `anonymous` if and only if
    /// there is that key.
    pub accept: Option<Vec<Method>>,
    /// The providers whose tokens are taken. Without the list: all.
    pub providers: Option<Vec<String>>,
    /// Who a caller without any credential is. Without this, such a caller is refused.
    pub anonymous: Option<Anonymous>,
    /// What becomes of a token that is bound to a key (`cnf`, RFC 7800): `prove` takes it only from a connection with the client
    /// certificate that it is bound to (RFC 8705), and not where it is bound to another key (DPoP, RFC 9449); `bearer` takes it from
    /// anybody, where something else checks the proof.
    pub bound_tokens: BoundTokens,
    /// What the caller must have.
    pub require: Require,
    /// The models that this policy opens, as patterns; `!` before one denies. The caller's own list counts as well.
    /// Without the list: all.
    pub models: Option<Vec<String>>,
    /// What becomes of a call that names no model where it can be read (a batch, a file, gRPC, an upgrade), where models are
    /// judged: `refuse`, or `pass`.
    pub modelless: Modelless,
    /// The networks that callers may come from.
    pub sources: Sources,
    /// What becomes of a CORS preflight request, which never has a credential: `judge` it like any other, or `pass`.
    pub preflight: Preflight,
}

/// Whether a policy refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It does.
    #[default]
    Enforce,
    /// It only says what it would have refused.
    Shadow,
}

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A token of a provider.
    Jwt,
    /// An API key.
    ApiKey,
    /// A token that the introspection service knows.
    Introspection,
    /// A client certificate.
    Mtls,
    /// None at all; only where a policy has `anonymous`.
    Anonymous,
}

/// What becomes of a token that is bound to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundTokens {
    /// The caller must prove that it holds the key.
    #[default]
    Prove,
    /// It is taken like any other.
    Bearer,
}

/// A caller without credentials.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anonymous {
    /// One name for all of them. Without it they have none, and later filters tell them apart by their source address.
    #[serde(default)]
    pub consumer: Option<String>,
    /// The tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The tier.
    #[serde(default)]
    pub tier: Option<String>,
    /// The models that it may use. Without the list: all.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// What it may do.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// The key `require`. All that is given must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Require {
    /// Scopes that the caller must have, all of them.
    pub scopes: Vec<String>,
    /// Scopes of which it must have one.
    pub any_scope: Vec<String>,
    /// Claims that its token must have.
    pub claims: Vec<ClaimRule>,
    /// Patterns of which one must match the consumer.
    pub consumers: Vec<String>,
    /// Patterns of which one must match the tenant.
    pub tenants: Vec<String>,
    /// Patterns of which one must match the tier.
    pub tiers: Vec<String>,
}

/// A claim that must be there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRule {
    /// The path to it.
    pub claim: Vec<String>,
    /// Patterns of which one must match it, or one of its elements.
    pub any: Vec<String>,
}

/// What becomes of a call whose model cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modelless {
    /// 400.
    #[default]
    Refuse,
    /// It passes.
    Pass,
}

/// The key `sources`. Denial wins; an address that cannot be read is in no network.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// Networks of which the caller must be in one: `10.0.0.0/8`, `2001:db8::/32`. Without any: all.
    pub allow: Vec<String>,
    /// Networks that are shut out.
    pub deny: Vec<String>,
}

/// What becomes of a CORS preflight request (Fetch standard, section 4.8): `OPTIONS` with `origin` and
/// `access-control-request-method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preflight {
    /// It is judged like any other request.
    #[default]
    Judge,
    /// It passes.
    Pass,
}
