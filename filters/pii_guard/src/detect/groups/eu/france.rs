//! France.

use crate::detect::checks::{europe, luhn};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "FR_NIR",
        "eu",
        Good,
        &["dddddddddddddd d", "dddddxxdddddddd", "d dd dd dx ddd ddd dd", "d dd dd dd ddd ddd dd"],
        Some(europe::fr_nir),
        "nir|insee|securite sociale|numero de securite|secu|carte vitale",
        &["295109912611193", "2 95 10 99 126 111 93"],
        "INSEE",
    ),
    row(
        "FR_CNI",
        "eu",
        Weak,
        &["dddddddddddd", "xxxxxxxxx"],
        None,
        "carte nationale|carte d'identite|cni|identite|piece d'identite|identity card|id card|national id",
        &["carte nationale d'identité 880692310285"],
        "Ministere de l'Interieur",
    ),
    row(
        "FR_TAX_SPI",
        "eu",
        Good,
        &["ddddddddddddd", "dd dd ddd ddd ddd"],
        Some(europe::fr_spi),
        "spi|numero fiscal|impots|fiscal",
        &["numéro fiscal 3023217600053"],
        "DGFiP",
    ),
    row(
        "FR_PASSPORT",
        "eu",
        Weak,
        &["ddaaddddd"],
        None,
        "passeport|passport|numero de passeport",
        &["passeport 12AB34567"],
        "ANTS",
    ),
    row(
        "FR_DRIVER_LICENSE",
        "eu",
        Weak,
        &["dddddddddddd", "ddaaddddd"],
        None,
        "permis de conduire|permis|driving licence|driver license|driving license",
        &["permis de conduire 123456789012"],
        "ANTS",
    ),
    row(
        "FR_HEALTH_INSURANCE",
        "eu",
        Weak,
        &["ddddddddddddddddddddd"],
        None,
        "carte vitale|assurance maladie|vitale|cpam|mutuelle|health insurance|securite sociale",
        &["carte vitale 123456789012345678901"],
        "CNAM",
    ),
    row(
        "FR_VAT",
        "eu",
        Good,
        &["FRddddddddddd", "FR dd ddddddddd", "FR dd ddd ddd ddd", "FRdd ddd ddd ddd", "FRdd ddddddddd"],
        Some(europe::fr_vat),
        "tva|vat|numero de tva",
        &["FR40303265045"],
        "DGFiP",
    ),
    row("FR_SIREN", "eu", Fair, &["ddd ddd ddd"], Some(luhn), "siren|rcs|entreprise", &["SIREN 552 008 443"], "INSEE"),
    row(
        "FR_SIRET",
        "eu",
        Fair,
        &["ddd ddd ddd ddddd"],
        Some(siret),
        "siret|etablissement",
        &["SIRET 73282932000074"],
        "INSEE",
    ),
];

/// Luhn over all digits, and no time.
fn siret(v: &[u8]) -> bool {
    luhn(v) && !crate::detect::checks::dates::is_moment(v)
}
