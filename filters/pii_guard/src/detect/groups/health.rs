//! Health.

use crate::detect::checks::{europe, mod11, world};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "MEDICAL_RECORD_NUMBER",
        "health",
        Weak,
        &["dddddd", "ddddddd", "dddddddd", "ddddddddd", "dddddddddd", "aadddddd", "aaddddddd", "adddddd", "addddddd"],
        None,
        "mrn|medical record|patient id|patient number|chart number|patientennummer|fallnummer|historia clinica|numero de dossier|record number|hospital no|hospital number|hospital id|krankenhausnummer|numero de patient|prontuario|cartella clinica|dossiernummer|номер карты пациента|病历号|患者番号",
        &["MRN 00123456"],
        "hospitals",
    ),
    row(
        "US_MBI",
        "health",
        Good,
        &["daxdaxdaadd", "daxd-axd-aadd"],
        Some(mbi),
        "medicare|mbi|beneficiary",
        &["1EG4-TE5-MK73", "1EG4TE5MK73"],
        "CMS",
    ),
    row(
        "US_NPI",
        "health",
        Fair,
        &["dddddddddd"],
        Some(world::us_npi),
        "npi|provider|national provider|physician|doctor",
        &["NPI 1234567893"],
        "CMS, 45 CFR 162",
    ),
    row(
        "US_DEA",
        "health",
        Fair,
        &["aaddddddd", "a9ddddddd"],
        Some(world::us_dea),
        "dea|prescriber|controlled substance|dea number",
        &["DEA AB1234563"],
        "DEA, 21 CFR 1301",
    ),
    row(
        "US_HEALTHCARE_ADMIN",
        "health",
        Weak,
        &["xxxxxxx", "xxxxxxxx", "xxxxxxxxx", "xxxxxxxxxx", "xxxxxxxxxxx", "xxxxxxxxxxxx"],
        Some(four_digits),
        "member id|claim|claim number|prescription|rx|rx number|prior authorization|authorization number|referral|referral number|subscriber id|policy number|group number",
        &["member id W123456789", "claim number 20241234567"],
        "payers",
    ),
    row(
        "CA_HEALTH",
        "health",
        Fair,
        &["dddd ddd ddd", "dddddddddd", "dddd-ddd-ddd", "dddd-ddd-ddd-aa", "aaaa dddd dddd"],
        Some(ca_card),
        "health card|ohip|phn|personal health|carte soleil|assurance maladie|ramq|health number",
        &["OHIP 1234-567-897"],
        "provincial ministries",
    ),
    row(
        "UK_NHS",
        "health",
        Fair,
        &["ddd ddd dddd", "ddd-ddd-dddd", "dddddddddd"],
        Some(mod11::uk_nhs),
        "nhs|nhs number|national health|patient",
        &["NHS 943 476 5919"],
        "NHS Data Dictionary",
    ),
    row(
        "UK_CHI",
        "health",
        Fair,
        &["dddddddddd", "dddddd dddd"],
        Some(europe::uk_chi),
        "chi|chi number|community health index|scotland",
        &["CHI 0101700008"],
        "NHS Scotland",
    ),
];

fn mbi(v: &[u8]) -> bool {
    v.len() == 11 && world::us_mbi(v)
}

fn four_digits(v: &[u8]) -> bool {
    v.iter().filter(|byte| byte.is_ascii_digit()).count() >= 5
}

fn ca_card(v: &[u8]) -> bool {
    v.first().is_some_and(u8::is_ascii_alphabetic) || world::ca_health(v)
}
