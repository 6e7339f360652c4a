//! Configurations that change under traffic, and bad ones at the start and as an update.

use crate::bench::{block_on, listener, post};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use testkit::{Gateway, GatewaySpec, Link, client, envoy_binary};

/// A probe's configuration that marks its responses.
fn marked(mark: &str) -> Value {
    json!({"attachment": "full", "request": {"body": "whole"}, "response": {"body": "chunks", "set": {"x-mark": mark}}})
}

/// A gateway's bootstrap whose listener comes from a file that can change.
fn dynamic(folder: &Path, upstream: std::net::SocketAddr, config: Value) -> String {
    let spec = GatewaySpec { listeners: vec![listener("all", vec![Link::probe(config)])], ..GatewaySpec::default() };
    let mut bootstrap: Value = serde_json::from_str(&spec.bootstrap(upstream)).unwrap();
    let mut listener = bootstrap["static_resources"]["listeners"][0].take();
    listener["@type"] = "type.googleapis.com/envoy.config.listener.v3.Listener".into();
    bootstrap["static_resources"]["listeners"] = json!([]);
    bootstrap["node"] = json!({"id": "test", "cluster": "test"});
    bootstrap["dynamic_resources"] =
        json!({"lds_config": {"path_config_source": {"path": folder.join("lds.yaml")}, "resource_api_version": "V3"}});
    write(folder, &listener);
    bootstrap.to_string()
}

/// Envoy watches for a move into place.
fn write(folder: &Path, listener: &Value) {
    let new = folder.join("lds.new");
    std::fs::write(&new, json!({"resources": [listener]}).to_string()).unwrap();
    std::fs::rename(new, folder.join("lds.yaml")).unwrap();
}

fn update(folder: &Path, upstream: std::net::SocketAddr, config: Value) {
    dynamic(folder, upstream, config);
}

#[test]
fn an_update_under_traffic_and_a_bad_one() {
    let folder = std::env::temp_dir().join(format!("modelgate-lds-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let upstream = demo_upstream::DemoUpstream::start(demo_upstream::Options::default()).unwrap();
    let envoy = envoy::Envoy::start(
        &envoy_binary(),
        &dynamic(&folder, upstream.addr(), marked("one")),
        &envoy::Options::default(),
    )
    .unwrap();
    let gateway = Gateway { envoy, upstream };
    let address = gateway.wait(|| gateway.envoy.listener("all"), "the listener");
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
        update(&folder, gateway.upstream.addr(), marked("two"));
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
        update(&folder, gateway.upstream.addr(), json!({"attachment": "full", "requst": {}}));
        gateway.wait(|| (gateway.count("lds.update_rejected") > 0).then_some(()), "the refusal of the update");
        assert!(gateway.log().contains("requst"), "the log names the key:\n{}", gateway.log());
        let address = gateway.envoy.listener("all").unwrap();
        assert_eq!(mark(&client::send(address, &post("a"), "after").await).as_deref(), Some("two"));
    });
    assert_eq!(gateway.vm_failures(), 0);
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn a_bad_configuration_at_the_start_ends_envoy_and_says_why() {
    let config = json!({"attachment": "half", "request": {"bodie": "whole"}});
    let spec = GatewaySpec { listeners: vec![listener("all", vec![Link::probe(config)])], ..GatewaySpec::default() };
    let upstream = demo_upstream::DemoUpstream::start(demo_upstream::Options::default()).unwrap();
    let error = envoy::Envoy::start(&envoy_binary(), &spec.bootstrap(upstream.addr()), &envoy::Options::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("attachment") && error.contains("bodie"), "{error}");
}
