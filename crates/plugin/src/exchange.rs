//! What a filter implements.

use crate::{Answer, Call, Chunk, Cx, End, Faults, RequestHead, ResponseHead, RootCx, Settings, Step, Tag};
use std::rc::Rc;

/// A filter, configured. One value serves all exchanges of one place in the chain.
pub trait Plugin: Sized + 'static {
    /// The filter's name, as in its folder, its module and its metrics.
    const NAME: &'static str;

    /// The state of one exchange.
    type Exchange: Exchange + 'static;

    /// Reads the configuration (JSON), checks it whole, and compiles what can be compiled.
    ///
    /// # Errors
    /// All faults at once, each with its key.
    fn configure(raw: &[u8]) -> Result<Self, Faults>;

    /// What the seam itself must know of the configuration.
    fn settings(&self) -> &Settings;

    /// The configuration was taken. It comes once per VM before anything else, first in the main thread's alone: what all
    /// workers share is made here, where it is absent, because two that write a missing value at once both succeed.
    fn on_start(&self, cx: &mut RootCx<'_>) {
        let _ = cx;
    }

    /// A new exchange begins.
    fn open(self: &Rc<Self>) -> Self::Exchange;

    /// Time passes: soon after the start, then at least once a second, in every VM (the main thread's and each worker's).
    fn on_tick(&self, cx: &mut RootCx<'_>) -> Background {
        let _ = cx;
        Background::default()
    }

    /// A background call was answered.
    fn on_background_answer(&self, cx: &mut RootCx<'_>, tag: Tag, answer: Answer) -> Background {
        let _ = (cx, tag, answer);
        Background::default()
    }
}

/// What background work asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    /// Calls to make; the answers come to [`Plugin::on_background_answer`].
    pub calls: Vec<Call>,
    /// All exchanges that are [parked](crate::Park) here are woken.
    pub wake: bool,
}

/// One request and its response, seen by one filter. Every method is pure: it decides, and the host enacts.
pub trait Exchange {
    /// The head of the request.
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step;

    /// The whole body of the request, where [`Next::Whole`](crate::Next::Whole) was asked; empty where there is none.
    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let _ = (cx, body);
        Step::pass()
    }

    /// The head of the response. A refusal of ours does not come here; a cache hit does.
    fn on_response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead) -> Step {
        let _ = (cx, head);
        Step::pass()
    }

    /// One piece of the response's body, where [`Next::Chunks`](crate::Next::Chunks) was asked. The last call has `last`
    /// set and may be empty; after an abort there is none.
    fn on_response_chunk(&mut self, cx: &mut Cx<'_>, chunk: &[u8], last: bool) -> Chunk {
        let _ = (cx, chunk, last);
        Chunk::Keep
    }

    /// The whole body of the response, where [`Next::Whole`](crate::Next::Whole) was asked; empty where there is none.
    fn on_response_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let _ = (cx, body);
        Step::pass()
    }

    /// The answer to a call that [`Step::Wait`] made. It decides for the point at which the exchange waits.
    fn on_answer(&mut self, cx: &mut Cx<'_>, tag: Tag, answer: Answer) -> Step {
        let _ = (cx, tag, answer);
        Step::pass()
    }

    /// All is over. The calls that it returns are made and their answers dropped.
    fn on_end(&mut self, cx: &mut Cx<'_>, end: &End) -> Vec<Call> {
        let _ = (cx, end);
        Vec::new()
    }
}
