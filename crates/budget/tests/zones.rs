//! Days and months of every rule that the time zone database has, by Python's `zoneinfo`: 23 and 25 hours, half hours, both
//! hemispheres, leap days, midnights that are skipped.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use budget::{Limit, State, Unit, Window, Zone};

/// Lines of a rule, a moment, and where its day and its month end, in Unix seconds.
const MOMENTS: &str = include_str!("zones.tsv");

#[test]
fn windows_end_where_the_time_zone_database_says() {
    let mut rules = std::collections::BTreeSet::new();
    for line in MOMENTS.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [now, day, month] = [1, 2, 3].map(|at| fields[at].parse::<u64>().unwrap());
        for (unit, end) in [(Unit::Day, day), (Unit::Month, month)] {
            let limit = Limit::new(5, Window::Calendar { unit, zone: Zone::new(fields[0]).unwrap() }).unwrap();
            // A window of which nothing is spent is as if it had not begun.
            let mut state = State::new(1);
            state.charge(&limit, now * 1000, 1);
            let standing = state.standing(&limit, now * 1000);
            assert_eq!(now * 1000 + standing.reset_ms, end * 1000, "{unit:?} of {line}");
        }
        rules.insert(fields[0]);
    }
    assert!(rules.len() > 90, "{} rules", rules.len());
}
