//! The Netherlands, Belgium, Luxembourg.

use crate::detect::checks::{europe, mod11};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "NL_BSN",
        "eu",
        Fair,
        &["ddddddddd", "dddd.dd.ddd", "dddd dd ddd"],
        Some(mod11::nl_bsn),
        "bsn|burgerservicenummer|sofinummer|sofi|burgerservice",
        &["BSN 111222333"],
        "RvIG",
    ),
    row(
        "NL_VAT",
        "eu",
        Good,
        &["NLdddddddddBdd", "NL dddddddddBdd"],
        Some(europe::nl_vat),
        "btw|vat|btw-nummer",
        &["NL004495445B01"],
        "Belastingdienst",
    ),
    row(
        "NL_PASSPORT",
        "eu",
        Fair,
        &["aaxxxxxxd"],
        Some(nl_document),
        "paspoort|passport|identiteitskaart|documentnummer",
        &["paspoort SPECI2014"],
        "RvIG",
    ),
    row(
        "BE_NN",
        "eu",
        Good,
        &["ddddddddddd", "dd.dd.dd-ddd.dd"],
        Some(europe::be_nn),
        "rijksregister|rijksregisternummer|numero national|registre national|nrn|insz|niss",
        &["85.07.30-033.28"],
        "Rijksregister",
    ),
    row(
        "BE_VAT",
        "eu",
        Good,
        &["BEdddddddddd", "BE dddd.ddd.ddd", "dddd.ddd.ddd"],
        Some(europe::be_vat),
        "btw|tva|vat|ondernemingsnummer|entreprise|kbo|bce",
        &["BE0403019261"],
        "FOD Financien",
    ),
    row(
        "LU_NATIONAL_ID",
        "eu",
        Good,
        &["ddddddddddddd"],
        Some(europe::lu_id),
        "matricule|luxembourg|national id",
        &["1893120105732"],
        "CTIE",
    ),
];

fn nl_document(v: &[u8]) -> bool {
    // No O, and a digit among the letters: a word with a number behind it has none.
    let trailing = v.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = v.iter().filter(|byte| byte.is_ascii_digit()).count();
    !v.contains(&b'O') && (digits > trailing || trailing >= 3)
}
