//! Cards, accounts, securities.

use super::{at, base36, digit, luhn, mod97, nth, number, part, uniform, weighted};

/// A payment card: the issuer's range and its lengths, and Luhn (ISO/IEC 7812-1).
pub fn card(v: &[u8]) -> bool {
    let (n2, n3, n4, n6) = (number(part(v, 0, 2)), number(part(v, 0, 3)), number(part(v, 0, 4)), number(part(v, 0, 6)));
    let fits = match v.len() {
        // Visa, Mastercard, American Express, JCB, Diners, Discover, Mir, UnionPay, Maestro, Troy, RuPay, Uzcard, Humo, Belkart.
        13 => n2 / 10 == 4,
        14 => matches!(n3, 300..=305 | 309) || matches!(n2, 36 | 38 | 39),
        15 => matches!(n2, 34 | 37) || matches!(n4, 2131 | 1800),
        16 => {
            n2 / 10 == 4
                || matches!(n2, 51..=55 | 65)
                || matches!(n4, 2221..=2720 | 3500..=3599 | 6011 | 2200..=2204 | 9792 | 8600 | 9860 | 9112)
                || matches!(n3, 300..=305 | 309 | 644..=649)
                || matches!(n2, 36 | 38 | 39)
        }
        _ => false,
    };
    let union = (16..=19).contains(&v.len()) && (n2 == 62 || n2 == 81 || matches!(n6, 622_126..=622_925));
    let maestro = (12..=19).contains(&v.len())
        && (n2 == 50 || matches!(n2, 56..=58) || n2 == 63 || n2 == 67 || n2 == 60 || n2 == 61 || n2 == 64 || n2 == 66);
    let long = (17..=19).contains(&v.len())
        && (n2 / 10 == 4 && v.len() == 19 || matches!(n4, 3528..=3589 | 2200..=2204 | 6011) || n2 == 65 || n2 == 36);
    (fits || union || maestro || long) && luhn(v) && !uniform(v)
}

/// Track 1 or 2 of a card's stripe (ISO/IEC 7813): the number after the sentinel is a card.
pub fn track(v: &[u8]) -> bool {
    let digits = v.iter().take_while(|b| b.is_ascii_digit()).count();
    card(part(v, 0, digits))
}

/// Lengths of the national account numbers (SWIFT IBAN registry).
const IBAN: &[u8] = b"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/// An international account number: country, its length, and MOD 97-10 (ISO 13616).
pub fn iban(v: &[u8]) -> bool {
    iban_length(v) == Some(v.len()) && mod97(v.iter().skip(4).chain(v.iter().take(4)).copied()) == 1
}

/// The length of an account number that starts with these two letters.
pub fn iban_length(start: &[u8]) -> Option<usize> {
    let known = IBAN.chunks(4).find(|entry| entry.first() == start.first() && entry.get(1) == start.get(1));
    known.and_then(|entry| usize::try_from(number(part(entry, 2, 4))).ok())
}

/// ISO 3166 codes, for BIC and ISIN.
const COUNTRIES: &[u8] = b"ADAEAFAGAIALAMAOARATAUAWAZBABBBDBEBFBGBHBIBJBMBNBOBRBSBTBWBYBZCACDCFCGCHCICKCLCMCNCOCRCUCVCWCYCZDEDJDKDMDODZECEEEGERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGTGUGWGYHKHNHRHTHUIDIEILIMINIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISKSLSMSNSOSRSSSTSVSXSYSZTCTDTGTHTJTLTMTNTOTRTTTVTWTZUAUGUSUYUZVAVCVEVGVIVNVUWFWSXKXSYEYTZAZMZW";

fn is_country(code: &[u8]) -> bool {
    COUNTRIES.chunks(2).any(|known| known.first() == code.first() && known.get(1) == code.get(1))
}

/// A bank's code (ISO 9362).
pub fn bic(v: &[u8]) -> bool {
    is_country(part(v, 4, 6))
}

/// United States: routing number: 3-7-1, and first digits that districts of the Federal Reserve, thrifts, electronic and
/// government transfers have.
pub fn aba(v: &[u8]) -> bool {
    matches!(nth(v, 0), 0..=3 | 6..=8) && weighted(v, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10) && number(v) > 0
}

/// A North American security: CUSIP.
pub fn cusip(v: &[u8]) -> bool {
    let sum: u32 = part(v, 0, 8)
        .iter()
        .enumerate()
        .map(|(i, b)| base36(*b) * if i % 2 == 1 { 2 } else { 1 })
        .map(|p| p / 10 + p % 10)
        .sum();
    (10 - sum % 10) % 10 == nth(v, 8) && v.iter().filter(|b| b.is_ascii_digit()).count() >= 2
}

/// An international security: ISIN (ISO 6166).
pub fn isin(v: &[u8]) -> bool {
    let mut digits = Vec::with_capacity(24);
    for byte in v {
        digits.extend_from_slice(base36(*byte).to_string().as_bytes());
    }
    is_country(part(v, 0, 2)) && luhn(&digits)
}

/// A legal entity: LEI (ISO 17442).
pub fn lei(v: &[u8]) -> bool {
    mod97(v.iter().copied()) == 1 && v.iter().any(u8::is_ascii_alphabetic)
}

/// Portugal: NIB: MOD 97-10.
pub fn pt_nib(v: &[u8]) -> bool {
    mod97(v.iter().copied()) == 1 && !uniform(v)
}

/// SEPA creditor: MOD 97-10 without the business code.
pub fn sepa_creditor(v: &[u8]) -> bool {
    let rest = v.get(7..).unwrap_or_default();
    is_country(part(v, 0, 2)) && mod97(rest.iter().chain(v.iter().take(4)).copied()) == 1
}

/// New Zealand: bank account: banks that exist, with the check of most of them.
pub fn nz_account(v: &[u8]) -> bool {
    let (bank, base) = (number(part(v, 0, 2)), number(part(v, 6, 13)));
    let weights: &[u32] = match bank {
        8 => &[0, 0, 0, 0, 0, 0, 7, 6, 5, 4, 3, 2, 1],
        9 => return true,
        25 | 33 => &[0, 0, 0, 0, 0, 0, 1, 7, 3, 1, 7, 3, 1],
        26 | 28 | 29 => &[0, 0, 0, 0, 0, 0, 1, 3, 7, 1, 3, 7, 1],
        1..=6 | 11..=24 | 27 | 30 | 35 | 38 | 88 if base < 990_000 => &[0, 0, 6, 3, 7, 9, 0, 10, 5, 8, 4, 2, 1],
        1..=6 | 11..=24 | 27 | 30 | 35 | 38 | 88 => &[0, 0, 0, 0, 0, 0, 0, 10, 5, 8, 4, 2, 1],
        _ => return false,
    };
    let modulus = if matches!(bank, 25 | 33 | 26 | 28 | 29) { 10 } else { 11 };
    weighted(part(v, 0, 13), weights).is_multiple_of(modulus)
}

/// A mobile device: IMEI.
pub fn imei(v: &[u8]) -> bool {
    luhn(v) && !uniform(v) && matches!(number(part(v, 0, 2)), 1 | 10 | 30..=99)
}

/// A SIM card: ICCID (ITU-T E.118).
pub fn iccid(v: &[u8]) -> bool {
    v.starts_with(b"89") && luhn(v)
}

/// A card's expiry, after its label.
pub fn expiry(v: &[u8]) -> bool {
    let year = if v.len() == 6 { number(part(v, 2, 6)) } else { 2000 + number(part(v, 2, 4)) };
    (1..=12).contains(&number(part(v, 0, 2))) && (2015..2050).contains(&year)
}

/// A researcher: ORCID (ISO/IEC 7064 MOD 11-2).
pub fn orcid(v: &[u8]) -> bool {
    let sum = part(v, 0, 15).iter().fold(0, |sum, b| (sum + nth(&[*b], 0)) * 2 % 11);
    let check = (12 - sum % 11) % 11;
    (if at(v, 15) == b'X' { 10 } else { digit(at(v, 15)).unwrap_or(11) }) == check && v.starts_with(b"0000")
}
