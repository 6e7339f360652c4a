//! Two ways to check a signature, one verdict: Envoy's crypto inside the gateway, pure Rust in this process.

use crate::mint::{base64url, claims, mint};
use auth::decide::Desk;
use serde_json::json;
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec, RequestSpec};

/// A token, and many that are a little other than it.
fn mutations(alg: &str, kid: &str) -> Vec<String> {
    let good = mint().token(alg, kid, &claims(json!({})));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let bytes = mint().signature(alg, signed.as_bytes());
    let mut all = vec![good.clone()];
    for at in (0..bytes.len()).step_by(bytes.len() / 32) {
        for bit in [0, 3, 7] {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            all.push(format!("{signed}.{}", base64url(changed)));
        }
    }
    let half = bytes.len() / 2;
    let swapped = [&bytes[half..], &bytes[..half]].concat();
    let zero_half = [&vec![0; half][..], &bytes[half..]].concat();
    for other in
        [swapped, zero_half, vec![0; bytes.len()], vec![0xff; bytes.len()], bytes[1..].to_vec(), bytes[..half].to_vec()]
    {
        all.push(format!("{signed}.{}", base64url(other)));
    }
    for (at, byte) in [(0, "f"), (10, "A"), (signed.len() - 1, "A")] {
        all.push(format!("{}{byte}{}.{signature}", &signed[..at], &signed[at + 1..]));
    }
    all
}

#[test]
fn both_ways_give_one_verdict() {
    let kids = [("RS256", "k1"), ("RS384", "k2"), ("RS512", "k3"), ("ES256", "e1"), ("ES384", "e2"), ("EdDSA", "d1")];
    let algorithms = kids.map(|(alg, _)| alg);
    let config = json!({
        "providers": {"main": {"issuers": ["https://issuer.test"], "audiences": ["models"], "algorithms": algorithms,
            "keys": {"inline": mint().jwks_of(&kids)}}},
        "policies": {"default": {}}, "default_policy": "default",
    });
    let desk = Desk::new(config.to_string().as_bytes(), &|_| None).unwrap();
    let gateway = Gateway::start(&GatewaySpec {
        listeners: vec![ListenerSpec {
            name: "main".into(),
            chain: vec![Link::filter("auth", config)],
            ..ListenerSpec::default()
        }],
        ..GatewaySpec::default()
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for (alg, kid) in kids {
        for token in mutations(alg, kid) {
            let value = format!("Bearer {token}");
            let line = json!({"headers": {"authorization": value}, "now": 1_790_000_000}).to_string();
            let native = desk.decide(&line).unwrap().status;
            let spec = RequestSpec {
                method: "GET".into(),
                path: "/v1/models".into(),
                headers: [("authorization".to_owned(), value)].into(),
                ..RequestSpec::default()
            };
            let live = runtime.block_on(testkit::client::send(gateway.addr("main"), &spec, "")).status;
            assert_eq!(live, native, "{alg} {token}");
            *if live == 200 { &mut accepted } else { &mut refused } += 1;
        }
    }
    eprintln!("{accepted} accepted and {refused} refused, both ways");
    assert_eq!(accepted, kids.len());
    assert_eq!(gateway.vm_failures(), 0);
}
