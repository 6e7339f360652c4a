//! Check digits, by family. Each function gets the value without separators, in upper case.
//!
//! The algorithms are those of the issuers. Those that python-stdnum 2.2 knows too were compared with it on generated values;
//! what each recognizer must find stands in its row's examples.

pub mod banking;
pub mod dates;
pub mod eastern;
pub mod europe;
pub mod german;
pub mod mod11;
pub mod nordic;
pub mod world;

/// Whether a value without separators, in upper case, is well formed.
pub type Check = fn(&[u8]) -> bool;

/// The value of a digit, none of anything else.
pub fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// The byte at `at`, 0 where there is none.
pub fn at(value: &[u8], at: usize) -> u8 {
    value.get(at).copied().unwrap_or(0)
}

/// The digit at `at`, 0 where there is none.
pub fn nth(value: &[u8], index: usize) -> u32 {
    digit(at(value, index)).unwrap_or(0)
}

/// The part of a value; empty where it is not long enough.
pub fn part(value: &[u8], from: usize, to: usize) -> &[u8] {
    value.get(from..to).unwrap_or_default()
}

/// The decimal number of digits, 0 where there is another byte.
pub fn number(value: &[u8]) -> u64 {
    value.iter().try_fold(0_u64, |sum, byte| Some(sum.checked_mul(10)? + u64::from(digit(*byte)?))).unwrap_or(0)
}

/// 0 to 9 and A to Z as 0 to 35.
pub fn base36(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    }
}

/// The sum of digit times weight.
pub fn weighted(value: &[u8], weights: &[u32]) -> u32 {
    value.iter().zip(weights).map(|(byte, weight)| base36(*byte) * weight).sum()
}

/// Whether all bytes are the same: test data and placeholders, never issued.
pub fn uniform(value: &[u8]) -> bool {
    value.windows(2).all(|pair| pair.first() == pair.last())
}

/// Luhn's sum (ISO/IEC 7812-1 annex B): digits from the right, every second one doubled.
pub fn luhn(value: &[u8]) -> bool {
    luhn_sum(value).is_multiple_of(10)
}

/// The sum that [`luhn`] judges.
pub fn luhn_sum(value: &[u8]) -> u32 {
    let doubled = |d: u32| if d > 4 { 2 * d - 9 } else { 2 * d };
    value.iter().rev().enumerate().map(|(i, b)| if i % 2 == 1 { doubled(base36(*b)) } else { base36(*b) }).sum()
}

/// ISO/IEC 7064 MOD 97-10 over digits and letters: the remainder.
pub fn mod97(value: impl Iterator<Item = u8>) -> u32 {
    value.fold(0, |sum, byte| {
        let v = base36(byte);
        (if v > 9 { sum * 100 + v } else { sum * 10 + v }) % 97
    })
}

/// ISO/IEC 7064 MOD 11,10 over all digits with the check digit last.
pub fn mod11_10(value: &[u8]) -> bool {
    let Some((last, body)) = value.split_last() else { return false };
    let mut product = 10;
    for byte in body {
        let mut sum = (nth(&[*byte], 0) + product) % 10;
        if sum == 0 {
            sum = 10;
        }
        product = sum * 2 % 11;
    }
    (11 - product) % 10 == nth(&[*last], 0)
}

/// Verhoeff's check over the dihedral group of order 10.
pub fn verhoeff(value: &[u8]) -> bool {
    const D: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let look = |table: &[[u8; 10]], row: usize, column: usize| {
        table.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0) as usize
    };
    let sum = value
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (i, byte)| look(&D, sum, look(&P, i % 8, nth(&[*byte], 0) as usize)));
    sum == 0
}

/// ICAO Doc 9303 check digit: weights 7, 3, 1, letters from A = 10, last place is the check digit.
pub fn icao731(value: &[u8]) -> bool {
    let Some((last, body)) = value.split_last() else { return false };
    let sum: u32 = body.iter().zip([7, 3, 1].iter().cycle()).map(|(b, w)| base36(*b) * w).sum();
    sum % 10 == nth(&[*last], 0)
}
