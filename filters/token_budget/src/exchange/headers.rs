//! What callers read of their limits.
//!
//! `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` as OpenAI's API has them: of the limits of a kind, the tightest.

use crate::config::{Unit, WhenSpent};
use crate::ledger::Booking;
use budget::Standing;
use plugin::Edits;
use std::fmt::Write;

/// Adds the headers of these bookings to a response.
pub(super) fn add(edits: &mut Edits, bookings: &[Booking]) {
    for (name, value) in of(bookings) {
        edits.set_header(name, value);
    }
    let warned = bookings.iter().filter(|booking| is_soft(booking)).map(|booking| booking.limit.name.as_str());
    let warned = warned.collect::<Vec<_>>().join(", ");
    if !warned.is_empty() {
        edits.set_header("x-budget-warning", warned);
    }
}

/// Whether so much is spent that a warning is due.
pub(super) fn is_soft(booking: &Booking) -> bool {
    let soft = booking.limit.soft_percent.map(u64::from);
    soft.is_some_and(|soft| booking.percent_spent().is_some_and(|spent| spent >= soft))
}

/// The headers' names and values.
pub(super) fn of(bookings: &[Booking]) -> Vec<(&'static str, String)> {
    let requests = [Unit::Requests];
    let tokens = [Unit::Tokens, Unit::Input, Unit::Output, Unit::CachedInput, Unit::Reasoning];
    let mut headers = Vec::new();
    for (units, names) in [
        (&requests[..], ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"]),
        (&tokens[..], ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"]),
    ] {
        let [limit, remaining, reset] = names;
        if let Some(standing) = tightest(bookings, units) {
            headers.push((limit, standing.limit.to_string()));
            headers.push((remaining, standing.remaining.max(0).to_string()));
            headers.push((reset, duration(standing.reset_ms)));
        }
    }
    headers
}

/// The standing of the limit of these units of which the smallest part is left.
fn tightest(bookings: &[Booking], units: &[Unit]) -> Option<Standing> {
    let counted = bookings.iter().filter(|booking| {
        units.contains(&booking.limit.unit) && !booking.extra && booking.limit.when_spent != WhenSpent::Shadow
    });
    let standings = counted.filter_map(|booking| booking.standing);
    standings.min_by_key(|standing| {
        let left = u128::try_from(standing.remaining.max(0)).unwrap_or(0);
        left.saturating_mul(1_000_000) / u128::from(standing.limit.max(1))
    })
}

/// A time as OpenAI writes it: `6m0s`, `1.2s`, `120ms`.
pub(super) fn duration(ms: u64) -> String {
    if ms < 1000 {
        return format!("{ms}ms");
    }
    let (secs, rest) = (ms / 1000, ms % 1000);
    let mut out = String::new();
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 {
        let _ = write!(out, "{hours}h");
    }
    if hours > 0 || minutes > 0 {
        let _ = write!(out, "{minutes}m");
    }
    match rest {
        0 => {
            let _ = write!(out, "{secs}s");
        }
        rest => {
            let _ = write!(out, "{secs}.{}s", format!("{rest:03}").trim_end_matches('0'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn times_read_like_openai_s() {
        for (ms, text) in
            [(0, "0ms"), (120, "120ms"), (1000, "1s"), (1200, "1.2s"), (360_000, "6m0s"), (3_600_005, "1h0m0.005s")]
        {
            assert_eq!(duration(ms), text);
        }
    }
}
