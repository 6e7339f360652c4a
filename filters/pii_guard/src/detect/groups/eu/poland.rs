//! Poland.

use crate::detect::checks::{eastern, mod11};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "PL_PESEL",
        "eu",
        Fair,
        &["ddddddddddd"],
        Some(eastern::pl_pesel),
        "pesel|numer pesel|ewidencyjny",
        &["PESEL 44051401359"],
        "Ministerstwo Cyfryzacji",
    ),
    row(
        "PL_ID_CARD",
        "eu",
        Fair,
        &["aaadddddd", "!aaa dddddd"],
        Some(eastern::pl_id_card),
        "dowod|dowod osobisty|seria i numer|identity card",
        &["dowód osobisty ABS123456"],
        "Ministerstwo Spraw Wewnetrznych",
    ),
    row(
        "PL_PASSPORT",
        "eu",
        Fair,
        &["aaddddddd", "aa ddddddd"],
        Some(eastern::pl_passport),
        "paszport|passport",
        &["paszport EM5123456"],
        "Ministerstwo Spraw Wewnetrznych",
    ),
    row(
        "PL_NIP",
        "eu",
        Fair,
        &["dddddddddd", "ddd-ddd-dd-dd", "ddd-dd-dd-ddd"],
        Some(mod11::pl_nip),
        "nip|vat|podatkowy|numer identyfikacji podatkowej",
        &["NIP 856-734-62-15"],
        "Ministerstwo Finansow",
    ),
    row(
        "PL_REGON",
        "eu",
        Fair,
        &["ddddddddd", "dddddddddddddd"],
        Some(mod11::pl_regon),
        "regon|statystyczny",
        &["REGON 192598184"],
        "GUS",
    ),
];
