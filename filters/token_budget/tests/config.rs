//! What is wrong with a configuration is said at once, each fault with its key.
#![allow(clippy::unwrap_used, missing_docs)]

use plugin::Plugin;
use serde_json::{Value, json};
use token_budget::TokenBudget;

#[test]
fn all_faults_at_once() {
    let config = json!({
        "local": {"slots": 0},
        "estimate": {"expires_secs": 0},
        "default_policy": "defualt",
        "policies": {"default": {
            "cache_hit_percent": 101,
            "limits": [
                {"name": "a b", "unit": "tokens", "window": {"sliding": {"period_secs": 60}}},
                {"name": "money", "unit": "money", "window": {"balance": {}}},
                {"name": "far", "unit": "requests", "store": "shared", "window": {"token_bucket": {"period_secs": 0}}},
                {"name": "flying", "unit": "in_flight", "window": {"sliding": {"period_secs": 60}}},
                {"name": "none", "unit": "requests"},
                {"name": "zone", "unit": "requests", "window": {"calendar": {"unit": "day", "time_zone": "Europe/Berlin"}}},
                {"name": "gift", "unit": "money", "amount": 5, "window": {"balance": {"initial": 5}}},
                {"name": "eternal", "unit": "tokens", "amount": 5, "store": "leased", "lease_secs": 604_800, "window": {"calendar": {"unit": "day"}}},
                {"name": "nameless", "unit": "tokens", "amount": 5, "per": [{"header": ""}], "window": {"calendar": {"unit": "day"}}},
                {"name": "cheap", "unit": "requests", "when_spent": "degrade", "window": {"calendar": {"unit": "day"}}},
                {"name": "own", "unit": "requests", "amount": 5, "models": ["small"], "when_spent": "degrade", "degrade_to": "small", "window": {"calendar": {"unit": "day"}}},
                {"name": "burst", "unit": "requests", "amount": 5, "tiers": {"gold": 50}, "window": {"token_bucket": {"period_secs": 60, "burst": 20}}},
                {"name": "calm", "unit": "requests", "amount": 50, "tiers": {"gold": 90}, "window": {"token_bucket": {"period_secs": 60, "burst": 20}}},
            ],
        }},
    });
    let Err(faults) = TokenBudget::configure(config.to_string().as_bytes()) else { unreachable!("it was taken") };
    let said = faults.to_string();
    for key in [
        "policies.default.cache_hit_percent",
        "limits[0].name",
        "limits[1].unit",
        "limits[1].window",
        "limits[2].store",
        "limits[2].window",
        "limits[3].window",
        "limits[4].window",
        "limits[5].window.calendar.time_zone",
        "limits[6].amount",
        "limits[7].lease_secs",
        "limits[8].per[0].header",
        "limits[9].degrade_to",
        "limits[10].degrade_to",
        "limits[11].tiers.gold",
        "limits[4].amount",
        "default_policy",
        "local.slots",
        "estimate.expires_secs",
    ] {
        assert!(said.contains(key), "{key} in:\n{said}");
    }
    assert!(!said.contains("limits[12]"), "a burst below all amounts is meant:\n{said}");
}

#[test]
fn unknown_keys_are_refused() {
    let config = json!({"default_policy": "d", "policies": {"d": {"limits": [{"name": "l", "unit": "requests", "amuont": 5, "window": {"calendar": {"unit": "day"}}}]}}});
    assert!(TokenBudget::configure(config.to_string().as_bytes()).is_err());
}

#[test]
fn a_cheaper_model_is_asked_for_before_a_router_chooses() {
    let limit = json!({"name": "best", "unit": "requests", "amount": 1, "window": {"calendar": {"unit": "day"}},
                       "when_spent": "degrade", "degrade_to": "small"});
    let with = |attachment: &str| {
        let config = json!({"attachment": attachment, "default_policy": "default", "policies": {"default": {"limits": [limit]}}});
        TokenBudget::configure(config.to_string().as_bytes()).map(drop).map_err(|faults| faults.to_string())
    };
    assert!(with("plain").unwrap_err().contains("attachment"));
    assert_eq!(with("full"), Ok(()));
}

#[test]
fn limits_of_one_name_are_one_budget() {
    let day = json!({"calendar": {"unit": "day"}});
    let with = |unit: &str, window: Value| {
        let limit = |unit: &str, amount: u64, window: &Value| json!({"limits": [{"name": "l", "unit": unit, "amount": amount, "window": window}]});
        let config = json!({"default_policy": "a", "policies": {"a": limit("tokens", 5, &day), "b": limit(unit, 7, &window)},
                            "rules": [{"match": {"tier": "free"}, "policy": "b"}]});
        TokenBudget::configure(config.to_string().as_bytes()).map(drop).map_err(|faults| faults.to_string())
    };
    assert_eq!(with("tokens", day.clone()), Ok(()));
    for (unit, window) in [
        ("input", day.clone()),
        ("tokens", json!({"calendar": {"unit": "month"}})),
        ("tokens", json!({"calendar": {"unit": "day", "time_zone": "UTC0"}})),
        ("tokens", json!({"sliding": {"period_secs": 86400}})),
    ] {
        let said = with(unit, window).unwrap_err();
        assert!(said.contains("policies.b.limits[0]") && said.contains("policies.a.limits[0]"), "{said}");
    }
}

#[test]
fn a_policy_has_no_more_limits_than_fit() {
    let with = |store: &str, count: usize, expires_secs: u64| {
        let limits: Vec<Value> = (0..count)
            .map(|at| json!({"name": format!("l{at}"), "unit": "requests", "amount": 5, "window": {"calendar": {"unit": "day"}}, "store": store}))
            .collect();
        let config = json!({"shared": {"cluster": "c"}, "default_policy": "d", "policies": {"d": {"limits": limits}},
                            "estimate": {"expires_secs": expires_secs}});
        TokenBudget::configure(config.to_string().as_bytes()).map(drop).map_err(|faults| faults.to_string())
    };
    for (store, count, expires_secs, fault) in [
        ("local", 32, 604_801, None),
        ("local", 33, 900, Some("policies.d.limits")),
        ("leased", 33, 900, Some("policies.d.limits")),
        ("shared", 32, 604_800, None),
        ("shared", 33, 900, Some("policies.d.limits")),
        ("shared", 1, 604_801, Some("estimate.expires_secs")),
    ] {
        let said = with(store, count, expires_secs).err();
        assert_eq!(
            said.as_ref().map(|said| said.contains(fault.unwrap_or("none"))),
            fault.map(|_| true),
            "{store} {said:?}"
        );
    }
}
