//! The order of decisions: policy, estimate, reservation, usage, settlement.

mod admit;
mod headers;
mod settle;

use crate::asked::{Asked, is_json};
use crate::event::{Outcome, UnknownPolicy};
use crate::ledger::{Asking, Booking, Remote};
use crate::limits::Policy;
use crate::refusal;
use crate::token_budget::TokenBudget;
use crate::usage::Reader;
use chat::{ApiError, Family, Framing, Usage};
use plugin::{
    Answer, Call, Chunk, Cx, Edits, End, Exchange, Facts, Next, Origin, Plugin, Reply, RequestHead, ResponseHead, Seen,
    Step, Tag,
};
use policy::{Choice, Identity};
use std::cell::OnceCell;
use std::rc::Rc;

/// One exchange.
#[derive(Debug)]
pub struct Course {
    budget: Rc<TokenBudget>,
    identity: OnceCell<Identity>,
    policy: Option<Rc<Policy>>,
    route: Option<Vec<u8>>,
    asked: Option<Asked>,
    bookings: Vec<Booking>,
    /// Reservations in the service.
    remotes: Vec<Remote>,
    /// Leases that are asked for.
    leasing: Vec<Asking>,
    /// Calls that were made to the service.
    calls: Tag,
    /// The body that goes on once all is reserved.
    body: Option<Vec<u8>>,
    /// `include_usage` was set for the client.
    injected: bool,
    /// The first limit that asked for another model.
    degrade: Option<String>,
    reader: Option<Reader>,
    status: u16,
    cache_hit: bool,
    sent_ms: u64,
    first_ms: Option<u64>,
    /// Output tokens that are reserved, more as a stream goes on.
    reserved_output: u64,
    phase: Phase,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is reserved.
    Begun,
    /// The service is asked.
    Waiting,
    /// All is reserved.
    Admitted,
    /// All is settled, or there is nothing to settle.
    Done,
}

impl Course {
    /// An exchange that has not begun.
    pub(crate) fn new(budget: Rc<TokenBudget>) -> Self {
        Self {
            budget,
            identity: OnceCell::new(),
            policy: None,
            route: None,
            asked: None,
            bookings: Vec::new(),
            remotes: Vec::new(),
            leasing: Vec::new(),
            calls: 0,
            body: None,
            injected: false,
            degrade: None,
            reader: None,
            status: 0,
            cache_hit: false,
            sent_ms: 0,
            first_ms: None,
            reserved_output: 0,
            phase: Phase::Begun,
        }
    }

    fn identity(&self, cx: &Cx<'_>) -> &Identity {
        self.identity.get_or_init(|| self.budget.identity.read(cx))
    }

    fn family(&self) -> Family {
        self.asked.as_ref().map_or(Family::OpenAi, |asked| asked.family)
    }

    fn refused(&mut self, error: &ApiError) -> Step {
        self.phase = Phase::Done;
        Step::Reply(Reply::refusal(self.family(), error))
    }

    /// The policy of this request; `None` where it is `off`.
    fn choose_policy(&self, cx: &mut Cx<'_>, metadata: Option<&[u8]>) -> Result<Option<Rc<Policy>>, ApiError> {
        let identity = || self.identity(cx);
        let model = self.asked.as_ref().and_then(|asked| asked.model.as_deref());
        let subject = Seen { head: cx.request(), route: self.route.as_deref(), model, identity: Some(&identity) };
        match self.budget.policies.choose(&subject, metadata) {
            Choice::Policy { policy, .. } => Ok(Some(policy.clone())),
            Choice::Off => Ok(None),
            Choice::OffRefused | Choice::Unknown { .. } => {
                cx.emit(&UnknownPolicy);
                Err(refusal::policy_unknown())
            }
        }
    }
}

impl Exchange for Course {
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step {
        let mut asked = Asked::of_head(head);
        // A compressed one is refused or let pass as any other.
        let is_too_long = asked.may_be_long() && !head.is_encoded() && self.budget.settings().bodies.refuses(head);
        if is_too_long {
            asked.see_no_more();
        }
        let (reads, reaches) = (asked.reads_body() && !head.complete && !is_too_long, asked.reaches());
        self.asked = Some(asked);
        let metadata = cx.attribute(&self.budget.policies.metadata_path(TokenBudget::NAME));
        if self.budget.needs_route {
            self.route = cx.attribute(&["xds", "route_name"]);
        }
        if head.is_upgrade() {
            // The seam refuses it or lets it pass both ways, as `bodies.upgrade` says.
            self.phase = Phase::Done;
            return Step::whole(false);
        }
        if head.is_preflight() {
            self.phase = Phase::Done;
            return Step::pass();
        }
        if !(reads && metadata.is_none() && self.budget.needs_model) {
            match self.choose_policy(cx, metadata.as_deref()) {
                Err(error) => return self.refused(&error),
                Ok(None) => {
                    self.phase = Phase::Done;
                    return Step::pass();
                }
                Ok(policy) => self.policy = policy,
            }
        }
        if reads {
            let edits = reaches && self.policy.as_ref().is_none_or(|policy| policy.raw.include_usage);
            return Step::whole(edits);
        }
        self.admit(cx)
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let Some(asked) = self.asked.as_mut().filter(|_| self.phase == Phase::Begun) else { return Step::pass() };
        if let Err(error) = asked.see_body(cx.request(), body, &self.budget.estimate, self.budget.prices.by_rows()) {
            return self.refused(&error);
        }
        if self.policy.is_none() {
            match self.choose_policy(cx, None) {
                Err(error) => return self.refused(&error),
                Ok(None) => {
                    self.phase = Phase::Done;
                    return Step::pass();
                }
                Ok(policy) => self.policy = policy,
            }
        }
        if let Err(error) = self.ask_for_usage(body) {
            return self.refused(&error.into());
        }
        self.admit(cx)
    }

    fn on_answer(&mut self, cx: &mut Cx<'_>, tag: Tag, answer: Answer) -> Step {
        self.answered(cx, tag, answer)
    }

    fn on_response(&mut self, _: &mut Cx<'_>, head: &ResponseHead) -> Step {
        self.status = head.status();
        if self.phase != Phase::Admitted {
            return Step::pass();
        }
        self.cache_hit = head.origin == Origin::CacheHit;
        let Some(policy) = self.policy.clone() else { return Step::pass() };
        let mut edits = Edits::default();
        if policy.raw.headers {
            headers::add(&mut edits, &self.bookings);
        }
        if head.complete || !matches!(head.origin, Origin::Upstream | Origin::CacheHit) {
            return edits.into();
        }
        let api = self.asked.as_ref().map_or(chat::Api::Other, |asked| asked.api);
        let (strip, whole) = (self.injected, policy.raw.cut_streams);
        let most = plugin::Bodies::default().max_body_bytes;
        let kind = head.headers.text("content-type").unwrap_or_default();
        let mut reader = match Framing::of(kind) {
            _ if head.is_encoded() => Reader::other(api),
            Some(Framing::Events) => {
                edits.next = Next::Chunks { edit: strip || whole };
                Reader::events(api, whole, strip, most.min(self.budget.settings().bodies.max_body_bytes))
            }
            Some(framing) => Reader::messages(api, framing),
            None if is_text(kind, api) => Reader::json(api, most),
            None => Reader::other(api),
        };
        if edits.next == Next::Pass {
            edits.next = Next::Chunks { edit: false };
        }
        reader.is_unknown = self.asked.as_ref().is_some_and(Asked::is_unknown);
        if api == chat::Api::Other {
            reader.progress.usage = told_by(head);
        }
        self.reader = Some(reader);
        edits.into()
    }

    fn on_response_chunk(&mut self, cx: &mut Cx<'_>, chunk: &[u8], last: bool) -> Chunk {
        let Some(reader) = &mut self.reader else { return Chunk::Keep };
        let replaced = reader.push(chunk, last);
        let is_stream = || reader.is_stream() || self.asked.as_ref().is_some_and(|asked| asked.stream);
        if self.first_ms.is_none() && reader.progress.pieces > 0 && is_stream() {
            self.first_ms = Some(now_ms(cx));
        }
        let passed = replaced.as_deref().unwrap_or(chunk);
        if !last && let Some(end) = self.cut(cx, passed.len()) {
            let event = refusal::cut().event(self.family());
            return Chunk::Last([passed.get(..end).unwrap_or(passed), event.as_bytes()].concat());
        }
        if last {
            // The client is told by this piece that all is over: what it asks next finds the store settled.
            for call in self.finish(cx, settle::Ending::Complete) {
                cx.call_in_background(&call);
            }
        }
        replaced.map_or(Chunk::Keep, Chunk::Replace)
    }

    fn on_end(&mut self, cx: &mut Cx<'_>, end: &End) -> Vec<Call> {
        let ending = match end.origin {
            _ if end.is_redirect(cx) => settle::Ending::Redirected,
            // Behind an answer of the upstream, of which some came by here, it gives nothing back.
            Some(Origin::Refusal) if self.reader.is_none() => settle::Ending::Refused,
            Some(Origin::Proxy) => settle::Ending::Unreached,
            Some(Origin::Upstream | Origin::CacheHit) if end.response_complete => settle::Ending::Complete,
            _ => settle::Ending::Abandoned,
        };
        self.finish(cx, ending)
    }
}

/// What the head tells was used: Bedrock's, of models whose answers do not.
fn told_by(head: &ResponseHead) -> Option<Usage> {
    let count = |name| head.headers.text(name).and_then(|count| count.parse().ok());
    Usage::of_counts(count("x-amzn-bedrock-input-token-count"), count("x-amzn-bedrock-output-token-count"))
}

/// Whether a body may be JSON: model servers name it by many types, and some by none. Where a model writes it counts whatever it is.
fn is_text(kind: &str, api: chat::Api) -> bool {
    let is_text = || kind.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
    api.generates() || kind.is_empty() || is_json(kind) || (api != chat::Api::Other && is_text())
}

/// Milliseconds since the Unix epoch.
fn now_ms(cx: &Cx<'_>) -> u64 {
    cx.unix_nanos() / 1_000_000
}

/// Says what became of a limit.
fn tell(cx: &mut Cx<'_>, booking: &Booking, outcome: &'static str) {
    cx.emit(&Outcome { limit: &booking.limit.name, outcome });
}
