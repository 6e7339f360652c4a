//! TLS to a store: a real Redis that speaks it, and the others behind something that does.

use crate::fixture::{Running, asking, config, in_milvus, in_redis, in_weaviate};
use crate::milvus::Milvus;
use cache_api::cache::Step;
use modelgate_cache::cache::config::{CacheConfig, CacheOptions, StoreOptions};
use modelgate_cache::cache::tls::StoreTlsOptions;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use redis_server::{Binary, Redis, Tls};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// An authority, and a certificate of loopback that it signed.
struct Certificates(tempfile::TempDir);

impl Certificates {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        // Of the same name as its authority it would be taken for one that signed itself.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "localhost");
        let certificate = params.signed_by(&key, &authority).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("ca.pem", &authority.pem());
        write("server.pem", &certificate.pem());
        write("server.key", &key.serialize_pem());
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What a client of the authority says; with the certificate of loopback as its own where `shows`.
    fn client(&self, shows: bool) -> StoreTlsOptions {
        let own = |name: &str| shows.then(|| self.file(name));
        StoreTlsOptions { ca: Some(self.file("ca.pem")), certificate: own("server.pem"), key: own("server.key") }
    }

    fn redis(&self, asks_clients: bool) -> Redis {
        let tls = Tls {
            certificate: self.file("server.pem"),
            key: self.file("server.key"),
            client_ca: asks_clients.then(|| self.file("ca.pem")),
        };
        Redis::start_tls(&Binary::for_tests().unwrap(), tls).unwrap()
    }

    /// A port that speaks TLS and passes on what it hears.
    async fn in_front_of(&self, server: SocketAddr, protocol: &[u8]) -> SocketAddr {
        let read = |name: &str| std::fs::read(self.file(name)).unwrap();
        let chain = CertificateDer::pem_slice_iter(&read("server.pem")).collect::<Result<_, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_slice(&read("server.key")).unwrap();
        let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![protocol.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust us goes.
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut server = TcpStream::connect(server).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
                });
            }
        });
        address
    }
}

/// Found where the authority is trusted, and not without.
async fn trusted(store: impl Fn(Option<StoreTlsOptions>) -> StoreOptions, trust: StoreTlsOptions) {
    let running = Running::new(config(store(Some(trust))));
    crate::stores::finding(&running).await;
    let stranger = Running::new(config(store(None)));
    assert_eq!(stranger.miss(asking("how do I reset my password", "first")).await.step(), Step::Unavailable);
}

#[tokio::test]
async fn redis_over_tls() {
    let certificates = Certificates::new();
    let redis = certificates.redis(false);
    assert!(redis.url().starts_with("rediss://"));
    trusted(|tls| in_redis(redis.url(), "test", tls), certificates.client(false)).await;
}

#[tokio::test]
async fn redis_that_asks_for_a_certificate() {
    let certificates = Certificates::new();
    let redis = certificates.redis(true);
    crate::stores::finding(&Running::new(config(in_redis(redis.url(), "own", Some(certificates.client(true)))))).await;
    let nameless = Running::new(config(in_redis(redis.url(), "own", Some(certificates.client(false)))));
    assert_eq!(nameless.miss(asking("anything", "")).await.step(), Step::Unavailable);
}

#[tokio::test]
async fn milvus_behind_tls() {
    let (certificates, milvus) = (Certificates::new(), Milvus::start());
    let address = certificates.in_front_of(([127, 0, 0, 1], milvus.port).into(), b"h2").await;
    trusted(|tls| in_milvus(format!("https://{address}"), "tls", tls), certificates.client(false)).await;
}

#[tokio::test]
async fn weaviate_behind_tls() {
    let certificates = Certificates::new();
    let (stub, _) = crate::weaviate::stub().await;
    let address = certificates.in_front_of(stub, b"http/1.1").await;
    trusted(|tls| in_weaviate(format!("https://{address}"), "Tls", tls), certificates.client(false)).await;
}

#[test]
fn faults_are_named() {
    let certificates = Certificates::new();
    let fault = |url: &str, tls: StoreTlsOptions| {
        let store = in_redis(url.to_owned(), "test", Some(tls));
        CacheConfig::check(CacheOptions { store, ..CacheOptions::default() }).unwrap_err().to_string()
    };
    let ca = |path: &Path| StoreTlsOptions { ca: Some(path.to_owned()), ..StoreTlsOptions::default() };
    let said = fault("redis://redis:6379", certificates.client(false));
    assert!(said.contains("store: has `tls`") && said.contains("rediss://"), "{said}");
    let said = fault("rediss://redis:6379", ca(Path::new("nowhere.pem")));
    assert!(said.contains("store.tls.ca: cannot be read"), "{said}");
    let said = fault("rediss://redis:6379", ca(&certificates.file("server.key")));
    assert!(said.contains("store.tls.ca: holds no certificate"), "{said}");
    let half = StoreTlsOptions { key: None, ..certificates.client(true) };
    assert!(fault("rediss://redis:6379", half).contains("store.tls.certificate: and `key` belong together"));
    let swapped = StoreTlsOptions { key: Some(certificates.file("server.pem")), ..certificates.client(true) };
    assert!(fault("rediss://redis:6379", swapped).contains("`key` holds no private key"));
}
