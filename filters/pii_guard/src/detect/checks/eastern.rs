//! From Poland and the Baltics to Romania and Slovenia.

use super::dates::{ddmmyy, is_day, yymmdd};
use super::mod11::two_rounds;
use super::{nth, number, part, weighted};

/// Poland: PESEL: date with the century in the month, weights 1, 3, 7, 9.
pub fn pl_pesel(v: &[u8]) -> bool {
    is_day(number(part(v, 0, 2)), number(part(v, 2, 4)) % 20, number(part(v, 4, 6)))
        && (10 - weighted(part(v, 0, 10), &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10 == nth(v, 10)
}

/// Poland: identity card: three letters, the check digit first among the digits.
pub fn pl_id_card(v: &[u8]) -> bool {
    weighted(part(v, 0, 3), &[7, 3, 1]).wrapping_add(weighted(part(v, 4, 9), &[7, 3, 1, 7, 3])) % 10 == nth(v, 3)
}

/// Poland: passport: two letters, the check digit first among the digits.
pub fn pl_passport(v: &[u8]) -> bool {
    weighted(part(v, 0, 2), &[7, 3]).wrapping_add(weighted(part(v, 3, 9), &[1, 7, 3, 1, 7, 3])) % 10 == nth(v, 2)
}

/// Czechia and Slovakia: birth number of ten digits: date (50 added for women, 20 for overflow) and modulo 11.
pub fn cz_rc(v: &[u8]) -> bool {
    let month = number(part(v, 2, 4)) % 50;
    let dated = is_day(number(part(v, 0, 2)), if month > 20 { month - 20 } else { month }, number(part(v, 4, 6)));
    let check = number(part(v, 0, 9)) % 11 % 10;
    dated && check == u64::from(nth(v, 9))
}

/// Hungary: personal number: sex and century, date, weighted sum modulo 11.
pub fn hu_personal(v: &[u8]) -> bool {
    let up = weighted(part(v, 0, 10), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
    let down = weighted(part(v, 0, 10), &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    let last = nth(v, 10);
    nth(v, 0) > 0 && yymmdd(part(v, 1, 7)) && (up == last || down == last)
}

/// Hungary: VAT number, eight digits with their check digit.
pub fn hu_vat(v: &[u8]) -> bool {
    let v = v.strip_prefix(b"HU").unwrap_or(v);
    weighted(part(v, 0, 8), &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10) && number(v) > 0
}

/// Romania: CNP: sex, date, county, weights 279146358279.
pub fn ro_cnp(v: &[u8]) -> bool {
    let check = weighted(part(v, 0, 12), &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let county = number(part(v, 7, 9));
    nth(v, 0) > 0
        && yymmdd(part(v, 1, 7))
        && ((1..=52).contains(&county) || matches!(county, 70 | 80..=83))
        && (if check == 10 { 1 } else { check }) == nth(v, 12)
}

/// Bulgaria: EGN: date with the century in the month, weighted sum modulo 11.
pub fn bg_egn(v: &[u8]) -> bool {
    let month = number(part(v, 2, 4));
    is_day(number(part(v, 0, 2)), if month > 20 { month % 20 } else { month }, number(part(v, 4, 6)))
        && weighted(part(v, 0, 9), &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == nth(v, 9)
}

/// Former Yugoslavia (Slovenia's EMŠO): date, region, weighted sum modulo 11.
pub fn si_emso(v: &[u8]) -> bool {
    let check = (11 - weighted(part(v, 0, 12), &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    is_day(number(part(v, 4, 7)), number(part(v, 2, 4)), number(part(v, 0, 2))) && check % 10 == nth(v, 12)
}

/// Estonia and Lithuania: sex and century, date, two rounds of weights.
pub fn baltic(v: &[u8]) -> bool {
    (1..=8).contains(&nth(v, 0)) && yymmdd(part(v, 1, 7)) && two_rounds(v)
}

/// Latvia: personal code: the old form with a date, or the new one that starts with 32.
pub fn lv_pk(v: &[u8]) -> bool {
    if v.starts_with(b"32") {
        return true;
    }
    let sum = weighted(part(v, 0, 10), &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
    ddmmyy(part(v, 0, 6)) && (1 + sum) % 11 % 10 == nth(v, 10)
}
