//! Korea.

use crate::detect::checks::{mod11, world};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "KR_RRN",
        "asia",
        Good,
        &["dddddd-ddddddd", "ddddddddddddd"],
        Some(world::kr_rrn),
        "주민등록|주민등록번호|rrn|resident registration",
        &["971013-9019902"],
        "MOIS",
    ),
    row(
        "KR_RRN_2020",
        "asia",
        Shy,
        &["!dddddd-ddddddd"],
        Some(world::kr_rrn_2020),
        "주민등록|주민등록번호|rrn|resident registration",
        &["주민등록번호 201103-3154207"],
        "MOIS: numbers issued since October 2020 have no check digit",
    ),
    row(
        "KR_FRN",
        "asia",
        Good,
        &["dddddd-ddddddd", "ddddddddddddd"],
        Some(world::kr_frn),
        "외국인등록|외국인등록번호|frn|foreigner registration",
        &["외국인등록번호 900101-5000009"],
        "MOJ",
    ),
    row(
        "KR_PASSPORT",
        "asia",
        Weak,
        &["Mdddddddd", "Sdddddddd", "Rdddddddd", "Gdddddddd", "Ddddddddd", "adddadddd"],
        None,
        "여권|여권번호|korean passport|passport|패스포트",
        &["여권번호 M12345678"],
        "MOFA",
    ),
    row(
        "KR_DRIVER_LICENSE",
        "asia",
        Weak,
        &["dd-dd-dddddd-dd", "dddddddddddd"],
        Some(world::kr_driver),
        "운전면허|면허번호|운전면허번호|driver license",
        &["운전면허 11-22-333333-44"],
        "KoROAD",
    ),
    row(
        "KR_BRN",
        "asia",
        Fair,
        &["ddd-dd-ddddd", "dddddddddd"],
        Some(mod11::kr_brn),
        "사업자등록|사업자등록번호|business registration|brn",
        &["사업자등록번호 116-82-00276"],
        "NTS",
    ),
];
