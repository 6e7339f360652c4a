//! Thailand, Indonesia, Malaysia, the Philippines, Vietnam.

use crate::detect::checks::{mod11, world};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "TH_PIN",
        "asia",
        Fair,
        &["d-dddd-ddddd-dd-d", "ddddddddddddd"],
        Some(mod11::th_pin),
        "บัตรประชาชน|เลขประจำตัว|เลขประจำตัวประชาชน|thai id|citizen id|national id",
        &["1-2345-45678-78-1"],
        "DOPA",
    ),
    row(
        "ID_NIK",
        "asia",
        Fair,
        &["dddddddddddddddd"],
        Some(world::id_nik),
        "nik|ktp|kependudukan|nomor induk",
        &["NIK 3171011708450001"],
        "Dukcapil",
    ),
    row(
        "MY_NRIC",
        "asia",
        Fair,
        &["dddddd-dd-dddd", "dddddddddddd"],
        Some(world::my_nric),
        "nric|mykad|kad pengenalan|ic|no. kp",
        &["770305-02-1234"],
        "JPN",
    ),
    row(
        "PH_UMID",
        "asia",
        Weak,
        &["dddd-ddddddd-d", "dddddddddddd"],
        None,
        "umid|crn|unified multi-purpose",
        &["UMID 0111-2345678-9"],
        "SSS",
    ),
    row(
        "PH_TIN",
        "asia",
        Fair,
        &["ddd-ddd-ddd", "ddd-ddd-ddd-ddd", "ddd-ddd-ddd-ddddd", "ddddddddd", "dddddddddddd"],
        Some(mod11::ph_tin),
        "tin|bir|taxpayer|tax identification number|taxpayer identification number",
        &["TIN 123-456-708"],
        "BIR",
    ),
    row(
        "PH_PASSPORT",
        "asia",
        Weak,
        &["Pddddddda", "aaddddddd", "addddddda"],
        None,
        "philippine passport|passport|pasaporte|dfa",
        &["Philippine passport P1234567A"],
        "DFA",
    ),
];

/// Vietnam, which comes last.
pub const VIETNAM: &[Recognizer] = &[row(
    "VN_CCCD",
    "asia",
    Weak,
    &["0ddddddddddd", "dddddddddddd"],
    None,
    "cccd|cmnd|can cuoc|can cuoc cong dan|chung minh",
    &["CCCD 001203012345"],
    "Ministry of Public Security",
)];
