//! X.509 certificates for tests, made when a test starts, all with one key.

use jwt_simple::prelude::{ECDSAP256KeyPairLike, ECDSAP256PublicKeyLike, ES256KeyPair};
use p256::ecdsa::signature::Signer;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType,
    SerialNumber, SignatureAlgorithm, SigningKey,
};

/// A certificate authority, and the key of all its certificates.
pub struct Authority {
    issuer: Issuer<'static, Key>,
    /// Its own certificate, in PEM.
    pub certificate: String,
    /// The private key of every certificate, in PEM.
    pub key: String,
}

struct Key {
    pair: ES256KeyPair,
    point: Vec<u8>,
}

impl Key {
    fn new(pair: ES256KeyPair) -> Self {
        let point = pair.public_key().public_key().to_bytes_uncompressed();
        Self { pair, point }
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Key {
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: p256::ecdsa::Signature = self.pair.key_pair().as_ref().sign(text);
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

impl Authority {
    /// A new one, with a new key.
    pub fn new() -> Self {
        let key = Key::new(ES256KeyPair::generate());
        let pem = key.pair.key_pair().to_pem().unwrap();
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from(vec![1]));
        params.distinguished_name.push(DnType::CommonName, "the authority of the tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), certificate, key: pem }
    }

    /// A certificate of this authority, in PEM.
    pub fn certify(&self, name: &str, uri: &str, dns: &str) -> String {
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from(vec![1]));
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.subject_alt_names =
            vec![SanType::URI(uri.try_into().unwrap()), SanType::DnsName(dns.try_into().unwrap())];
        params.signed_by(self.issuer.key(), &self.issuer).unwrap().pem()
    }
}
