//! Neighbours: Ukraine, Russia, Turkey.

use crate::detect::checks::{mod11, world};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "UA_RNTRC",
        "eu",
        Fair,
        &["dddddddddd"],
        Some(mod11::ua_rntrc),
        "ринокпп|рнокпп|іпн|ипн|rntrc|ipn|tax number",
        &["РНОКПП 1759013776"],
        "DPS",
    ),
    row(
        "RU_INN",
        "eu",
        Fair,
        &["dddddddddd", "dddddddddddd"],
        Some(mod11::ru_inn),
        "инн|inn|налогоплательщика",
        &["ИНН 123456789047"],
        "FNS",
    ),
    row(
        "RU_SNILS",
        "eu",
        Good,
        &["ddd-ddd-ddd dd", "ddddddddddd"],
        Some(snils),
        "снилс|snils|страховой",
        &["СНИЛС 112-233-445 95"],
        "PFR",
    ),
    row(
        "RU_PASSPORT",
        "eu",
        Weak,
        &["dd dd dddddd", "dddd dddddd", "dddddddddd"],
        None,
        "паспорт|pasport|russian passport|серия|passport",
        &["паспорт 4509 123456"],
        "MVD",
    ),
    row(
        "TR_TCKN",
        "eu",
        Good,
        &["ddddddddddd"],
        Some(world::tr_tckn),
        "tckn|tc kimlik|kimlik|kimlik no|t.c",
        &["17291716060"],
        "NVI",
    ),
];

/// SNILS: weights 9 to 1, modulo 101.
fn snils(v: &[u8]) -> bool {
    let sum = crate::detect::checks::weighted(crate::detect::checks::part(v, 0, 9), &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    u64::from(sum % 101 % 100) == crate::detect::checks::number(crate::detect::checks::part(v, 9, 11)) && sum > 0
}
