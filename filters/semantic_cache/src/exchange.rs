//! The order of decisions: policy, caller, what the request asks, the service's answer, what is stored.

mod fetch;

use crate::admission::{Rules as Admission, restorable};
use crate::cache::{Rulebook, SemanticCache};
use crate::config::Share;
use crate::convert;
use crate::event::{Bypassed, LookedUp, Outcome, UnknownPolicy};
use crate::question::{Directives, Form, Fresh, Placeholders, Question, Reason};
use crate::service::{self, Asked, Found};
use cache_api::cache::{Answer as Stored, Hit, Miss, Rules, Scope, Step as Spoke};
use chat::{Api, ApiError, Endpoint, ErrorKind};
use fetch::Fetch;
use plugin::{
    Answer, Call, Chunk, Cx, Edits, End, Exchange, Facts, FailureMode, Plugin, Reply, RequestHead, ResponseHead, Seen,
    Step, Tag,
};
use policy::{Choice, Identity};
use std::cell::OnceCell;
use std::rc::Rc;

/// What became of a request, for the caller.
const STATUS: &str = "x-cache-status";

/// How alike the question of a hit was: the cosine of both.
const SIMILARITY: &str = "x-cache-similarity";

/// The caller's own least similarity, which can only raise the policy's.
const THRESHOLD: &str = "x-cache-threshold";

/// The filter state for access logs: what became of a request, and why.
const STATE: &str = "modelgate.cache";

/// What the router hands over.
const MODEL: &str = "modelgate.model";
const MODEL_VERSION: &str = "modelgate.model_version";

/// One exchange.
#[derive(Debug)]
pub struct Course {
    cache: Rc<SemanticCache>,
    identity: OnceCell<Identity>,
    at: At,
    /// The value of [`STATUS`], once it is known.
    status: Option<&'static str>,
}

/// How far it is.
#[derive(Debug)]
enum At {
    /// Nothing is waited for.
    Idle,
    /// The body is, to know what is asked. The policy where it is chosen already, and the route of the head.
    Body { api: Api, policy: Option<Rc<Rulebook>>, route: Option<Vec<u8>> },
    /// The service is.
    Lookup(Box<Inquiry>),
    /// The model's answer is, to be stored.
    Answer(Box<Fetch>),
}

/// A question that the service is asked.
#[derive(Debug)]
struct Inquiry {
    policy: Rc<Rulebook>,
    api: Api,
    asked: Asked,
    form: Form,
    placeholders: Placeholders,
    /// The caller's own least similarity.
    least: f32,
    only_if_cached: bool,
    writer: String,
    /// The second time, because the answer of the first did not fit.
    again: bool,
}

impl Exchange for Course {
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step {
        let Endpoint { api, counts_tokens, model, .. } = head.endpoint();
        if !api.generates() || counts_tokens {
            return Step::pass();
        }
        let cache = self.cache.clone();
        let metadata = cx.attribute(&cache.policies.metadata_path(SemanticCache::NAME));
        let route = if cache.needs_route { cx.attribute(&["xds", "route_name"]) } else { None };
        if metadata.is_none() && cache.needs_model {
            // A body that cannot be seen names no model, and neither does its policy.
            if let Some(reason) = self.unseen(head) {
                return self.bypassed(cx, None, reason);
            }
            self.at = At::Body { api, policy: None, route };
            return Step::whole(false);
        }
        let policy = match self.choose(cx, model.as_deref(), route.as_deref(), metadata.as_deref()) {
            Ok(Some(policy)) => policy,
            Ok(None) => return Step::pass(),
            Err(error) => return refused(cx, &error),
        };
        if let Err(reason) = self.unseen(head).map_or_else(|| self.caller(cx, &policy).map(drop), Err) {
            return self.bypassed(cx, Some(&policy), reason);
        }
        self.at = At::Body { api, policy: Some(policy), route };
        Step::whole(false)
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let At::Body { api, policy, route } = std::mem::replace(&mut self.at, At::Idle) else { return Step::pass() };
        let policy = match policy {
            Some(policy) => policy,
            None => {
                let model = model_of(cx).or_else(|| body_model(api, body));
                match self.choose(cx, model.as_deref(), route.as_deref(), None) {
                    Ok(Some(policy)) => policy,
                    Ok(None) => return Step::pass(),
                    Err(error) => return refused(cx, &error),
                }
            }
        };
        match self.inquiry(cx, policy.clone(), api, body) {
            Ok(inquiry) => self.ask(cx, inquiry),
            Err(reason) => self.bypassed(cx, Some(&policy), reason),
        }
    }

    fn on_answer(&mut self, cx: &mut Cx<'_>, _: Tag, answer: Answer) -> Step {
        let At::Lookup(inquiry) = std::mem::replace(&mut self.at, At::Idle) else { return Step::pass() };
        let found = match &answer {
            Answer::Message(message) => service::found(message),
            _ => None,
        };
        let Some(found) = found else {
            self.cache.rest.failed(cx.unix_nanos());
            return self.without_service(cx, &inquiry.policy, Reason::Service, inquiry.only_if_cached);
        };
        self.cache.rest.answered();
        match found {
            Found::Hit(hit, answer) => self.hit(cx, inquiry, &hit, &answer),
            Found::Miss(miss) => self.missed(cx, *inquiry, miss),
        }
    }

    fn on_response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead) -> Step {
        let Some(status) = self.status else { return Step::pass() };
        let mut edits = Edits::default();
        // The hit of a cache behind this one keeps what that one said.
        if head.origin != plugin::Origin::CacheHit {
            edits.set_header(STATUS, status);
            if head.headers.has(SIMILARITY) {
                edits.remove_header(SIMILARITY);
            }
        }
        if let At::Answer(fetch) = &mut self.at {
            match fetch.begins(head) {
                Ok(next) => edits.next = next,
                Err(reason) => self.give_up(cx, reason),
            }
        }
        edits.into()
    }

    fn on_response_chunk(&mut self, cx: &mut Cx<'_>, chunk: &[u8], last: bool) -> Chunk {
        if let At::Answer(fetch) = &mut self.at
            && let Err(reason) = fetch.add(chunk, last)
        {
            self.give_up(cx, reason);
        }
        Chunk::Keep
    }

    fn on_end(&mut self, cx: &mut Cx<'_>, end: &End) -> Vec<Call> {
        match std::mem::replace(&mut self.at, At::Idle) {
            At::Answer(fetch) => fetch.ends(cx, &self.cache.service, end),
            _ => Vec::new(),
        }
    }
}

impl Course {
    /// An exchange that has not begun.
    pub(crate) fn new(cache: Rc<SemanticCache>) -> Self {
        Self { cache, identity: OnceCell::new(), at: At::Idle, status: None }
    }

    /// The policy of this request; `None` where it is `off`.
    fn choose(
        &self,
        cx: &mut Cx<'_>,
        model: Option<&str>,
        route: Option<&[u8]>,
        metadata: Option<&[u8]>,
    ) -> Result<Option<Rc<Rulebook>>, ApiError> {
        let identity = || self.identity(cx);
        let subject = Seen { head: cx.request(), route, model, identity: Some(&identity) };
        let unknown = match self.cache.policies.choose(&subject, metadata) {
            Choice::Policy { policy, .. } => return Ok(Some(policy.clone())),
            Choice::Off => return Ok(None),
            Choice::OffRefused => UnknownPolicy { name: "off".to_owned() },
            Choice::Unknown { name } => UnknownPolicy { name },
        };
        cx.emit(&unknown);
        let message = "this route is configured with a policy that does not exist";
        Err(ApiError::new(503, ErrorKind::Server, message).with_code("policy_unknown"))
    }

    /// Why the body of this request cannot be read, as far as its head tells.
    fn unseen(&self, head: &RequestHead) -> Option<Reason> {
        let length = head.headers.text("content-length").and_then(|length| length.parse().ok());
        if head.complete {
            return Some(Reason::Unreadable);
        }
        if head.is_upgrade() || head.is_encoded() {
            return Some(Reason::Unseen);
        }
        length.filter(|length: &usize| *length > self.cache.settings().bodies.max_body_bytes).map(|_| Reason::TooLarge)
    }

    /// Whose answers these are: tenant, consumer, shared. What the caller says of itself counts for nothing.
    fn caller(&self, cx: &Cx<'_>, policy: &Rulebook) -> Result<Scope, Reason> {
        if Directives::of(&cx.request().headers).no_store {
            return Err(Reason::NoStore);
        }
        let policy_name = policy.name.clone();
        if policy.share == Share::Public {
            return Ok(Scope { shared: true, policy: policy_name, ..Scope::default() });
        }
        let identity = self.identity(cx);
        let tenant = identity.tenant.clone().ok_or(Reason::NoIdentity)?;
        let consumer = match policy.share {
            Share::Consumer => identity.consumer.clone().ok_or(Reason::NoIdentity)?,
            _ => String::new(),
        };
        Ok(Scope { tenant, consumer, policy: policy_name, ..Scope::default() })
    }

    /// What the service is asked about this request.
    fn inquiry(&self, cx: &Cx<'_>, policy: Rc<Rulebook>, api: Api, body: &[u8]) -> Result<Box<Inquiry>, Reason> {
        let caller = self.caller(cx, &policy)?;
        let head = cx.request();
        let least = least(head)?;
        let question = Question::read(api, head, body, &policy.reading)?;
        let Question { context, request, text, model, form, placeholders } = question;
        let endpoint = head.endpoint();
        let version = text_of(cx, MODEL_VERSION).or_else(|| endpoint.model_version.map(|name| name.into_owned()));
        let model = model_of(cx).or_else(|| endpoint.model.map(|name| name.into_owned())).or(model);
        let model = model.ok_or(Reason::NoModel)?;
        let scope = Scope {
            api: name(api).to_owned(),
            model,
            version: version.unwrap_or_default(),
            context: context.to_vec(),
            ..caller
        };
        let directives = Directives::of(&head.headers);
        let rules = rules(&policy, directives, least);
        let semantic = policy.semantic && text.len() <= policy.max_text_bytes;
        let text = if semantic { text } else { String::new() };
        let identity = self.identity(cx);
        let writer = identity.consumer.clone().or_else(|| identity.tenant.clone()).unwrap_or_default();
        Ok(Box::new(Inquiry {
            policy,
            api,
            asked: Asked { scope, request, text, rules },
            form,
            placeholders,
            least,
            only_if_cached: directives.only_if_cached,
            writer,
            again: false,
        }))
    }

    fn ask(&mut self, cx: &mut Cx<'_>, inquiry: Box<Inquiry>) -> Step {
        if self.cache.rest.is_on(cx.unix_nanos()) {
            return self.without_service(cx, &inquiry.policy, Reason::Resting, inquiry.only_if_cached);
        }
        let call = service::lookup(&self.cache.service, &inquiry.asked);
        self.at = At::Lookup(inquiry);
        Step::Wait(vec![call])
    }

    /// An answer is there: this caller gets it, or one is asked for anew that fits.
    fn hit(&mut self, cx: &mut Cx<'_>, mut inquiry: Box<Inquiry>, hit: &Hit, answer: &Stored) -> Step {
        let policy = &inquiry.policy;
        let spoke = service::step(hit.step);
        let said = |outcome| LookedUp { policy: &policy.name, outcome, step: spoke };
        if let Some(reply) = inquiry.reply(hit, answer) {
            cx.emit(&said(Outcome::Hit));
            self.settle(cx, "hit", spoke);
            return Step::Reply(reply);
        }
        cx.emit(&said(Outcome::Unfit));
        if inquiry.again || inquiry.asked.rules.read_only {
            return self.missed(cx, *inquiry, Miss::default());
        }
        inquiry.again = true;
        inquiry.asked.rules.refresh = true;
        self.ask(cx, inquiry)
    }

    fn missed(&mut self, cx: &mut Cx<'_>, inquiry: Inquiry, miss: Miss) -> Step {
        let wanted_anew = inquiry.asked.rules.refresh && !inquiry.again;
        let (outcome, status) = if wanted_anew { (Outcome::Refresh, "refresh") } else { (Outcome::Miss, "miss") };
        let spoke = service::step(miss.step);
        cx.emit(&LookedUp { policy: &inquiry.policy.name, outcome, step: spoke });
        self.settle(cx, status, spoke);
        if inquiry.only_if_cached {
            return refused(cx, &not_cached());
        }
        if !miss.ticket.is_empty() && !inquiry.asked.rules.read_only {
            self.at = At::Answer(Box::new(Fetch::new(inquiry, miss)));
        }
        Step::pass()
    }

    fn without_service(&mut self, cx: &mut Cx<'_>, policy: &Rulebook, reason: Reason, only_if_cached: bool) -> Step {
        if self.cache.service.failure_mode == FailureMode::Allow || only_if_cached {
            return self.bypassed(cx, Some(policy), reason);
        }
        cx.emit(&Bypassed { policy: &policy.name, reason });
        let error = ApiError::new(503, ErrorKind::Server, "the cache of this gateway does not answer");
        refused(cx, &error.with_code("cache_unavailable"))
    }

    /// The request goes on without the cache, unless the caller takes a stored answer alone.
    fn bypassed(&mut self, cx: &mut Cx<'_>, policy: Option<&Rulebook>, reason: Reason) -> Step {
        let policy = policy.map_or("none", |policy| policy.name.as_str());
        cx.emit(&Bypassed { policy, reason });
        self.settle(cx, "bypass", reason.name());
        if Directives::of(&cx.request().headers).only_if_cached {
            return refused(cx, &not_cached());
        }
        Step::pass()
    }

    /// What became of the request, for the response and for access logs.
    fn settle(&mut self, cx: &mut Cx<'_>, status: &'static str, why: &str) {
        self.status = Some(status);
        // Without filter state the log line lacks a word; nothing depends on it.
        let _ = cx.set_state(STATE, format!("{status} {why}").as_bytes());
    }

    /// The answer will not be stored: those who wait for it are let go at once.
    fn give_up(&mut self, cx: &mut Cx<'_>, reason: crate::admission::Refused) {
        if let At::Answer(fetch) = std::mem::replace(&mut self.at, At::Idle) {
            for call in fetch.abandoned(cx, &self.cache.service, reason) {
                cx.call_in_background(&call);
            }
        }
    }

    fn identity(&self, cx: &Cx<'_>) -> &Identity {
        self.identity.get_or_init(|| self.cache.identity.read(cx))
    }
}

impl Inquiry {
    /// The hit as a response, unless it is no answer for this caller: less alike than the caller wants, with placeholders that
    /// are none of this request, or in a form that cannot be made.
    fn reply(&self, hit: &Hit, answer: &Stored) -> Option<Reply> {
        let is_exact = hit.step == i32::from(Spoke::Exact);
        let admission = Admission { api: self.api, tool_calls: true, placeholders: &self.placeholders };
        let is_stream = convert::is_stream(&answer.content_type);
        let alike = is_exact || (hit.similarity >= self.least && restorable(&answer.body, is_stream, &admission));
        let replay = convert::replay(self.api, &answer.content_type, &answer.body, self.form).filter(|_| alike)?;
        let headers = vec![
            ("content-type".to_owned(), replay.content_type.into()),
            (STATUS.to_owned(), "hit".into()),
            (SIMILARITY.to_owned(), format!("{:.4}", hit.similarity).into_bytes()),
            ("age".to_owned(), (hit.age_ms / 1000).to_string().into_bytes()),
        ];
        Some(Reply::cache_hit(200, headers, replay.body))
    }
}

/// What the service is told: the policy's rules, and the caller's wishes on top.
fn rules(policy: &Rulebook, directives: Directives, least: f32) -> Rules {
    let fixed = policy.rules.threshold;
    let rules = Rules {
        threshold: if fixed > 0.0 { fixed.max(least) } else { 0.0 },
        read_only: policy.rules.read_only || directives.only_if_cached,
        ..policy.rules
    };
    match directives.fresh() {
        _ if directives.only_if_cached => rules,
        Fresh::Anew => Rules { refresh: true, ..rules },
        Fresh::Stored(secs) => Rules { max_age_ms: secs.unwrap_or(0).saturating_mul(1000), ..rules },
    }
}

/// The caller's own least similarity; 0 where none is said.
fn least(head: &RequestHead) -> Result<f32, Reason> {
    let Some(said) = head.headers.get(THRESHOLD) else { return Ok(0.0) };
    let least = std::str::from_utf8(said).ok().and_then(|text| text.trim().parse::<f32>().ok());
    least.filter(|least| (0.0..=1.0).contains(least)).ok_or(Reason::Threshold)
}

fn model_of(cx: &Cx<'_>) -> Option<String> {
    text_of(cx, MODEL)
}

fn text_of(cx: &Cx<'_>, key: &str) -> Option<String> {
    cx.attribute(&[key]).and_then(|value| String::from_utf8(value).ok()).filter(|text| !text.is_empty())
}

/// The model that the body names, for rules that look at it.
fn body_model(api: Api, body: &[u8]) -> Option<String> {
    chat::Request::parse(api, body).ok()?.model.map(|model| model.into_owned())
}

/// The API's name in partitions. Never changed: entries are kept under it.
fn name(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions => "openai_chat",
        Api::Completions => "openai_completions",
        Api::Responses => "openai_responses",
        Api::Messages => "anthropic_messages",
        _ => "other",
    }
}

fn not_cached() -> ApiError {
    // RFC 9111, section 5.2.1.7.
    let message = "no stored answer, and the request says only-if-cached";
    ApiError::new(504, ErrorKind::Timeout, message).with_code("not_cached")
}

fn refused(cx: &Cx<'_>, error: &ApiError) -> Step {
    Step::Reply(Reply::refusal(cx.request().family(), error))
}
