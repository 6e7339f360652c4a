//! The response's way through the machine.

use super::state::{At, State, Verdict};
use super::{Flow, Stream, refusal::Fault, refusal::SeamFault};
use crate::head::CODE_DETAILS;
use crate::{Chunk, Cx, Encoded, Exchange, Host, Next, Origin, Oversize, ResponseHead, Side};

impl<E: Exchange> Stream<E> {
    /// The head of the response. `end` says that nothing follows.
    pub fn on_response_headers(&mut self, host: &mut dyn Host, end: bool) -> Flow {
        self.response.begun = true;
        self.response.complete = end;
        if !self.request.begun || matches!(self.state, State::Replied | State::Gone) {
            return Flow::Continue;
        }
        // A response before the decision (a limit or a timeout of Envoy's) ends the wait. Late answers are ignored.
        self.state = State::Running;
        if self.place.settings.ignores_responses {
            return Flow::Continue;
        }
        let mut head = ResponseHead { headers: host.headers(Side::Response), origin: Origin::Upstream, complete: end };
        self.status = head.status();
        if !head.is_plainly_upstream() {
            head.origin = Origin::from_details(&host.attribute(&CODE_DETAILS).unwrap_or_default());
        }
        self.origin = Some(head.origin);
        if head.origin == Origin::Refusal {
            return Flow::Continue;
        }
        self.response.held = true;
        self.response.has_length = head.headers.has("content-length");
        let encoded = head.is_encoded();
        let mut step = self.exchange.on_response(&mut Cx::new(host, &self.head), &head);
        if let crate::Step::Go(edits) = &mut step
            && (self.head.is_upgrade() || (encoded && self.place.settings.bodies.encoded == Encoded::Pass))
        {
            edits.next = Next::Pass;
        }
        let wants_body = matches!(&step, crate::Step::Go(edits) if edits.next != Next::Pass);
        let verdict = if encoded && !end && wants_body {
            self.refuse(host, At::ResponseHead, Fault::EncodedResponse)
        } else {
            self.enact(host, At::ResponseHead, step)
        };
        self.head_flow(Side::Response, verdict)
    }

    /// A part of the response's body. `size` is what is held including this part, or this part alone where nothing is held.
    pub fn on_response_body(&mut self, host: &mut dyn Host, size: usize, end: bool) -> Flow {
        self.response.complete |= end;
        match (&self.state, self.response.want) {
            // Our own reply passes; what the upstream sends after a reset does not matter.
            (State::Replied | State::Gone, _) => Flow::Continue,
            (State::Waiting { .. }, _) => self.hold_response(host, size),
            (State::Running, Next::Pass) => Flow::Continue,
            (State::Running, Next::Chunks { .. }) => self.show_chunk(host, size, end),
            (State::Running, Next::Whole { .. }) => match self.hold_response(host, size) {
                Flow::Pause if end && self.state == State::Running => {
                    let verdict = self.decide_response_body(host);
                    self.body_flow(Side::Response, verdict)
                }
                flow => flow,
            },
        }
    }

    /// The trailers of the response: its body is complete.
    pub fn on_response_trailers(&mut self, host: &mut dyn Host) -> Flow {
        let ended_before = std::mem::replace(&mut self.response.complete, true);
        match (&self.state, self.response.want) {
            (State::Waiting { .. }, _) => Flow::Pause,
            (State::Running, Next::Whole { .. }) => {
                let verdict = self.decide_response_body(host);
                self.trailers_flow(host, Side::Response, verdict)
            }
            (State::Running, Next::Chunks { .. }) if !ended_before => self.show_chunk(host, 0, true),
            _ => Flow::Continue,
        }
    }

    pub(super) fn response_head_goes(&mut self, host: &mut dyn Host, next: Next) -> Verdict {
        self.response.want = next;
        match next {
            Next::Pass => Verdict::Go,
            Next::Whole { .. } if self.response.complete => self.decide_response_body(host),
            Next::Whole { .. } if self.is_full() => {
                self.watch(host, Side::Response);
                Verdict::Hold
            }
            Next::Whole { edit } | Next::Chunks { edit } => {
                if edit && !self.forget_length(host, Side::Response) {
                    return self.refuse(host, At::ResponseHead, Fault::Host);
                }
                self.show_held(host)
            }
        }
    }

    /// What came while the head waited for an answer is the first piece; nobody shows it again.
    fn show_held(&mut self, host: &mut dyn Host) -> Verdict {
        let held = std::mem::take(&mut self.response.held_bytes);
        let is_piece = matches!(self.response.want, Next::Chunks { .. }) && (held > 0 || self.response.complete);
        match is_piece.then(|| self.show_chunk(host, held, self.response.complete)) {
            None | Some(Flow::Continue) => Verdict::Go,
            Some(_) => Verdict::Over,
        }
    }

    /// Holds a part back, within the limit.
    fn hold_response(&mut self, host: &mut dyn Host, size: usize) -> Flow {
        self.saw_body(Side::Response, size);
        let bodies = self.place.settings.bodies;
        if size <= bodies.max_body_bytes {
            return Flow::Pause;
        }
        if bodies.oversize_response == Oversize::Pass && !self.is_waiting() {
            self.report(host, SeamFault::PassedOversize);
            self.response.want = Next::Pass;
            self.response.held = false;
            return Flow::Continue;
        }
        self.refuse(host, At::ResponseBody, Fault::TooLarge);
        Flow::Pause
    }

    fn show_chunk(&mut self, host: &mut dyn Host, size: usize, last: bool) -> Flow {
        let editable = self.response.want.edits();
        let outcome = if self.response.swallow {
            Chunk::Replace(Vec::new())
        } else {
            let chunk = if size == 0 { Vec::new() } else { host.body(Side::Response, size) };
            self.exchange.on_response_chunk(&mut Cx::new(host, &self.head), &chunk, last)
        };
        let bytes = match outcome {
            Chunk::Keep => return Flow::Continue,
            Chunk::Replace(bytes) => bytes,
            Chunk::Last(bytes) => {
                self.response.swallow = true;
                bytes
            }
            Chunk::Cut => {
                self.cut(host, Side::Response);
                return Flow::Pause;
            }
        };
        if bytes.is_empty() && size == 0 {
            return Flow::Continue;
        }
        if !editable || host.set_body(Side::Response, &bytes).is_err() {
            // In front of trailers there is no part left to write into.
            self.report(host, if last && size == 0 { SeamFault::TailLost } else { SeamFault::Body });
            if size != 0 {
                self.cut(host, Side::Response);
                return Flow::Pause;
            }
        }
        Flow::Continue
    }

    fn decide_response_body(&mut self, host: &mut dyn Host) -> Verdict {
        let body = self.held_body(host, Side::Response);
        let step = self.exchange.on_response_body(&mut Cx::new(host, &self.head), &body);
        self.enact(host, At::ResponseBody, step)
    }
}
