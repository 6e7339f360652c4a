//! The routes that follow the model router's choice, in a real Envoy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use demo_upstream::Script;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{Body, Gateway, GatewaySpec, Link, ListenerSpec, RequestSpec, client};

fn route(name: &str, version: Option<&str>) -> Value {
    let headers: Vec<Value> = version
        .map(|version| json!({"name": "x-model-version", "string_match": {"exact": version}}))
        .into_iter()
        .collect();
    json!({"name": name, "match": {"prefix": "/", "headers": headers}, "route": {"cluster": "upstream"}})
}

/// With the salt `demo`, `dave` falls to the first 10 % and `alice` does not.
fn router() -> Value {
    json!({
        "attachment": "full",
        "policies": {"default": {"models": [{
            "name": "m",
            "versions": [{"name": "v1", "weight": 900_000}, {"name": "v2", "weight": 100_000}],
            "sticky": {"by": [{"header": "x-user-id"}], "salt": "demo"},
        }]}},
        "default_policy": "default",
        "rules": [{"match": {"path": "/v1/files"}, "policy": "off"}],
    })
}

fn request(path: &str, headers: &[(&str, &str)]) -> RequestSpec {
    RequestSpec {
        path: path.into(),
        headers: headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        body: Some(Body::Json(json!({"model": "m"}))),
        ..RequestSpec::default()
    }
}

#[test]
fn the_version_chooses_the_route_and_the_client_does_not() {
    let routes = vec![route("canary", Some("v2")), route("stable", Some("v1")), route("rest", None)];
    let listener = ListenerSpec {
        name: "l".into(),
        chain: vec![Link::filter("model_router", router())],
        routes,
        ..Default::default()
    };
    let gateway = Gateway::start(&GatewaySpec { listeners: vec![listener], ..GatewaySpec::default() });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let cases = BTreeMap::from([
        ("canary", request("/v1/chat/completions", &[("x-user-id", "dave")])),
        ("stable", request("/v1/chat/completions", &[("x-user-id", "alice")])),
        ("stable, forged", request("/v1/chat/completions", &[("x-user-id", "alice"), ("x-model-version", "v2")])),
        ("rest, forged under off", request("/v1/files", &[("x-model-version", "v2")])),
    ]);
    for (case, request) in cases {
        gateway.upstream.script(case, Script::default());
        let outcome = runtime.block_on(client::send(gateway.addr("l"), &request, case));
        assert_eq!(outcome.status, 200, "{case}");
        assert_eq!(gateway.access(case)["route"], case.split(',').next().unwrap(), "{case}");
    }
    assert_eq!(gateway.vm_failures(), 0);
    assert_eq!(gateway.count("modelgate_routed"), 3);
    assert_eq!(gateway.count("modelgate_unrouted"), 1);
}
