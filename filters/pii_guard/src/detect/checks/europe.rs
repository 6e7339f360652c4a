//! The west and the south of Europe, and the VAT numbers of all of it: checks that are more than one weighted sum.

use super::dates::ddmmyy;
use super::mod11::nl_bsn;
use super::{at, base36, digit, luhn, mod11_10, mod97, nth, number, part, uniform, verhoeff, weighted};

/// The letter at a remainder.
pub(super) fn letter(table: &[u8], remainder: u64, expected: u8) -> bool {
    usize::try_from(remainder).ok().and_then(|index| table.get(index)) == Some(&expected)
}

/// France: NIR: sex, year, month, and a key of 97 less the rest; Corsica's departments have letters.
pub fn fr_nir(v: &[u8]) -> bool {
    let mut body: Vec<u8> = part(v, 0, 13).to_vec();
    let corsica = match part(v, 5, 7) {
        b"2A" => Some(b'9'),
        b"2B" => Some(b'8'),
        _ => None,
    };
    if let (Some(last), Some([tens, ones])) = (corsica, body.get_mut(5..7)) {
        (*tens, *ones) = (b'1', last);
    }
    if !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let month = number(part(v, 3, 5));
    let month_fits = (1..=12).contains(&month) || (20..=42).contains(&month) || month >= 50;
    matches!(nth(v, 0), 1..=4 | 7 | 8) && month_fits && 97 - number(&body) % 97 == number(part(v, 13, 15))
}

/// France: tax number (SPI) of 13 digits.
pub fn fr_spi(v: &[u8]) -> bool {
    nth(v, 0) <= 3 && number(part(v, 0, 10)) % 511 == number(part(v, 10, 13))
}

/// France: VAT number, after `FR`.
pub fn fr_vat(v: &[u8]) -> bool {
    let siren = part(v, 4, 13);
    luhn(siren) && (12 + 3 * (number(siren) % 97)) % 97 == number(part(v, 2, 4))
}

/// Spain: DNI and NIE: modulo 23 as a letter; X, Y and Z are 0, 1 and 2.
pub fn es_nif(v: &[u8]) -> bool {
    let first = match at(v, 0) {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        other => u64::from(digit(other).unwrap_or(9)),
    };
    let value = first * 10_000_000 + number(part(v, 1, 8));
    letter(b"TRWAGMYFPDXBNJZSQVHLCKE", value % 23, at(v, 8))
}

/// Spain: company tax number: Luhn over seven digits, as a digit or a letter.
pub fn es_cif(v: &[u8]) -> bool {
    if !b"ABCDEFGHJNPQRSUVW".contains(&at(v, 0)) {
        return false;
    }
    let sum: u32 = part(v, 1, 8)
        .iter()
        .enumerate()
        .map(|(i, b)| nth(&[*b], 0) * if i % 2 == 0 { 2 } else { 1 })
        .map(|p| p / 10 + p % 10)
        .sum();
    let check = (10 - sum % 10) % 10;
    let last = at(v, 8);
    let digit_fits = digit(last) == Some(check) && !b"NPQRSW".contains(&at(v, 0));
    digit_fits || (letter(b"JABCDEFGHI", u64::from(check), last) && !b"ABEH".contains(&at(v, 0)))
}

/// Spain: social security number: province and number modulo 97.
pub fn es_nss(v: &[u8]) -> bool {
    let (province, body) = (number(part(v, 0, 2)), number(part(v, 2, 10)));
    let value = if body < 10_000_000 { body + province * 10_000_000 } else { number(part(v, 0, 10)) };
    (1..=66).contains(&province) && value % 97 == number(part(v, 10, 12))
}

/// Italy: fiscal code: 16 places, letters in the place of digits for namesakes (omocodia), modulo 26.
pub fn it_fiscal(v: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let plain = |byte: u8| if byte.is_ascii_digit() { base36(byte) } else { base36(byte).wrapping_sub(10) };
    let sum: u32 = part(v, 0, 15)
        .iter()
        .enumerate()
        .map(|(i, b)| if i % 2 == 0 { ODD.get(plain(*b) as usize).copied().unwrap_or(0) } else { plain(*b) })
        .sum();
    let digits = |byte: u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(&byte);
    [6, 7, 9, 10, 12, 13, 14].iter().all(|i| digits(at(v, *i)))
        && b"ABCDEHLMPRST".contains(&at(v, 8))
        && sum % 26 == base36(at(v, 15)).wrapping_sub(10)
}

/// Italy: VAT number: Luhn with a province of 001 to 100 or a special office.
pub fn it_vat(v: &[u8]) -> bool {
    let office = number(part(v, 7, 10));
    number(part(v, 0, 7)) > 0 && ((1..=100).contains(&office) || matches!(office, 120 | 121 | 888 | 999)) && luhn(v)
}

/// Portugal: citizen card: Luhn in base 36.
pub fn pt_cc(v: &[u8]) -> bool {
    let sum: u32 = v
        .iter()
        .rev()
        .enumerate()
        .map(|(i, b)| match base36(*b) {
            value if i % 2 == 0 => value,
            value if value * 2 > 9 => value * 2 - 9,
            value => value * 2,
        })
        .sum();
    sum.is_multiple_of(10) && part(v, 9, 11).iter().any(u8::is_ascii_alphabetic)
}

/// Portugal: social security number: prime weights.
pub fn pt_niss(v: &[u8]) -> bool {
    matches!(nth(v, 0), 1 | 2) && 9 - weighted(part(v, 0, 10), &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10 == nth(v, 10)
}

/// Netherlands: VAT number `NL…B..`: eleven-test, or since 2020 MOD 97-10 over all of it.
pub fn nl_vat(v: &[u8]) -> bool {
    nl_bsn(part(v, 2, 11)) || mod97(v.iter().copied()) == 1
}

/// Belgium: national number: 97 less the rest, with a 2 in front for those born since 2000.
pub fn be_nn(v: &[u8]) -> bool {
    let (body, key) = (number(part(v, 0, 9)), number(part(v, 9, 11)));
    // Foreigners' numbers add 20 or 40 to the month.
    let month = number(part(v, 2, 4)) % 20;
    let fits = month <= 12 && number(part(v, 4, 6)) <= 31 && !uniform(v);
    fits && (97 - body % 97 == key || 97 - (2_000_000_000 + body) % 97 == key)
}

/// Belgium: VAT and enterprise number of ten digits.
pub fn be_vat(v: &[u8]) -> bool {
    let v = v.strip_prefix(b"BE").unwrap_or(v);
    nth(v, 0) <= 1 && number(v) > 0 && 97 - number(part(v, 0, 8)) % 97 == number(part(v, 8, 10))
}

/// Luxembourg: national id: birth date, Luhn and Verhoeff.
pub fn lu_id(v: &[u8]) -> bool {
    let mut verhoeffs = part(v, 0, 11).to_vec();
    verhoeffs.push(at(v, 12));
    super::dates::yyyymmdd(part(v, 0, 8)) && luhn(part(v, 0, 12)) && verhoeff(&verhoeffs)
}

/// Cyprus: tax number: digits at odd places translated, modulo 26 as a letter.
pub fn cy_tin(v: &[u8]) -> bool {
    let v = v.strip_prefix(b"CY").unwrap_or(v);
    let sum: u32 = part(v, 0, 8)
        .iter()
        .enumerate()
        .map(|(i, b)| match nth(&[*b], 0) as usize {
            d if i % 2 == 0 => [1, 0, 5, 7, 9, 13, 15, 17, 19, 21].get(d).copied().unwrap_or(0),
            d => u32::try_from(d).unwrap_or(0),
        })
        .sum();
    !v.starts_with(b"12") && b'A' + u8::try_from(sum % 26).unwrap_or(0) == at(v, 8)
}

/// Ireland: personal public service number: modulo 23 as a letter, with a second letter since 2013.
pub fn ie_pps(v: &[u8]) -> bool {
    let second = match at(v, 8) {
        // T and X stand for spouses and trusts, and count nothing.
        0 | b'W' | b'T' | b'X' => 0,
        byte => base36(byte).wrapping_sub(9),
    };
    let sum = weighted(part(v, 0, 7), &[8, 7, 6, 5, 4, 3, 2]) + 9 * second;
    letter(b"WABCDEFGHIJKLMNOPQRSTUV", u64::from(sum % 23), at(v, 7))
        && matches!(at(v, 8), 0 | b'A'..=b'I' | b'W' | b'T' | b'X')
}

/// United Kingdom: Community Health Index: date and NHS check.
pub fn uk_chi(v: &[u8]) -> bool {
    ddmmyy(part(v, 0, 6)) && super::mod11::uk_nhs(v)
}

/// United Kingdom: national insurance number: prefixes that are issued.
pub fn uk_nino(v: &[u8]) -> bool {
    let (first, second) = (at(v, 0), at(v, 1));
    let barred = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    !b"DFIQUV".contains(&first)
        && !b"DFIOQUV".contains(&second)
        && !barred.iter().any(|two| v.starts_with(*two))
        && matches!(at(v, 8), b'A'..=b'D')
}

/// United Kingdom: driving licence (DVLA): surname padded with 9, decade, month with 50 for women, day, year.
pub fn uk_driving(v: &[u8]) -> bool {
    let surname = part(v, 0, 5);
    let letters = surname.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let padded = letters > 0 && surname.iter().skip(letters).all(|byte| *byte == b'9');
    let month = number(part(v, 6, 8)) % 50;
    padded && (1..=12).contains(&month) && (1..=31).contains(&number(part(v, 8, 10)))
}

/// EU: VAT numbers of member states that have no entity of their own here, by their prefix.
pub fn eu_vat(v: &[u8]) -> bool {
    let body = v.get(2..).unwrap_or_default();
    let w = |weights: &[u32]| weighted(body, weights);
    match part(v, 0, 2) {
        b"BG" => body.len() == 10 || bulgarian(body),
        b"DK" => body.len() == 8 && w(&[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
        b"EE" => body.len() == 9 && w(&[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10),
        b"EL" | b"GR" => body.len() == 9 && super::mod11::gr_afm(body),
        b"FI" => body.len() == 8 && super::mod11::fi_business(body),
        b"HR" => body.len() == 11 && mod11_10(body),
        b"LU" => body.len() == 8 && number(part(body, 0, 6)) % 89 == number(part(body, 6, 8)),
        b"MT" => body.len() == 8 && (37 - w(&[3, 4, 6, 7, 8, 9]) % 37) % 100 == nth(body, 6) * 10 + nth(body, 7),
        b"PL" => body.len() == 10 && super::mod11::pl_nip(body),
        b"PT" => body.len() == 9 && super::mod11::pt_nif(body),
        b"SE" => body.len() == 12 && luhn(part(body, 0, 10)),
        b"SI" => body.len() == 8 && super::mod11::si_tin(body),
        b"SK" => body.len() == 10 && number(body).is_multiple_of(11),
        b"ES" => body.len() == 9 && (es_nif(body) || es_cif(body)),
        b"IT" => body.len() == 11 && it_vat(body),
        b"IE" => (8..=9).contains(&body.len()) && ie_pps(body),
        b"LV" => body.len() == 11 && nth(body, 0) > 3 && latvian(body),
        b"CZ" => body.len() == 8 && czech(body),
        b"LT" => body.len() == 9 && lithuanian(body),
        b"RO" => romanian(body),
        _ => false,
    }
}

fn bulgarian(v: &[u8]) -> bool {
    let first = weighted(part(v, 0, 8), &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    let check = if first == 10 { weighted(part(v, 0, 8), &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10 } else { first };
    v.len() == 9 && check == nth(v, 8)
}

fn latvian(v: &[u8]) -> bool {
    weighted(v, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3
}

fn czech(v: &[u8]) -> bool {
    let check = (11 - weighted(part(v, 0, 7), &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    (if check == 0 { 1 } else { check }) % 10 == nth(v, 7) && nth(v, 0) != 9
}

fn lithuanian(v: &[u8]) -> bool {
    let first = weighted(part(v, 0, 8), &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    let check = if first == 10 { weighted(part(v, 0, 8), &[3, 4, 5, 6, 7, 8, 9, 1]) % 11 % 10 } else { first };
    nth(v, 7) == 1 && check == nth(v, 8)
}

fn romanian(v: &[u8]) -> bool {
    let sum: u32 = v.iter().rev().skip(1).zip([2, 3, 5, 7, 1, 2, 3, 5, 7]).map(|(b, w)| nth(&[*b], 0) * w).sum();
    (4..=10).contains(&v.len()) && sum * 10 % 11 % 10 == nth(v, v.len().saturating_sub(1))
}
