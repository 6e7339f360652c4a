//! TLS to a store's server: whom the service trusts, and how it shows itself.

use policy::Faults;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use std::path::PathBuf;

/// TLS to a store's server. Without it, or without `ca`, the authorities of the web are trusted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreTlsOptions {
    /// Authorities that may have signed the server's certificate, PEM, instead of those of the web.
    pub ca: Option<PathBuf>,
    /// The certificate chain that the service shows, PEM.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
}

/// The contents of the files that [`StoreTlsOptions`] names, checked.
#[derive(Clone, Default)]
pub struct StoreTls {
    /// Authorities, PEM; `None`: those of the web.
    pub ca: Option<Vec<u8>>,
    /// Certificate chain and private key, PEM.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl std::fmt::Debug for StoreTls {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("StoreTls").field("ca", &self.ca.is_some()).finish_non_exhaustive()
    }
}

impl StoreTls {
    /// Reads the files.
    ///
    /// # Errors
    /// All faults, each with its key.
    pub fn read(options: &StoreTlsOptions) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut file = |key: &str, path: &Option<PathBuf>| {
            let bytes = path.as_ref().map(std::fs::read).transpose();
            bytes.unwrap_or_else(|error| {
                faults.push(key, format!("cannot be read: {error}"));
                None
            })
        };
        let ca = file("ca", &options.ca);
        let (certificate, key) = (file("certificate", &options.certificate), file("key", &options.key));
        if options.certificate.is_some() != options.key.is_some() {
            faults.push("certificate", "and `key` belong together; give both or none");
        }
        let tls = Self { ca, identity: certificate.zip(key) };
        if let (true, Err(reason)) = (faults.is_empty(), tls.config()) {
            faults.push("ca", reason);
        }
        faults.into_result().map(|()| tls)
    }

    /// As a client of any protocol takes it; `Err` says which file is wrong.
    ///
    /// # Errors
    /// What is no certificate or no key.
    pub fn config(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        match &self.ca {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(pem) => {
                let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
                let (added, _) = roots.add_parsable_certificates(all.map_err(|error| format!("is no PEM: {error}"))?);
                if added == 0 {
                    return Err("holds no certificate that an authority could sign with".to_owned());
                }
            }
        }
        let config = ClientConfig::builder().with_root_certificates(roots);
        let Some((certificate, key)) = &self.identity else { return Ok(config.with_no_client_auth()) };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(|error| format!("is good, but `certificate` is no PEM: {error}"))?;
        let key =
            PrivateKeyDer::from_pem_slice(key).map_err(|_| "is good, but `key` holds no private key".to_owned())?;
        config
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("is good, but not `certificate` or `key`: {error}"))
    }
}
