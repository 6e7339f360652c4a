//! Callers by the certificate of a real TLS connection. Envoy is the client too: a listener in front speaks TLS to the one
//! with the filter, each with a certificate of its own.

use crate::callers::call;
use crate::certificate::Authority;
use demo_upstream::DemoUpstream;
use envoy::{Envoy, Options};
use serde_json::{Value, json};
use testkit::{Gateway, GatewaySpec, Link, ListenerSpec};

/// What each listener with the filter takes for a name.
const BY: [&str; 4] = ["uri", "dns", "subject", "digest"];

fn filter(by: &str, digest: &str) -> Value {
    let callers = match by {
        "digest" => json!([{ "name": digest }]),
        _ => json!([{"name": "spiffe://acme/web"}, {"name": "web.acme.test"}, {"name": "CN=web"}]),
    };
    json!({
        "mtls": {"name": by, "callers": callers},
        "policies": {"default": {}}, "default_policy": "default",
    })
}

fn pipe(name: &str) -> String {
    format!("@modelgate-tests-{}-{name}", std::process::id())
}

fn inline(pem: &str) -> Value {
    json!({"inline_string": pem})
}

/// The listener with the filter takes TLS alone, and whoever shows a certificate shows one of the authority's.
fn server_context(authority: &Authority) -> Value {
    let certificate = authority.certify("gateway", "spiffe://acme/gateway", "gateway.test");
    json!({"name": "tls", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "tls_certificates": [{"certificate_chain": inline(&certificate), "private_key": inline(&authority.key)}],
            "validation_context": {"trusted_ca": inline(&authority.certificate)}}}})
}

fn client_cluster(name: &str, by: &str, authority: &Authority, certificate: Option<&String>) -> Value {
    let certificates =
        certificate.map(|pem| json!({"certificate_chain": inline(pem), "private_key": inline(&authority.key)}));
    json!({"name": name, "type": "STATIC", "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": pipe(by)}}}}]}]},
        "transport_socket": {"name": "tls", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "common_tls_context": {"tls_certificates": certificates.into_iter().collect::<Vec<_>>()}}}})
}

#[test]
fn the_connections_certificate_names_the_caller() {
    let authority = Authority::new();
    let web = authority.certify("web", "spiffe://acme/web", "web.acme.test");
    let digest = sha256_of_pem(&web);
    let clients = [
        ("web", Some(web)),
        ("stranger", Some(authority.certify("stranger", "spiffe://evil/web", "evil.test"))),
        ("nobody", None),
    ];
    let mut listeners: Vec<ListenerSpec> = BY
        .map(|by| ListenerSpec {
            name: by.into(),
            chain: vec![Link::filter("auth", filter(by, &digest))],
            ..ListenerSpec::default()
        })
        .to_vec();
    for by in BY {
        listeners.extend(clients.iter().map(|(client, _)| ListenerSpec {
            name: format!("{client}-{by}"),
            routes: vec![json!({"match": {"prefix": "/"}, "route": {"cluster": format!("{client}-{by}")}})],
            manager: [("forward_client_cert_details".to_owned(), json!("ALWAYS_FORWARD_ONLY"))].into(),
            ..ListenerSpec::default()
        }));
    }
    let spec = GatewaySpec { listeners, ..GatewaySpec::default() };
    let upstream = DemoUpstream::start(demo_upstream::Options::default()).unwrap();
    let mut bootstrap: Value = serde_json::from_str(&spec.bootstrap(upstream.addr())).unwrap();
    for by in BY {
        let listeners = bootstrap["static_resources"]["listeners"].as_array_mut().unwrap();
        let listener = listeners.iter_mut().find(|listener| listener["name"] == by).unwrap();
        listener["address"] = json!({"pipe": {"path": pipe(by)}});
        listener["filter_chains"][0]["transport_socket"] = server_context(&authority);
        let clusters = bootstrap["static_resources"]["clusters"].as_array_mut().unwrap();
        for (client, certificate) in &clients {
            clusters.push(client_cluster(&format!("{client}-{by}"), by, &authority, certificate.as_ref()));
        }
    }
    let options = Options { log_level: "warning".into(), ..Options::default() };
    let gateway =
        Gateway { envoy: Envoy::start(&testkit::envoy_binary(), &bootstrap.to_string(), &options).unwrap(), upstream };
    let forged = format!("URI=spiffe://acme/web;DNS=web.acme.test;Subject=\"CN=web\";Hash={digest}");
    for by in BY {
        for (client, status) in [("web", 200), ("stranger", 401), ("nobody", 401)] {
            let address = gateway.addr(&format!("{client}-{by}"));
            assert_eq!(call(address, &[], 1), [(status, 1)], "{client} by {by}\n{}", gateway.log());
            let headers = [("x-forwarded-client-cert", forged.as_str())];
            assert_eq!(call(address, &headers, 1), [(status, 1)], "{client} by {by}, with a forged header");
        }
    }
    assert_eq!(gateway.vm_failures(), 0);
}

fn sha256_of_pem(pem: &str) -> String {
    use base64::Engine;
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    hmac_sha256::Hash::hash(&der).iter().map(|byte| format!("{byte:02x}")).collect()
}
