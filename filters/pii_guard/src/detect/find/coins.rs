//! Addresses of coins: Base58Check, Bech32 (BIP 173) and Bech32m (BIP 350), and Ethereum's hexadecimal; and the words that open
//! a wallet (BIP 39).

use super::{Found, run};
use crate::detect::surroundings::Scene;
use sha2::{Digest, Sha256};

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The address that the run of letters and digits from `start` to `end` is.
pub fn coin(scene: &Scene<'_>, start: usize, end: usize) -> Option<Found> {
    let text = scene.bytes.get(start..end)?;
    let found = |entity| Some(Found { entity, start, end, score: Some(0.9) });
    match text.first()? {
        b'1' | b'3' if (26..=35).contains(&text.len()) => {
            matches!(base58check::<25>(text)?, 0 | 5).then(|| found("CRYPTO_BTC"))?
        }
        b'b' | b'B' if text.len() >= 14 && text.get(..3)?.eq_ignore_ascii_case(b"bc1") => {
            bech32(text.get(3..)?, &[3, 3, 0, 2, 3]).then(|| found("CRYPTO_BTC"))?
        }
        b'l' | b'L' if text.len() >= 40 && text.get(..4)?.eq_ignore_ascii_case(b"ltc1") => {
            bech32(text.get(4..)?, &[3, 3, 3, 0, 12, 20, 3]).then(|| found("CRYPTO_OTHER"))?
        }
        b'L' | b'M' | b'D' | b'T' if (33..=34).contains(&text.len()) => {
            matches!(base58check::<25>(text)?, 30 | 48 | 50 | 65).then(|| found("CRYPTO_OTHER"))?
        }
        b'0' if text.len() == 42 && text.starts_with(b"0x") && text.get(2..)?.iter().all(u8::is_ascii_hexdigit) => {
            found("CRYPTO_ETH")
        }
        // A private key as wallets import it.
        b'5' if text.len() == 51 => (base58check::<37>(text)? == 128).then(|| found("SECRET_PRIVATE_KEY"))?,
        b'K' | b'L' if text.len() == 52 => (base58check::<38>(text)? == 128).then(|| found("SECRET_PRIVATE_KEY"))?,
        _ => None,
    }
}

/// The words that open a wallet, behind what they are called, which ends at `end`: 12, 15, 18, 21 or 24 of three to eight small
/// letters (BIP 39), and no more.
pub fn seed(scene: &Scene<'_>, end: usize, see: &mut dyn FnMut(Found)) {
    let space = |at: usize| run(scene.bytes, at, 4, |b| b.is_ascii_whitespace() || b",:=\"'".contains(&b));
    let sign = space(end);
    let says =
        [&b"is"[..], b"are"].into_iter().find(|says| scene.bytes.get(sign..).is_some_and(|t| t.starts_with(says)));
    let start = says.map_or(sign, |says| space(sign + says.len()));
    // All are parted in one way: a sentence that goes on behind them begins with a comma or a full stop.
    let parted = |at: usize| run(scene.bytes, at, 3, |b| b.is_ascii_whitespace() || b == b',');
    let first = run(scene.bytes, start, 9, |b| b.is_ascii_lowercase());
    let (mut at, mut to, mut count) = (start, start, 0);
    while count <= 24 {
        let word = run(scene.bytes, at, 9, |b| b.is_ascii_lowercase());
        if !(3..=8).contains(&(word - at)) || scene.at(word).is_ascii_alphanumeric() {
            break;
        }
        (count, to, at) = (count + 1, word, parted(word));
        if scene.at(to) != scene.at(first) {
            break;
        }
    }
    // In a stream the first of them are gone when the last ones come.
    if scene.looks_ahead && matches!(count, 12 | 15 | 18 | 21 | 24) {
        see(Found { entity: "SECRET_GENERIC", start, end: to, score: Some(0.8) });
    }
}

/// The version byte of a Base58Check text of `N` bytes, if its checksum is right.
fn base58check<const N: usize>(text: &[u8]) -> Option<u8> {
    let mut out = [0_u8; N];
    for byte in text {
        let mut carry = BASE58.iter().position(|c| c == byte)?;
        for place in out.iter_mut().rev() {
            carry += usize::from(*place) * 58;
            *place = u8::try_from(carry % 256).ok()?;
            carry /= 256;
        }
        if carry > 0 {
            return None;
        }
    }
    let (body, check) = out.split_at(N - 4);
    let hash = Sha256::digest(Sha256::digest(body));
    (hash.get(..4)? == check).then(|| body.first().copied())?
}

/// Whether the checksum of a Bech32 or Bech32m text is right: what stands behind its `1`, and its prefix, spread as BIP 173 says.
fn bech32(text: &[u8], prefix: &[u32]) -> bool {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let sum = (sum & 0x1ff_ffff) << 5 ^ value;
        GENERATOR.iter().enumerate().fold(sum, |sum, (i, g)| if top >> i & 1 == 1 { sum ^ g } else { sum })
    };
    let mut sum = prefix.iter().copied().fold(1, step);
    for byte in text {
        let Some(value) = BECH32.iter().position(|c| *c == byte.to_ascii_lowercase()) else { return false };
        sum = step(sum, u32::try_from(value).unwrap_or(0));
    }
    matches!(sum, 1 | 0x2bc8_30a3)
}
