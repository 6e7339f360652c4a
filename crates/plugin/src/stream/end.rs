//! The end of a stream.

use super::{State, Stream};
use crate::{Cx, End, Exchange, Host};

impl<E: Exchange> Stream<E> {
    /// All is over: the log callback, also after a disconnect, and also where it is the only one that comes. Whatever the
    /// exchange still holds is settled here. A second call does nothing.
    pub fn on_end(&mut self, host: &mut dyn Host) {
        self.state = State::Gone;
        if !std::mem::take(&mut self.request.begun) {
            return;
        }
        let end = End {
            origin: self.origin.take(),
            status: self.status,
            request_complete: self.request.complete,
            response_complete: self.response.complete,
        };
        for call in self.exchange.on_end(&mut Cx::new(host, &self.head), &end) {
            host.call_and_forget(&call);
        }
    }

    /// Whether the end was told.
    pub fn is_over(&self) -> bool {
        self.state == State::Gone
    }
}
