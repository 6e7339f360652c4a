//! May they spend this? The arithmetic of limits, which the filter's local store and the service's shared one have in common.
//!
//! | question | answer |
//! |---|---|
//! | how does a limit count? | [`Limit`], [`Window`], [`Zone`] |
//! | what is known of one limit for one key? | [`State`], as bytes: [`State::encode`] |
//! | may these be spent, all or none? | [`reserve`] |
//! | what was really spent? | [`State::settle`], by the [`Ticket`] of the reservation |
//! | how does it stand? | [`State::standing`] |
//!
//! What is reserved stands apart from what is spent: it neither drains nor leaves a window until it is settled, and it is
//! dated at its settlement. So what is spent and what is reserved are together never more than the limit, unless more was
//! settled than reserved. All arithmetic is on whole numbers; nothing drifts, and hostile numbers saturate towards "spent".
//!
//! Nothing here reads a clock, keeps a table of keys, or knows tokens or prices: amounts are whole numbers of the limit's
//! own unit, and time is an argument, in milliseconds since the Unix epoch.

mod held;
mod limit;
#[cfg(feature = "messages")]
mod messages;
mod reserve;
mod spent;
mod state;
mod zone;

pub use limit::{Limit, LimitError, Window};
#[cfg(feature = "messages")]
pub use messages::MessageError;
pub use reserve::{Part, Refusal, reserve};
pub use state::{Ask, CodecError, Expiry, Standing, State, Ticket};
pub use zone::{Unit, Zone, ZoneError};

/// When to ask again where only the end of another's reservation would help, in milliseconds: nobody knows when that is.
pub const RETRY_HELD_MS: u64 = 1000;
