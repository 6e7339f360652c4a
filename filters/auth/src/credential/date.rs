//! Points in time as configurations write them.

/// Unix seconds of a time in UTC as RFC 3339 writes it, such as `2026-12-01T00:00:00Z`, and in no other form.
pub fn unix_secs(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let template = b"0000-00-00T00:00:00Z";
    let shaped = bytes.len() == template.len()
        && bytes
            .iter()
            .zip(template)
            .all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form });
    if !shaped {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    if year < 1970 || day == 0 || day > length || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let before = year - 1;
    let leaps = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    let days_of_months: u64 = lengths.iter().take(usize::try_from(month - 1).ok()?).sum();
    let days = (year - 1970) * 365 + leaps + days_of_months + day - 1;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::unix_secs;

    #[test]
    fn the_calendar_is_gregorian() {
        for (text, secs) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00Z", Some(951_825_600)),
            ("2026-11-20T11:00:00Z", Some(1_795_172_400)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400)),
            ("2100-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-12-01 00:00:00Z", None),
            ("2026-12-01T00:00:00+01:00", None),
            ("2026-12-01", None),
            ("1969-12-31T23:59:59Z", None),
        ] {
            assert_eq!(unix_secs(text), secs, "{text}");
        }
    }
}
