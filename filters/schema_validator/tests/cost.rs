//! What bad bodies cost in a real Envoy: less than five times a good one, and no memory that stays.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// A call of 20,000 messages, about 540 KB.
fn call(role: &str) -> String {
    let message = format!(r#"{{"role":"{role}","content":""}}"#);
    format!(r#"{{"model":"m","messages":[{}]}}"#, vec![message.as_str(); 20_000].join(","))
}

fn post(address: SocketAddr, body: &str) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/json\r\nconnection: close\r\n";
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().parse().unwrap()
}

/// CPU time of a process so far, in ticks, and its memory in RAM, in pages.
fn usage(pid: u32) -> (u64, u64) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap(), fields[21].parse().unwrap())
}

fn measure(module: &str, config: Value) {
    let mut listeners = Vec::new();
    let mut pass = config.clone();
    pass["default_policy"] = "off".into();
    for (name, config) in [("judged", config), ("passed", pass)] {
        let chain = vec![Link::filter(module, config)];
        listeners.push(ListenerSpec {
            name: name.into(),
            chain,
            buffer_limit: Some(4 << 20),
            ..ListenerSpec::default()
        });
    }
    let gateway = Gateway::start(&GatewaySpec { listeners, ..GatewaySpec::default() });
    let (judged, pid) = (gateway.addr("judged"), gateway.envoy.pid());
    let (good, bad) = (call("user"), call("none"));
    let cost = |body: &str, status: u16| {
        let before = usage(pid).0;
        (0..100).for_each(|_| assert_eq!(post(judged, body), status));
        usage(pid).0 - before
    };
    cost(&good, 200);
    assert_eq!(post(judged, &bad), 400);
    let resident = usage(pid).1;
    let bad = cost(&bad, 400);
    let grown = usage(pid).1.saturating_sub(resident) * 4;
    let good = cost(&good, 200);
    println!(
        "{module}: 100 good bodies {good} ticks, 100 bad ones {bad} ticks; {grown} KiB more in RAM after 100 bad ones"
    );
    assert!(bad < good * 5, "{bad} ticks for bad bodies, {good} for good ones");
    assert!(grown < 4 << 10, "{grown} KiB more in RAM");
    assert_eq!(gateway.vm_failures(), 0);
}

#[test]
fn twenty_thousand_faults() {
    let policies = json!({"p": {}});
    measure("schema_validator", json!({"attachment": "full", "policies": policies, "default_policy": "p"}));
}

#[test]
fn twenty_thousand_faults_of_an_own_schema() {
    let schema = include_str!("../schemas/openai.chat.json");
    let policies = json!({"p": {"schemas": [{"match": {"api": ["chat"]}, "request": "own"}]}});
    let schemas = json!({"own": {"json_schema": schema}});
    measure(
        "schema_validator_custom",
        json!({"attachment": "full", "policies": policies, "default_policy": "p", "schemas": schemas}),
    );
}
