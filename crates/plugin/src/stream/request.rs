//! The request's way through the machine.

use super::state::{At, State, Verdict};
use super::{Flow, Stream, refusal::Fault};
use crate::{Cx, Encoded, Exchange, Host, Next, RequestHead, Side, Upgrade};

impl<E: Exchange> Stream<E> {
    /// The head of the request. `end` says that nothing follows.
    pub fn on_request_headers(&mut self, host: &mut dyn Host, end: bool) -> Flow {
        self.head = RequestHead { headers: host.headers(Side::Request), complete: end };
        self.request.begun = true;
        self.request.held = true;
        self.request.complete = end;
        self.request.has_length = self.head.headers.has("content-length");
        let step = self.exchange.on_request(&mut Cx::new(host, &self.head), &self.head);
        let verdict = self.enact(host, At::RequestHead, step);
        self.head_flow(Side::Request, verdict)
    }

    /// A part of the request's body. `size` is what is held including this part, or this part alone where nothing is held.
    pub fn on_request_body(&mut self, host: &mut dyn Host, size: usize, end: bool) -> Flow {
        self.request.complete |= end;
        match self.state {
            State::Replied | State::Gone => return Flow::Pause,
            State::Waiting { .. } if self.waits_for(Side::Request) => {}
            // A response began before this request was decided on: what is held stays held.
            _ if self.response.begun && self.request.want != Next::Pass => return Flow::Pause,
            _ if self.request.want == Next::Pass => return Flow::Continue,
            _ => {}
        }
        self.saw_body(Side::Request, size);
        if size > self.place.settings.bodies.max_body_bytes {
            self.refuse(host, At::RequestBody, Fault::TooLarge);
            return Flow::Pause;
        }
        if !end || self.waits_for(Side::Request) {
            return Flow::Pause;
        }
        let verdict = self.decide_request_body(host);
        self.body_flow(Side::Request, verdict)
    }

    /// The trailers of the request: its body is complete.
    pub fn on_request_trailers(&mut self, host: &mut dyn Host) -> Flow {
        self.request.complete = true;
        match self.state {
            State::Replied | State::Gone => Flow::Pause,
            State::Waiting { .. } if self.waits_for(Side::Request) => Flow::Pause,
            _ if self.request.want == Next::Pass => Flow::Continue,
            _ if self.response.begun => Flow::Pause,
            _ => {
                let verdict = self.decide_request_body(host);
                self.trailers_flow(host, Side::Request, verdict)
            }
        }
    }

    pub(super) fn request_head_goes(&mut self, host: &mut dyn Host, next: Next) -> Verdict {
        let settings = self.place.settings.clone();
        if settings.reads_responses
            && self.head.headers.has("accept-encoding")
            && host.set_header(Side::Request, "accept-encoding", b"identity").is_err()
        {
            return self.refuse(host, At::RequestHead, Fault::Host);
        }
        let edit = match next {
            Next::Pass => return Verdict::Go,
            // A request is not shown in pieces: it is small, and nothing of it may go on before the decision.
            Next::Whole { edit } | Next::Chunks { edit } => edit,
        };
        if self.head.is_upgrade() {
            return match settings.bodies.upgrade {
                Upgrade::Refuse => self.refuse(host, At::RequestHead, Fault::Upgrade),
                Upgrade::Pass => Verdict::Go,
            };
        }
        if self.head.is_encoded() && !self.request.complete {
            return match settings.bodies.encoded {
                Encoded::Refuse => self.refuse(host, At::RequestHead, Fault::EncodedRequest),
                Encoded::Pass => Verdict::Go,
            };
        }
        self.request.want = Next::Whole { edit };
        if self.request.complete {
            return self.decide_request_body(host);
        }
        if self.is_full() {
            self.watch(host, Side::Request);
            return Verdict::Hold;
        }
        if edit && !self.forget_length(host, Side::Request) {
            return self.refuse(host, At::RequestHead, Fault::Host);
        }
        Verdict::Go
    }

    /// The whole body is here, however it ended.
    fn decide_request_body(&mut self, host: &mut dyn Host) -> Verdict {
        let body = self.held_body(host, Side::Request);
        let step = self.exchange.on_request_body(&mut Cx::new(host, &self.head), &body);
        self.enact(host, At::RequestBody, step)
    }

    pub(super) fn held_body(&mut self, host: &mut dyn Host, side: Side) -> Vec<u8> {
        match self.half(side).held_bytes {
            0 => Vec::new(),
            size => host.body(side, size),
        }
    }
}
