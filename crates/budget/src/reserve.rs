//! Several limits at once: all of them, or none.

use crate::{Ask, Limit, State, Ticket};

/// One of several limits of which something is asked at once.
#[derive(Debug)]
pub struct Part<'a> {
    /// The limit.
    pub limit: &'a Limit,
    /// What is known of it for the key.
    pub state: &'a mut State,
    /// What is asked.
    pub ask: Ask,
}

/// Nothing was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The part that refused; of several, the one that says to wait longest.
    pub by: usize,
    /// When to try again, in milliseconds; `None` where waiting does not help.
    pub retry_after_ms: Option<u64>,
}

/// Takes what is asked of all limits, or nothing. The tickets are in the order of the parts.
///
/// With `least`, less than was asked may be given, all parts alike: the most that is free everywhere, if that is at least
/// `least`.
///
/// # Errors
/// The part that refused.
pub fn reserve(parts: &mut [Part<'_>], now_ms: u64, least: Option<u64>) -> Result<Vec<Ticket>, Refusal> {
    let mut most = u64::MAX;
    for part in parts.iter_mut() {
        part.state.advance(part.limit, now_ms);
        if !part.ask.force {
            most = most.min(part.state.free(part.limit));
        }
    }
    let wanted = |ask: &Ask| least.map_or(ask.amount, |least| least.min(ask.amount));
    let refused = parts.iter().enumerate().filter(|(_, part)| {
        let needed = wanted(&part.ask);
        !part.ask.force && needed > 0 && needed > part.state.free(part.limit)
    });
    let waits = refused.map(|(by, part)| {
        let retry_after_ms = part.state.wait(part.limit, wanted(&part.ask)).map(|wait| wait.max(1));
        Refusal { by, retry_after_ms }
    });
    // No help from waiting is the longest wait.
    if let Some(refusal) = waits.max_by_key(|refusal| refusal.retry_after_ms.unwrap_or(u64::MAX)) {
        return Err(refusal);
    }
    let given = |ask: &Ask| if least.is_some() && !ask.force { ask.amount.min(most) } else { ask.amount };
    Ok(parts.iter_mut().map(|part| part.state.take(part.limit, &part.ask, given(&part.ask))).collect())
}
