//! Policies and their limits, checked and compiled.

mod check;

pub(crate) use check::{agree, fit, known};

use crate::config::{self, FailureMode, Per, Store, Unit, WhenSpent};
use crate::ledger::MAX_LEASE_MS;
use crate::usage::Price;
use plugin::Faults;
use policy::Glob;
use std::rc::Rc;

/// A policy.
#[derive(Debug)]
pub(crate) struct Policy {
    pub limits: Vec<Rc<Limit>>,
    pub raw: config::Policy,
}

/// A limit.
#[derive(Debug)]
pub(crate) struct Limit {
    pub name: String,
    pub unit: Unit,
    amount: Rc<budget::Limit>,
    tiers: Vec<(String, Rc<budget::Limit>)>,
    pub per: Vec<Per>,
    models: Vec<Glob>,
    pub store: Store,
    pub lease_amount: Option<u64>,
    pub lease_ms: u64,
    failure_mode: FailureMode,
    pub when_spent: WhenSpent,
    pub degrade_to: Option<String>,
    pub soft_percent: Option<u8>,
}

/// Prices by model.
#[derive(Debug, Default)]
pub(crate) struct Prices(Vec<Priced>);

/// The price of a model, or of all whose names fit a pattern.
#[derive(Debug)]
struct Priced {
    name: String,
    glob: Glob,
    price: Rc<Price>,
}

impl Prices {
    pub fn compile(raw: &policy::Named<config::Price>) -> Self {
        let priced = raw.iter().map(|(name, price)| Priced {
            name: name.to_owned(),
            glob: Glob::new(&name.to_ascii_lowercase()),
            price: Rc::new(Price::new(price)),
        });
        Self(priced.collect())
    }

    /// The price of a model: its own, else that of the longest pattern. The order says nothing: it is lost where a configuration
    /// passes as a protobuf `Struct` (Istio's `pluginConfig`). A name in other case is that model's too: some servers know none.
    pub fn of(&self, model: &str) -> Option<&Rc<Price>> {
        // Most calls name a model that has a price of its own, and comparing is faster than matching.
        let own = self.0.iter().find(|priced| priced.name == model);
        let matching = || {
            let lower = model.to_ascii_lowercase();
            self.0.iter().filter(|priced| priced.glob.matches(&lower)).max_by_key(|priced| priced.name.len())
        };
        own.or_else(matching).map(|priced| &priced.price)
    }

    /// Whether the configuration names this very model, so that it may be a label.
    pub fn names(&self, model: &str) -> bool {
        self.0.iter().any(|priced| priced.name == model)
    }

    /// Whether something is priced by the row.
    pub fn by_rows(&self) -> bool {
        self.0.iter().any(|priced| priced.price.by_rows)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Policy {
    /// Whether some limit asks a router for another model.
    pub fn degrades(&self) -> bool {
        self.limits.iter().any(|limit| limit.when_spent == WhenSpent::Degrade)
    }

    /// Whether some limit counts apart by the tenant.
    pub fn counts_tenants(&self) -> bool {
        self.limits.iter().any(|limit| limit.per.contains(&Per::Tenant))
    }

    pub fn compile(raw: &config::Policy, has_service: bool, prices: &Prices) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut limits: Vec<Rc<Limit>> = Vec::new();
        if raw.cache_hit_percent > 100 {
            faults.push("cache_hit_percent", "is above 100");
        }
        let pays = !prices.is_empty() && raw.limits.iter().any(|limit| limit.unit == Unit::Money);
        for (at, limit) in raw.limits.iter().enumerate() {
            let key = format!("limits[{at}]");
            if limits.iter().any(|other| other.name == limit.name) {
                faults.push(format!("{key}.name"), "is the name of an earlier limit of this policy");
            }
            if limit.store != Store::Local && !has_service {
                faults.push(format!("{key}.store"), "needs `shared`, with the cluster of the service");
            }
            if limit.unit == Unit::Money && prices.is_empty() {
                faults.push(format!("{key}.unit"), "is money, which needs `prices`");
            }
            if pays && limit.degrade_to.as_deref().is_some_and(|to| prices.of(to).is_none()) {
                faults.push(
                    format!("{key}.degrade_to"),
                    "has no price, so it would cost as much as the model in whose place it comes",
                );
            }
            limits.extend(faults.gather(&key, Limit::compile(limit)).map(Rc::new));
        }
        faults.into_result().map(|()| Self { limits, raw: raw.clone() })
    }
}

impl Limit {
    fn compile(raw: &config::Limit) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if raw.name.is_empty() || raw.name.len() > 64 || !raw.name.bytes().all(named) {
            faults.push("name", "is no name; letters, digits, `-`, `_` and `.`, at most 64");
        }
        let window = faults.gather("window", window(raw));
        if window == Some(budget::Window::Balance { initial: 0 }) && raw.store == Store::Local {
            faults.push(
                "window",
                "is a balance of nothing that nobody could top up; give it `initial`, or `store: shared`",
            );
        }
        if raw.unit == Unit::InFlight && raw.store == Store::Leased {
            faults.push("store", "cannot be `leased` for `in_flight`: what runs is held for as long as it runs");
        }
        if raw.store == Store::Leased {
            if raw.lease_secs == 0 {
                faults.push("lease_secs", "must be above 0");
            }
            if raw.lease_secs > MAX_LEASE_MS / 1000 {
                faults.push("lease_secs", "is above a week, for which the service keeps a lease at most");
            }
            if raw.lease_amount == Some(0) {
                faults.push("lease_amount", "must be above 0");
            }
            if raw.lease_amount.is_none() && matches!(window, Some(budget::Window::Balance { initial: 0 })) {
                faults.push(
                    "lease_amount",
                    "is needed for a balance without `initial`: a hundredth of nothing is no lease",
                );
            }
        }
        if let Some(at) = raw.models.iter().position(String::is_empty) {
            faults.push(format!("models[{at}]"), "is empty, so it is no model; leave it out");
        }
        match (&raw.window, raw.amount) {
            (Some(config::Window::Balance { .. }), None) if raw.tiers.iter().next().is_none() => {}
            (Some(config::Window::Balance { .. }), _) => {
                faults
                    .push("amount", "and `tiers` have no effect on a balance; say `initial`, and top up what differs");
            }
            (_, None) if raw.tiers.iter().next().is_none() => faults.push("amount", "is missing; 0 lets nothing in"),
            _ => {}
        }
        if let (Some(config::Window::TokenBucket { burst, .. }), Some(amount)) = (&raw.window, raw.amount)
            && *burst >= amount
            && let Some((tier, _)) = raw.tiers.iter().find(|(_, amount)| *amount > burst && *burst > 0)
        {
            faults.push(
                format!("tiers.{tier}"),
                "is above `burst`, which bounds all tiers; leave `burst` out, or raise it",
            );
        }
        for (at, per) in raw.per.iter().enumerate() {
            if matches!(per, Per::Header(name) if !policy::is_header_name(name)) {
                faults.push(format!("per[{at}].header"), "is no header name");
            }
        }
        if raw.soft_percent.is_some_and(|percent| !(1..=100).contains(&percent)) {
            faults.push("soft_percent", "is between 1 and 100");
        }
        match (raw.when_spent, raw.degrade_to.as_deref()) {
            (WhenSpent::Degrade, None | Some("")) => faults.push("degrade_to", "is needed by `when_spent: degrade`"),
            (WhenSpent::Degrade, Some(to)) if matches!(&raw.models[..], [model] if model == to) => {
                faults.push("degrade_to", "is the model that the limit is about, which would go on uncounted");
            }
            (WhenSpent::Refuse | WhenSpent::Shadow, Some(_)) => {
                faults.push("degrade_to", "has no use without `when_spent: degrade`");
            }
            _ => {}
        }
        let mut of = |amount: u64| {
            let window = window.clone().unwrap_or(budget::Window::Concurrency);
            match budget::Limit::new(amount, window) {
                Ok(limit) => Some(Rc::new(limit)),
                Err(error) => {
                    faults.push("window", error.to_string());
                    None
                }
            }
        };
        let amount = of(raw.amount.unwrap_or(0));
        let tiers = raw.tiers.iter().filter_map(|(tier, amount)| Some((tier.to_owned(), of(*amount)?))).collect();
        let per = raw.per.iter().map(lowered).collect();
        let models = raw.models.iter().map(|model| Glob::new(&model.to_ascii_lowercase())).collect();
        let (Some(amount), true) = (amount, faults.is_empty()) else { return Err(faults) };
        Ok(Self {
            name: raw.name.clone(),
            unit: raw.unit,
            lease_amount: raw.lease_amount,
            lease_ms: raw.lease_secs.saturating_mul(1000),
            amount,
            tiers,
            per,
            models,
            store: raw.store,
            failure_mode: raw.failure_mode,
            when_spent: raw.when_spent,
            degrade_to: raw.degrade_to.clone(),
            soft_percent: raw.soft_percent,
        })
    }

    /// The limit of a caller of this tier.
    pub fn of(&self, tier: Option<&str>) -> &Rc<budget::Limit> {
        let found = tier.and_then(|tier| self.tiers.iter().find(|(name, _)| name == tier));
        found.map_or(&self.amount, |(_, limit)| limit)
    }

    /// Whether it is about calls of this model, written small. A call that names none may reach any, if it `reaches` one at all.
    pub fn is_about(&self, model: Option<&str>, reaches: bool) -> bool {
        self.models.is_empty()
            || match model.filter(|model| !model.is_empty()) {
                Some(model) => self.models.iter().any(|glob| glob.matches(model)),
                None => reaches,
            }
    }

    /// Whether it only counts, and never refuses.
    pub fn is_shadow(&self) -> bool {
        self.when_spent == WhenSpent::Shadow
    }

    /// What is done where the service does not answer.
    pub fn without_service(&self) -> FailureMode {
        match self.failure_mode {
            FailureMode::Deny if self.is_shadow() => FailureMode::Allow,
            mode => mode,
        }
    }

    /// What is known before a call counts at once: one request.
    pub fn at_once(&self) -> bool {
        self.unit == Unit::Requests
    }
}

fn lowered(per: &Per) -> Per {
    match per {
        Per::Header(name) => Per::Header(name.to_ascii_lowercase()),
        other => other.clone(),
    }
}

fn window(raw: &config::Limit) -> Result<budget::Window, Faults> {
    let mut faults = Faults::new();
    let ms = |secs: u64| secs.saturating_mul(1000);
    let window = match (&raw.window, raw.unit) {
        (None, Unit::InFlight) => Some(budget::Window::Concurrency),
        (Some(_), Unit::InFlight) => {
            faults.push("", "has no use for `in_flight`, which counts what runs at any moment");
            None
        }
        (None, _) => {
            faults.push("", "is missing; say `token_bucket`, `sliding`, `calendar` or `balance`");
            None
        }
        (Some(config::Window::TokenBucket { period_secs, burst }), _) => {
            Some(budget::Window::TokenBucket { period_ms: ms(*period_secs), burst: *burst })
        }
        (Some(config::Window::Sliding { period_secs }), _) => {
            Some(budget::Window::Sliding { period_ms: ms(*period_secs) })
        }
        (Some(config::Window::Calendar { time_zone, .. }), _) if is_turned(time_zone) => {
            faults.push("calendar.time_zone", TURNED);
            None
        }
        (Some(config::Window::Calendar { unit, time_zone }), _) => match budget::Zone::new(time_zone) {
            Ok(zone) => Some(budget::Window::Calendar { unit: *unit, zone }),
            Err(error) => {
                faults.push("calendar.time_zone", error.to_string());
                None
            }
        },
        (Some(config::Window::Balance { initial }), _) => Some(budget::Window::Balance { initial: *initial }),
    };
    match window {
        Some(window) if faults.is_empty() => Ok(window),
        _ => Err(faults),
    }
}

/// What is wrong with `UTC+2`, and what helps.
const TURNED: &str = "counts hours west of UTC, as POSIX rules do: `UTC+2` is two hours behind it. Name the zone otherwise, such as \
    `<+02>-2` for two hours ahead of UTC and `<-02>2` for two hours behind it";

/// Whether a rule is UTC by its name, and not by its hours: whoever wrote it meant the other way round.
fn is_turned(rule: &str) -> bool {
    let hours = ["UTC", "GMT"].iter().find_map(|name| rule.strip_prefix(name));
    hours.is_some_and(|hours| hours.trim_start_matches(['+', '-', '0']).starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::Prices;
    use crate::usage::{Measure, Work};

    #[test]
    fn a_model_has_its_own_price_else_the_longest_pattern_s() {
        for order in [["*", "gpt-*", "gpt-4o", "gpt-4*"], ["gpt-4o", "gpt-4*", "gpt-*", "*"]] {
            let named: Vec<String> =
                order.iter().map(|name| format!("\"{name}\":{{\"request\":{}}}", name.len())).collect();
            let raw = serde_json::from_str(&format!("{{{}}}", named.join(","))).unwrap();
            let prices = Prices::compile(&raw);
            for (model, price) in [("gpt-4o", 6), ("gpt-4o-mini", 6), ("gpt-3.5", 5), ("claude", 1), ("gpt-4*", 6)] {
                let found = prices.of(model).unwrap();
                assert_eq!(found.cost(&Measure::default(), Work::default()), price, "{model}");
            }
        }
    }
}
