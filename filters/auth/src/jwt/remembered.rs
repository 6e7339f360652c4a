//! Tokens that were verified, from their second sight on.
//!
//! A token that comes once is not kept: it would push out those that come again. What tells them apart are the last characters of
//! the signature, which for every algorithm here are as good as random. They decide nothing but what is kept: a token is known by
//! its digest alone.

use crate::credential::cache::{Cache, digest};
use std::cell::RefCell;
use std::ops::Range;

/// How many marks share one place of [`Once`].
const WAYS: usize = 4;

/// At most so many places, of 16 bytes.
const MAX_PLACES: usize = 1 << 16;

/// Tokens, and what was found out about them.
#[derive(Debug)]
pub struct Remembered<T> {
    once: Once,
    found: Cache<T>,
    off: bool,
}

impl<T: Clone> Remembered<T> {
    /// Of at most so many tokens.
    pub fn new(max: usize) -> Self {
        Self { once: Once::new(max), found: Cache::new(max), off: max == 0 }
    }

    /// What was found about this very token and holds at this time, in Unix seconds.
    pub fn get(&self, token: &[u8], now: i64) -> Option<T> {
        if self.off { None } else { self.found.get(&digest(token), now) }
    }

    /// Remembers a finding for as long as it holds, in Unix seconds, if this is not the first time.
    pub fn put(&self, token: &[u8], found: impl FnOnce() -> T, holds: Range<i64>) {
        if !self.off && mark(token).is_some_and(|mark| self.once.again(mark)) {
            self.found.put(digest(token), found(), holds);
        }
    }
}

/// What stands for a token among those that came once, by the last characters of its signature.
fn mark(token: &[u8]) -> Option<u64> {
    let last = token.last_chunk().map(|last| u64::from_le_bytes(*last))?;
    // The golden ratio of 64 bits, as of Fibonacci hashing (Knuth, TAOCP 6.4).
    Some(last.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The marks of tokens that came once lately: four to a place, of which the newest push out the oldest.
#[derive(Debug)]
struct Once(RefCell<Vec<[u32; WAYS]>>);

impl Once {
    /// Wide enough that few of as many tokens as may be remembered share a place.
    fn new(tokens: usize) -> Self {
        Self(RefCell::new(vec![[0; WAYS]; tokens.clamp(1, MAX_PLACES).next_power_of_two()]))
    }

    /// Whether it came before; then it is forgotten here.
    fn again(&self, mark: u64) -> bool {
        let mut places = self.0.borrow_mut();
        // The upper bits are mixed best.
        let (at, print) = ((mark >> 48) as usize & (places.len() - 1), (mark >> 16) as u32 | 1);
        let Some(place) = places.get_mut(at) else { return true };
        if let Some(known) = place.iter_mut().find(|known| **known == print) {
            *known = 0;
            return true;
        }
        place.rotate_right(1);
        place[0] = print;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(n: u32) -> Vec<u8> {
        // The same in each run, as the digests of this VM are not.
        let signature = hmac_sha256::Hash::hash(&n.to_le_bytes());
        format!("head.{n}.{}", signature.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).into_bytes()
    }

    #[test]
    fn it_is_remembered_from_the_second_time_on() {
        let tokens = Remembered::new(1000);
        for round in 0..4 {
            let known = (0..400).filter(|n| tokens.get(&token(*n), 5) == Some(*n)).count();
            assert_eq!(known, if round < 2 { 0 } else { 400 }, "in round {round}");
            for n in 0..400 {
                if tokens.get(&token(n), 5).is_none() {
                    tokens.put(&token(n), || n, 0..10);
                }
            }
        }
    }

    #[test]
    fn another_token_with_the_same_end_is_another() {
        let tokens = Remembered::new(10);
        let (one, other) = (b"one.0123456789abcdef0123456789abcdef", b"two.0123456789abcdef0123456789abcdef");
        for _ in 0..2 {
            tokens.put(one, || 1, 0..10);
        }
        assert_eq!(tokens.get(one, 5), Some(1));
        assert_eq!(tokens.get(other, 5), None);
        assert_eq!(tokens.get(one, 10), None, "it holds no more");
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let tokens = Remembered::new(0);
        for _ in 0..3 {
            tokens.put(b"one.0123456789abcdef0123456789abcdef", || 1, 0..10);
        }
        assert_eq!(tokens.get(b"one.0123456789abcdef0123456789abcdef", 5), None);
    }
}
