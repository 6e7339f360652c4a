//! Spain.

use crate::detect::checks::europe;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "ES_NIF_DNI",
        "eu",
        Good,
        &["dddddddda", "dddddddd-a", "dd.ddd.ddd-a"],
        Some(europe::es_nif),
        "dni|nif|documento nacional|identidad",
        &["54362315K", "54362315-K"],
        "Ministerio del Interior",
    ),
    row(
        "ES_NIE",
        "eu",
        Good,
        &["Xddddddda", "Yddddddda", "Zddddddda", "X-ddddddd-a", "Y-ddddddd-a", "Z-ddddddd-a"],
        Some(europe::es_nif),
        "nie|extranjero|extranjeria",
        &["X5253868R"],
        "Ministerio del Interior",
    ),
    row(
        "ES_CIF",
        "eu",
        Fair,
        &["adddddddx", "a-dddddddx", "a-ddddddd-x"],
        Some(europe::es_cif),
        "cif|nif|empresa|sociedad",
        &["CIF J99216582"],
        "AEAT",
    ),
    row(
        "ES_NSS",
        "eu",
        Good,
        &["dddddddddddd", "dd-dddddddd-dd", "dd/dddddddd/dd", "dd dddddddddd"],
        Some(europe::es_nss),
        "seguridad social|nss|afiliacion|naf",
        &["281234567840"],
        "TGSS",
    ),
    row(
        "ES_PASSPORT",
        "eu",
        Weak,
        &["aaadddddd"],
        None,
        "pasaporte|passport",
        &["pasaporte AAA123456"],
        "Ministerio del Interior",
    ),
    row(
        "ES_DRIVER_LICENSE",
        "eu",
        Weak,
        &["dddddddda", "dddddddd-a"],
        Some(europe::es_nif),
        "permiso de conducir|carnet de conducir|licencia de conducir",
        &["permiso de conducir 54362315K"],
        "DGT",
    ),
];
