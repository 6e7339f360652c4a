//! Singapore, Hong Kong, Taiwan, China.

use crate::detect::checks::world;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "SG_NRIC_FIN",
        "asia",
        Good,
        &["addddddda"],
        Some(world::sg_nric),
        "nric|fin|identity card|singapore",
        &["S1234567D"],
        "ICA",
    ),
    row(
        "SG_UEN",
        "asia",
        Good,
        &["dddddddda", "ddddddddda", "addaadddda"],
        Some(world::sg_uen),
        "uen|acra|entity|company",
        &["00192200M"],
        "ACRA",
    ),
    row(
        "HK_ID",
        "asia",
        Fair,
        &["adddddd(x", "aadddddd(x", "addddddx", "aaddddddx"],
        Some(world::hk_id),
        "hkid|hong kong|identity card|身份證",
        &["HKID A123456(3)"],
        "Immigration Department",
    ),
    row(
        "TW_ID",
        "asia",
        Fair,
        &["addddddddd"],
        Some(tw_national),
        "taiwan|身分證|身分證字號|national id|identity|id no|id number",
        &["身分證字號 A123456789"],
        "Ministry of the Interior",
    ),
    row(
        "TW_RESIDENT_CERT",
        "asia",
        Fair,
        &["aadddddddd", "a8dddddddd", "a9dddddddd"],
        Some(world::tw_id),
        "arc|居留證|resident certificate|統一證號|residence",
        &["居留證 AC01234567"],
        "National Immigration Agency",
    ),
    row(
        "CN_RIC",
        "asia",
        Good,
        &["dddddddddddddddddx"],
        Some(world::cn_ric),
        "身份证|身份證|居民身份证|resident identity|id card",
        &["11010519491231002X"],
        "GB 11643-1999",
    ),
    row(
        "CN_PHONE",
        "asia",
        Weak,
        &["1dddddddddd", "1dd dddd dddd", "1dd-dddd-dddd"],
        None,
        "手机|手机号|电话|联系|电话号码|微信|phone|mobile",
        &["手机13812345678"],
        "MIIT numbering plan",
    ),
    row(
        "CN_PASSPORT",
        "asia",
        Weak,
        &["Edddddddd", "Gdddddddd", "EAddddddd", "Dxddddddd"],
        None,
        "护照|passport|chinese passport|護照",
        &["护照 E12345678"],
        "NIA",
    ),
    row(
        "CN_USCC",
        "asia",
        Good,
        &["dxddddddxxxxxxxxxx"],
        Some(cn_uscc),
        "统一社会信用代码|信用代码|uscc",
        &["统一社会信用代码 91110000600037341L"],
        "GB 32100-2015",
    ),
];

fn tw_national(v: &[u8]) -> bool {
    matches!(v.get(1), Some(b'1' | b'2')) && world::tw_id(v)
}

/// GB 32100: base 31 with weights of powers of three.
fn cn_uscc(v: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let value = |b: u8| ALPHABET.iter().position(|c| *c == b);
    let mut weight = 1;
    let mut sum = 0;
    for byte in v.iter().take(17) {
        let Some(value) = value(*byte) else { return false };
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    v.last().and_then(|last| value(*last)) == Some((31 - sum % 31) % 31)
}
