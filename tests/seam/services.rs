//! Each dependency can be slow, wrong or gone: `deny` refuses, `allow` goes on, and nothing hangs or ends.

use crate::bench::{ATTACHMENTS, assert_well, dependency, gateway, post, send};
use demo_upstream::grpc::{EchoAnswer, start_echo};
use plugin::Plugin;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::Gateway;

/// The request goes on where the failure is allowed and is refused with 503 where it is not.
fn failing(cluster: &str, service: Option<&demo_upstream::grpc::GrpcEcho>, what: &str) {
    for mode in ["deny", "allow"] {
        for point in ["ask", "ask_at_body"] {
            let mut request = json!({"body": "whole", "edit": {"append": "!"}});
            request[point] = dependency(cluster, 200, mode);
            let services = service.map(|service| vec![(cluster.into(), service.addr())]).unwrap_or_default();
            let mut gateway = gateway(&json!({"request": request}), services);
            for attachment in ATTACHMENTS {
                let case = format!("{what} {mode} {point} {attachment}");
                let outcome = send(&gateway, attachment, &post("abc"), &case);
                assert_eq!(
                    outcome.status,
                    if mode == "deny" { 503 } else { 200 },
                    "{case}: {outcome:?}\n{}",
                    gateway.log()
                );
            }
            assert_well(&mut gateway, "full", &post("x"));
        }
    }
}

#[test]
fn a_service_that_is_down() {
    let gone = start_echo().unwrap();
    let address = gone.addr();
    drop(gone);
    for mode in ["deny", "allow"] {
        let config = json!({"request": {"ask": dependency("asked", 200, mode), "body": "whole"}});
        let mut gateway = gateway(&config, vec![("asked".into(), address)]);
        for attachment in ATTACHMENTS {
            let outcome = send(&gateway, attachment, &post("abc"), attachment);
            assert_eq!(outcome.status, if mode == "deny" { 503 } else { 200 });
        }
        assert_well(&mut gateway, "full", &post("x"));
    }
}

#[test]
fn a_cluster_that_is_not_there() {
    failing("nowhere", None, "no cluster");
}

#[test]
fn a_service_that_is_slow() {
    let service = start_echo().unwrap();
    service.set_delay(Duration::from_secs(3));
    failing("slow", Some(&service), "slow");
}

#[test]
fn a_service_that_answers_garbage() {
    let service = start_echo().unwrap();
    for answer in [
        EchoAnswer::Message(vec![0xff; 100]),
        EchoAnswer::Garbage(b"\xff\xff\xff\xff\xffnot a frame".to_vec()),
        EchoAnswer::Garbage(Vec::new()),
        EchoAnswer::Status(13, "internal".into()),
        EchoAnswer::Reset,
        EchoAnswer::HttpStatus(404),
    ] {
        service.set_answer(answer.clone());
        for mode in ["deny", "allow"] {
            let config = json!({"request": {"ask": dependency("asked", 500, mode), "body": "whole"}});
            let mut gateway = gateway(&config, vec![("asked".into(), service.addr())]);
            for attachment in ATTACHMENTS {
                let outcome = send(&gateway, attachment, &post("abc"), attachment);
                assert_eq!(outcome.status, if mode == "deny" { 503 } else { 200 }, "{answer:?} {mode} {attachment}");
            }
            assert_well(&mut gateway, "full", &post("x"));
        }
    }
}

/// HTTP calls fail in their own ways: no header fields at all, or a status that is not 200.
#[test]
fn an_http_service() {
    for (cluster, allowed, denied) in [("upstream", 200, 200), ("nowhere", 200, 503)] {
        for (mode, status) in [("allow", allowed), ("deny", denied)] {
            let config = json!({"request": {"ask_http": dependency(cluster, 500, mode)}});
            let mut gateway = gateway(&config, Vec::new());
            for attachment in ATTACHMENTS {
                // The demo upstream does not know `/ask` and says 404, which is no answer either.
                let outcome = send(&gateway, attachment, &post("abc"), attachment);
                let status = if cluster == "upstream" && mode == "deny" { 503 } else { status };
                assert_eq!(outcome.status, status, "{cluster} {mode} {attachment}");
            }
            assert_well(&mut gateway, "full", &post("x"));
        }
    }
}

/// Cluster names that Envoy would read as a serialized message, and end.
#[test]
fn clusters_named_model_and_empty() {
    let service = start_echo().unwrap();
    for name in ["model", "empty", "outbound|443||cache.svc.cluster.local"] {
        let config = json!({"request": {"ask": dependency(name, 1000, "deny")}});
        let mut there = gateway(&config, vec![(name.into(), service.addr())]);
        for attachment in ATTACHMENTS {
            assert_eq!(send(&there, attachment, &post("abc"), attachment).status, 200, "{name}");
        }
        assert_well(&mut there, "full", &post("x"));
        let mut absent = gateway(&config, Vec::new());
        assert_eq!(send(&absent, "full", &post("abc"), "absent").status, 503, "{name}");
        assert_well(&mut absent, "full", &post("x"));
    }
}

/// The empty name is an error of the configuration, which names the key.
#[test]
fn a_cluster_without_a_name() {
    let config = json!({"request": {"ask": dependency("", 1000, "deny")}});
    let faults = probe::Probe::configure(config.to_string().as_bytes()).err().expect("it is refused").to_string();
    assert!(faults.contains("request.ask.cluster") && faults.contains("empty cluster name"), "{faults}");
}

/// What is told at the end of a stream arrives, however the stream ended.
#[test]
fn the_end_is_told() {
    let told = start_echo().unwrap();
    let config: Value =
        json!({"request": {"body": "whole", "refuse_body_with": "bad"}, "tell_end": dependency("told", 1000, "allow")});
    let gateway: Gateway = gateway(&config, vec![("told".into(), told.addr())]);
    for attachment in ATTACHMENTS {
        assert_eq!(send(&gateway, attachment, &post("good"), "good").status, 200);
        assert_eq!(send(&gateway, attachment, &post("bad"), "bad").status, 403);
    }
    gateway.wait(|| (told.count() == 4).then_some(()), "the end of four streams");
    let mut ends: Vec<String> =
        told.calls().iter().map(|call| String::from_utf8_lossy(&call.message).into_owned()).collect();
    ends.sort();
    assert_eq!(ends, ["200 true", "200 true", "403 true", "403 true"]);
}
