//! Callers by client certificate, as they are written.

use serde::Deserialize;

/// The key `mtls`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mtls {
    /// What of the certificate names the caller.
    #[serde(default)]
    pub name: CertificateName,
    /// Reads the last element of `x-forwarded-client-cert` instead of the connection. Only where something in front of this
    /// gateway sets that header and removes it where clients send it.
    #[serde(default)]
    pub trusted_xfcc: bool,
    /// Who is let in; the first whose pattern matches counts.
    pub callers: Vec<CertificateCaller>,
}

/// A part of a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateName {
    /// The first URI of the subject alternative names, as SPIFFE has it.
    #[default]
    Uri,
    /// The first DNS name.
    Dns,
    /// The subject.
    Subject,
    /// The SHA-256 digest of the certificate.
    Digest,
}

/// A caller by certificate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateCaller {
    /// A pattern of its name.
    pub name: String,
    /// The consumer; the name itself where none is given.
    #[serde(default)]
    pub consumer: Option<String>,
    /// The tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The tier.
    #[serde(default)]
    pub tier: Option<String>,
    /// The models that it may use. Without the list: all.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// What it may do.
    #[serde(default)]
    pub scopes: Vec<String>,
}
