//! The order of decisions: call, policy, media type, size, scan, model, schema; then the answer, whole or event by event.

mod answer;
pub(crate) mod call;
mod event;

use self::answer::REPORT;
use crate::config::{Mode, OtherContent};
use crate::exchange::call::{Call, JSON_LENGTH, is_json, json_end, media_type};
use crate::exchange::event::{BrokenAnswer, BrokenRequest, UnknownPolicy};
use crate::fault::Fault;
use crate::json::{Document, Id, Kind};
use crate::validator::binding::{Engine, Sought};
use crate::validator::builtin::Part;
use crate::validator::{Policy, SchemaValidator};
use chat::ApiError;
use chat::sse::{Framer, Item};
use plugin::{Chunk, Cx, Edits, Exchange, Facts, Next, Origin, Plugin, Reply, RequestHead, ResponseHead, Seen, Step};
use policy::{Choice, Field};
use std::cell::OnceCell;
use std::rc::Rc;

/// An exchange, seen by this filter.
#[derive(Debug)]
pub struct Course {
    validator: Rc<SchemaValidator>,
    call: Option<Call>,
    media_type: String,
    policy: Option<Rc<Policy>>,
    /// The route's name where the choice waits for the body, as it was with the head.
    route: Option<Vec<u8>>,
    model: Option<String>,
    /// Where the request's JSON ends, when tensors in binary follow.
    json_end: Option<usize>,
    /// How many bytes follow.
    binary: Option<usize>,
    /// What is wrong with the request.
    faults: Vec<Fault>,
    /// It passed all the same.
    passed: bool,
    answer: Answer,
}

/// How an answer is looked at.
#[derive(Debug)]
enum Answer {
    Unseen,
    Whole(Engine),
    Events { engine: Engine, framer: Framer, ended: bool },
}

impl Exchange for Course {
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step {
        let call = Call::new(head.method(), head.path());
        self.media_type = media_type(&head.headers);
        self.model.clone_from(&call.model);
        self.json_end = json_end(call.kind, &head.headers);
        let metadata = cx.attribute(&self.validator.policies.metadata_path(SchemaValidator::NAME));
        if self.validator.policies.needs(Field::Route) {
            self.route = cx.attribute(&["xds", "route_name"]);
        }
        // A body that names the model is waited for; other content will not name it.
        let waits = metadata.is_none() && self.validator.policies.needs_model() && !head.complete;
        let waits = waits && self.reads(head);
        if !waits {
            match self.choose(cx, &call, metadata.as_deref()) {
                Ok(policy) => self.policy = policy,
                Err(error) => return Step::Reply(Reply::refusal(call.family, &error)),
            }
        }
        let step = self.judge_head(cx, head, &call, waits);
        self.call = Some(call);
        step
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let Some(call) = self.call.take() else { return Step::pass() };
        let family = call.family;
        let decided = self.judge_body(cx, &call, body);
        self.call = Some(call);
        match decided {
            Ok(edits) => edits.into(),
            Err(error) => Step::Reply(Reply::refusal(family, &error)),
        }
    }

    fn on_response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead) -> Step {
        let Some(policy) = self.policy.clone() else { return Step::pass() };
        let mut edits = Edits::default();
        if self.passed {
            edits.set_header(REPORT, answer::report(&self.faults));
        } else if head.headers.has(REPORT) {
            edits.remove_header(REPORT);
        }
        if policy.answers != Mode::Off && head.origin == Origin::Upstream && (200..300).contains(&head.status()) {
            edits.next = self.look_at(cx, head, &policy);
        }
        edits.into()
    }

    fn on_response_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let (Some(policy), Answer::Whole(engine)) = (self.policy.clone(), &self.answer) else { return Step::pass() };
        let faults = policy.judge_answer(body, engine);
        if faults.is_empty() {
            return Step::pass();
        }
        self.count(cx, &policy, &faults);
        match policy.answers {
            Mode::Enforce => Step::Reply(Reply::refusal(cx.request().family(), &answer::broken_answer(&faults))),
            _ => Step::pass(),
        }
    }

    fn on_response_chunk(&mut self, cx: &mut Cx<'_>, chunk: &[u8], last: bool) -> Chunk {
        let Some(policy) = self.policy.clone() else { return Chunk::Keep };
        let enforces = policy.answers == Mode::Enforce;
        let mut answer = std::mem::replace(&mut self.answer, Answer::Unseen);
        let Answer::Events { engine, framer, ended } = &mut answer else { return Chunk::Keep };
        framer.push(chunk);
        if last {
            framer.finish();
        }
        let mut passed = Vec::new();
        let mut broken = None;
        while let Some(item) = framer.next_item() {
            let faults = if *ended { Vec::new() } else { judge_event(&policy, engine, &item) };
            if !faults.is_empty() {
                self.count(cx, &policy, &faults);
                // One count for a stream: a model that breaks one event mostly breaks them all.
                *ended = true;
                if enforces {
                    broken = Some(answer::broken_answer(&faults).event(cx.request().family()));
                    break;
                }
            }
            if enforces {
                passed.extend_from_slice(item.raw());
            }
        }
        self.answer = answer;
        match broken {
            Some(event) => {
                passed.extend_from_slice(event.as_bytes());
                Chunk::Last(passed)
            }
            None if enforces => Chunk::Replace(passed),
            None => Chunk::Keep,
        }
    }
}

impl Course {
    /// An exchange that has not begun.
    pub(crate) fn new(validator: Rc<SchemaValidator>) -> Self {
        Self {
            validator,
            call: None,
            media_type: String::new(),
            policy: None,
            route: None,
            model: None,
            json_end: None,
            binary: None,
            faults: Vec::new(),
            passed: false,
            answer: Answer::Unseen,
        }
    }

    /// What is wrong with the request.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether the request's body is JSON, or begins with it.
    fn reads(&self, head: &RequestHead) -> bool {
        self.json_end.is_some() || is_json(&self.media_type, &head.headers)
    }

    /// The part of a body that is JSON.
    fn json_of<'b>(&mut self, body: &'b [u8]) -> Result<&'b [u8], Fault> {
        let Some(end) = self.json_end else { return Ok(body) };
        let (json, binary) = body.split_at_checked(end).ok_or_else(|| {
            let message = format!("must hold as many bytes of JSON as {JSON_LENGTH} says");
            Fault::new(String::new(), JSON_LENGTH, message)
        })?;
        self.binary = Some(binary.len());
        Ok(json)
    }

    /// What the head alone decides: whether the body is waited for.
    fn judge_head(&mut self, cx: &mut Cx<'_>, head: &RequestHead, call: &Call, waits: bool) -> Step {
        let whole = Step::whole(self.validator.edits);
        if waits {
            return whole;
        }
        let Some(policy) = self.policy.clone().filter(|policy| policy.mode != Mode::Off) else { return Step::pass() };
        let sought = self.sought(call, head.path());
        if !policy.bindings.may_have_schema(sought) {
            return Step::pass();
        }
        if !self.reads(head) && !policy.bindings.names_type(sought) {
            if call.kind.takes(&self.media_type) && !policy.bindings.may_be_custom(sought) {
                return Step::pass();
            }
            return match (policy.other_content, policy.mode) {
                (OtherContent::Pass, _) => Step::pass(),
                (OtherContent::Refuse, Mode::Report) => {
                    self.report(cx, &policy, vec![Fault::new(String::new(), "content_type", "must be JSON")]);
                    Step::pass()
                }
                (OtherContent::Refuse, _) => Step::Reply(Reply::refusal(call.family, &answer::media_type())),
            };
        }
        Step::whole(policy.edits())
    }

    /// All that the body decides.
    fn judge_body(&mut self, cx: &mut Cx<'_>, call: &Call, body: &[u8]) -> Result<Edits, ApiError> {
        let json = self.json_of(body);
        let document;
        let policy = match self.policy.clone() {
            Some(policy) => {
                if let Some(error) = over_limit(&policy, body) {
                    return self.fails(cx, &policy, error, Fault::new(String::new(), "max_body_bytes", "is too large"));
                }
                document = json.and_then(|json| policy.scan(json));
                policy
            }
            None => {
                // The policy hangs on the model, so the widest limits judge the body first.
                document = json.clone().and_then(crate::validator::scan_widely);
                self.see_model(call, document.as_ref().ok())?;
                let Some(policy) = self.choose(cx, call, None)? else { return Ok(Edits::default()) };
                self.policy = Some(policy.clone());
                if let Some(error) = over_limit(&policy, body) {
                    return self.fails(cx, &policy, error, Fault::new(String::new(), "max_body_bytes", "is too large"));
                }
                if policy.mode == Mode::Off {
                    return Ok(Edits::default());
                }
                let document = json.and_then(|json| policy.scan(json));
                return self.judge_document(cx, call, &policy, document);
            }
        };
        self.see_model(call, document.as_ref().ok())?;
        self.judge_document(cx, call, &policy, document)
    }

    fn judge_document(
        &mut self,
        cx: &mut Cx<'_>,
        call: &Call,
        policy: &Rc<Policy>,
        document: Result<Document<'_>, Fault>,
    ) -> Result<Edits, ApiError> {
        let path = cx.request().path();
        if !policy.bindings.may_have_schema(self.sought(call, path)) {
            return Ok(Edits::default());
        }
        let verdict = match document {
            Ok(document) => policy.judge(&document, self.sought_for(policy, call, path)),
            Err(fault) => crate::validator::Verdict { faults: vec![fault], body: None },
        };
        if verdict.faults.is_empty() {
            // Of a body with tensors behind its JSON the head says where they begin, so it stays as it is.
            let body = verdict.body.filter(|_| self.binary.is_none());
            return Ok(Edits { body, ..Edits::default() });
        }
        if policy.mode == Mode::Report {
            self.report(cx, policy, verdict.faults);
            return Ok(Edits::default());
        }
        cx.emit(&broken(policy, &verdict.faults, false));
        self.faults = verdict.faults;
        Err(answer::invalid(&self.faults))
    }

    /// A fault that has an answer of its own.
    fn fails(
        &mut self,
        cx: &mut Cx<'_>,
        policy: &Rc<Policy>,
        error: ApiError,
        fault: Fault,
    ) -> Result<Edits, ApiError> {
        if policy.mode == Mode::Report {
            self.report(cx, policy, vec![fault]);
            return Ok(Edits::default());
        }
        self.faults = vec![fault];
        cx.emit(&broken(policy, &self.faults, false));
        Err(error)
    }

    fn report(&mut self, cx: &mut Cx<'_>, policy: &Policy, faults: Vec<Fault>) {
        cx.emit(&broken(policy, &faults, true));
        (self.faults, self.passed) = (faults, true);
    }

    /// Takes the body's model, which must be the path's where both name one.
    fn see_model(&mut self, call: &Call, document: Option<&Document<'_>>) -> Result<(), ApiError> {
        let named = document.and_then(|it| it.member(Id::ROOT, "model").and_then(|model| it.string(model)));
        let Some(named) = named.filter(|named| !named.is_empty()) else { return Ok(()) };
        match &call.model {
            Some(model) if *model != *named => Err(answer::model_mismatch()),
            _ => {
                self.model = Some(named.into_owned());
                Ok(())
            }
        }
    }

    fn sought<'s>(&'s self, call: &'s Call, path: &'s str) -> Sought<'s> {
        let model = self.model.as_deref();
        let model = model.map(|model| self.policy.as_ref().map_or(model, |policy| policy.model(model)));
        Sought { call, path, model, content_type: &self.media_type, binary: self.binary }
    }

    /// The same when the body was seen: a model that is not named is none.
    fn sought_for<'s>(&'s self, policy: &'s Policy, call: &'s Call, path: &'s str) -> Sought<'s> {
        let model = policy.model(self.model.as_deref().unwrap_or_default());
        Sought { call, path, model: Some(model), content_type: &self.media_type, binary: self.binary }
    }

    fn choose(&self, cx: &mut Cx<'_>, call: &Call, metadata: Option<&[u8]>) -> Result<Option<Rc<Policy>>, ApiError> {
        let identity = OnceCell::new();
        let subject = Seen {
            head: cx.request(),
            route: self.route.as_deref(),
            model: self.model.as_deref().or(call.model.as_deref()),
            identity: Some(&|| identity.get_or_init(|| self.validator.identity.read(cx))),
        };
        let unknown = match self.validator.policies.choose(&subject, metadata) {
            Choice::Policy { policy, .. } => return Ok(Some(policy.clone())),
            Choice::Off => return Ok(None),
            Choice::OffRefused => UnknownPolicy { name: "off".to_owned() },
            Choice::Unknown { name } => UnknownPolicy { name },
        };
        cx.emit(&unknown);
        Err(answer::policy_unknown())
    }

    /// Whether and how an answer is looked at.
    fn look_at(&mut self, cx: &Cx<'_>, head: &ResponseHead, policy: &Rc<Policy>) -> Next {
        let Some(call) = &self.call else { return Next::Pass };
        let part = if head.is_event_stream() { Part::Event } else { Part::Answer };
        let is_readable = part == Part::Event || is_json(&media_type(&head.headers), &head.headers);
        let sought = self.sought_for(policy, call, cx.request().path());
        let Some(engine) = policy.bindings.engine(part, sought).filter(|_| is_readable) else { return Next::Pass };
        let edit = policy.answers == Mode::Enforce;
        if part == Part::Event {
            let framer = Framer::new(policy.max_body_bytes.min(MAX_EVENT_BYTES));
            self.answer = Answer::Events { engine, framer, ended: false };
            return Next::Chunks { edit };
        }
        self.answer = Answer::Whole(engine);
        Next::Whole { edit: false }
    }

    fn count(&self, cx: &mut Cx<'_>, policy: &Policy, faults: &[Fault]) {
        let state = |key: &str| cx.attribute(&["filter_state", key]).and_then(|value| String::from_utf8(value).ok());
        let model = state("wasm.modelgate.model").or_else(|| self.model.clone()).unwrap_or_default();
        let version = state("wasm.modelgate.model_version").unwrap_or_default();
        let keyword = faults.first().map(|fault| fault.keyword.as_str()).unwrap_or_default();
        let model = self.validator.counted(model);
        cx.emit(&BrokenAnswer { policy: &policy.name, keyword, model, version });
    }
}

/// Longest event of a stream that is read. One that is longer passes unseen.
const MAX_EVENT_BYTES: usize = 1 << 20;

fn judge_event(policy: &Policy, engine: &Engine, item: &Item<'_>) -> Vec<Fault> {
    let Item::Event(event) = item else { return Vec::new() };
    match event.data() {
        // OpenAI's last event is no JSON.
        Some(data) if data != "[DONE]" => {
            let faults = policy.judge_answer(data.as_bytes(), engine);
            if faults.is_empty() || tells_error(policy, &data) { Vec::new() } else { faults }
        }
        _ => Vec::new(),
    }
}

/// Whether an event tells of an error: that is the server's, and breaks no model's contract.
fn tells_error(policy: &Policy, data: &str) -> bool {
    let Ok(document) = policy.scan(data.as_bytes()) else { return false };
    document.member(Id::ROOT, "error").is_some_and(|error| document.kind(error) != Kind::Null)
}

fn over_limit(policy: &Policy, body: &[u8]) -> Option<ApiError> {
    (body.len() > policy.max_body_bytes).then(|| answer::too_large(policy.max_body_bytes))
}

fn broken<'e>(policy: &'e Policy, faults: &'e [Fault], passed: bool) -> BrokenRequest<'e> {
    let keyword = faults.first().map(|fault| fault.keyword.as_str()).unwrap_or_default();
    BrokenRequest { policy: &policy.name, keyword, faults: faults.len(), passed }
}
