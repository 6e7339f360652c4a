//! The cluster of one upstream.

use crate::upstream::Upstream;
use serde_json::{Value, json};

/// The name of an upstream's cluster.
pub fn cluster_name(upstream: &Upstream) -> String {
    format!("model-{}", upstream.name.as_deref().unwrap_or_default())
}

/// The shipped cluster, leading to this upstream.
pub fn filled_cluster(template: &Value, upstream: &Upstream) -> Value {
    let mut cluster = template.clone();
    if let Some(fields) = cluster.as_object_mut() {
        let name = cluster_name(upstream);
        let address = socket_address(&upstream.host, upstream.port);
        fields.insert("name".into(), json!(name));
        // `localhost` and dual-stack hosts: all addresses of a name are tried, by Happy Eyeballs. With STRICT_DNS each address
        // would be an endpoint of its own, also one that nobody listens on.
        fields.insert("type".into(), json!("LOGICAL_DNS"));
        fields.insert("dns_lookup_family".into(), json!("ALL"));
        fields.insert(
            "load_assignment".into(),
            json!({
                "cluster_name": name,
                "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
            }),
        );
        if upstream.tls {
            fields.insert("transport_socket".into(), tls(&upstream.host));
        }
    }
    cluster
}

/// TLS to a public server: its name is asked for and checked against the certificates that this machine trusts. Without
/// this context Envoy accepts every certificate.
fn tls(host: &str) -> Value {
    let by_address = host.parse::<std::net::IpAddr>().is_ok();
    let kind = if by_address { "IP_ADDRESS" } else { "DNS" };
    let mut context = json!({
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "common_tls_context": {"validation_context": {
            "trusted_ca": {"filename": trusted_ca()},
            "match_typed_subject_alt_names": [{"san_type": kind, "matcher": {"exact": host}}],
        }},
    });
    if let (false, Some(fields)) = (by_address, context.as_object_mut()) {
        fields.insert("sni".into(), json!(host));
    }
    json!({"name": "envoy.transport_sockets.tls", "typed_config": context})
}

/// Where systems keep the certificates that they trust; `$SSL_CERT_FILE`, as with OpenSSL, names another place.
fn trusted_ca() -> String {
    const PLACES: [&str; 4] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    std::env::var("SSL_CERT_FILE").unwrap_or_else(|_| {
        PLACES.into_iter().find(|place| std::path::Path::new(place).exists()).unwrap_or(PLACES[0]).to_owned()
    })
}

/// An address as Envoy's configuration has it.
pub fn socket_address(host: &str, port: u16) -> Value {
    json!({"socket_address": {"address": host, "port_value": port}})
}
