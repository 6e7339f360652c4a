//! Who may call: tokens, certificates, neither; over TLS, in the clear on loopback, and over a Unix socket.

use crate::support::{Client, demand, hourly, reserve, service};
use cache_api::budget as message;
use cache_api::budget::budget_client::BudgetClient;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sha2::{Digest, Sha256};
use std::path::Path;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request};

fn digest(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

fn with_token<T>(message: T, token: Option<&str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
}

/// The codes of a reservation, a question by prefix, and a top-up.
async fn codes(client: &mut Client, token: Option<&str>) -> [Code; 3] {
    let code = |error: tonic::Status| error.code();
    let reserve = client.reserve(with_token(reserve(&[demand("codes", hourly(10), 0)]), token)).await;
    let all = message::PeekRequest { demands: Vec::new(), prefix: "c".into(), ..Default::default() };
    let peek = client.peek(with_token(all, token)).await;
    let top_up = message::TopUpRequest { key: "codes".into(), amount: 0, idempotency_key: String::new() };
    let top_up = client.top_up(with_token(top_up, token)).await;
    [
        reserve.map_or_else(code, |_| Code::Ok),
        peek.map_or_else(code, |_| Code::Ok),
        top_up.map_or_else(code, |_| Code::Ok),
    ]
}

const CALLER: [Code; 3] = [Code::Ok, Code::PermissionDenied, Code::PermissionDenied];
const STRANGER: [Code; 3] = [Code::Unauthenticated; 3];
const ADMINISTRATOR: [Code; 3] = [Code::Ok; 3];

#[tokio::test]
async fn on_loopback_everybody_calls_and_nobody_administers() {
    let running = service(crate::support::IN_MEMORY).await;
    let mut client = crate::support::client(&running).await;
    assert_eq!(codes(&mut client, None).await, CALLER);
    assert_eq!(codes(&mut client, Some("guess")).await, CALLER);
}

#[tokio::test]
async fn tokens_tell_callers_administrators_and_strangers_apart() {
    let yaml = format!(
        "{}callers: {{tokens: ['{}', '{}']}}\nadministrators: {{tokens: ['{}']}}\n",
        crate::support::IN_MEMORY,
        digest(b"old"),
        digest(b"new"),
        digest(b"root")
    );
    let running = service(&yaml).await;
    let mut client = crate::support::client(&running).await;
    assert_eq!(codes(&mut client, None).await, STRANGER);
    assert_eq!(codes(&mut client, Some("guess")).await, STRANGER);
    assert_eq!(codes(&mut client, Some(&digest(b"new"))).await, STRANGER);
    assert_eq!(codes(&mut client, Some("old")).await, CALLER);
    assert_eq!(codes(&mut client, Some("new")).await, CALLER);
    assert_eq!(codes(&mut client, Some("root")).await, ADMINISTRATOR);
}

/// An authority, and a key pair that it vouches for.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The certificate's DER form, itself and its key as PEM.
    fn vouch(&self) -> (Vec<u8>, String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.der().to_vec(), certificate.pem(), key.serialize_pem())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

async fn over_tls(port: u16, authority: &Authority, identity: Option<(&str, &str)>) -> Option<Client> {
    let mut tls =
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority.pem())).domain_name("localhost");
    if let Some((certificate, key)) = identity {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    let endpoint = Endpoint::new(format!("https://127.0.0.1:{port}")).unwrap().tls_config(tls).unwrap();
    Some(BudgetClient::new(endpoint.connect().await.ok()?))
}

#[tokio::test]
async fn certificates_tell_them_apart_too() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, other) = (Authority::new(), Authority::new());
    let (_, server, server_key) = authority.vouch();
    write(folder.path(), &[("server.pem", &server), ("server.key", &server_key), ("ca.pem", &authority.pem())]);
    let (_, gateway, gateway_key) = authority.vouch();
    let (operator_der, operator, operator_key) = authority.vouch();
    let (_, stranger, stranger_key) = other.vouch();
    let place = folder.path().display();
    // Beyond loopback: a certificate is what everybody needs there.
    let running = service(&format!(
        "serve: [budget]\nlisten: 0.0.0.0:0\nbudget: {{store: {{memory: {{}}}}}}\n\
         tls: {{certificate: {place}/server.pem, key: {place}/server.key, client_ca: {place}/ca.pem}}\n\
         administrators: {{certificates: ['{}']}}\n",
        digest(&operator_der)
    ))
    .await;
    let port = running.addresses().listen.unwrap().port();
    let mut client = over_tls(port, &authority, Some((&gateway, &gateway_key))).await.unwrap();
    assert_eq!(codes(&mut client, None).await, CALLER);
    let mut client = over_tls(port, &authority, Some((&operator, &operator_key))).await.unwrap();
    assert_eq!(codes(&mut client, None).await, ADMINISTRATOR);
    for identity in [None, Some((stranger.as_str(), stranger_key.as_str()))] {
        // TLS 1.3 tells a client after its own part is done: either the connection or the first call fails.
        if let Some(mut client) = over_tls(port, &authority, identity).await {
            let error = client.reserve(reserve(&[demand("codes", hourly(10), 0)])).await.unwrap_err();
            assert_ne!(error.code(), Code::Ok);
        }
    }
    assert!(over_tls(port, &other, Some((&gateway, &gateway_key))).await.is_none(), "it has shown another certificate");
}

#[tokio::test]
async fn a_unix_socket_has_its_mode_and_is_replaced_when_it_was_left_behind() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.sock");
    let yaml = format!(
        "serve: [budget]\nlisten: ''\nunix_socket: {{path: {}, mode: '0660'}}\nbudget: {{store: {{memory: {{}}}}}}\n",
        path.display()
    );
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let running = service(&yaml).await;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let channel = Endpoint::new(format!("unix://{}", path.display())).unwrap().connect().await.unwrap();
    assert_eq!(codes(&mut BudgetClient::new(channel), None).await, CALLER);
    let second = modelgate_cache::server::Config::parse(&yaml, []).unwrap();
    let error = modelgate_cache::server::start(second).await.map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("another process listens there"), "{error}");
    running.end().await.unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn probes_need_no_credential_and_reflection_does() {
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_client::HealthClient;
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    let yaml = format!("{}callers: {{tokens: ['{}']}}\n", crate::support::IN_MEMORY, digest(b"token"));
    let running = service(&yaml).await;
    let address = format!("http://{}", running.addresses().listen.unwrap());
    let channel = Endpoint::new(address).unwrap().connect().await.unwrap();
    let mut health = HealthClient::new(channel.clone());
    for of in ["", cache_api::BUDGET] {
        let answer = health.check(HealthCheckRequest { service: of.into() }).await.unwrap().into_inner();
        assert_eq!(answer.status(), tonic_health::pb::health_check_response::ServingStatus::Serving);
    }
    for (token, listed) in [(None, false), (Some("token"), true)] {
        let wanted = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let request = with_token(tokio_stream::once(wanted), token);
        let answer = ServerReflectionClient::new(channel.clone()).server_reflection_info(request).await;
        assert_eq!(answer.is_ok(), listed);
        if let Ok(stream) = answer {
            let text = format!("{:?}", stream.into_inner().message().await.unwrap());
            assert!(text.contains(cache_api::BUDGET), "{text}");
        }
    }
}
