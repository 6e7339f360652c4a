//! What limits must not be beside each other, and what a policy must not have too many of.

use crate::config::{self, FailureMode, Per, Store, WhenSpent};
use cache_api::{MAX_DEMANDS, MAX_EXPIRES_MS};
use plugin::Faults;
use policy::IdentitySource;

/// What is wrong with two limits of one name, and what helps.
const COUNTS_APART: &str = ", but another unit, store or window; limits of one name are one budget: make them agree, or name \
    them apart";

/// Limits of one name are one budget: what one policy counts, another one must not count in another way.
pub(crate) fn agree(policies: &policy::Named<config::Policy>, faults: &mut Faults) {
    let mut seen: Vec<(String, &config::Limit)> = Vec::new();
    for (name, policy) in policies.iter() {
        for (at, limit) in policy.limits.iter().enumerate() {
            let key = format!("policies.{name}.limits[{at}]");
            match seen.iter().find(|(_, other)| other.name == limit.name) {
                Some((first, other)) if !counts_alike(limit, other) => {
                    faults.push(key, format!("has the name of {first}{COUNTS_APART}"));
                }
                Some(_) => {}
                None => seen.push((key, limit)),
            }
        }
    }
}

/// Whether two limits can be one budget, whatever their amounts.
fn counts_alike(one: &config::Limit, other: &config::Limit) -> bool {
    use config::Window::{Balance, Calendar, Sliding, TokenBucket};
    let windows = match (&one.window, &other.window) {
        (Some(TokenBucket { period_secs, .. }), Some(TokenBucket { period_secs: also, .. }))
        | (Some(Sliding { period_secs }), Some(Sliding { period_secs: also })) => period_secs == also,
        (Some(Calendar { unit, time_zone }), Some(Calendar { unit: also, time_zone: there })) => {
            unit == also && time_zone == there
        }
        (Some(Balance { .. }), Some(Balance { .. })) | (None, None) => true,
        _ => false,
    };
    windows && one.unit == other.unit && one.store == other.store
}

/// Whether a tenant and a tier are read, where limits go by them.
pub(crate) fn known(policies: &policy::Named<config::Policy>, identity: &IdentitySource, faults: &mut Faults) {
    let (tenant, tier) = identity.reads_tenant_and_tier();
    for (name, policy) in policies.iter() {
        for (at, limit) in policy.limits.iter().enumerate() {
            let by_tier = !limit.tiers.is_empty() || limit.per.contains(&Per::Tier);
            for (field, is_asked, is_read) in
                [("tenant", limit.per.contains(&Per::Tenant), tenant), ("tier", by_tier, tier)]
            {
                if is_asked && !is_read {
                    let message = format!("goes by the {field}, which `identity` does not read");
                    faults.push(format!("policies.{name}.limits[{at}]"), message);
                }
            }
        }
    }
}

/// Whether the limits of each policy fit into a slot of the local store and into a call of the service.
pub(crate) fn fit(policies: &policy::Named<config::Policy>, slot_entries: u32, expires_secs: u64, faults: &mut Faults) {
    let mut has_shared = false;
    for (name, policy) in policies.iter() {
        let count = |of: &dyn Fn(&config::Limit) -> bool| policy.limits.iter().filter(|limit| of(limit)).count();
        // A lease and what is counted in its place are two.
        let in_store = count(&|limit| limit.store != Store::Shared);
        let in_its_place = count(&|limit| limit.store != Store::Local && limit.failure_mode == FailureMode::Local);
        if in_store + in_its_place > slot_entries as usize {
            faults.push(
                format!("policies.{name}.limits"),
                "are more than `local.slot_entries`, so they would forget each other",
            );
        }
        // Shadows are asked for by themselves.
        let shared = [true, false].map(|shadow| {
            count(&|limit| limit.store == Store::Shared && (limit.when_spent == WhenSpent::Shadow) == shadow)
        });
        if shared.iter().any(|count| *count > MAX_DEMANDS) {
            faults.push(
                format!("policies.{name}.limits"),
                "has more than 32 of `store: shared`, the most that the service takes",
            );
        }
        has_shared |= shared.iter().any(|count| *count > 0);
    }
    if has_shared && expires_secs > MAX_EXPIRES_MS / 1000 {
        faults.push("estimate.expires_secs", "is above a week, for which the service keeps a reservation at most");
    }
}
