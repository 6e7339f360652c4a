//! What every filter's configuration has in common: strict loading with all faults at once, named policies, the
//! rules that choose one of them for a request, and where the caller's identity is read from.
//!
//! Pure: it talks to no host. Headers, attributes and route metadata come in through [`Subject`] and [`Facts`].
//! It is not a filter: what a policy *does* is its filter's business; here a policy is a name and a value of any type.
//!
//! A filter's raw configuration embeds the shared keys as plain fields:
//!
//! ```
//! use policy::{Choice, Faults, IdentityConfig, IdentitySource, Named, OffFromRoute, Policies, PolicyName, PolicySet};
//! use policy::{RawRule, RouteMetadata};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct RawConfig {
//!     policies: Named<RawLimit>,
//!     default_policy: PolicyName,
//!     #[serde(default)]
//!     rules: Vec<RawRule>,
//!     #[serde(default)]
//!     route_metadata: RouteMetadata,
//!     #[serde(default)]
//!     identity: IdentityConfig,
//! }
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct RawLimit {
//!     window_secs: u32,
//! }
//!
//! fn compile(json: &[u8]) -> Result<(PolicySet<u32>, IdentitySource), Faults> {
//!     let RawConfig { policies, default_policy, rules, route_metadata, identity } = policy::load(json)?;
//!     let raw = Policies { policies, default_policy, rules, route_metadata };
//!     let mut faults = Faults::new();
//!     let identity = faults.gather("identity", IdentitySource::new(&identity));
//!     let set = PolicySet::compile(raw, OffFromRoute::Allowed, |_name, limit| {
//!         let mut faults = Faults::new();
//!         if limit.window_secs == 0 {
//!             faults.push("window_secs", "must be above 0");
//!         }
//!         faults.into_result().map(|()| limit.window_secs)
//!     });
//!     match (faults.gather("", set), identity) {
//!         (Some(set), Some(identity)) => Ok((set, identity)),
//!         _ => Err(faults),
//!     }
//! }
//!
//! let faults = compile(br#"{"policies": {"strict": {"window_secs": 0}}, "default_policy": "strickt"}"#);
//! assert_eq!(
//!     faults.err().map(|faults| faults.to_string()).as_deref(),
//!     Some("policies.strict.window_secs: must be above 0\ndefault_policy: no policy `strickt`; did you mean `strict`?")
//! );
//! ```

mod faults;
mod glob;
mod identity;
mod index;
mod load;
mod models;
mod named;
mod nearest;
mod pattern;
mod raw;
mod rule;
mod set;
mod subject;

pub use faults::{Fault, Faults};
pub use glob::Glob;
pub use identity::config::{HeaderIdentity, IdentityConfig, IdentityPaths, MetadataIdentity};
pub use identity::{Facts, Identity, IdentitySource, filter_state};
pub use index::hasher;
pub use load::load;
pub use models::{ModelPermissions, ModelPermissionsError};
pub use named::Named;
pub use pattern::Patterns;
pub use raw::{Policies, PolicyName, RawMatch, RawRule, RouteMetadata};
pub use rule::{is_header_name, is_token};
pub use set::{Choice, OffFromRoute, PolicySet};
pub use subject::{Field, Subject};
