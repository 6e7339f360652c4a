//! Germany, Austria and Switzerland.

use super::dates::is_day;
use super::{at, base36, digit, icao731, luhn, luhn_sum, mod11_10, nth, number, part, uniform, weighted};

/// Germany: tax id: MOD 11,10, and exactly one digit twice or thrice among the first ten (BZSt).
pub fn de_tax_id(v: &[u8]) -> bool {
    let mut counts = [0_u8; 10];
    for byte in part(v, 0, 10) {
        if let Some(count) = digit(*byte).and_then(|d| counts.get_mut(d as usize)) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    nth(v, 0) > 0 && repeated == 1 && counts.iter().all(|count| *count <= 3) && mod11_10(v)
}

/// Germany: VAT id, after `DE`.
pub fn de_vat(v: &[u8]) -> bool {
    nth(v, 2) > 0 && mod11_10(part(v, 2, 11))
}

/// Germany: identity card and passport: serial of ten with its ICAO check digit.
pub fn de_serial(v: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"0123456789CFGHJKLMNPRTVWXYZ";
    v.iter().all(|byte| ALPHABET.contains(byte)) && icao731(v)
}

/// Germany: pension insurance number (DRV): letter as two digits, weights, sums of digits.
pub fn de_social(v: &[u8]) -> bool {
    let order = base36(at(v, 8)).wrapping_sub(9);
    let mut digits = Vec::with_capacity(12);
    digits.extend_from_slice(part(v, 0, 8));
    digits.extend_from_slice(format!("{order:02}").as_bytes());
    digits.extend_from_slice(part(v, 9, 11));
    let sum: u32 = digits
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(b, w)| nth(&[*b], 0) * w)
        .map(|p| p / 10 + p % 10)
        .sum();
    let day = number(part(v, 2, 4));
    sum % 10 == nth(v, 11) && is_day(0, number(part(v, 4, 6)), if day > 50 { day - 50 } else { day })
}

/// Germany: health insurance number (KVNR): letter as two digits, weights 1 and 2, sums of digits.
pub fn de_kvnr(v: &[u8]) -> bool {
    let order = base36(at(v, 0)).wrapping_sub(9);
    let text = format!("{order:02}");
    let digits = text.as_bytes().iter().chain(part(v, 1, 9));
    let sum: u32 = digits.zip([1, 2].iter().cycle()).map(|(b, w)| nth(&[*b], 0) * w).map(|p| p / 10 + p % 10).sum();
    sum % 10 == nth(v, 9)
}

/// Germany: lifelong physician number: weights 4 and 9 over six digits.
pub fn de_lanr(v: &[u8]) -> bool {
    (10 - weighted(part(v, 0, 6), &[4, 9, 4, 9, 4, 9]) % 10) % 10 == nth(v, 6) && !uniform(v)
}

/// Austria: social security number with the birth date in the last six digits.
pub fn at_svnr(v: &[u8]) -> bool {
    let sum = weighted(part(v, 0, 3), &[3, 7, 9]) + weighted(part(v, 4, 10), &[5, 8, 4, 2, 1, 6]);
    // Months 13 to 15 stand for further numbers of one day.
    let month = number(part(v, 6, 8));
    nth(v, 0) > 0
        && sum % 11 == nth(v, 3)
        && is_day(number(part(v, 8, 10)), if month > 12 { month - 12 } else { month }, number(part(v, 4, 6)))
}

/// Austria: tax number of nine digits: Luhn.
pub fn at_tin(v: &[u8]) -> bool {
    luhn(part(v, 0, 9)) && !uniform(v)
}

/// Austria: VAT number, after `ATU`: Luhn over seven digits, and 4.
pub fn at_vat(v: &[u8]) -> bool {
    (luhn_sum(part(v, 3, 10)) + 4 + nth(v, 10)).is_multiple_of(10)
}

/// Switzerland: AHV number: an EAN-13 that starts with 756.
pub fn ch_ahv(v: &[u8]) -> bool {
    let sum: u32 = part(v, 0, 12).iter().zip([1, 3].iter().cycle()).map(|(b, w)| nth(&[*b], 0) * w).sum();
    (10 - sum % 10) % 10 == nth(v, 12)
}
