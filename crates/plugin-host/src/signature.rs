//! Envoy's `verify_signature`: BoringSSL behind a foreign function, fifty times as fast as the same in a module.

use crate::abi;

/// Whether a signature is right; `None` where this host cannot tell.
///
/// The messages are `VerifySignatureArguments { hash_function: 1, public_key: 2, signature: 3, text: 4 }` and
/// `VerifySignatureResult { result: 1, error: 2 }` of `envoy.source.extensions.common.wasm`.
pub fn verify(hash: &str, public_key: &[u8], signature: &[u8], text: &[u8]) -> Option<bool> {
    let mut message = Vec::with_capacity(public_key.len() + signature.len() + text.len() + 32);
    for (tag, value) in [(0x0a, hash.as_bytes()), (0x12, public_key), (0x1a, signature), (0x22, text)] {
        message.push(tag);
        push_length(&mut message, value.len());
        message.extend_from_slice(value);
    }
    let result = abi::foreign("verify_signature", &message).ok()?;
    // A result that is false is not written at all: proto3 leaves defaults out.
    Some(result.starts_with(&[0x08, 0x01]))
}

fn push_length(out: &mut Vec<u8>, mut length: usize) {
    while length > 0x7f {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}
