//! Estonia, Lithuania, Latvia.

use crate::detect::checks::eastern;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "EE_IK",
        "eu",
        Fair,
        &["ddddddddddd"],
        Some(eastern::baltic),
        "isikukood|ik|personal code",
        &["isikukood 36805280109"],
        "EVS 585",
    ),
    row(
        "LT_PK",
        "eu",
        Fair,
        &["ddddddddddd"],
        Some(eastern::baltic),
        "asmens kodas|asmens|personal code",
        &["asmens kodas 38703181745"],
        "Gyventoju registras",
    ),
    row(
        "LV_PK",
        "eu",
        Good,
        &["dddddd-ddddd", "ddddddddddd"],
        Some(lv),
        "personas kods|personas|personal code",
        &["personas kods 161175-19997"],
        "PMLP",
    ),
];

fn lv(v: &[u8]) -> bool {
    eastern::lv_pk(v)
}
