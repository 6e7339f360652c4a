//! Calendar windows: where the next minute, hour, day or month begins in a time zone.
//!
//! A zone is a POSIX TZ rule, not a name: the database of names is larger than what uses it here.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};
use tz::{TimeZone, UtcDateTime};

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 3600 seconds.
    Hour,
    /// From midnight to midnight, 23 to 25 hours where clocks change.
    Day,
    /// From the first of a month to the first of the next.
    Month,
}

/// One half of a TZif file (RFC 8536) of version 3 without transitions: its header, UTC, and a name of nothing.
const HALF: &[u8; 51] =
    b"TZif3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0";

/// A time zone by its POSIX TZ rule (IEEE Std 1003.1, section 8.3, with the hours of RFC 8536, section 3.3.1), such as
/// `CET-1CEST,M3.5.0,M10.5.0/3` or `IST-2IDT,M3.4.4/26,M10.5.0`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    rule: String,
    /// None for UTC.
    zone: Option<TimeZone>,
}

/// Text that is no POSIX TZ rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no POSIX TZ rule; write one such as `UTC0`, `EST5EDT,M3.2.0,M11.1.0` or `CET-1CEST,M3.5.0,M10.5.0/3`")]
pub struct ZoneError;

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self { rule: String::new(), zone: None };

    /// A zone by its rule; UTC for the empty one.
    ///
    /// # Errors
    /// Text that is no rule; names such as `Europe/Berlin` are none.
    pub fn new(rule: &str) -> Result<Self, ZoneError> {
        if rule.is_empty() {
            return Ok(Self::UTC);
        }
        // As the footer of a file, where alone hours beyond a day are read. Names and paths are no rules there.
        let file = [&HALF[..], HALF, b"\n", rule.as_bytes(), b"\n"].concat();
        let zone = TimeZone::from_tz_data(&file).ok().filter(|zone| zone.as_ref().extra_rule().is_some());
        Ok(Self { rule: rule.to_owned(), zone: Some(zone.ok_or(ZoneError)?) })
    }

    /// The rule, empty for UTC.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Seconds that clocks are ahead of UTC. A moment that no calendar has (beyond the year 2 billion) is UTC.
    fn offset(&self, unix: i64) -> i64 {
        let zone = self.zone.as_ref().and_then(|zone| zone.find_local_time_type(unix).ok());
        zone.map_or(0, |kind| i64::from(kind.ut_offset()))
    }

    /// When the window of `unit` that holds `now_ms` ends: always later than `now_ms`.
    pub(crate) fn window_end(&self, unit: Unit, now_ms: u64) -> u64 {
        let now = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX / 4);
        let offset = self.offset(now);
        let local = now.saturating_add(offset);
        let end = match unit {
            // Steps of the clock on the wall, which a change of its hand does not lengthen.
            Unit::Minute => now + 60 - local.rem_euclid(60),
            Unit::Hour => now + 3600 - local.rem_euclid(3600),
            Unit::Day => self.first_at(now, offset, local - local.rem_euclid(86_400) + 86_400),
            Unit::Month => self.first_at(now, offset, next_month(local)),
        };
        u64::try_from(end).unwrap_or(0).saturating_mul(1000).max(now_ms.saturating_add(1))
    }

    /// The first moment after `now` at which clocks show `local` or more, though they may skip it or show it twice.
    fn first_at(&self, now: i64, offset: i64, local: i64) -> i64 {
        let as_now = local - offset;
        let as_then = local - self.offset(as_now);
        let mut moments = [as_now, as_then];
        moments.sort_unstable();
        let shows = |moment: &&i64| **moment > now && **moment + self.offset(**moment) >= local;
        moments.iter().find(shows).copied().unwrap_or(as_now)
    }
}

/// The first second of the month after the one that holds `local`.
fn next_month(local: i64) -> i64 {
    let next = || {
        let date = UtcDateTime::from_timespec(local, 0).ok()?;
        let (year, month) = match date.month() {
            12 => (date.year().checked_add(1)?, 1),
            month => (date.year(), month + 1),
        };
        Some(UtcDateTime::new(year, month, 1, 0, 0, 0, 0).ok()?.unix_time())
    };
    next().unwrap_or(local.saturating_add(31 * 86_400))
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.rule == other.rule
    }
}

impl Eq for Zone {}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(rule: String) -> Result<Self, ZoneError> {
        Self::new(&rule)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.rule
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds since the epoch of a moment in UTC.
    fn at(year: i32, month: u8, day: u8, hour: u8, minute: u8) -> u64 {
        UtcDateTime::new(year, month, day, hour, minute, 0, 0).unwrap().unix_time() as u64 * 1000
    }

    #[test]
    fn windows_end_where_the_calendar_says() {
        let utc = Zone::UTC;
        let now = at(2026, 12, 31, 23, 59) + 59_999;
        for unit in [Unit::Minute, Unit::Hour, Unit::Day, Unit::Month] {
            assert_eq!(utc.window_end(unit, now), at(2027, 1, 1, 0, 0), "{unit:?}");
        }
        assert_eq!(utc.window_end(Unit::Month, at(2028, 2, 1, 0, 0)), at(2028, 3, 1, 0, 0));
        assert_eq!(utc.window_end(Unit::Day, at(2028, 2, 28, 0, 0)), at(2028, 2, 29, 0, 0));
    }

    #[test]
    fn days_follow_the_clocks_of_the_zone() {
        let berlin = Zone::new("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        // Clocks go forward on 2026-03-29 and back on 2026-10-25.
        assert_eq!(berlin.window_end(Unit::Day, at(2026, 3, 28, 23, 0)), at(2026, 3, 29, 22, 0), "23 hours");
        assert_eq!(berlin.window_end(Unit::Day, at(2026, 10, 24, 22, 0)), at(2026, 10, 25, 23, 0), "25 hours");
        assert_eq!(berlin.window_end(Unit::Month, at(2026, 3, 15, 0, 0)), at(2026, 3, 31, 22, 0));
        // The hour that clocks show twice is two hours.
        assert_eq!(berlin.window_end(Unit::Hour, at(2026, 10, 25, 0, 30)), at(2026, 10, 25, 1, 0));
        let india = Zone::new("IST-5:30").unwrap();
        assert_eq!(india.window_end(Unit::Hour, at(2026, 1, 1, 0, 0)), at(2026, 1, 1, 0, 30));
    }

    #[test]
    fn midnights_that_are_skipped_or_come_twice() {
        // Forward at 00:00, back at 00:00: the first moment of the new day counts, once.
        let zone = Zone::new("<-03>3<-02>,M10.3.0/0,M2.3.0/0").unwrap();
        // 2026-10-18 begins at 01:00 local, 03:00 UTC.
        assert_eq!(zone.window_end(Unit::Day, at(2026, 10, 18, 2, 0)), at(2026, 10, 18, 3, 0));
        // On 2026-02-15 at 00:00 clocks go back to 23:00: the 15th begins when they show midnight for good.
        assert_eq!(zone.window_end(Unit::Day, at(2026, 2, 15, 1, 0)), at(2026, 2, 15, 3, 0));
    }

    #[test]
    fn clocks_change_at_hours_beyond_a_day() {
        // Clocks go forward on 2026-03-27 at 02:00, which is Thursday's 26th hour.
        let israel = Zone::new("IST-2IDT,M3.4.4/26,M10.5.0").unwrap();
        assert_eq!(israel.window_end(Unit::Day, at(2026, 3, 26, 21, 0)), at(2026, 3, 26, 22, 0));
        assert_eq!(israel.window_end(Unit::Day, at(2026, 3, 26, 22, 0)), at(2026, 3, 27, 21, 0), "23 hours");
        // On 2026-03-28 at 23:00, an hour before Sunday.
        let nuuk = Zone::new("<-02>2<-01>,M3.5.0/-1,M10.5.0/0").unwrap();
        assert_eq!(nuuk.window_end(Unit::Day, at(2026, 3, 28, 2, 0)), at(2026, 3, 29, 1, 0), "23 hours");
        assert!(Zone::new("EET-2EEST,M3.4.4/50,M10.4.4/50").is_ok());
        assert_eq!(Zone::new("EET-2EEST,M3.4.4/168,M10.4.4/50"), Err(ZoneError));
    }

    /// What of the calendar clocks show: the number of a minute, hour or day, or the month.
    fn shown(zone: &Zone, unit: Unit, ms: u64) -> i64 {
        let unix = ms as i64 / 1000;
        let local = unix + zone.offset(unix);
        match unit {
            Unit::Minute => local.div_euclid(60),
            Unit::Hour => local.div_euclid(3600),
            Unit::Day => local.div_euclid(86_400),
            Unit::Month => {
                let date = UtcDateTime::from_timespec(local, 0).unwrap();
                i64::from(date.year()) * 12 + i64::from(date.month())
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_window_is_what_clocks_show_as_one(
            rule in proptest::sample::select(vec![
                "", "UTC0", "EST5EDT,M3.2.0,M11.1.0", "CET-1CEST,M3.5.0,M10.5.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1", "IST-5:30",
                "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "<-04>4<-03>,M9.1.6/24,M4.1.6/24", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                "<-03>3<-02>,M10.3.0/0,M2.3.0/0", "IST-2IDT,M3.4.4/26,M10.5.0", "<+14>-14", "<-12>12", "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
            ]),
            now in at(2026, 1, 1, 0, 0)..at(2030, 1, 1, 0, 0),
            near in proptest::option::of(proptest::sample::select(vec![(3, 29), (10, 25), (10, 18), (2, 15), (4, 5), (9, 6), (12, 31)])),
            parts in proptest::collection::vec(0.0..1.0, 20),
        ) {
            let zone = Zone::new(rule).unwrap();
            let now = near.map_or(now, |(month, day)| at(2026, month, day, 0, 0) + now % 172_800_000 - 86_400_000);
            for unit in [Unit::Minute, Unit::Hour, Unit::Day, Unit::Month] {
                let end = zone.window_end(unit, now);
                let then = shown(&zone, unit, now);
                if matches!(unit, Unit::Day | Unit::Month) {
                    proptest::prop_assert!(shown(&zone, unit, end) > then, "{rule} {unit:?} {now} {end}");
                }
                for part in &parts {
                    let between = now + ((end - now) as f64 * part) as u64;
                    proptest::prop_assert_eq!(zone.window_end(unit, between), end, "{} {:?} {} {}", rule, unit, now, between);
                    proptest::prop_assert_eq!(shown(&zone, unit, between), then, "{} {:?} {} {}", rule, unit, now, between);
                }
            }
        }
    }

    #[test]
    fn names_and_nonsense_are_refused() {
        for rule in [
            "Europe/Berlin",
            "localtime",
            ":/etc/passwd",
            "CET",
            "/dev/zero",
            "x",
            "\u{0}",
            " ",
            "\n",
            "CET-1CEST,M99.9.9",
        ] {
            assert_eq!(Zone::new(rule), Err(ZoneError), "{rule}");
        }
        assert_eq!(Zone::new(""), Ok(Zone::UTC));
    }

    #[test]
    fn no_moment_is_too_far() {
        for rule in ["", "CET-1CEST,M3.5.0,M10.5.0/3", "<+14>-14"] {
            let zone = Zone::new(rule).unwrap();
            for now in [0, 1, 999, u64::MAX / 1000, u64::MAX - 1] {
                for unit in [Unit::Minute, Unit::Hour, Unit::Day, Unit::Month] {
                    assert!(zone.window_end(unit, now) > now, "{rule} {unit:?} {now}");
                }
            }
        }
    }
}
