//! The filters that exist, by name, with the reader of their configuration.

use plugin::{Faults, Plugin};
use serde_json::Value;

/// A filter of the suite.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Its name: that of its folder, of its module and of its place in the chain.
    pub name: &'static str,
    read: fn(&[u8]) -> Result<(), Faults>,
    owned: &'static [Owned],
}

/// A request header that a filter vouches for: where its configuration names it, and the name by default. No client may
/// set it.
type Owned = (&'static str, &'static str);

/// All filters, in the order of the chain.
pub const FILTERS: &[Filter] = &[
    Filter::of::<auth::Auth>(&[]),
    Filter::of::<schema_validator::SchemaValidator>(&[]),
    Filter::of::<pii_guard::PiiGuard>(&[]),
    Filter::of::<token_budget::TokenBudget>(&[]),
    Filter::of::<model_router::ModelRouter>(&[("/headers/model", "x-model"), ("/headers/version", "x-model-version")]),
    Filter::of::<semantic_cache::SemanticCache>(&[]),
];

impl Filter {
    /// The filter of this name.
    pub fn named(name: &str) -> Option<Self> {
        FILTERS.iter().find(|filter| filter.name == name).copied()
    }

    /// Reads a configuration (JSON) as the filter does inside Envoy.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn check(&self, json: &[u8]) -> Result<(), Faults> {
        (self.read)(json)
    }

    /// The request headers that are the filter's own, by its configuration.
    pub fn owned_headers(&self, json: &str) -> Vec<String> {
        let config: Value = serde_json::from_str(json).unwrap_or_default();
        let name =
            |(pointer, default): &Owned| config.pointer(pointer).and_then(Value::as_str).unwrap_or(default).to_owned();
        self.owned.iter().map(name).collect()
    }

    /// The table's line for a filter.
    const fn of<P: Plugin>(owned: &'static [Owned]) -> Self {
        Self { name: P::NAME, read: |json| P::configure(json).map(drop), owned }
    }
}
