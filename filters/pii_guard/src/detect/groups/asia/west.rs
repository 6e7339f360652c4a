//! Pakistan, Israel, Saudi Arabia, the Emirates.

use crate::detect::checks::world;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "PK_CNIC",
        "asia",
        Weak,
        &["ddddd-ddddddd-d", "ddddddddddddd"],
        Some(world::issued),
        "cnic|nadra|nic|computerised national|شناختی کارڈ",
        &["CNIC 34201-0891231-8"],
        "NADRA",
    ),
    row(
        "IL_TZ",
        "asia",
        Fair,
        &["ddddddddd", "dddddddd-d"],
        Some(world::il_tz),
        "תעודת זהות|מספר זהות|teudat zehut|israeli id|ת.ז",
        &["Israeli ID 391033370"],
        "Population Authority",
    ),
    row(
        "SA_NATIONAL_ID",
        "asia",
        Fair,
        &["dddddddddd"],
        Some(world::sa_id),
        "iqama|saudi|national id|الهوية|رقم الهوية|الإقامة",
        &["iqama 2168000004"],
        "Absher",
    ),
    row(
        "AE_EMIRATES_ID",
        "asia",
        Good,
        &["784-dddd-ddddddd-d", "784dddddddddddd"],
        Some(crate::detect::checks::luhn),
        "emirates id|الهوية|هوية|eid",
        &["784-1984-1234567-4"],
        "ICP",
    ),
];
