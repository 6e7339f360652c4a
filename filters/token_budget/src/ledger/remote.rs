//! Reservations in the service: the messages of `budget.proto`.

use super::Booking;
use crate::config::Expiry;
use cache_api::{BUDGET, Message, budget as message};
use plugin::{Call, GrpcCall, Tag, Target};
use std::time::Duration;

/// One reservation in the service.
#[derive(Debug)]
pub(crate) struct Remote {
    id: [u8; 16],
    /// The name of the call that reserves.
    pub tag: Tag,
    /// The bookings, in the order of the demands.
    pub places: Vec<usize>,
    /// It is counted and admitted, whatever the limits say.
    pub force: bool,
    /// The answer came, or will not come.
    pub done: bool,
}

/// What the service says to a reservation.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Taken.
    Admitted,
    /// The place of the booking that refused, and when to try again in milliseconds, if that helps.
    Refused { by: usize, retry_after_ms: Option<u64> },
    /// No answer that makes sense.
    Nothing,
}

impl Remote {
    pub fn new(tag: Tag, random: [u64; 2], places: Vec<usize>, force: bool) -> Self {
        Self { id: id(random), tag, places, force, done: false }
    }

    /// The call that reserves.
    pub fn reserve(&self, service: &Service, bookings: &[Booking], expires_ms: u64, expiry: Expiry) -> Call {
        let request = message::ReserveRequest {
            reservation: self.id.to_vec(),
            demands: self.demands(bookings),
            expires_after_ms: expires_ms,
            expiry: message::Expiry::from(budget::Expiry::from(expiry)).into(),
            least: 0,
            force: self.force,
        };
        service.call("Reserve", self.tag, request.encode_to_vec())
    }

    /// What an answer says. How each limit stands goes to its booking, whatever the verdict.
    pub fn verdict(&self, answer: &[u8], bookings: &mut [Booking]) -> Verdict {
        let Ok(answer) = message::ReserveResponse::decode(answer) else { return Verdict::Nothing };
        for (at, standing) in self.places.iter().zip(answer.standings) {
            if let Some(booking) = bookings.get_mut(*at) {
                booking.standing = Some(standing.into());
            }
        }
        if answer.admitted {
            return Verdict::Admitted;
        }
        let by = usize::try_from(answer.refused_by).ok().and_then(|by| self.places.get(by)).copied();
        let retry_after_ms = Some(answer.retry_after_ms).filter(|wait| *wait > 0);
        by.map_or(Verdict::Nothing, |by| Verdict::Refused { by, retry_after_ms })
    }

    /// The end of the reservation; without amounts all is given back.
    pub fn settlement(&self, bookings: &[Booking], spent: Option<&[u64]>) -> message::Settlement {
        let each = |spent: &[u64]| self.places.iter().map(|at| spent.get(*at).copied().unwrap_or(0)).collect();
        message::Settlement {
            reservation: self.id.to_vec(),
            spent: spent.map(each).unwrap_or_default(),
            // What is given back needs no demands: a reservation that is not there is given back already.
            demands: spent.map(|_| self.demands(bookings)).unwrap_or_default(),
        }
    }

    fn demands(&self, bookings: &[Booking]) -> Vec<message::Demand> {
        self.places.iter().filter_map(|at| bookings.get(*at)).map(demand).collect()
    }
}

/// A booking as the service reads it.
pub(super) fn demand(booking: &Booking) -> message::Demand {
    message::Demand {
        key: booking.key.name.clone(),
        limit: Some(booking.rate.as_ref().into()),
        amount: booking.amount,
        at_once: booking.limit.at_once(),
    }
}

/// A reservation's name.
pub(super) fn id([one, other]: [u64; 2]) -> [u8; 16] {
    (u128::from(one) << 64 | u128::from(other)).to_be_bytes()
}

/// Where the service is.
#[derive(Debug)]
pub(crate) struct Service {
    pub target: Target,
    pub timeout: Duration,
}

impl Service {
    pub(super) fn call(&self, method: &'static str, tag: Tag, message: Vec<u8>) -> Call {
        Call::Grpc(GrpcCall {
            tag,
            target: self.target.clone(),
            service: BUDGET,
            method,
            message,
            timeout: self.timeout,
        })
    }

    /// The call that ends reservations. Nobody waits for its answer: it has time.
    pub fn settle(&self, settlements: Vec<message::Settlement>) -> Call {
        let patient = Self { target: self.target.clone(), timeout: self.timeout.max(Duration::from_secs(5)) };
        patient.call("Settle", 0, message::SettleRequest { settlements }.encode_to_vec())
    }
}
