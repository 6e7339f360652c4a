//! What was found out about credentials, for a while. Bounded, and keyed by a digest: no token is kept.

use ahash::AHashMap;
use siphasher::sip128::{Hasher128, SipHasher24};
use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::sync::OnceLock;

/// What stands for a text in this VM.
pub type Digest = u128;

/// A SHA-256 digest, as configurations and certificates have them.
pub type Sha256 = [u8; 32];

/// Findings by credential.
///
/// Two generations make it a bounded cache whose every operation takes constant time: when the young one is full, it
/// becomes the old one, and what of the old one is not asked for again is forgotten.
#[derive(Debug)]
pub struct Cache<T> {
    halves: RefCell<Halves<T>>,
    half: usize,
}

/// Numbers by digest. Every table of this module is one of these, so that it holds the code of one.
pub type Numbers = AHashMap<Digest, u32>;

/// An empty table.
pub fn numbers() -> Numbers {
    Numbers::with_hasher(policy::hasher())
}

/// Findings, and their places by digest.
#[derive(Debug)]
struct Half<T> {
    places: Numbers,
    entries: Vec<Option<Entry<T>>>,
}

impl<T> Half<T> {
    fn empty() -> Self {
        Self { places: numbers(), entries: Vec::new() }
    }

    fn get(&self, digest: &Digest) -> Option<&Entry<T>> {
        self.entries.get(*self.places.get(digest)? as usize)?.as_ref()
    }

    fn take(&mut self, digest: &Digest) -> Option<Entry<T>> {
        let place = self.places.remove(digest)?;
        self.entries.get_mut(place as usize)?.take()
    }

    fn put(&mut self, digest: Digest, entry: Entry<T>) {
        let end = self.entries.len();
        let place = *self.places.entry(digest).or_insert(u32::try_from(end).unwrap_or(u32::MAX)) as usize;
        match self.entries.get_mut(place) {
            Some(known) => *known = Some(entry),
            None => self.entries.push(Some(entry)),
        }
    }

    fn clear(&mut self) {
        self.places.clear();
        self.entries.clear();
    }
}

#[derive(Debug)]
struct Halves<T> {
    young: Half<T>,
    old: Half<T>,
}

/// A finding.
#[derive(Debug, Clone)]
pub struct Entry<T> {
    /// What was found.
    pub found: T,
    /// When it holds, in Unix seconds: from when it was found, because a clock may go back, and a token was not valid always.
    pub holds: Range<i64>,
}

impl<T: Clone> Cache<T> {
    /// A cache of at most so many findings.
    pub fn new(max: usize) -> Self {
        let halves = Halves { young: Half::empty(), old: Half::empty() };
        Self { halves: RefCell::new(halves), half: max.div_ceil(2) }
    }

    /// What was found and still holds.
    pub fn get(&self, digest: &Digest, now: i64) -> Option<T> {
        let mut halves = self.halves.borrow_mut();
        if let Some(entry) = halves.young.get(digest) {
            return entry.holds.contains(&now).then(|| entry.found.clone());
        }
        let entry = halves.old.take(digest).filter(|entry| entry.holds.contains(&now))?;
        let found = entry.found.clone();
        self.insert(&mut halves, *digest, entry);
        Some(found)
    }

    /// Remembers a finding for as long as it holds, in Unix seconds.
    pub fn put(&self, digest: Digest, found: T, holds: Range<i64>) {
        if self.half > 0 {
            self.insert(&mut self.halves.borrow_mut(), digest, Entry { found, holds });
        }
    }

    fn insert(&self, halves: &mut Halves<T>, digest: Digest, entry: Entry<T>) {
        if halves.young.places.len() >= self.half {
            // The table of the old one is used again, so that none grows anew.
            std::mem::swap(&mut halves.young, &mut halves.old);
            halves.young.clear();
        }
        halves.young.put(digest, entry);
    }
}

/// The digest under which a credential is looked up: SipHash-2-4 of 128 bits (Aumasson and Bernstein, INDOCRYPT 2012) with a key
/// that this VM has drawn. The key and the digests never leave it, so that nobody else can look for two texts with one digest. It
/// takes a sixth of the time of BLAKE3, which was the larger part of what a remembered token costs.
pub fn digest(credential: &[u8]) -> Digest {
    static KEY: OnceLock<(u64, u64)> = OnceLock::new();
    let (first, second) = KEY.get_or_init(|| {
        // Keyed by the random numbers of the system.
        let random = RandomState::new();
        (random.hash_one(1), random.hash_one(2))
    });
    let mut hasher = SipHasher24::new_with_keys(*first, *second);
    hasher.write(credential);
    hasher.finish128().as_u128()
}

/// A digest in 64 hexadecimal digits.
pub fn from_hex(hex: &str) -> Option<Sha256> {
    let mut digest = Sha256::default();
    if hex.len() != 2 * digest.len() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_text_counts() {
        let text = *b"a text that is longer than a block";
        assert_eq!(digest(&text), digest(&text));
        for at in 0..text.len() {
            let mut other = text;
            other[at] ^= 1;
            assert_ne!(digest(&text), digest(&other));
            assert_ne!(digest(&text), digest(&text[..at]));
        }
        assert_ne!(digest(&[0]), digest(&[0, 0]));
    }

    #[test]
    fn it_is_bounded_and_forgets_what_is_over() {
        let cache = Cache::new(100);
        for n in 0..10_000u32 {
            cache.put(digest(n.to_string().as_bytes()), n, 2..10);
            assert_eq!(cache.get(&digest(b"0"), 5), Some(0), "what is asked for again stays");
        }
        let halves = cache.halves.borrow();
        assert!(halves.young.entries.len() + halves.old.entries.len() <= 100);
        drop(halves);
        assert_eq!(cache.get(&digest(b"0"), 10), None);
        assert_eq!(cache.get(&digest(b"0"), 1), None, "before it was found");
        assert_eq!(cache.get(&digest(b"1"), 5), None);
        for n in 0..1000 {
            cache.put(digest(b"a"), n, 2..10);
        }
        assert_eq!(cache.get(&digest(b"a"), 5), Some(999), "one place for one credential");
        assert!(cache.halves.borrow().young.entries.len() <= 50);
        let none = Cache::new(0);
        none.put(digest(b"a"), 1, 0..10);
        assert_eq!(none.get(&digest(b"a"), 1), None);
    }
}
