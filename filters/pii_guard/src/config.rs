//! The configuration: recognizers of one's own, and policies that say what becomes of each entity.

mod direction;
mod policy;
mod raw;
mod recognizers;

pub use self::direction::Direction;
pub use self::policy::{Policy, Verdict};

use self::policy::compile;
use self::raw::RawConfig;
use self::recognizers::customs;
use crate::detect::Detector;
use crate::mask::Hash;
use ::policy::{IdentitySource, OffFromRoute, Policies, PolicySet};
use plugin::{Attachment, Faults, Settings};
use std::rc::Rc;

/// The configuration, compiled.
#[derive(Debug)]
pub struct Config {
    /// What the seam must know.
    pub settings: Settings,
    /// The recognizers.
    pub detector: Detector,
    /// The policies.
    pub policies: PolicySet<Rc<Policy>>,
    /// Who calls.
    pub identity: IdentitySource,
    /// The key of `hash`.
    pub hash: Hash,
    /// Values that are no findings, in lower case.
    pub allow: Vec<String>,
}

impl Config {
    /// Reads and compiles a configuration.
    ///
    /// # Errors
    /// All faults at once, each with its key.
    pub fn read(json: &[u8]) -> Result<Self, Faults> {
        let raw: RawConfig = ::policy::load(json)?;
        let mut faults = Faults::new();
        let customs = customs(&raw.recognizers, &mut faults);
        let detector = match Detector::new(customs) {
            Ok(detector) => detector,
            Err(message) => {
                faults.push("recognizers", message);
                return Err(faults);
            }
        };
        let identity = faults.gather("identity", IdentitySource::new(&raw.identity));
        let key = raw.hash_key.unwrap_or_default();
        if !key.is_empty() && key.len() < 16 {
            faults.push("hash_key", "must have at least 16 bytes");
        }
        let attachment = raw.attachment;
        let policies = Policies {
            policies: raw.policies,
            default_policy: raw.default_policy,
            rules: raw.rules,
            route_metadata: raw.route_metadata,
        };
        let compiled = PolicySet::compile(policies, OffFromRoute::Refused, |name, policy| {
            compile(name, policy, &detector, !key.is_empty()).map(Rc::new)
        });
        let policies = faults.gather("", compiled);
        if let Some(policies) = policies.as_ref().filter(|_| attachment == Attachment::Plain) {
            for (name, policy) in policies.iter().filter(|(_, policy)| policy.findings_header.is_some()) {
                let key = format!("policies.{name}.findings_header");
                faults.push(key, format!("of {} needs attachment: full: the head is gone then", policy.name));
            }
        }
        faults.clone().into_result()?;
        let (Some(policies), Some(identity)) = (policies, identity) else { return Err(faults) };
        let reads_responses = policies.iter().any(|(_, policy)| policy.restores || !policy.response.is_empty());
        let settings = Settings {
            attachment,
            bodies: raw.bodies,
            reads_responses,
            ignores_responses: !reads_responses,
            ..Settings::default()
        };
        let allow = raw.allow.iter().map(|value| value.to_lowercase()).collect();
        Ok(Self { settings, detector, policies, identity, hash: Hash::new(&key), allow })
    }
}
