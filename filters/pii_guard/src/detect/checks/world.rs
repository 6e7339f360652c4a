//! Numbers of the Americas, Asia, Africa and Oceania whose check is more than one weighted sum.

use super::dates::{is_day, yymmdd, yyyymmdd};
use super::{at, base36, digit, luhn, nth, number, part, uniform, verhoeff, weighted};

/// United States: social security number: area, group and serial that can be issued. `123-45-6789` can be somebody's too.
pub fn us_ssn(v: &[u8]) -> bool {
    let (area, group, serial) = (number(part(v, 0, 3)), number(part(v, 3, 5)), number(part(v, 5, 9)));
    !matches!(area, 0 | 666 | 900..) && group > 0 && serial > 0
}

/// United States: individual taxpayer number: groups that are issued (IRS).
pub fn us_itin(v: &[u8]) -> bool {
    nth(v, 0) == 9 && matches!(number(part(v, 3, 5)), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// United States: adoption taxpayer number: group 93.
pub fn us_atin(v: &[u8]) -> bool {
    nth(v, 0) == 9 && part(v, 3, 5) == b"93"
}

/// United States: employer number: prefixes that are assigned (IRS).
pub fn us_ein(v: &[u8]) -> bool {
    !matches!(number(part(v, 0, 2)), 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97)
}

/// United States: Medicare beneficiary identifier (CMS): letters without S, L, O, I, B, Z.
pub fn us_mbi(v: &[u8]) -> bool {
    let letter = |i: usize| b"ACDEFGHJKMNPQRTUVWXY".contains(&at(v, i));
    let either = |i: usize| letter(i) || at(v, i).is_ascii_digit();
    nth(v, 0) > 0 && letter(1) && either(2) && letter(4) && either(5) && letter(7) && letter(8)
}

/// United States: provider number: Luhn with 80840 in front, which adds 24.
pub fn us_npi(v: &[u8]) -> bool {
    matches!(nth(v, 0), 1 | 2) && (super::luhn_sum(v) + 24).is_multiple_of(10)
}

/// United States: DEA number.
pub fn us_dea(v: &[u8]) -> bool {
    let d = |i: usize| nth(v, i);
    b"ABCDEFGHJKLMPRSTUX".contains(&at(v, 0)) && (d(2) + d(4) + d(6) + 2 * (d(3) + d(5) + d(7))) % 10 == d(8)
}

/// Canada: social insurance number.
pub fn ca_sin(v: &[u8]) -> bool {
    !matches!(nth(v, 0), 0 | 8) && luhn(v) && !uniform(v)
}

/// Canada: health cards: Ontario's Luhn, or British Columbia's weights with a 9 in front.
pub fn ca_health(v: &[u8]) -> bool {
    let bc = nth(v, 0) == 9 && {
        let sum = weighted(part(v, 1, 9), &[2, 4, 8, 5, 10, 9, 7, 3]) % 11;
        (11 - sum) % 11 == nth(v, 9)
    };
    bc || (nth(v, 0) > 0 && luhn(part(v, 0, 10)))
}

/// Mexico: CURP: date, sex, state, and a sum over 37 characters.
pub fn mx_curp(v: &[u8]) -> bool {
    let sum: u32 =
        part(v, 0, 17).iter().enumerate().map(|(i, b)| curp_value(*b) * (18 - u32::try_from(i).unwrap_or(0))).sum();
    yymmdd(part(v, 4, 10)) && b"HMX".contains(&at(v, 10)) && (10 - sum % 10) % 10 == nth(v, 17)
}

/// The alphabet has Ñ between N and O.
fn curp_value(byte: u8) -> u32 {
    base36(byte) + u32::from(byte >= b'O' && byte.is_ascii_alphabetic())
}

/// Ecuador: cédula: province and Luhn.
pub fn ec_ci(v: &[u8]) -> bool {
    matches!(number(part(v, 0, 2)), 1..=24 | 30) && nth(v, 2) < 6 && luhn(v)
}

/// Dominican Republic: cédula.
pub fn do_cedula(v: &[u8]) -> bool {
    luhn(v) && !uniform(v)
}

/// India: Aadhaar: first digit from 2, Verhoeff, not a palindrome.
pub fn in_aadhaar(v: &[u8]) -> bool {
    nth(v, 0) >= 2 && verhoeff(v) && !v.iter().eq(v.iter().rev())
}

/// India: PAN: the holder's kind at the fourth place.
pub fn in_pan(v: &[u8]) -> bool {
    b"ABCEFGHJKLPT".contains(&at(v, 3)) && part(v, 5, 9) != b"0000"
}

/// India: GSTIN: state, PAN, and Luhn in base 36.
pub fn in_gstin(v: &[u8]) -> bool {
    let sum: u32 = part(v, 0, 14)
        .iter()
        .rev()
        .enumerate()
        .map(|(i, b)| base36(*b) * if i % 2 == 0 { 2 } else { 1 })
        .map(|p| p / 36 + p % 36)
        .sum();
    matches!(number(part(v, 0, 2)), 1..=38 | 97 | 99)
        && in_pan(part(v, 2, 12))
        && (36 - sum % 36) % 36 == base36(at(v, 14))
}

/// India: voter card (EPIC): Luhn over its seven digits.
pub fn in_voter(v: &[u8]) -> bool {
    luhn(part(v, 3, 10)) && number(part(v, 3, 10)) > 0
}

/// Singapore: NRIC and FIN.
pub fn sg_nric(v: &[u8]) -> bool {
    let sum = weighted(part(v, 1, 8), &[2, 7, 6, 5, 4, 3, 2]);
    let (table, add): (&[u8], u32) = match at(v, 0) {
        b'S' => (b"JZIHGFEDCBA", 0),
        b'T' => (b"JZIHGFEDCBA", 4),
        b'F' => (b"XWUTRQPNMLK", 0),
        b'G' => (b"XWUTRQPNMLK", 4),
        b'M' => (b"XWUTRQPNJLK", 3),
        _ => return false,
    };
    let index = (sum + add) % 11;
    let index = if at(v, 0) == b'M' { 10 - index } else { index };
    table.get(index as usize) == Some(&at(v, 8))
}

/// Singapore: entity number: three forms with a letter at the end.
pub fn sg_uen(v: &[u8]) -> bool {
    let last = at(v, v.len().saturating_sub(1));
    let of = |table: &[u8], sum: u32| table.get((sum % 11) as usize) == Some(&last);
    match v.len() {
        9 => of(b"XMKECAWLJDB", weighted(part(v, 0, 8), &[10, 4, 9, 3, 8, 2, 7, 1])),
        10 if at(v, 0).is_ascii_digit() => {
            (1900..2100).contains(&number(part(v, 0, 4)))
                && of(b"ZKCMDNERGWH", weighted(part(v, 0, 9), &[10, 8, 6, 4, 9, 7, 5, 3, 1]))
        }
        10 => {
            const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
            let value = |b: u8| ALPHABET.iter().position(|c| *c == b).and_then(|p| u32::try_from(p).ok()).unwrap_or(0);
            let sum: u32 = part(v, 0, 9).iter().zip([4, 3, 5, 3, 10, 2, 2, 5, 7]).map(|(b, w)| value(*b) * w).sum();
            matches!(at(v, 0), b'R' | b'S' | b'T') && ALPHABET.get(((sum + 11 * 32 - 5) % 11) as usize) == Some(&last)
        }
        _ => false,
    }
}

/// Hong Kong: identity card: one or two letters, weights 9 to 2, modulo 11 with A for 10.
pub fn hk_id(v: &[u8]) -> bool {
    let Some((last, body)) = v.split_last() else { return false };
    let (first, rest) = if body.len() == 8 { (base36(at(body, 0)), part(body, 1, 8)) } else { (36, body) };
    let sum = first * 9 + weighted(rest, &[8, 7, 6, 5, 4, 3, 2]);
    (sum + base36(*last)).is_multiple_of(11) && (last.is_ascii_digit() || *last == b'A')
}

/// Taiwan: national id and resident certificate: the letter as two digits, weights, modulo 10.
pub fn tw_id(v: &[u8]) -> bool {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some(value) = LETTERS.iter().position(|c| *c == at(v, 0)).and_then(|p| u32::try_from(p + 10).ok()) else {
        return false;
    };
    let second = match at(v, 1) {
        byte if byte.is_ascii_digit() => nth(v, 1),
        byte => LETTERS.iter().position(|c| *c == byte).and_then(|p| u32::try_from(p % 10).ok()).unwrap_or(0),
    };
    let sum = value / 10 + value % 10 * 9 + second * 8 + weighted(part(v, 2, 10), &[7, 6, 5, 4, 3, 2, 1, 1]);
    sum.is_multiple_of(10)
}

/// China: resident identity number: date and ISO 7064 MOD 11,2.
pub fn cn_ric(v: &[u8]) -> bool {
    let sum = weighted(part(v, 0, 17), &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let region = number(part(v, 0, 2));
    (11..=91).contains(&region)
        && yyyymmdd(part(v, 6, 14))
        && b"10X98765432".get((sum % 11) as usize) == Some(&at(v, 17))
}

/// Korea: resident number: date, sex digit; its check digit is not kept for numbers issued since October 2020.
pub fn kr_rrn(v: &[u8]) -> bool {
    let sum = weighted(part(v, 0, 12), &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    yymmdd(part(v, 0, 6)) && matches!(nth(v, 6), 1..=4 | 9 | 0) && (11 - sum % 11) % 10 == nth(v, 12)
}

/// Korea: resident's number as issued since October 2020: the day of birth and the sex, and six digits by chance.
pub fn kr_rrn_2020(v: &[u8]) -> bool {
    yymmdd(part(v, 0, 6)) && (1..=4).contains(&nth(v, 6))
}

/// Korea: foreigner's number.
pub fn kr_frn(v: &[u8]) -> bool {
    let sum = weighted(part(v, 0, 12), &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    yymmdd(part(v, 0, 6)) && (5..=8).contains(&nth(v, 6)) && (13 - sum % 11) % 10 == nth(v, 12)
}

/// Korea: driving licence: region codes.
pub fn kr_driver(v: &[u8]) -> bool {
    matches!(number(part(v, 0, 2)), 11..=26 | 28)
}

/// Indonesia: NIK: province, and the day (40 added for women), month and year of birth.
pub fn id_nik(v: &[u8]) -> bool {
    let day = number(part(v, 6, 8));
    (11..=94).contains(&number(part(v, 0, 2)))
        && is_day(number(part(v, 10, 12)), number(part(v, 8, 10)), if day > 40 { day - 40 } else { day })
        && number(part(v, 12, 16)) > 0
}

/// Malaysia: NRIC: date and place of birth.
pub fn my_nric(v: &[u8]) -> bool {
    let place = number(part(v, 6, 8));
    yymmdd(part(v, 0, 6)) && matches!(place, 1..=16 | 21..=68 | 71..=72 | 74..=79 | 82..=93 | 98..=99)
}

/// Turkey: TCKN.
pub fn tr_tckn(v: &[u8]) -> bool {
    let odd = nth(v, 0) + nth(v, 2) + nth(v, 4) + nth(v, 6) + nth(v, 8);
    let even = nth(v, 1) + nth(v, 3) + nth(v, 5) + nth(v, 7);
    let sum: u32 = (0..10).map(|i| nth(v, i)).sum();
    nth(v, 0) > 0 && (odd * 7 + 100 - even) % 10 == nth(v, 9) && sum % 10 == nth(v, 10)
}

/// Israel: identity number.
pub fn il_tz(v: &[u8]) -> bool {
    luhn(v) && !uniform(v) && number(v) > 0
}

/// Saudi Arabia: national or residence id.
pub fn sa_id(v: &[u8]) -> bool {
    matches!(nth(v, 0), 1 | 2) && luhn(v) && !uniform(v)
}

/// South Africa: identity number: date, citizenship, Luhn.
pub fn za_id(v: &[u8]) -> bool {
    yymmdd(part(v, 0, 6)) && nth(v, 10) < 3 && luhn(v)
}

/// Nigeria: NIN. Presidio assumes Verhoeff, which the issuer never published: shape alone.
pub fn ng_nin(v: &[u8]) -> bool {
    nth(v, 0) > 0 && !uniform(v)
}

/// New Zealand: health index: letters without I and O, modulo 11, or modulo 24 with a letter (HISO 10046).
pub fn nz_nhi(v: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let value = |b: u8| match digit(b) {
        Some(d) => Some(d),
        None => ALPHABET.iter().position(|c| *c == b).and_then(|p| u32::try_from(p + 1).ok()),
    };
    let sum: Option<u32> = part(v, 0, 6).iter().zip([7, 6, 5, 4, 3, 2]).map(|(b, w)| Some(value(*b)? * w)).sum();
    let Some(sum) = sum else { return false };
    let last = at(v, 6);
    match digit(last) {
        Some(check) => sum % 11 != 0 && (11 - sum % 11) % 10 == check,
        None => ALPHABET.get(((24 - sum % 24) as usize).wrapping_sub(1)) == Some(&last),
    }
}

/// Vehicle identification number: check digit at the ninth place (49 CFR 565; North America).
pub fn vin(v: &[u8]) -> bool {
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'H' => u32::from(b - b'A') + 1,
        b'J'..=b'R' => u32::from(b - b'J') + 1,
        b'S'..=b'Z' => u32::from(b - b'S') + 2,
        _ => 0,
    };
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = v.iter().zip(weights).map(|(b, w)| value(*b) * w).sum();
    let mixed = v.iter().filter(|b| b.is_ascii_alphabetic()).count();
    !v.iter().any(|b| b"IOQ".contains(b))
        && (2..16).contains(&mixed)
        && (b"0123456789X".get((sum % 11) as usize) == Some(&at(v, 8)) || is_european(v))
}

/// Whether a VIN is one of a maker in Europe (ISO 3780), where no check digit is asked for: four digits end it.
fn is_european(v: &[u8]) -> bool {
    const MAKERS: &str = "SAJ SAL SCA SCB SCC SCF SHH SJN TMA TMB TRU UU1 VF1 VF3 VF6 VF7 VNK VR1 VR3 VR7 VS6 VSK VSS VSX W0L W0V W1K \
                          W1N W1V WAU WBA WBS WBY WDB WDC WDD WDF WF0 WMA WME WMW WP0 WP1 WV1 WV2 WVG WVW XTA YS3 YV1 ZAM ZAR ZCF ZFA ZFF ZHW";
    let maker = |maker: &str| v.starts_with(maker.as_bytes());
    MAKERS.split(' ').any(maker) && v.iter().rev().take(4).all(u8::is_ascii_digit)
}

/// Venezuela and Turkey, Pakistan and others: a first digit that is not 0, and no repetition.
pub fn issued(v: &[u8]) -> bool {
    at(v, 0) != b'0' && !uniform(v)
}

/// Turkey: licence plate: provinces 01 to 81.
pub fn tr_plate(v: &[u8]) -> bool {
    (1..=81).contains(&number(part(v, 0, 2)))
}

/// An international mobile subscriber: mobile country codes 202 to 750.
pub fn imsi(v: &[u8]) -> bool {
    (202..=750).contains(&number(part(v, 0, 3)))
}
