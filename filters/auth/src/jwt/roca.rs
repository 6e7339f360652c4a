//! The fingerprint of RSA moduli that a broken generator made (CVE-2017-15361, "ROCA": Nemec, Sys, Svenda, Klinec, Matyas,
//! The Return of Coppersmith's Attack, 2017). Their private keys can be computed.

/// Small primes whose product divides the generator's modulus for 512 bits and more.
const PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Whether a modulus (big endian) looks as if that generator had made it: its remainder by each prime is a power of 65537.
/// An honest key does so with a chance of about 2⁻²⁸.
pub fn is_weak(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| is_power(remainder(modulus, *prime), *prime))
}

fn remainder(modulus: &[u8], prime: u32) -> u32 {
    modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime)
}

fn is_power(rest: u32, prime: u32) -> bool {
    let mut power = 1;
    for _ in 0..prime {
        if power == rest {
            return true;
        }
        power = power * (65537 % prime) % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_generator() {
        // A power of 65537 modulo all primes at once: 65537 itself.
        assert!(is_weak(&[1, 0, 1]));
        assert!(is_weak(&1u32.to_be_bytes()));
        assert!(!is_weak(&[1, 0, 3]));
    }
}
