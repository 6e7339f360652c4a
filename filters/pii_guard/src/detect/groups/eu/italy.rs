//! Italy.

use crate::detect::checks::europe;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "IT_FISCAL_CODE",
        "eu",
        Good,
        &["aaaaaaxxaxxaxxxa", "aaa aaa xxaxx axxxa"],
        Some(europe::it_fiscal),
        "codice fiscale|cf|fiscale",
        &["RCCMNL83S18D969H"],
        "Agenzia delle Entrate",
    ),
    row(
        "IT_VAT",
        "eu",
        Fair,
        &["ddddddddddd"],
        Some(europe::it_vat),
        "partita iva|p.iva|p. iva|piva|vat",
        &["partita IVA 00743110157"],
        "Agenzia delle Entrate",
    ),
    row(
        "IT_DRIVER_LICENSE",
        "eu",
        Weak,
        &["aaddddddda", "Uxxxxxxxxa"],
        None,
        "patente|patente di guida|driving licence|driver license|driving license",
        &["patente MI1234567A"],
        "MIT",
    ),
    row(
        "IT_ID_CARD",
        "eu",
        Weak,
        &["aaddddddd", "aadddddaa", "dddddddaa"],
        None,
        "carta d'identita|carta identita|cie|identita|identity card|id card",
        &["carta d'identità CA00000AA"],
        "Ministero dell'Interno",
    ),
    row(
        "IT_PASSPORT",
        "eu",
        Weak,
        &["aaddddddd"],
        None,
        "passaporto|passport",
        &["passaporto YA1234567"],
        "Ministero degli Esteri",
    ),
];
