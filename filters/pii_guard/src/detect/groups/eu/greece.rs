//! Greece, Cyprus, Malta.

use crate::detect::checks::{europe, mod11};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "GR_ID_CARD",
        "eu",
        Weak,
        &["adddddd", "aadddddd", "a-dddddd", "aa-dddddd", "a dddddd", "aa dddddd"],
        None,
        "adt|greek id|identity card|tautotita|ταυτοτητ|αδτ|α.δ.τ|αρ. ταυτ|id card|national id",
        &["Greek ID AB 123456"],
        "Hellenic Police",
    ),
    row("GR_AFM", "eu", Fair, &["ddddddddd"], Some(mod11::gr_afm), "afm|αφμ|α.φ.μ|vat|tax", &["AFM 094259216"], "AADE"),
    row(
        "CY_ID",
        "eu",
        Weak,
        &["dddddd", "ddddddd", "dddddddddd", "dddddddd"],
        None,
        "cyprus|cypriot|δελτίο|cyprus id|ταυτοτητ|identity card|id card|national id",
        &["Cyprus ID 1234567"],
        "Civil Registry of Cyprus",
    ),
    row(
        "CY_TIN",
        "eu",
        Good,
        &["dddddddda", "CYdddddddda"],
        Some(europe::cy_tin),
        "tic|tin|cyprus|vat",
        &["10259033P"],
        "Tax Department of Cyprus",
    ),
    row(
        "MT_ID",
        "eu",
        Weak,
        &["ddddddda", "dddda", "ddddda", "dddddda"],
        Some(mt_letter),
        "maltese|malta|karta tal-identita|identity card|id card|national id",
        &["Maltese identity card 0123456M"],
        "Identity Malta",
    ),
    row(
        "MT_TIN",
        "eu",
        Weak,
        &["ddddddddd", "ddddddda"],
        None,
        "malta|maltese|tin|tax number|tax identification number|tax id",
        &["Malta TIN 123456789"],
        "Commissioner for Revenue",
    ),
];

fn mt_letter(v: &[u8]) -> bool {
    v.last().is_some_and(|letter| b"MGAPLHBZ".contains(letter))
}
