//! The little of DER (ITU-T X.690) that keys and signatures need on their way to the host.

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// `AlgorithmIdentifier` of rsaEncryption (RFC 3279 section 2.3.1), of a key on P-256 and of one on P-384 (RFC 5480 section
/// 2.1.1).
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const P256: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";

/// The `SubjectPublicKeyInfo` (RFC 5280 section 4.1) of an RSA key with the exponent 65537.
pub fn rsa_key(modulus: &[u8]) -> Vec<u8> {
    let key = value(SEQUENCE, &[integer(modulus), integer(&[1, 0, 1])].concat());
    public_key(RSA, &key)
}

/// What a point begins with that is not compressed (SEC 1 section 2.3.3); its coordinates follow.
pub const UNCOMPRESSED: u8 = 4;

/// The `SubjectPublicKeyInfo` of a point on P-256 (32 bytes for each coordinate) or P-384 (48 bytes), not compressed.
pub fn elliptic_key(point: &[u8]) -> Vec<u8> {
    public_key(if point.len() == 65 { P256 } else { P384 }, point)
}

fn public_key(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let bits = value(BIT_STRING, &[&[0], key].concat());
    value(SEQUENCE, &[algorithm, &bits].concat())
}

/// `ECDSA-Sig-Value` (RFC 3279 section 2.2.3) of a raw signature `r || s` (RFC 7518 section 3.4), whose length is even and
/// below 250 bytes.
pub fn ecdsa_signature(raw: &[u8]) -> Vec<u8> {
    let (r, s) = raw.split_at(raw.len() / 2);
    let body = [integer(r), integer(s)].concat();
    value(SEQUENCE, &body)
}

/// A positive integer: without leading zeros, but with one where the first bit would be a sign.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut digits = bytes.get(zeros..).unwrap_or_default().to_vec();
    if digits.first().is_none_or(|first| first & 0x80 != 0) {
        digits.insert(0, 0);
    }
    value(INTEGER, &digits)
}

/// A value of less than 64 KiB.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let head = match high {
        0 if low < 0x80 => vec![tag, low],
        0 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head.as_slice(), content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jwt_simple::prelude::*;

    #[test]
    fn keys_are_written_as_other_libraries_write_them() {
        let rsa = RS256KeyPair::generate(2048).unwrap().public_key();
        assert_eq!(rsa_key(&rsa.to_components().n), rsa.to_der().unwrap());
        let der = ES256KeyPair::generate().public_key().public_key().to_der().unwrap();
        assert_eq!(elliptic_key(&der[26..]), der);
        let der = ES384KeyPair::generate().public_key().public_key().to_der().unwrap();
        assert_eq!(elliptic_key(&der[23..]), der);
    }

    #[test]
    fn integers_are_shortest_and_positive() {
        assert_eq!(ecdsa_signature(&[0, 1, 0x80, 0]), [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]);
        assert_eq!(ecdsa_signature(&[0xff; 128]).get(..4), Some(&[0x30, 0x81, 134, 2][..]));
    }
}
