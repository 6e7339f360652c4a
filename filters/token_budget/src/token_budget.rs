//! The configured filter: the configuration checked as a whole and compiled.

use crate::config::{Config, Estimate};
use crate::exchange::Course;
use crate::ledger::{Kept, Service, close_due};
use crate::limits::{Policy, Prices, agree, fit, known};
use crate::store::Table;
use crate::usage::Ratios;
use plugin::{Attachment, Background, Faults, Plugin, RootCx, Settings};
use policy::{Field, IdentitySource, OffFromRoute, Policies, PolicySet};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// The filter state that asks a router for another model.
pub(crate) const DEGRADE: &str = "modelgate.degrade";

/// The filter state that tells access logs what was used.
pub(crate) const USAGE: &str = "modelgate.usage";

/// What `plain` cannot do, and what helps.
const PLAIN_DEGRADES: &str = "is `plain` (as it is by default), but `when_spent: degrade` must be known before a router chooses; set \
    `attachment: full` (and allow_on_headers_stop_iteration: true in Envoy's plugin configuration)";

/// The most slots of the local store.
const MAX_SLOTS: u32 = 1 << 16;

/// The configured filter.
#[derive(Debug)]
pub struct TokenBudget {
    settings: Settings,
    pub(crate) identity: IdentitySource,
    pub(crate) policies: PolicySet<Rc<Policy>>,
    /// Some rule looks at the model, so the policy waits for it.
    pub(crate) needs_model: bool,
    /// Some rule looks at the route.
    pub(crate) needs_route: bool,
    pub(crate) prices: Prices,
    pub(crate) estimate: Estimate,
    pub(crate) table: Table,
    pub(crate) service: Option<Service>,
    /// What this worker learned of models.
    pub(crate) ratios: RefCell<Ratios>,
    /// The leases that this worker took.
    pub(crate) leases: RefCell<Vec<Kept>>,
}

impl Plugin for TokenBudget {
    const NAME: &'static str = "token_budget";
    type Exchange = Course;

    fn configure(raw: &[u8]) -> Result<Self, Faults> {
        Self::compile(policy::load(raw)?)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn on_start(&self, cx: &mut RootCx<'_>) {
        self.table.make(cx);
    }

    fn open(self: &Rc<Self>) -> Course {
        Course::new(self.clone())
    }

    fn on_tick(&self, cx: &mut RootCx<'_>) -> Background {
        let now_ms = cx.unix_nanos() / 1_000_000;
        let mut leases = self.leases.borrow_mut();
        let Some(service) = self.service.as_ref().filter(|_| !leases.is_empty()) else { return Background::default() };
        let settlements = close_due(&self.table, cx, &mut leases, now_ms);
        let calls = if settlements.is_empty() { Vec::new() } else { vec![service.settle(settlements)] };
        Background { calls, wake: false }
    }
}

impl TokenBudget {
    fn compile(raw: Config) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let identity = faults.gather("identity", IdentitySource::new(&raw.identity));
        let Config { policies, default_policy, rules, route_metadata, local, .. } = raw;
        agree(&policies, &mut faults);
        if let Some(identity) = &identity {
            known(&policies, identity, &mut faults);
        }
        fit(&policies, local.slot_entries, raw.estimate.expires_secs, &mut faults);
        let policies = Policies { policies, default_policy, rules, route_metadata };
        if raw.prices.get("").is_some() {
            faults.push("prices", "has one for a model without a name; `*` is for all that have no other");
        }
        let prices = Prices::compile(&raw.prices);
        let policies = PolicySet::compile(policies, OffFromRoute::Allowed, |_, policy| {
            Policy::compile(policy, raw.shared.is_some(), &prices).map(Rc::new)
        });
        let policies = faults.gather("", policies);
        if local.slots == 0 || local.slots > MAX_SLOTS {
            faults.push("local.slots", "is between 1 and 65536");
        }
        if local.slot_entries < 4 || local.slot_entries > 256 {
            faults.push("local.slot_entries", "is between 4 and 256");
        }
        for (key, number) in [
            ("estimate.expires_secs", raw.estimate.expires_secs),
            ("estimate.output_tokens", raw.estimate.output_tokens),
            ("shared.timeout_ms", raw.shared.as_ref().map_or(1, |shared| shared.timeout_ms.into())),
        ] {
            if number == 0 {
                faults.push(key, "must be above 0");
            }
        }
        let degrades = policies.iter().flat_map(PolicySet::iter).any(|(_, policy)| policy.degrades());
        if degrades && raw.attachment == Attachment::Plain {
            faults.push("attachment", PLAIN_DEGRADES);
        }
        let (Some(identity), Some(policies), true) = (identity, policies, faults.is_empty()) else {
            return Err(faults);
        };
        let identity = identity.without_models();
        let counts_tenants = policies.iter().any(|(_, policy)| policy.counts_tenants());
        let identity = if counts_tenants { identity } else { identity.without_tenant() };
        let service = raw
            .shared
            .map(|shared| Service { target: shared.cluster, timeout: Duration::from_millis(shared.timeout_ms.into()) });
        let vouched_state = vec![DEGRADE.to_owned(), USAGE.to_owned()];
        Ok(Self {
            settings: Settings {
                attachment: raw.attachment,
                bodies: raw.bodies,
                reads_responses: true,
                vouched_state,
                ..Settings::default()
            },
            identity,
            needs_model: policies.needs_model(),
            needs_route: policies.needs(Field::Route),
            policies,
            prices,
            estimate: raw.estimate,
            table: Table::new(&local.name, local.slots, local.slot_entries),
            service,
            ratios: RefCell::default(),
            leases: RefCell::default(),
        })
    }
}
