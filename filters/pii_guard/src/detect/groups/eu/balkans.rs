//! Romania, Bulgaria, Croatia, Slovenia.

use crate::detect::checks::{eastern, mod11, mod11_10};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "RO_CNP",
        "eu",
        Fair,
        &["ddddddddddddd"],
        Some(eastern::ro_cnp),
        "cnp|cod numeric|cod numeric personal",
        &["CNP 1630615123457"],
        "OUG 97/2005",
    ),
    row(
        "BG_EGN",
        "eu",
        Fair,
        &["dddddddddd"],
        Some(eastern::bg_egn),
        "egn|единен граждански|егн|граждански номер",
        &["ЕГН 7523169263"],
        "GRAO",
    ),
    row(
        "HR_OIB",
        "eu",
        Fair,
        &["ddddddddddd"],
        Some(mod11_10),
        "oib|osobni identifikacijski|osobni",
        &["OIB 33392005961"],
        "Zakon o OIB, ISO 7064",
    ),
    row(
        "HR_ID_CARD",
        "eu",
        Weak,
        &["ddddddddd"],
        None,
        "osobna iskaznica|osobne iskaznice|osobna|iskaznica|iskaznice",
        &["osobna iskaznica 112345678"],
        "MUP",
    ),
    row(
        "SI_EMSO",
        "eu",
        Fair,
        &["ddddddddddddd"],
        Some(eastern::si_emso),
        "emso|jmbg|maticna|maticni broj|enotna maticna",
        &["EMŠO 0101006500006"],
        "Zakon o CRP",
    ),
    row(
        "SI_TIN",
        "eu",
        Fair,
        &["dddddddd"],
        Some(mod11::si_tin),
        "davcna|davcna stevilka|ddv",
        &["davčna številka 15012557"],
        "FURS",
    ),
];
