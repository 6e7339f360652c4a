//! `attachment: full` without the flag that it needs.
//!
//! Without `allow_on_headers_stop_iteration`, Envoy shows no body while a head is held, and the stream would hang. The host
//! does not tell whether the flag is set. What it tells is how many bytes of the request arrived: where they grow and no
//! body callback comes, the flag is missing, while a client that is merely slow is left to Envoy's own timeouts. A response
//! has no such count, so there the time decides, and only until a first body callback has proven the flag.

use super::{Flow, State, Stream, refusal::Fault};
use crate::{Exchange, Host, Next, Side, stream::At};

impl<E: Exchange> Stream<E> {
    /// A head is held from now on.
    pub(super) fn watch(&mut self, host: &mut dyn Host, side: Side) {
        if self.place.proven.get() {
            return;
        }
        self.half(side).since = host.unix_nanos();
        if side == Side::Request {
            self.baseline = Some(request_bytes(host));
        }
    }

    /// Whether [`on_tick`](Self::on_tick) has something to look at.
    pub fn is_watched(&self) -> bool {
        !self.place.proven.get()
            && self.state == State::Running
            && (self.starves(Side::Request) || self.starves(Side::Response))
    }

    /// Ends the stream with a 503 that names the flag, where the flag is missing.
    pub fn on_tick(&mut self, host: &mut dyn Host) -> Flow {
        if !self.is_watched() {
            return Flow::Continue;
        }
        let limit = self.place.settings.bodies.watchdog_secs.saturating_mul(1_000_000_000);
        if self.starves(Side::Request) && !self.response.begun {
            if self.baseline.is_some_and(|baseline| request_bytes(host) > baseline) {
                self.refuse(host, At::RequestHead, Fault::FlagMissing);
                return Flow::Pause;
            }
        } else if self.starves(Side::Response) && host.unix_nanos().saturating_sub(self.response.since) > limit {
            self.refuse(host, At::ResponseHead, Fault::FlagMissing);
            return Flow::Pause;
        }
        Flow::Continue
    }

    fn starves(&self, side: Side) -> bool {
        let half = match side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        };
        half.held && half.since > 0 && !half.body_seen && !half.complete && half.want != Next::Pass
    }
}

fn request_bytes(host: &dyn Host) -> u64 {
    host.attribute(&["request", "total_size"])
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, |bytes| u64::try_from(i64::from_le_bytes(bytes)).unwrap_or(0))
}
