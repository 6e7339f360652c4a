//! India.

use crate::detect::checks::world;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "IN_AADHAAR",
        "asia",
        Fair,
        &["dddd dddd dddd"],
        Some(world::in_aadhaar),
        "aadhaar|aadhar|uidai|uid|आधार",
        &["Aadhaar 2341 2341 2346"],
        "UIDAI",
    ),
    row(
        "IN_PAN",
        "asia",
        Good,
        &["aaaaadddda"],
        Some(world::in_pan),
        "pan|permanent account|pan card|income tax",
        &["ACUPA7085R"],
        "Income Tax Department",
    ),
    row(
        "IN_GSTIN",
        "asia",
        Sure,
        &["ddaaaaaddddaxZx", "ddaaaaaddddaxxx"],
        Some(gstin),
        "gstin|gst|gst number",
        &["27AAPFU0939F1ZV"],
        "GSTN",
    ),
    row(
        "IN_PASSPORT",
        "asia",
        Weak,
        &["addddddd", "a ddddddd"],
        None,
        "passport|indian passport|पासपोर्ट",
        &["Indian passport J8369854"],
        "MEA",
    ),
    row(
        "IN_VOTER",
        "asia",
        Fair,
        &["aaaddddddd"],
        Some(world::in_voter),
        "voter|epic|voter id|election|voter card|election card|elector|मतदाता",
        &["voter id WKH1186253"],
        "ECI",
    ),
    row(
        "IN_NREGA",
        "asia",
        Good,
        &["!aa-dd-ddd-ddd-ddd/ddd", "!aa-dd-ddd-ddd-ddd/dddd", "!aa-dd-ddd-ddd-ddd/dd"],
        None,
        "nrega|mgnrega|job card",
        &["job card RJ-02-003-004-005/123"],
        "MGNREGA",
    ),
    row(
        "IN_VEHICLE_REGISTRATION",
        "asia",
        Weak,
        &["aa dd aa dddd", "aaddaadddd", "aadd aa dddd", "aaddadddd"],
        None,
        "vehicle|registration|rto|plate|car number|गाड़ी|गाड़ी|वाहन",
        &["vehicle registration MH12AB1234"],
        "MoRTH",
    ),
];

fn gstin(v: &[u8]) -> bool {
    v.len() == 15 && world::in_gstin(v)
}
