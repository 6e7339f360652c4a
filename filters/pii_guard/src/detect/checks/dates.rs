//! Dates inside identifiers.

use super::{number, part};

/// Whether `year`, `month` and `day` name a day. Years may be two digits of an unknown century.
pub fn is_day(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400) || year < 100);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Six digits YYMMDD.
pub fn yymmdd(value: &[u8]) -> bool {
    is_day(number(part(value, 0, 2)), number(part(value, 2, 4)), number(part(value, 4, 6)))
}

/// Six digits DDMMYY.
pub fn ddmmyy(value: &[u8]) -> bool {
    is_day(number(part(value, 4, 6)), number(part(value, 2, 4)), number(part(value, 0, 2)))
}

/// Eight digits YYYYMMDD of the years 1880 to 2039.
pub fn yyyymmdd(value: &[u8]) -> bool {
    let year = number(part(value, 0, 4));
    (1880..2040).contains(&year) && is_day(year, number(part(value, 4, 6)), number(part(value, 6, 8)))
}

/// Fourteen digits YYYYMMDDhhmmss of the years 2000 to 2039: what machines call files by, and nobody's number.
pub fn is_moment(value: &[u8]) -> bool {
    let below = |from: usize, limit: u64| number(part(value, from, from + 2)) < limit;
    value.len() == 14 && value.starts_with(b"20") && yyyymmdd(value) && below(8, 24) && below(10, 60) && below(12, 60)
}
