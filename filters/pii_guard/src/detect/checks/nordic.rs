//! Denmark, Sweden, Norway and Finland.

use super::dates::{ddmmyy, is_day};
use super::europe::letter;
use super::{at, luhn, nth, number, part, uniform, weighted};

/// Denmark: CPR: a day; the check digit is only kept for those born before October 2007.
pub fn dk_cpr(v: &[u8]) -> bool {
    ddmmyy(part(v, 0, 6)) && !uniform(v)
}

/// Sweden: personnummer: date (days over 60 are coordination numbers) and Luhn over ten digits.
pub fn se_personnummer(v: &[u8]) -> bool {
    let v = if v.len() == 12 { part(v, 2, 12) } else { v };
    let day = number(part(v, 4, 6));
    is_day(number(part(v, 0, 2)), number(part(v, 2, 4)), if day > 60 { day - 60 } else { day }) && luhn(v)
}

/// Sweden: organisation number: third digit from 2, Luhn.
pub fn se_orgnr(v: &[u8]) -> bool {
    nth(v, 0) > 0 && nth(v, 2) >= 2 && luhn(v) && !uniform(v)
}

/// Norway: birth number: date (with 40 added for D and H numbers) and two check digits.
pub fn no_fnr(v: &[u8]) -> bool {
    let (day, month) = (number(part(v, 0, 2)), number(part(v, 2, 4)));
    let check =
        |length: usize, weights: &[u32]| (11 - weighted(part(v, 0, length), weights) % 11) % 11 == nth(v, length);
    is_day(number(part(v, 4, 6)), if month > 40 { month - 40 } else { month }, if day > 40 { day - 40 } else { day })
        && check(9, &[3, 7, 6, 1, 8, 9, 4, 5, 2])
        && check(10, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
}

/// Finland: personal identity code: date, century mark (part of the shape), modulo 31 character.
pub fn fi_hetu(v: &[u8]) -> bool {
    let mut digits = part(v, 0, 6).to_vec();
    // With its hyphen or plus the value comes without a mark; since 2023 letters mark the century too.
    let tail = if v.len() == 11 { part(v, 7, 11) } else { part(v, 6, 10) };
    digits.extend_from_slice(part(tail, 0, 3));
    ddmmyy(part(v, 0, 6))
        && digits.iter().all(u8::is_ascii_digit)
        && letter(b"0123456789ABCDEFHJKLMNPRSTUVWXY", number(&digits) % 31, at(tail, 3))
}

/// Finland: European health insurance card: 20 digits with issuer 80246.
pub fn fi_ehic(v: &[u8]) -> bool {
    v.starts_with(b"80246")
}
