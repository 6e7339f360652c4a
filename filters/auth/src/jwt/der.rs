//! The little of DER (ITU-T X.690) that a signature needs on its way to the host.

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

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

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let mut out = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_shortest_and_positive() {
        assert_eq!(ecdsa_signature(&[0, 1, 0x80, 0]), [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]);
        assert_eq!(ecdsa_signature(&[0xff; 128]).get(..4), Some(&[0x30, 0x81, 134, 2][..]));
    }
}
