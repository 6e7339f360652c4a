//! Czechia and Slovakia, Hungary.

use crate::detect::checks::{eastern, mod11};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "CZ_SK_RC",
        "eu",
        Fair,
        &["dddddd/dddd", "dddddddddd"],
        Some(eastern::cz_rc),
        "rodne cislo|rodne|birth number|rc|r.c",
        &["710319/2745"],
        "Zakon 133/2000 Sb.",
    ),
    row(
        "HU_PERSONAL",
        "eu",
        Fair,
        &["d-dddddd-dddd", "d dddddd dddd", "ddddddddddd"],
        Some(eastern::hu_personal),
        "szemelyi|szemelyi szam|szemelyi azonosito|azonosito",
        &["személyi szám 1-790220-0009"],
        "1996. evi XX. torveny",
    ),
    row(
        "HU_TAX",
        "eu",
        Fair,
        &["dddddddddd"],
        Some(mod11::hu_tax),
        "adoazonosito|adoazonosito jel|ado|adoszam",
        &["adóazonosító jel 8071592153"],
        "NAV",
    ),
    row(
        "HU_VAT",
        "eu",
        Fair,
        &["HUdddddddd", "dddddddd-d-dd", "dddddddd"],
        Some(eastern::hu_vat),
        "adoszam|afa|vat|kozossegi adoszam",
        &["HU12892312"],
        "NAV",
    ),
];
