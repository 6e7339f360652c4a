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

/// What is said to a configuration with one limit, a plain one but for `limit`, and with `top` beside the policies.
fn said(limit: &Value, top: &Value) -> String {
    let mut whole = json!({"name": "l", "unit": "tokens", "amount": 5, "window": {"calendar": {"unit": "day"}}});
    merge(&mut whole, limit);
    let mut config = json!({"attachment": "full", "default_policy": "d", "policies": {"d": {"limits": [whole]}}});
    merge(&mut config, top);
    TokenBudget::configure(config.to_string().as_bytes()).err().map(|faults| faults.to_string()).unwrap_or_default()
}

/// Takes over what a patch says (RFC 7396).
fn merge(whole: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        whole.clone_from(patch);
        return;
    };
    if !whole.is_object() {
        *whole = json!({});
    }
    for (key, value) in patch {
        match value {
            Value::Null => _ = whole.as_object_mut().unwrap().remove(key),
            value => merge(&mut whole[key], value),
        }
    }
}

#[test]
fn each_fault_of_a_limit_says_what_would_be_right() {
    let shared = json!({"shared": {"cluster": "c"}});
    let leased = |more: Value| {
        let mut limit = json!({"store": "leased"});
        merge(&mut limit, &more);
        limit
    };
    let none = json!({});
    for (limit, top, key, words) in [
        (json!({"amount": -5}), &none, "limits[0].amount", "a whole number from 0"),
        (json!({"amount": "5k"}), &none, "limits[0].amount", "a whole number from 0"),
        (json!({"amount": 1.5}), &none, "limits[0].amount", "a whole number"),
        (json!({"amount": null}), &none, "limits[0].amount", "0 lets nothing in"),
        (json!({"unit": "token"}), &none, "limits[0].unit", "did you mean `tokens`"),
        (json!({"unit": "money"}), &none, "limits[0].unit", "needs `prices`"),
        (json!({"name": "a b"}), &none, "limits[0].name", "letters, digits"),
        (
            json!({"window": {"calendar": {"unit": "week"}}}),
            &none,
            "window.calendar.unit",
            "one of `minute`, `hour`, `day`, `month`",
        ),
        (json!({"window": {"calendar": {"time_zone": "UTC"}}}), &none, "calendar.time_zone", "`UTC0`"),
        (json!({"window": {"calendar": {"time_zone": "Europe/Paris"}}}), &none, "calendar.time_zone", "`CET-1CEST"),
        (json!({"window": {"calendar": {"time_zone": "UTC+2"}}}), &none, "calendar.time_zone", "`<+02>-2`"),
        (json!({"window": {"calendar": {"time_zone": "GMT-05:30"}}}), &none, "calendar.time_zone", "hours west"),
        (json!({"window": {"calendar": {"time_zone": "EST5EDT"}}}), &none, "calendar.time_zone", "M3.2.0"),
        (json!({"window": {"sliding": {"period_secs": 60}}}), &none, "limits[0].window", "one of"),
        (json!({"window": "day"}), &none, "limits[0].window", "expected"),
        (json!({"window": null}), &none, "limits[0].window", "`token_bucket`, `sliding`, `calendar` or `balance`"),
        (json!({"window": {"calendar": null, "rolling": {}}}), &none, "limits[0].window", "one of"),
        (
            json!({"window": {"calendar": null, "sliding": {"period_secs": 0}}}),
            &none,
            "limits[0].window",
            "at least one millisecond",
        ),
        (
            json!({"window": {"calendar": null, "sliding": {"period_secs": 4_000_000_000_u64}}}),
            &none,
            "limits[0].window",
            "a hundred years",
        ),
        (json!({"window": {"calendar": null, "sliding": {}}}), &none, "window.sliding.period_secs", "is missing"),
        (
            json!({"window": {"calendar": null, "sliding": {"period": 60}}}),
            &none,
            "window.sliding.period",
            "unknown key",
        ),
        (json!({"window": {"calendar": null, "balance": {}}, "amount": null}), &none, "limits[0].window", "`initial`"),
        (json!({"window": {"calendar": null, "balance": {"initial": 5}}}), &none, "limits[0].amount", "say `initial`"),
        (json!({"unit": "in_flight"}), &none, "limits[0].window", "no use for `in_flight`"),
        (
            json!({"unit": "in_flight", "window": null, "store": "leased"}),
            &shared,
            "limits[0].store",
            "cannot be `leased`",
        ),
        (json!({"store": "shared"}), &none, "limits[0].store", "needs `shared`"),
        (json!({"store": "redis"}), &none, "limits[0].store", "one of `local`, `shared`, `leased`"),
        (json!({"failure_mode": "open"}), &shared, "limits[0].failure_mode", "one of `deny`, `allow`, `local`"),
        (leased(json!({"lease_secs": 0})), &shared, "limits[0].lease_secs", "above 0"),
        (leased(json!({"lease_secs": 604_800})), &shared, "limits[0].lease_secs", "above a week"),
        (leased(json!({"lease_amount": 0})), &shared, "limits[0].lease_amount", "above 0"),
        (
            json!({"store": "leased", "amount": null, "window": {"calendar": null, "balance": {}}}),
            &shared,
            "limits[0].lease_amount",
            "is needed",
        ),
        (json!({"per": ["customer"]}), &none, "limits[0].per[0]", "one of"),
        (json!({"per": "consumer"}), &none, "limits[0].per", "a list"),
        (json!({"per": [{"header": "a b"}]}), &none, "per[0].header", "no header name"),
        (json!({"models": [""]}), &none, "limits[0].models[0]", "leave it out"),
        (json!({"models": "gpt-4o"}), &none, "limits[0].models", "a list"),
        (json!({"soft_percent": 0}), &none, "limits[0].soft_percent", "between 1 and 100"),
        (json!({"soft_percent": 101}), &none, "limits[0].soft_percent", "between 1 and 100"),
        (json!({"soft_percent": 0.8}), &none, "limits[0].soft_percent", "a whole number"),
        (json!({"when_spent": "block"}), &none, "limits[0].when_spent", "one of `refuse`, `degrade`, `shadow`"),
        (json!({"when_spent": "degrade"}), &none, "limits[0].degrade_to", "is needed"),
        (json!({"degrade_to": "m"}), &none, "limits[0].degrade_to", "`when_spent: degrade`"),
        (json!({"tiers": {"gold": "many"}}), &none, "limits[0].tiers.gold", "a whole number"),
        (json!({"tokens": 5}), &none, "limits[0].tokens", "unknown key"),
    ] {
        let said = said(&limit, top);
        let says = |line: &str| {
            line.split_once(": ").is_some_and(|(place, fault)| place.contains(key) && fault.contains(words))
        };
        assert!(said.lines().any(says), "{key}: {words}\n{limit}\n{said}");
    }
}

#[test]
fn each_fault_beside_the_limits_says_what_would_be_right() {
    let named = json!({"header": {"trusted_header": true, "consumer": "x-consumer"}});
    let plain = json!({});
    let money = json!({"unit": "money", "when_spent": "degrade", "degrade_to": "small"});
    let prices = json!({"large": {"input": 5}});
    for (limit, top, key, words) in [
        (&plain, json!({"prices": {"m": {"input": 2.5}}}), "prices.m.input", "a whole number"),
        (&plain, json!({"prices": {"m": {"imput": 5}}}), "prices.m", "did you mean `input`"),
        (&plain, json!({"prices": {"m": 5}}), "prices.m", "an object"),
        (&plain, json!({"prices": {"": {"input": 5}}}), "prices", "`*`"),
        (&money, json!({"prices": prices}), "limits[0].degrade_to", "has no price"),
        (&plain, json!({"estimate": {"output_tokens": 0}}), "estimate.output_tokens", "above 0"),
        (&plain, json!({"estimate": {"expires_secs": 0}}), "estimate.expires_secs", "above 0"),
        (&plain, json!({"estimate": {"expiry": "keep"}}), "estimate.expiry", "one of `charge`, `refund`"),
        (&plain, json!({"shared": {"cluster": "c", "timeout_ms": 0}}), "shared.timeout_ms", "above 0"),
        (&plain, json!({"shared": {"cluster": ""}}), "shared.cluster", ""),
        (&plain, json!({"shared": {}}), "shared.cluster", "is missing"),
        (&plain, json!({"local": {"slots": 0}}), "local.slots", "between 1 and 65536"),
        (&plain, json!({"local": {"slots": 65_537}}), "local.slots", "between 1 and 65536"),
        (&plain, json!({"local": {"slot_entries": 3}}), "local.slot_entries", "between 4 and 256"),
        (&plain, json!({"local": {"slot_entries": 257}}), "local.slot_entries", "between 4 and 256"),
        (&plain, json!({"policies": {"d": {"cache_hit_percent": 101}}}), "cache_hit_percent", "above 100"),
        (&plain, json!({"policies": {"d": {"deferred": "deny"}}}), "policies.d.deferred", "one of `charge`, `refuse`"),
        (
            &plain,
            json!({"policies": {"d": {"without_usage": "nothing"}}}),
            "without_usage",
            "one of `counted`, `reserved`",
        ),
        (&plain, json!({"policies": {"d": {"failed": "all"}}}), "failed", "one of `requests`, `nothing`, `reserved`"),
        (&plain, json!({"policies": {"d": {"unpriced": "deny"}}}), "unpriced", "one of `refuse`, `free`"),
        (&plain, json!({"policies": {"d": {"headers": "yes"}}}), "policies.d.headers", "boolean"),
        (&plain, json!({"default_policy": "e"}), "default_policy", "no policy `e`"),
        (&plain, json!({"rules": [{"match": {"tier": "free"}, "policy": "e"}]}), "rules[0].policy", "no policy `e`"),
        (&plain, json!({"attachment": "half"}), "attachment", "one of"),
        (
            &json!({"per": ["tenant"]}),
            json!({"identity": named}),
            "limits[0]",
            "tenant, which `identity` does not read",
        ),
        (
            &json!({"per": ["tier", "model"]}),
            json!({"identity": named}),
            "limits[0]",
            "tier, which `identity` does not read",
        ),
        (
            &json!({"tiers": {"gold": 9}}),
            json!({"identity": named}),
            "limits[0]",
            "tier, which `identity` does not read",
        ),
        (
            &json!({"store": "shared"}),
            json!({"shared": {"cluster": "c"}, "estimate": {"expires_secs": 604_801}}),
            "estimate.expires_secs",
            "a week",
        ),
        (
            &json!({"when_spent": "degrade", "degrade_to": "m"}),
            json!({"attachment": "plain"}),
            "attachment",
            "`attachment: full`",
        ),
    ] {
        let said = said(limit, &top);
        let says = |line: &str| {
            line.split_once(": ").is_some_and(|(place, fault)| place.contains(key) && fault.contains(words))
        };
        assert!(said.lines().any(says), "{key}: {words}\n{limit} {top}\n{said}");
    }
}

#[test]
fn what_looks_odd_and_is_meant_is_taken() {
    let shared = json!({"shared": {"cluster": "c"}});
    let none = json!({});
    let named = json!({"identity": {"header": {"trusted_header": true, "consumer": "x-consumer", "tier": "x-tier"}}});
    for (limit, top) in [
        (json!({"amount": 0}), &none),
        (json!({"amount": "5"}), &none),
        (json!({"amount": 1e6}), &none),
        (json!({"amount": null, "tiers": {"gold": 5}}), &none),
        (json!({"amount": null, "tiers": {"gold": 5}}), &named),
        (json!({"per": []}), &named),
        (json!({"window": {"calendar": {"time_zone": "UTC0"}}}), &none),
        (json!({"window": {"calendar": {"time_zone": "GMT0BST,M3.5.0/1,M10.5.0"}}}), &none),
        (json!({"window": {"calendar": {"time_zone": "<+02>-2"}}}), &none),
        (
            json!({"store": "leased", "amount": null, "window": {"calendar": null, "balance": {}}, "lease_amount": 100}),
            &shared,
        ),
        (json!({"store": "leased", "lease_secs": 604_770}), &shared),
        (json!({"store": "shared", "failure_mode": "local"}), &shared),
        // What another store would need may stay where it is while that one is tried.
        (json!({"failure_mode": "allow", "lease_amount": 5, "lease_secs": 5}), &none),
    ] {
        assert_eq!(said(&limit, top), "", "{limit}");
    }
}
