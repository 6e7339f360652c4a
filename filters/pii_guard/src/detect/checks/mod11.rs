//! Weighted sums with one rule for their remainder: most national numbers.

use super::dates::is_moment;
use super::{nth, number, part, uniform, weighted};

/// The remainder of the weighted sum of all digits is 0.
pub fn zero(value: &[u8], weights: &[u32], modulus: u32) -> bool {
    weighted(value, weights).is_multiple_of(modulus)
}

/// The last digit is `(modulus - sum mod modulus) mod modulus`, where 10 counts as 0 if `ten_is_zero`, else as never issued.
pub fn complement(value: &[u8], weights: &[u32], ten_is_zero: bool) -> bool {
    let check = (11 - weighted(value, weights) % 11) % 11;
    let last = nth(value, value.len().saturating_sub(1));
    last == if check == 10 && ten_is_zero { 0 } else { check }
}

/// The last digit is `sum mod 11 mod 10`.
pub fn remainder(value: &[u8], weights: &[u32]) -> bool {
    weighted(value, weights) % 11 % 10 == nth(value, value.len().saturating_sub(1))
}

/// Two rounds: weights, and where the remainder is 10 other weights, and then 0 (EE, LT, NZ's first form).
pub fn two_rounds(value: &[u8]) -> bool {
    let mut check = weighted(value, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    if check == 10 {
        check = weighted(value, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    }
    check == nth(value, 10)
}

/// United Kingdom: NHS number (NHS Data Dictionary).
pub fn uk_nhs(v: &[u8]) -> bool {
    zero(v, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 11) && !uniform(v)
}

/// United Kingdom: unique taxpayer reference; the check digit is first.
pub fn uk_utr(v: &[u8]) -> bool {
    let sum = weighted(part(v, 1, 10), &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
    b"21987654321".get(sum as usize).is_some_and(|check| Some(check) == v.first())
}

/// Australia: tax file number.
pub fn au_tfn(v: &[u8]) -> bool {
    let weights: &[u32] = if v.len() == 8 { &[10, 7, 8, 4, 6, 3, 5, 1] } else { &[1, 4, 3, 7, 5, 8, 6, 9, 10] };
    zero(v, weights, 11) && !uniform(v)
}

/// Australia: business number, modulo 89 with 1 taken from the first digit.
pub fn au_abn(v: &[u8]) -> bool {
    nth(v, 0) > 0 && (weighted(v, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) + 89 - 10).is_multiple_of(89)
}

/// Australia: company number.
pub fn au_acn(v: &[u8]) -> bool {
    (10 - weighted(part(v, 0, 8), &[8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10 == nth(v, 8) && !uniform(v)
}

/// Australia: Medicare card.
pub fn au_medicare(v: &[u8]) -> bool {
    (2..=6).contains(&nth(v, 0)) && weighted(part(v, 0, 8), &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == nth(v, 8)
}

/// New Zealand: Inland Revenue number, 8 or 9 digits.
pub fn nz_ird(v: &[u8]) -> bool {
    let value = number(v);
    if !(10_000_000..150_000_000).contains(&value) {
        return false;
    }
    let body = value / 10;
    let digits: Vec<u8> = format!("{body:08}").into_bytes();
    let mut check = weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    check = (11 - check) % 11;
    if check == 10 {
        check = (11 - weighted(&digits, &[7, 4, 3, 2, 5, 2, 7, 6]) % 11) % 11;
    }
    u64::from(check) == value % 10
}

/// Netherlands: burgerservicenummer, the eleven-test.
pub fn nl_bsn(v: &[u8]) -> bool {
    let sum = weighted(part(v, 0, 8), &[9, 8, 7, 6, 5, 4, 3, 2]);
    number(v) > 9_999 && sum % 11 == nth(v, 8) && !uniform(v)
}

/// Portugal: tax number.
pub fn pt_nif(v: &[u8]) -> bool {
    let check = 11 - weighted(part(v, 0, 8), &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    nth(v, 0) > 0 && nth(v, 8) == if check > 9 { 0 } else { check }
}

/// Poland: tax number.
pub fn pl_nip(v: &[u8]) -> bool {
    weighted(v, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == nth(v, 9) && !uniform(v)
}

/// Poland: business register, 9 or 14 digits.
pub fn pl_regon(v: &[u8]) -> bool {
    let short = weighted(part(v, 0, 8), &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == nth(v, 8) && !uniform(v);
    short
        && !is_moment(v)
        && (v.len() == 9 || weighted(part(v, 0, 13), &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10 == nth(v, 13))
}

/// Finland: business identity code.
pub fn fi_business(v: &[u8]) -> bool {
    zero(v, &[7, 9, 10, 5, 8, 4, 2, 1], 11)
}

/// Greece: tax number, powers of two.
pub fn gr_afm(v: &[u8]) -> bool {
    weighted(part(v, 0, 8), &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == nth(v, 8) && number(v) > 0
}

/// Hungary: tax number of a person.
pub fn hu_tax(v: &[u8]) -> bool {
    nth(v, 0) == 8 && weighted(part(v, 0, 9), &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == nth(v, 9)
}

/// Slovenia: tax number.
pub fn si_tin(v: &[u8]) -> bool {
    let check = 11 - weighted(part(v, 0, 7), &[8, 7, 6, 5, 4, 3, 2]) % 11;
    nth(v, 0) > 0 && check != 11 && check % 10 == nth(v, 7)
}

/// Brazil: CPF.
pub fn br_cpf(v: &[u8]) -> bool {
    let check = |length: usize, weights: &[u32]| {
        let check = (11 - weighted(part(v, 0, length), weights) % 11) % 11;
        (if check > 9 { 0 } else { check }) == nth(v, length)
    };
    !uniform(v) && check(9, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) && check(10, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
}

/// Brazil: CNPJ, digits or (from 2026) letters in all but the check digits, which count by their ASCII code less 48.
pub fn br_cnpj(v: &[u8]) -> bool {
    let check = |length: usize, weights: &[u32]| {
        let sum: u32 = part(v, 0, length).iter().zip(weights).map(|(b, w)| u32::from(b.saturating_sub(48)) * w).sum();
        let check = (11 - sum % 11) % 11;
        (if check > 9 { 0 } else { check }) == nth(v, length)
    };
    !uniform(v)
        && !is_moment(v)
        && !v.starts_with(b"0X")
        && check(12, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
        && check(13, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
}

/// Chile: RUT, with K for 10.
pub fn cl_rut(v: &[u8]) -> bool {
    let Some((last, body)) = v.split_last() else { return false };
    let sum: u32 = body.iter().rev().zip((2..8).cycle()).map(|(b, w)| nth(&[*b], 0) * w).sum();
    let check = (11 - sum % 11) % 11;
    *last == if check == 10 { b'K' } else { b'0' + u8::try_from(check).unwrap_or(0) } && number(body) > 100_000
}

/// Paraguay: RUC.
pub fn py_ruc(v: &[u8]) -> bool {
    let Some((last, body)) = v.split_last() else { return false };
    let sum: u32 = body.iter().rev().zip(2..).map(|(b, w)| nth(&[*b], 0) * w).sum();
    (11 - sum % 11) % 11 % 10 == nth(&[*last], 0)
}

/// Uruguay: cédula.
pub fn uy_ci(v: &[u8]) -> bool {
    (10 - weighted(part(v, 0, 7), &[2, 9, 8, 7, 6, 3, 4]) % 10) % 10 == nth(v, 7) && !uniform(v)
}

/// Philippines: taxpayer number.
pub fn ph_tin(v: &[u8]) -> bool {
    weighted(part(v, 0, 8), &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == nth(v, 8) && !uniform(v) && !is_moment(v)
}

/// Thailand: personal number.
pub fn th_pin(v: &[u8]) -> bool {
    let sum = weighted(part(v, 0, 12), &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (1..=8).contains(&nth(v, 0)) && (11 - sum % 11) % 10 == nth(v, 12)
}

/// Japan: My Number.
pub fn jp_my_number(v: &[u8]) -> bool {
    let r = weighted(part(v, 0, 11), &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    (if r <= 1 { 0 } else { 11 - r }) == nth(v, 11) && !uniform(v)
}

/// Japan: corporate number, modulo 9, check digit first.
pub fn jp_corporate(v: &[u8]) -> bool {
    let sum: u32 = part(v, 1, 13).iter().rev().zip([1, 2].iter().cycle()).map(|(b, w)| nth(&[*b], 0) * w).sum();
    9 - sum % 9 == nth(v, 0)
}

/// Japan: driving licence: the 11th digit of 12.
pub fn jp_driver(v: &[u8]) -> bool {
    let r = weighted(part(v, 0, 10), &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    nth(v, 10) == if r <= 1 { 0 } else { 11 - r } && !uniform(v)
}

/// Japan: resident register code (juminhyo): 11 digits.
pub fn jp_resident(v: &[u8]) -> bool {
    let r = weighted(part(v, 0, 10), &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3].map(|w| w)) % 11;
    nth(v, 10) == if r <= 1 { 0 } else { 11 - r } && !uniform(v)
}

/// Korea: business registration number.
pub fn kr_brn(v: &[u8]) -> bool {
    let sum = weighted(part(v, 0, 9), &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + nth(v, 8) * 5 / 10;
    (10 - sum % 10) % 10 == nth(v, 9)
}

/// Ukraine: RNTRC tax number.
pub fn ua_rntrc(v: &[u8]) -> bool {
    let sum = i64::from(weighted(part(v, 1, 9), &[5, 7, 9, 4, 6, 10, 5, 7])) - i64::from(nth(v, 0));
    sum.rem_euclid(11) % 10 == i64::from(nth(v, 9))
}

/// Russia: INN, 10 or 12 digits.
pub fn ru_inn(v: &[u8]) -> bool {
    let check = |length: usize, weights: &[u32]| weighted(part(v, 0, length), weights) % 11 % 10 == nth(v, length);
    match v.len() {
        10 => check(9, &[2, 4, 10, 3, 5, 9, 4, 6, 8]),
        12 => check(10, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) && check(11, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]),
        _ => false,
    }
}

/// Iceland: kennitala.
pub fn is_kennitala(v: &[u8]) -> bool {
    weighted(part(v, 0, 9), &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
        && super::dates::is_day(number(part(v, 4, 6)), number(part(v, 2, 4)), number(part(v, 0, 2)) % 40)
}
