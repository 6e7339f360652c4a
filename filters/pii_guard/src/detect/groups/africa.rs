//! Africa.

use crate::detect::checks::world;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "ZA_ID",
        "africa",
        Good,
        &["ddddddddddddd", "dddddd dddd ddd", "dddddd dddd dd d"],
        Some(world::za_id),
        "south african|id number|identity number|rsa id|sa id|said",
        &["7503305044089"],
        "Department of Home Affairs",
    ),
    row(
        "ZA_PASSPORT",
        "africa",
        Weak,
        &["Adddddddd", "Mdddddddd", "Ddddddddd", "Tdddddddd"],
        None,
        "south african passport|passport|home affairs|paspoort",
        &["South African passport A12345678"],
        "Department of Home Affairs",
    ),
    row(
        "ZA_DRIVER_LICENSE",
        "africa",
        Weak,
        &["xxxxxxxxxxxx"],
        Some(driver),
        "south african driver|driving licence|driver's licence|licence number|natis|bestuurslisensie|bestuurderslisensie|driver licence|driver license|driving license",
        &["driving licence 60460010J0TV"],
        "RTMC",
    ),
    row(
        "ZA_OTHER",
        "africa",
        Weak,
        &["dddd/dddddd/dd", "dddddddddd", "4ddddddddd", "ddddddddddddd"],
        None,
        "sars|tax reference|income tax|vat number|cipc|company registration|traffic register|trn|south africa",
        &["company registration 2011/123456/07"],
        "SARS, CIPC",
    ),
    row(
        "NG_NIN",
        "africa",
        Weak,
        &["ddddddddddd"],
        Some(world::ng_nin),
        "nin|nimc|national identification number|nigeria|nigerian",
        &["NIN 12345678902"],
        "NIMC (no check published)",
    ),
    row("NG_BVN", "africa", Weak, &["22ddddddddd"], None, "bvn|bank verification", &["BVN 22123456789"], "NIBSS"),
    row(
        "KE_ID",
        "africa",
        Weak,
        &["dddddddd", "ddddddd"],
        None,
        "kenya|kenyan|huduma|kitambulisho|id number|national id|identity card",
        &["Kenyan ID 12345678"],
        "National Registration Bureau",
    ),
    row(
        "EG_NATIONAL_ID",
        "africa",
        Good,
        &["2ddddddddddddd", "3ddddddddddddd"],
        Some(eg),
        "egypt|egyptian|الرقم القومي|national id",
        &["Egyptian national id 29001010112345"],
        "Ministry of Interior",
    ),
    row(
        "GH_CARD",
        "africa",
        Good,
        &["GHA-ddddddddd-d"],
        None,
        "ghana|ghana card|nia",
        &["Ghana card GHA-123456789-0"],
        "NIA",
    ),
    row(
        "MA_CNIE",
        "africa",
        Weak,
        &["adddddd", "aadddddd", "aaddddd"],
        None,
        "cnie|cin|maroc|moroccan|carte nationale|carte d'identite|identity card|national id",
        &["CNIE BE123456"],
        "DGSN",
    ),
    row(
        "MU_NID",
        "africa",
        Weak,
        &["adddddddddddd", "addddddddddddd", "addddddddddddx"],
        None,
        "mauritius|nic|national identity",
        &["Mauritius NIC B2806761234567"],
        "Civil Status Division",
    ),
];

fn driver(v: &[u8]) -> bool {
    v.first().is_some_and(u8::is_ascii_digit) && v.last().is_some_and(u8::is_ascii_alphabetic)
}

/// Egypt: century, date of birth, governorate.
fn eg(v: &[u8]) -> bool {
    use crate::detect::checks::{dates::is_moment, dates::yymmdd, number, part};
    !is_moment(v) && yymmdd(part(v, 1, 7)) && matches!(number(part(v, 7, 9)), 1..=35 | 88)
}
