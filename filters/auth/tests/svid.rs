//! JWT-SVIDs (SPIFFE), which need no `iss`: the trust domain in `sub` says whose they are.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use auth::decide::Desk;
use mint::{claims, mint};
use serde_json::{Value, json};

fn config() -> Value {
    json!({
        "providers": {
            "acme": {"trust_domains": ["acme.test"], "audiences": ["models"], "algorithms": ["RS256"],
                "keys": {"inline": mint().jwks_of(&[("RS256", "k1")])}},
            "other": {"issuers": ["https://other.test"], "trust_domains": ["other.test"], "audiences": ["models"],
                "algorithms": ["ES256"], "keys": {"inline": mint().jwks_of(&[("ES256", "e1")])}},
        },
        "policies": {"default": {}}, "default_policy": "default",
    })
}

/// Status and consumer for a token of one of the two.
fn ask(alg: &str, change: Value) -> (u16, Option<String>) {
    let desk = Desk::new(config().to_string().as_bytes(), &|_| None).unwrap();
    let kid = if alg == "RS256" { "k1" } else { "e1" };
    let header = json!({"alg": alg, "kid": kid, "typ": "JOSE"}).to_string();
    let token = mint().sign(alg, &header, &claims(change).to_string());
    let line = json!({"headers": {"authorization": format!("Bearer {token}")}, "now": 1_790_000_000});
    let decision = desk.decide(&line.to_string()).unwrap();
    (decision.status, decision.consumer)
}

#[test]
fn a_trust_domain_vouches_for_its_own() {
    let of = |iss: Value, sub: &str| json!({"iss": iss, "sub": sub});
    let web = "spiffe://acme.test/ns/web";
    assert_eq!(ask("RS256", of(Value::Null, web)), (200, Some(web.into())));
    for (alg, iss, sub) in [
        ("ES256", Value::Null, web),
        ("RS256", Value::Null, "spiffe://other.test/web"),
        ("RS256", Value::Null, "spiffe://acme.test"),
        ("RS256", Value::Null, "spiffe://acme.test/"),
        ("RS256", Value::Null, "spiffe://acme.test.evil/web"),
        ("RS256", Value::Null, "spiffe://ACME.test/web"),
        ("RS256", Value::Null, "https://acme.test/web"),
        ("RS256", Value::Null, "alice"),
        ("RS256", json!("https://acme.test"), web),
        ("RS256", json!(7), web),
        ("ES256", json!("https://other.test"), web),
    ] {
        assert_eq!(ask(alg, of(iss.clone(), sub)), (401, None), "{alg} {iss} {sub}");
    }
    let both = of(json!("https://other.test"), "spiffe://other.test/web");
    assert_eq!(ask("ES256", both), (200, Some("spiffe://other.test/web".into())));
}

#[test]
fn what_is_no_trust_domain_is_a_fault() {
    let said = |change: &dyn Fn(&mut Value)| {
        let mut config = config();
        change(&mut config["providers"]);
        Desk::new(config.to_string().as_bytes(), &|_| None).map_or_else(|faults| faults.to_string(), |_| String::new())
    };
    for name in ["", "spiffe://acme.test", "Acme.test", "acme.test/web"] {
        let said = said(&|providers| providers["acme"]["trust_domains"] = json!([name]));
        assert!(said.starts_with("providers.acme.trust_domains: holds what is no trust domain"), "{said}");
    }
    let shared = said(&|providers| providers["other"]["trust_domains"] = json!(["acme.test"]));
    assert!(shared.starts_with("providers.other: holds an issuer or a trust domain of another"), "{shared}");
    let none = said(&|providers| providers["acme"]["trust_domains"] = json!([]));
    assert!(none.starts_with("providers.acme.issuers: is empty"), "{none}");
    let document = json!({"discovery": {"cluster": "c", "host": "h"}});
    let nameless = said(&|providers| providers["acme"]["keys"] = document.clone());
    assert!(nameless.starts_with("providers.acme.issuers: is empty"), "{nameless}");
}
