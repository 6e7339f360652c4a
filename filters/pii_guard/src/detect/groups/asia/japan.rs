//! Japan.

use crate::detect::checks::mod11;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "JP_MY_NUMBER",
        "asia",
        Fair,
        &["dddddddddddd", "dddd dddd dddd"],
        Some(mod11::jp_my_number),
        "マイナンバー|個人番号|my number|mynumber",
        &["マイナンバー 123456789018"],
        "J-LIS",
    ),
    row(
        "JP_CORPORATE",
        "asia",
        Fair,
        &["ddddddddddddd", "d-dddd-dddd-dddd"],
        Some(mod11::jp_corporate),
        "法人番号|corporate number|houjin",
        &["法人番号 5835678256246"],
        "National Tax Agency",
    ),
    row(
        "JP_DRIVER_LICENSE",
        "asia",
        Fair,
        &["dddddddddddd"],
        Some(mod11::jp_driver),
        "運転免許|免許証|免許証番号|driver's license|driver license|driving license|driving licence",
        &["免許証番号 123456789030"],
        "National Police Agency",
    ),
    row(
        "JP_RESIDENT_REG",
        "asia",
        Fair,
        &["ddddddddddd"],
        Some(mod11::jp_resident),
        "住民票|住民票コード|resident register",
        &["住民票コード 12345678900"],
        "J-LIS",
    ),
    row(
        "JP_RESIDENCE_CARD",
        "asia",
        Good,
        &["aaddddddddaa"],
        None,
        "在留カード|residence card|zairyu",
        &["AB12345678CD"],
        "Immigration Services Agency",
    ),
    row(
        "JP_SOCIAL_INSURANCE",
        "asia",
        Weak,
        &["dddd-dddddd", "dddddddddd"],
        None,
        "年金|基礎年金番号|社会保険|pension|social insurance",
        &["基礎年金番号 1234-567890"],
        "Japan Pension Service",
    ),
    row(
        "JP_PASSPORT",
        "asia",
        Weak,
        &["aaddddddd"],
        None,
        "旅券|パスポート|旅券番号|japanese passport|passport",
        &["旅券番号 TR1234567"],
        "MOFA",
    ),
];
