//! Portugal.

use crate::detect::checks::{europe, mod11};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "PT_CC",
        "eu",
        Good,
        &["dddddddddxxd", "dddddddd d xxd"],
        Some(europe::pt_cc),
        "cartao de cidadao|cartao do cidadao|cc|bi",
        &["00000000 0 ZZ4"],
        "IRN",
    ),
    row(
        "PT_NIF",
        "eu",
        Fair,
        &["ddddddddd", "ddd ddd ddd"],
        Some(mod11::pt_nif),
        "nif|contribuinte|numero de contribuinte|fiscal",
        &["NIF 501964843"],
        "AT",
    ),
    row(
        "PT_NISS",
        "eu",
        Fair,
        &["ddddddddddd"],
        Some(europe::pt_niss),
        "niss|seguranca social|social",
        &["NISS 17703812450"],
        "Seguranca Social",
    ),
];
