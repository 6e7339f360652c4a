//! Configurations that change under traffic, and bad ones at the start and as an update.

use crate::bench::{block_on, listener, post};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{Dynamic, GatewaySpec, Link, client, envoy_binary};

/// A probe's configuration that marks its responses.
fn marked(mark: &str) -> Value {
    json!({"attachment": "full", "request": {"body": "whole"}, "response": {"body": "chunks", "set": {"x-mark": mark}}})
}

fn spec(config: Value) -> GatewaySpec {
    GatewaySpec { listeners: vec![listener("all", vec![Link::probe(config)])], ..GatewaySpec::default() }
}

#[test]
fn an_update_under_traffic_and_a_bad_one() {
    let dynamic = Dynamic::start(&spec(marked("one")));
    let gateway = &dynamic.gateway;
    let address = gateway.addr("all");
    gateway.upstream.script(
        "stream",
        demo_upstream::Script {
            chunks: vec![b"data: x\n\n".to_vec(); 50],
            chunk_delay: Duration::from_millis(30),
            ..Default::default()
        },
    );
    for case in ["next", "after"] {
        gateway.upstream.script(case, demo_upstream::Script::default());
    }
    let mark = |outcome: &testkit::Outcome| {
        outcome
            .headers
            .iter()
            .find(|(name, _)| name == "x-mark")
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };

    block_on(async {
        // A stream that is under way when the configuration changes.
        let streaming = tokio::spawn(async move { client::send(address, &post("a"), "stream").await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        dynamic.update(&spec(marked("two")));
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        loop {
            let address = gateway.envoy.listener("all").unwrap();
            let outcome = client::send(address, &post("a"), "next").await;
            assert_eq!(outcome.status, 200, "{outcome:?}");
            if mark(&outcome).as_deref() == Some("two") {
                break;
            }
            assert!(std::time::Instant::now() < deadline, "the update did not come");
        }
        let outcome = streaming.await.unwrap();
        assert_eq!(
            (outcome.status, outcome.body.len(), outcome.cut),
            (200, 450, false),
            "the stream under way ends well"
        );
        assert_eq!(mark(&outcome).as_deref(), Some("one"));

        // A bad one is refused, says why, and the old one goes on.
        dynamic.update(&spec(json!({"attachment": "full", "requst": {}})));
        gateway.wait(|| (gateway.count("lds.update_rejected") > 0).then_some(()), "the refusal of the update");
        assert!(gateway.log().contains("requst"), "the log names the key:\n{}", gateway.log());
        let address = gateway.envoy.listener("all").unwrap();
        assert_eq!(mark(&client::send(address, &post("a"), "after").await).as_deref(), Some("two"));
    });
    assert_eq!(gateway.vm_failures(), 0);
}

#[test]
fn a_bad_configuration_at_the_start_ends_envoy_and_says_why() {
    let config = json!({"attachment": "half", "request": {"bodie": "whole"}});
    let upstream = demo_upstream::DemoUpstream::start(demo_upstream::Options::default()).unwrap();
    let error =
        envoy::Envoy::start(&envoy_binary(), &spec(config).bootstrap(upstream.addr()), &envoy::Options::default())
            .unwrap_err()
            .to_string();
    assert!(error.contains("attachment") && error.contains("bodie"), "{error}");
}
