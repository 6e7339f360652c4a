//! From and to the messages of the shared budget (`budget.proto`), whose numbers come from another process.

use crate::{Expiry, Limit, LimitError, Standing, Unit, Window, Zone, ZoneError};
use cache_api::budget as message;

/// A message that says no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The limit has no window.
    #[error("the limit has no window")]
    NoWindow,
    /// The unit of the calendar is none that is known.
    #[error("the calendar's unit is unknown")]
    Unit,
    /// See [`LimitError`].
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// See [`ZoneError`].
    #[error(transparent)]
    Zone(#[from] ZoneError),
}

impl TryFrom<&message::Limit> for Limit {
    type Error = MessageError;

    fn try_from(limit: &message::Limit) -> Result<Self, MessageError> {
        use message::limit::Window as Sent;
        let window = match limit.window.as_ref().ok_or(MessageError::NoWindow)? {
            Sent::TokenBucket(bucket) => Window::TokenBucket { period_ms: bucket.period_ms, burst: bucket.burst },
            Sent::Sliding(sliding) => Window::Sliding { period_ms: sliding.period_ms },
            Sent::Calendar(calendar) => {
                Window::Calendar { unit: unit(calendar.unit())?, zone: Zone::new(&calendar.time_zone)? }
            }
            Sent::Balance(balance) => Window::Balance { initial: balance.initial },
            Sent::Concurrency(_) => Window::Concurrency,
        };
        Ok(Self::new(limit.amount, window)?)
    }
}

impl From<&Limit> for message::Limit {
    fn from(limit: &Limit) -> Self {
        use message::limit::Window as Sent;
        let window = match limit.window() {
            Window::TokenBucket { period_ms, burst } => {
                Sent::TokenBucket(message::TokenBucket { period_ms: *period_ms, burst: *burst })
            }
            Window::Sliding { period_ms } => Sent::Sliding(message::Sliding { period_ms: *period_ms }),
            Window::Calendar { unit, zone } => {
                let unit = match unit {
                    Unit::Minute => message::CalendarUnit::Minute,
                    Unit::Hour => message::CalendarUnit::Hour,
                    Unit::Day => message::CalendarUnit::Day,
                    Unit::Month => message::CalendarUnit::Month,
                };
                Sent::Calendar(message::Calendar { unit: unit.into(), time_zone: zone.rule().to_owned() })
            }
            Window::Balance { initial } => Sent::Balance(message::Balance { initial: *initial }),
            Window::Concurrency => Sent::Concurrency(message::Concurrency {}),
        };
        Self { amount: limit.amount(), window: Some(window) }
    }
}

fn unit(unit: message::CalendarUnit) -> Result<Unit, MessageError> {
    match unit {
        message::CalendarUnit::Unspecified => Err(MessageError::Unit),
        message::CalendarUnit::Minute => Ok(Unit::Minute),
        message::CalendarUnit::Hour => Ok(Unit::Hour),
        message::CalendarUnit::Day => Ok(Unit::Day),
        message::CalendarUnit::Month => Ok(Unit::Month),
    }
}

impl From<Standing> for message::Standing {
    fn from(Standing { limit, remaining, reset_ms }: Standing) -> Self {
        Self { limit, remaining, reset_ms }
    }
}

impl From<message::Standing> for Standing {
    fn from(message::Standing { limit, remaining, reset_ms }: message::Standing) -> Self {
        Self { limit, remaining, reset_ms }
    }
}

impl From<message::Expiry> for Expiry {
    fn from(expiry: message::Expiry) -> Self {
        match expiry {
            message::Expiry::Charge => Self::Charge,
            message::Expiry::Refund => Self::Refund,
        }
    }
}

impl From<Expiry> for message::Expiry {
    fn from(expiry: Expiry) -> Self {
        match expiry {
            Expiry::Charge => Self::Charge,
            Expiry::Refund => Self::Refund,
        }
    }
}
