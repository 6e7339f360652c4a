//! Who calls, as another filter found out: read from where the configuration says. Authenticates nobody.

pub(crate) mod config;
mod list;

use crate::ModelPermissions;
use config::IdentityConfig;

/// The keys under which `auth` writes an identity to filter state, and under which the other filters read it.
pub mod filter_state {
    /// The consumer's name.
    pub const CONSUMER: &str = "modelgate.consumer";
    /// The consumer's tenant.
    pub const TENANT: &str = "modelgate.tenant";
    /// The consumer's tier.
    pub const TIER: &str = "modelgate.tier";
    /// The models the consumer may use, in the text form of [`ModelPermissions`](crate::ModelPermissions).
    pub const MODELS: &str = "modelgate.models";
}

/// What the host knows about a request.
pub trait Facts {
    /// A host property such as `["connection", "uri_san_peer_certificate"]`.
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>>;

    /// A request header by its name in lower case.
    fn header(&self, name: &str) -> Option<Vec<u8>>;
}

/// A caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The consumer's name, not empty; `None` for an unknown caller.
    pub consumer: Option<String>,
    /// The consumer's tenant, not empty.
    pub tenant: Option<String>,
    /// The consumer's tier, not empty.
    pub tier: Option<String>,
    /// The models that the caller may use.
    pub models: ModelPermissions,
}

/// Where identities are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySource {
    consumer: Option<Locator>,
    tenant: Option<Locator>,
    tier: Option<Locator>,
    models: Option<Locator>,
}

/// Where one field is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Locator {
    Attribute(Vec<String>),
    Header(String),
}

impl IdentitySource {
    /// Checks the configuration.
    ///
    /// # Errors
    /// Paths and headers that cannot be, or that a caller could set without the operator having vouched for them.
    pub fn new(config: &IdentityConfig) -> Result<Self, crate::Faults> {
        config.check()?;
        Ok(config.source())
    }

    /// The same source for a filter that never looks at the models a caller may use: each field that is read costs a host call.
    #[must_use]
    pub fn without_models(self) -> Self {
        Self { models: None, ..self }
    }

    /// The same source for a filter that never looks at the tenant.
    #[must_use]
    pub fn without_tenant(self) -> Self {
        Self { tenant: None, ..self }
    }

    /// Whether a caller's tenant and tier are read at all.
    #[must_use]
    pub fn reads_tenant_and_tier(&self) -> (bool, bool) {
        (self.tenant.is_some(), self.tier.is_some())
    }

    /// Reads a caller's identity.
    ///
    /// A consumer, tenant or tier that is empty, no UTF-8 or has control characters (a number or a list in metadata)
    /// counts as absent. Absent models mean no restriction; models that are there but cannot be read mean that none
    /// is allowed. A list of strings in metadata is read as models too.
    #[must_use]
    pub fn read(&self, facts: &dyn Facts) -> Identity {
        let text = |locator: &Option<Locator>| locator.as_ref().and_then(|locator| locator.read(facts)).and_then(plain);
        let models = self.models.as_ref().and_then(|locator| locator.read(facts));
        Identity {
            consumer: text(&self.consumer),
            tenant: text(&self.tenant),
            tier: text(&self.tier),
            models: models.map_or_else(ModelPermissions::unrestricted, |bytes| permissions(&bytes)),
        }
    }
}

impl Locator {
    fn read(&self, facts: &dyn Facts) -> Option<Vec<u8>> {
        match self {
            Self::Attribute(path) => facts.attribute(&path.iter().map(String::as_str).collect::<Vec<_>>()),
            Self::Header(name) => facts.header(name),
        }
    }
}

fn plain(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty() && !text.contains(char::is_control))
}

fn permissions(bytes: &[u8]) -> ModelPermissions {
    let permissions = match list::strings(bytes) {
        Some(entries) => ModelPermissions::from_entries(entries).ok(),
        None => std::str::from_utf8(bytes).ok().and_then(|text| ModelPermissions::parse(text).ok()),
    };
    permissions.unwrap_or_else(ModelPermissions::nothing)
}
