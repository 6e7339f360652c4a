//! What a lookup that missed gives along for the store that follows, so that nothing is computed twice, on whichever instance
//! the store arrives. Opaque to the caller, authenticated, and good for one request in one scope only.

use super::partition::{EntryId, Keys, PartitionId};
use super::vector::Vector;
use serde::{Deserialize, Serialize};

/// The longest ticket, in bytes.
pub const MAX: usize = 4096;

/// How long a ticket is good for, in milliseconds: longer than any model thinks.
const GOOD_FOR_MS: u64 = 3_600_000;

const SEAL: usize = 32;

/// A ticket, opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// When it was given, in milliseconds since 1970.
    pub given_ms: u64,
    /// [`Keys::binding`] of the scope, request and text that it was given for.
    pub binding: [u8; 32],
    /// Where the answer belongs.
    pub partition: PartitionId,
    /// Under which name.
    pub id: EntryId,
    /// The question's vector, unless there was no embedder.
    pub vector: Option<Vector>,
    /// The leader's token, where the caller leads.
    pub lead: Option<u64>,
    /// The would-be hit that was let pass.
    pub sample: Option<Sample>,
}

/// A would-be hit that was let pass, to be compared with the model's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The entry that would have answered.
    pub entry: EntryId,
    /// What the decision thought of it.
    pub score: f32,
    /// The pool that learns.
    pub pool: String,
}

/// Why a ticket is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It was not given by this service, or was changed.
    #[error("the ticket was not given by this service")]
    Forged,
    /// It is too old.
    #[error("the ticket is older than an hour")]
    Old,
    /// It was given for another request.
    #[error("the ticket was given for another scope, request or text")]
    Foreign,
}

impl Ticket {
    /// Seals it. The vector stays behind where it would make the ticket too long: then the text is embedded again.
    #[must_use]
    pub fn seal(&self, keys: &Keys) -> Vec<u8> {
        let encode =
            |ticket: &Self| bincode::serde::encode_to_vec(ticket, bincode::config::standard()).unwrap_or_default();
        let mut bytes = encode(self);
        if bytes.len() + SEAL > MAX {
            bytes = encode(&Self { vector: None, ..self.clone() });
        }
        let seal = keys.seal(&bytes);
        bytes.extend_from_slice(seal.as_bytes());
        bytes
    }

    /// Opens one.
    ///
    /// # Errors
    /// It is forged or too old. Whether it belongs to a request is asked with [`Ticket::serves`].
    pub fn open(bytes: &[u8], keys: &Keys, now_ms: u64) -> Result<Self, TicketError> {
        let (content, seal) =
            bytes.len().checked_sub(SEAL).and_then(|at| bytes.split_at_checked(at)).ok_or(TicketError::Forged)?;
        // Compared in constant time.
        let genuine = blake3::Hash::from_slice(seal).is_ok_and(|seal| seal == keys.seal(content));
        if bytes.len() > MAX || !genuine {
            return Err(TicketError::Forged);
        }
        let (ticket, _): (Self, usize) =
            bincode::serde::decode_from_slice(content, bincode::config::standard()).map_err(|_| TicketError::Forged)?;
        if now_ms.saturating_sub(ticket.given_ms) > GOOD_FOR_MS {
            return Err(TicketError::Old);
        }
        Ok(ticket)
    }

    /// Whether it was given for this.
    ///
    /// # Errors
    /// It was not.
    pub fn serves(&self, binding: &[u8; 32]) -> Result<(), TicketError> {
        if self.binding == *binding { Ok(()) } else { Err(TicketError::Foreign) }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX, Ticket, TicketError};
    use crate::cache::partition::{EntryId, Keys, PartitionId, Secret};
    use crate::cache::vector::Vector;
    use proptest::prelude::*;

    fn keys(byte: u8) -> Keys {
        Keys::of(&Secret::from_bytes(&[byte; 32]).unwrap())
    }

    fn ticket(dims: usize) -> Ticket {
        Ticket {
            given_ms: 1_000,
            binding: [1; 32],
            partition: PartitionId([2; 32]),
            id: EntryId([3; 16]),
            vector: Vector::quantise(&vec![0.5; dims]),
            lead: Some(u64::MAX),
            sample: None,
        }
    }

    #[test]
    fn it_comes_back_as_it_went() {
        let sealed = ticket(3072).seal(&keys(1));
        assert!(sealed.len() <= MAX);
        assert_eq!(Ticket::open(&sealed, &keys(1), 1_000), Ok(ticket(3072)));
    }

    #[test]
    fn a_vector_that_is_too_long_stays_behind() {
        let sealed = ticket(8192).seal(&keys(1));
        assert!(sealed.len() <= MAX);
        assert_eq!(Ticket::open(&sealed, &keys(1), 1_000).unwrap().vector, None);
    }

    #[test]
    fn another_secret_an_old_one_and_another_request_are_refused() {
        let sealed = ticket(8).seal(&keys(1));
        assert_eq!(Ticket::open(&sealed, &keys(2), 1_000), Err(TicketError::Forged));
        assert_eq!(Ticket::open(&sealed, &keys(1), 3_601_001), Err(TicketError::Old));
        assert_eq!(ticket(8).serves(&[9; 32]), Err(TicketError::Foreign));
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_noticed(at in any::<prop::sample::Index>(), change in 1..=255_u8) {
            let mut sealed = ticket(8).seal(&keys(1));
            let at = at.index(sealed.len());
            sealed[at] ^= change;
            prop_assert_eq!(Ticket::open(&sealed, &keys(1), 1_000), Err(TicketError::Forged));
        }

        #[test]
        fn anything_may_be_given(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(Ticket::open(&bytes, &keys(1), 1_000), Err(TicketError::Forged));
        }
    }
}
