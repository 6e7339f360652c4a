//! The state machine of one stream: it calls the filter and enacts its steps.
//!
//! ```text
//! Running ── Wait ──▶ Waiting ── last answer ──▶ Running        one terminal action per stream;
//!    │                   │                                      answers that come late are ignored
//!    ├── Reply, Cut ─────┴──▶ Replied ── log ──▶ Gone
//!    └── log ─────────────────────────────────▶ Gone
//! ```
//!
//! It is the place where the traps of Envoy are met once for all filters: a message waits as a whole (head, body and
//! trailers) while a decision is pending; the three ends of a body are one event; a `content-length` is exact or absent; a
//! reply and a resumption never meet. It is pure and runs under the host of the tests as under Envoy.

mod end;
mod refusal;
mod request;
mod response;
mod state;
mod watchdog;

use crate::{
    Answer, Attachment, Call, CallId, Cx, Edits, Exchange, Host, Origin, Reply, RequestHead, Settings, Side, Step, Tag,
};
use refusal::{Fault, Refused, SeamFault};
use state::{At, Half, State, Verdict};
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What a callback returns to the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The part at hand goes on, and with it all that was held.
    Continue,
    /// The part at hand is held; later parts go on being shown.
    Pause,
    /// The head is held and nothing more is shown until it is resumed. Heads only.
    PauseAll,
}

/// One filter's view of one stream.
pub struct Stream<E> {
    exchange: E,
    place: Place,
    head: RequestHead,
    state: State,
    request: Half,
    response: Half,
    failed: VecDeque<Tag>,
    origin: Option<Origin>,
    status: u16,
    baseline: Option<u64>,
}

/// Where in the proxy a stream runs: what all streams of one configured filter share.
#[derive(Debug, Clone)]
pub struct Place {
    /// The filter's name.
    pub filter: &'static str,
    /// What the seam knows of its configuration.
    pub settings: Rc<Settings>,
    /// A body callback came while a head was held: the flag that `attachment: full` needs is set.
    pub proven: Rc<Cell<bool>>,
}

impl<E: Exchange> Stream<E> {
    /// A stream that has not begun.
    pub fn new(exchange: E, place: Place) -> Self {
        Self {
            exchange,
            place,
            head: RequestHead::default(),
            state: State::Running,
            request: Half::default(),
            response: Half::default(),
            failed: VecDeque::new(),
            origin: None,
            status: 0,
            baseline: None,
        }
    }

    /// A call was answered. Answers that nobody waits for are ignored.
    pub fn on_answer(&mut self, host: &mut dyn Host, id: CallId, answer: Answer) {
        let State::Waiting { at, calls } = &mut self.state else { return };
        let at = *at;
        let Some(index) = calls.iter().position(|(call, _)| *call == id) else { return };
        let (_, tag) = calls.swap_remove(index);
        let step = self.exchange.on_answer(&mut Cx::new(host, &self.head), tag, answer);
        if self.enact(host, at, step) == Verdict::Go {
            self.half(at.side()).held = false;
            if host.resume(at.side()).is_err() {
                self.report(host, SeamFault::Resume);
            }
        }
    }

    /// Carries a step out, and those that follow from calls that fail at once.
    fn enact(&mut self, host: &mut dyn Host, at: At, mut step: Step) -> Verdict {
        loop {
            if host.is_gone() {
                self.state = State::Gone;
                return Verdict::Over;
            }
            match step {
                Step::Go(edits) => {
                    self.state = State::Running;
                    self.failed.clear();
                    return self.go(host, at, edits);
                }
                Step::Wait(calls) => {
                    self.dispatch(host, at, calls);
                    match self.failed.pop_front() {
                        Some(tag) => {
                            step = self.exchange.on_answer(&mut Cx::new(host, &self.head), tag, Answer::Failed(None))
                        }
                        None if self.is_waiting() => return Verdict::Hold,
                        None => return self.refuse(host, at, Fault::WaitsForNothing),
                    }
                }
                Step::Reply(reply) => return self.reply(host, at, &reply),
                Step::Cut => return self.cut(host, at.side()),
            }
        }
    }

    fn dispatch(&mut self, host: &mut dyn Host, at: At, calls: Vec<Call>) {
        let mut open = match std::mem::replace(&mut self.state, State::Running) {
            State::Waiting { calls, .. } => calls,
            _ => Vec::new(),
        };
        for call in calls {
            match host.call(&call) {
                Ok(id) => open.push((id, call.tag())),
                Err(_) => self.failed.push_back(call.tag()),
            }
        }
        self.state = State::Waiting { at, calls: open };
    }

    fn is_waiting(&self) -> bool {
        matches!(&self.state, State::Waiting { calls, .. } if !calls.is_empty())
    }

    fn waits_for(&self, side: Side) -> bool {
        matches!(&self.state, State::Waiting { at, .. } if at.side() == side)
    }

    fn go(&mut self, host: &mut dyn Host, at: At, edits: Edits) -> Verdict {
        let side = at.side();
        let Edits { headers, state, body, next } = edits;
        for (key, value) in state {
            if host.set_state(&key, &value).is_err() {
                self.report(host, SeamFault::State);
            }
        }
        if !headers.is_empty() && !self.half(side).held {
            self.report(host, SeamFault::LateHeader);
        } else if self.edit_headers(host, side, headers).is_err() {
            return self.refuse(host, at, Fault::Host);
        }
        match at {
            At::RequestHead => self.request_head_goes(host, next),
            At::ResponseHead => self.response_head_goes(host, next),
            At::RequestBody | At::ResponseBody => self.body_goes(host, at, body),
        }
    }

    fn edit_headers(
        &mut self,
        host: &mut dyn Host,
        side: Side,
        edits: Vec<(String, Option<Vec<u8>>)>,
    ) -> Result<(), crate::HostError> {
        for (name, value) in &edits {
            match value {
                Some(value) => host.set_header(side, name, value)?,
                None => host.remove_header(side, name)?,
            }
        }
        Ok(())
    }

    /// The decision about a whole body: it goes on, in another form where the filter wrote one.
    fn body_goes(&mut self, host: &mut dyn Host, at: At, body: Option<Vec<u8>>) -> Verdict {
        let side = at.side();
        let editable = std::mem::take(&mut self.half(side).want).edits();
        let Some(body) = body else { return Verdict::Go };
        if !editable {
            return self.refuse(host, at, Fault::UnaskedEdit);
        }
        if body.len() > self.place.settings.bodies.max_body_bytes {
            return self.refuse(host, at, Fault::TooLarge);
        }
        let half = self.half(side);
        if !half.body_seen {
            // The host has no part to write into: a message without a body stays without one.
            if !body.is_empty() {
                self.report(host, SeamFault::Body);
            }
            return Verdict::Go;
        }
        half.held_bytes = body.len();
        if half.held
            && half.has_length
            && host.set_header(side, "content-length", body.len().to_string().as_bytes()).is_err()
        {
            return self.refuse(host, at, Fault::Host);
        }
        let written = host.set_body(side, &body);
        if host.is_gone() {
            // Envoy refused the longer body by itself, inside that call.
            self.state = State::Gone;
            return Verdict::Over;
        }
        if written.is_err() { self.refuse(host, at, Fault::Host) } else { Verdict::Go }
    }

    /// A `content-length` cannot be right for a body that may change after its head is gone.
    fn forget_length(&mut self, host: &mut dyn Host, side: Side) -> bool {
        !self.half(side).has_length || host.remove_header(side, "content-length").is_ok()
    }

    /// Replies in place of the message at hand, or resets the stream where the head of the response is gone.
    fn reply(&mut self, host: &mut dyn Host, at: At, reply: &Reply) -> Verdict {
        if at.side() == Side::Response && !self.response.held {
            self.report(host, SeamFault::LateRefusal);
            return self.cut(host, Side::Response);
        }
        self.state = State::Replied;
        self.status = reply.status;
        self.origin = Some(Origin::from_details(reply.details().as_bytes()));
        if self.origin == Some(Origin::Refusal) {
            host.emit(&Refused::new(self.place.filter, reply));
        }
        if host.reply(reply).is_err() {
            self.report(host, SeamFault::Reply);
        }
        Verdict::Over
    }

    fn cut(&mut self, host: &mut dyn Host, side: Side) -> Verdict {
        self.state = State::Replied;
        if host.reset(side).is_err() {
            self.report(host, SeamFault::Reset);
        }
        Verdict::Over
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }

    fn is_full(&self) -> bool {
        self.place.settings.attachment == Attachment::Full
    }

    /// A verdict on a head, as the host needs it.
    ///
    /// While an answer is awaited, `plain` holds with `PauseAll`: without the flag a mere `Pause` would let the body run
    /// into a buffer that has no limit.
    fn head_flow(&mut self, side: Side, verdict: Verdict) -> Flow {
        match verdict {
            Verdict::Go => {
                self.half(side).held = false;
                Flow::Continue
            }
            Verdict::Hold if !self.is_full() => {
                self.half(side).blind = true;
                Flow::PauseAll
            }
            Verdict::Hold | Verdict::Over => Flow::Pause,
        }
    }

    fn body_flow(&mut self, side: Side, verdict: Verdict) -> Flow {
        match verdict {
            Verdict::Go => {
                self.half(side).held = false;
                Flow::Continue
            }
            Verdict::Hold | Verdict::Over => Flow::Pause,
        }
    }

    /// A verdict at the trailers. Where the head was held with `PauseAll`, Envoy 1.40 shows body and trailers in one go once
    /// it is resumed, and forgets the body that is held in between if the trailers callback merely lets it go: later filters
    /// and the upstream get the trailers without it. A resumption brings it along.
    fn trailers_flow(&mut self, host: &mut dyn Host, side: Side, verdict: Verdict) -> Flow {
        let flow = self.body_flow(side, verdict);
        if flow == Flow::Continue && self.half(side).blind && self.half(side).body_seen && host.resume(side).is_ok() {
            return Flow::Pause;
        }
        flow
    }

    /// A body callback came while the head was held: the flag of `attachment: full` is set.
    fn saw_body(&mut self, side: Side, size: usize) {
        let full = self.is_full();
        let half = self.half(side);
        half.body_seen = true;
        half.held_bytes = size;
        if full && half.held {
            self.place.proven.set(true);
        }
    }

    fn report(&self, host: &mut dyn Host, fault: SeamFault) {
        host.emit(&refusal::SeamFaultEvent { filter: self.place.filter, fault });
    }
}
