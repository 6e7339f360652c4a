//! The weighted split: which version a caller's value falls to. Pure arithmetic on a keyed hash; it knows no caller.
//!
//! **The hash** is SipHash-2-4 (Aumasson and Bernstein, 2012) of the value's bytes. Its 128-bit key is the SipHash-2-4 of
//! the salt, with 128 bits of output, under the key `modelgate sticky`. The point of a value is its hash scaled to
//! `0..1_000_000` by the high half of a product. The same on every replica, machine and release: the tests hold fixed
//! values.
//!
//! **The layout** keeps callers where they are when weights move:
//!
//! ```text
//! 0          second                  stable                     third    1_000_000
//! |──────────────────▶|                                  |◀──────────────────|
//! ```
//!
//! The second version grows from the left and the third from the right, both out of the stable one between them. So a
//! share moved between the stable version and one of these two moves exactly those callers.
//!
//! **Further versions** take their share of the stable callers by a hash of their own (key: the 128-bit SipHash-2-4 of the
//! salt, the byte 0xff and the version's name, under `modelgate claims`). Adding one, or taking its weight back to 0, moves
//! its share and nobody else if it is the last; shares are exact always. Moving a weight while such versions are there
//! also moves a few callers between them and the stable one, since their part of what is left changes.

use siphasher::sip::SipHasher24;
use siphasher::sip128;

/// The parts of a whole.
pub(crate) const WHOLE: u32 = 1_000_000;

/// Versions of type `T`, each with its share.
#[derive(Debug)]
pub(crate) struct Split<T> {
    hash: SipHasher24,
    stable: T,
    /// The second version, in `0..weight`.
    low: Option<(u32, T)>,
    /// The third version, in `WHOLE - weight..WHOLE`.
    high: Option<(u32, T)>,
    claims: Vec<Claim<T>>,
}

/// A version that takes `weight` of the `left` parts that versions before it left to the stable one.
#[derive(Debug)]
struct Claim<T> {
    hash: SipHasher24,
    weight: u32,
    left: u32,
    version: T,
}

impl<T> Split<T> {
    /// The stable version, and the others with their names and weights, which are at most [`WHOLE`] together. The stable
    /// one has what they leave.
    pub fn new<'n>(salt: &str, stable: T, others: impl IntoIterator<Item = (&'n str, u32, T)>) -> Self {
        let mut others = others.into_iter();
        let mut left = WHOLE;
        let mut take = |weight: u32| {
            let before = left;
            left = left.saturating_sub(weight);
            before
        };
        let mut edge = || others.next().map(|(_, weight, version)| (take(weight).min(weight), version));
        let (low, high) = (edge(), edge());
        let claims = others.map(|(name, weight, version)| {
            let hash = keyed(b"modelgate claims", &[salt.as_bytes(), &[0xff], name.as_bytes()]);
            Claim { hash, weight, left: take(weight), version }
        });
        let claims = claims.collect();
        Self { hash: keyed(b"modelgate sticky", &[salt.as_bytes()]), stable, low, high, claims }
    }

    /// The version of this value.
    pub fn version(&self, value: &[u8]) -> &T {
        let point = scaled(self.hash.hash(value), WHOLE);
        if let Some((weight, version)) = &self.low
            && point < *weight
        {
            return version;
        }
        if let Some((weight, version)) = &self.high
            && point >= WHOLE.saturating_sub(*weight)
        {
            return version;
        }
        let claims = |claim: &&Claim<T>| scaled(claim.hash.hash(value), claim.left) < claim.weight;
        self.claims.iter().find(claims).map_or(&self.stable, |claim| &claim.version)
    }
}

/// A hasher with the key that these parts derive.
fn keyed(purpose: &[u8; 16], parts: &[&[u8]]) -> SipHasher24 {
    let key = sip128::SipHasher24::new_with_key(purpose).hash(&parts.concat());
    SipHasher24::new_with_keys(key.h1, key.h2)
}

/// A uniform hash as a number below `parts`.
fn scaled(hash: u64, parts: u32) -> u32 {
    let high = (u128::from(hash) * u128::from(parts)) >> u64::BITS;
    u32::try_from(high).unwrap_or(0)
}

#[cfg(test)]
mod tests;
