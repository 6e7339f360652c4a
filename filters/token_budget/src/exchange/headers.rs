//! What callers read of their limits.
//!
//! `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` as OpenAI's API has them: of the limits of a kind, the tightest.

use crate::config::Unit;
use crate::ledger::Booking;
use budget::Standing;
use plugin::Edits;

/// Adds the headers of these bookings to a response.
pub(super) fn add(edits: &mut Edits, bookings: &[Booking]) {
    let headers = of(bookings);
    edits.headers.reserve(headers.len() + 1);
    for (name, value) in headers {
        edits.set_header(name, value);
    }
    if bookings.iter().any(is_soft) {
        let warned = bookings.iter().filter(|booking| is_soft(booking)).map(|booking| booking.limit.name.as_str());
        edits.set_header("x-budget-warning", warned.collect::<Vec<_>>().join(", "));
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
    let mut headers = Vec::with_capacity(6);
    for (units, names) in [
        (&requests[..], ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"]),
        (&tokens[..], ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"]),
    ] {
        let [limit, remaining, reset] = names;
        if let Some((standing, resets)) = tightest(bookings, units) {
            headers.push((limit, standing.limit.to_string()));
            headers.push((remaining, standing.remaining.max(0).to_string()));
            if resets {
                headers.push((reset, duration(standing.reset_ms)));
            }
        }
    }
    headers
}

/// The standing of the limit of these units of which the smallest part is left, and whether time gives any of it back: a balance is
/// topped up, whenever that is.
fn tightest(bookings: &[Booking], units: &[Unit]) -> Option<(Standing, bool)> {
    let counted = bookings
        .iter()
        .filter(|booking| units.contains(&booking.limit.unit) && !booking.extra && !booking.limit.is_shadow());
    let standings = counted.filter_map(|booking| {
        Some((booking.standing?, !matches!(booking.rate.window(), budget::Window::Balance { .. })))
    });
    // By cross-multiplication: a division of 128 bits is a loop in wasm.
    let left = |standing: &Standing| u128::from(standing.remaining.max(0).unsigned_abs());
    let limit = |standing: &Standing| u128::from(standing.limit.max(1));
    standings.min_by(|(one, _), (other, _)| (left(one) * limit(other)).cmp(&(left(other) * limit(one))))
}

/// A time as OpenAI writes it: `6m0s`, `1.2s`, `120ms`. Each call asks for two of them, so it is written by hand.
pub(super) fn duration(ms: u64) -> String {
    let mut digits = itoa::Buffer::new();
    let mut out = String::with_capacity(24);
    let mut push = |out: &mut String, number: u64, unit: &str| out.extend([digits.format(number), unit]);
    if ms < 1000 {
        push(&mut out, ms, "ms");
        return out;
    }
    let (secs, rest) = (ms / 1000, ms % 1000);
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 {
        push(&mut out, hours, "h");
    }
    if hours > 0 || minutes > 0 {
        push(&mut out, minutes, "m");
    }
    push(&mut out, secs, "");
    if rest > 0 {
        out.push('.');
        for digit in [rest / 100, rest / 10 % 10, rest % 10] {
            push(&mut out, digit, "");
        }
        out.truncate(out.trim_end_matches('0').len());
    }
    out.push('s');
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
