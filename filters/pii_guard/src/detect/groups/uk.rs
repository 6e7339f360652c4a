//! United Kingdom and Ireland.

use crate::detect::checks::{europe, mod11};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "UK_NINO",
        "uk",
        Good,
        &["aa dd dd dd a"],
        Some(europe::uk_nino),
        "nino|national insurance|ni number|insurance",
        &["AB 12 34 56 C", "AB123456C"],
        "HMRC NIM39110",
    ),
    row(
        "UK_UTR",
        "uk",
        Fair,
        &["dddddddddd", "ddddd ddddd"],
        Some(mod11::uk_utr),
        "utr|unique taxpayer|tax reference|self assessment|hmrc",
        &["UTR 1955839661"],
        "HMRC",
    ),
    row(
        "UK_DRIVING_LICENCE",
        "uk",
        Good,
        &["xxxxxddddddxxxaa", "xxxxxddddddxxxdaa", "xxxxx dddddd xxxaa"],
        Some(europe::uk_driving),
        "driving licence|dvla|licence",
        &["MORGA657054SM9IJ"],
        "DVLA",
    ),
    row(
        "UK_PASSPORT",
        "uk",
        Weak,
        &["ddddddddd", "aaddddddd"],
        None,
        "uk passport|british passport|passport|hmpo",
        &["British passport 925076473"],
        "HM Passport Office",
    ),
    row(
        "UK_ELECTORAL_ROLL",
        "uk",
        Weak,
        &["aad", "aadd", "aaddd", "aadddd", "aaad", "aaadd", "aaaddd", "aaadddd"],
        None,
        "electoral|electoral roll|electoral number|voter|poll|elector|elector number|elector no",
        &["electoral roll number AB1234"],
        "Electoral Commission",
    ),
    row(
        "UK_VAT",
        "uk",
        Good,
        &["GBddddddddd", "GB ddd dddd dd", "GBddd dddd dd"],
        Some(uk_vat),
        "vat|vat number|vat no",
        &["GB980780684"],
        "HMRC",
    ),
    row(
        "UK_SORT_CODE",
        "uk",
        Weak,
        &["!dd-dd-dd", "dddddd"],
        None,
        "sort code|sortcode|sort:|bank",
        &["sort code 20-00-00"],
        "Pay.UK",
    ),
    row(
        "IE_PPSN",
        "uk",
        Good,
        &["ddddddda", "dddddddaa"],
        Some(europe::ie_pps),
        "pps|ppsn|pps number|personal public service|revenue",
        &["PPSN 6433435F"],
        "Revenue (Ireland)",
    ),
    row(
        "IE_DRIVER_LICENSE",
        "uk",
        Weak,
        &["xxxxxxxxx"],
        None,
        "irish driving licence|driving licence|driver number|ndls|driver licence|driver license|driver's licence|driving license",
        &["driving licence 012345678"],
        "NDLS",
    ),
];

/// After `GB`: seven digits weighted, and 97 less the rest, or 55 more since 2010.
fn uk_vat(v: &[u8]) -> bool {
    let body = crate::detect::checks::part(v, 2, 11);
    let sum = crate::detect::checks::weighted(body, &[8, 7, 6, 5, 4, 3, 2, 10, 1]);
    crate::detect::checks::number(body) > 0 && matches!(sum % 97, 0 | 42 | 55)
}
