//! The order of decisions: which policy, what of the request, what of the response.

mod asker;
mod body;

use crate::config::{Config, Policy, Verdict};
use crate::detect::Look;
use crate::evidence::{Findings, MASKED_REQUEST, PolicyUnknown, STATE, Unjudged, summary};
use crate::mask::Placeholders;
use crate::stream::{Framing, Out, Stream};
use crate::text::{Guard, Kind, Tally, edit_json, edit_lines};
use asker::Asker;
use body::Body;
use chat::{Api, ApiError, ErrorKind, Family, Message};
use plugin::{
    Chunk, Cx, Edits, Exchange, Facts, Faults, Next, Origin, Plugin, Reply, RequestHead, ResponseHead, Settings, Step,
};
use policy::Choice;
use std::rc::Rc;

/// The Content Guard, configured.
pub struct PiiGuard {
    config: Rc<Config>,
}

impl Plugin for PiiGuard {
    const NAME: &'static str = "pii_guard";
    type Exchange = Course;

    fn configure(raw: &[u8]) -> Result<Self, Faults> {
        Ok(Self { config: Rc::new(Config::read(raw)?) })
    }

    fn settings(&self) -> &Settings {
        &self.config.settings
    }

    fn open(self: &Rc<Self>) -> Course {
        Course {
            config: self.config.clone(),
            policy: None,
            api: Api::Other,
            family: Family::OpenAi,
            body: Body::None,
            model: None,
            streams_array: false,
            waits: false,
            placeholders: Placeholders::default(),
            tally: Tally::default(),
            response: Response::Pass,
        }
    }
}

/// One exchange.
pub struct Course {
    config: Rc<Config>,
    policy: Option<Rc<Policy>>,
    api: Api,
    family: Family,
    body: Body,
    /// The model that the path names.
    model: Option<String>,
    /// The path is Gemini's whose answers are streams: of events, or as one JSON array.
    streams_array: bool,
    /// The policy hangs on the model, which the body names.
    waits: bool,
    placeholders: Placeholders,
    tally: Tally,
    response: Response,
}

/// How the response is looked at.
enum Response {
    Pass,
    /// As it flows: events, or lines.
    Events(Stream),
    /// All of it, in pieces that are held until the last; the head is gone.
    Collected(Body, Vec<u8>),
    /// All of it, with its head.
    Whole(Body),
}

impl Course {
    fn refuse(&self, status: u16, kind: ErrorKind, code: &'static str, message: String) -> Step {
        let error = ApiError::new(status, kind, message).with_code(code);
        Step::Reply(Reply::refusal(self.family, &error))
    }

    /// The policy of this exchange; what to do instead, where there is none.
    fn choose(&self, cx: &mut Cx<'_>, metadata: Option<&[u8]>, model: Option<&str>) -> Result<Rc<Policy>, Step> {
        let config = self.config.clone();
        let unknown = match config.policies.choose(&Asker::new(cx, &config, model), metadata) {
            Choice::Policy { policy, .. } => return Ok(policy.clone()),
            Choice::Off => return Err(Step::pass()),
            Choice::Unknown { .. } | Choice::OffRefused => {
                "this route is configured with a policy that does not exist".to_owned()
            }
        };
        cx.emit(&PolicyUnknown);
        Err(self.refuse(503, ErrorKind::Server, "policy_unknown", unknown))
    }

    /// The policy, where a rule hangs on the model. A body that is read as another model than the path's is refused, and
    /// one that names none in a way that we can read is judged by the policy of no model.
    fn choose_by_body(&self, cx: &mut Cx<'_>, body: &[u8]) -> Result<Rc<Policy>, Step> {
        let read = chat::Request::parse(self.api, body);
        // Azure's clients name the deployment in the path, and leave an empty `model` in the body.
        let named = read.as_ref().ok().and_then(|request| request.model.as_deref());
        let named = named.filter(|model| !model.is_empty() || self.model.is_none());
        if let (Some(path), Some(body)) = (self.model.as_deref(), named)
            && path != body
        {
            let message = "the path and the body name different models".to_owned();
            return Err(self.refuse(400, ErrorKind::InvalidRequest, "model_mismatch", message));
        }
        let chosen = self.choose(cx, None, self.model.as_deref().or(named))?;
        match read {
            Err(_) if !body.is_empty() && chosen.unreadable == Verdict::Deny => {
                let message = "the request's body is not JSON and cannot be checked";
                Err(self.unjudged(cx, Verdict::Deny, 400, "not_json", message))
            }
            _ => Ok(chosen),
        }
    }

    fn blocked(&self, recognizer: usize, status: u16) -> Step {
        let kind = if status == 400 { ErrorKind::InvalidRequest } else { ErrorKind::Permission };
        let entity = self.config.detector.entity(recognizer);
        self.refuse(status, kind, "pii_blocked", format!("the policy of this gateway does not let {entity} pass"))
    }

    fn unjudged(&self, cx: &mut Cx<'_>, verdict: Verdict, status: u16, reason: &'static str, message: &str) -> Step {
        cx.emit(&Unjudged { reason, passed: verdict == Verdict::Allow });
        match verdict {
            Verdict::Allow => Step::pass(),
            Verdict::Deny => self.refuse(status, ErrorKind::InvalidRequest, reason, message.to_owned()),
        }
    }

    /// What is done to a body as a whole.
    fn edit(&mut self, body: &[u8], kind: Body, policy: &Policy, response: bool) -> Result<Option<String>, ()> {
        let Ok(text) = std::str::from_utf8(body) else { return Err(()) };
        let mut guard = Guard {
            config: &self.config,
            direction: if response { &policy.response } else { &policy.request },
            placeholders: &mut self.placeholders,
            tally: &mut self.tally,
            places: None,
            restores: response,
        };
        if guard.is_idle() {
            return Ok(None);
        }
        if kind == Body::Text {
            return Ok(guard.edit(text, Look::WHOLE, 0));
        }
        if kind == Body::Lines {
            return Ok(edit_lines(&mut guard, text, &policy.pointers));
        }
        let (positions, pointers) = match self.api {
            Api::Other | Api::Models => (Kind::Free, policy.pointers.as_slice()),
            _ => (Kind::Api, [].as_slice()),
        };
        match edit_json(&mut guard, text, positions, pointers) {
            Err(_) if kind == Body::Untyped => Ok(guard.edit(text, Look::WHOLE, 0)),
            edited => edited.map_err(|_| ()),
        }
    }

    /// Tells what was found.
    fn tell(&mut self, cx: &mut Cx<'_>, policy: &Policy, direction: &'static str) {
        for ((recognizer, action), count) in &self.tally.counts {
            let entity = self.config.detector.entity(*recognizer);
            cx.emit(&Findings { entity, action, direction, policy: &policy.name, count: *count });
        }
    }

    fn on_whole_response(&mut self, cx: &mut Cx<'_>, body: &[u8], kind: Body) -> Result<Option<String>, Step> {
        let Some(policy) = self.policy.clone().filter(|_| !body.is_empty()) else { return Ok(None) };
        let edited = self.edit(body, kind, &policy, true);
        self.tell(cx, &policy, "response");
        match (edited, self.tally.blocked) {
            (_, Some(recognizer)) => Err(self.blocked(recognizer, policy.block_status)),
            (Ok(edited), None) => Ok(edited),
            (Err(()), None) => {
                cx.emit(&Unjudged { reason: "response_not_json", passed: policy.unreadable == Verdict::Allow });
                match policy.unreadable {
                    Verdict::Allow => Ok(None),
                    Verdict::Deny => Err(self.refuse(
                        502,
                        ErrorKind::Server,
                        "response_not_json",
                        "the model's response cannot be checked".to_owned(),
                    )),
                }
            }
        }
    }
}

impl Exchange for Course {
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step {
        let endpoint = head.endpoint();
        (self.api, self.family) = (endpoint.api, endpoint.family);
        self.model = endpoint.model.map(|model| model.into_owned());
        self.streams_array = head.path().split('?').next().is_some_and(|path| path.ends_with(":streamGenerateContent"));
        let config = self.config.clone();
        let metadata = cx.attribute(&config.policies.metadata_path(PiiGuard::NAME));
        let names_model = !matches!(self.api, Api::Other | Api::Models) && !head.complete && !head.is_upgrade();
        if metadata.is_none() && names_model && config.policies.needs_model() {
            (self.body, self.waits) = (Body::Json, true);
            return Step::whole(true);
        }
        let chosen = match self.choose(cx, metadata.as_deref(), self.model.as_deref()) {
            Ok(chosen) => chosen,
            Err(step) => return step,
        };
        self.policy = Some(chosen.clone());
        self.body = Body::of(head.headers.text("content-type"), self.api);
        if head.is_upgrade() {
            // The seam refuses or passes it as `bodies.upgrade` says.
            return Step::whole(false);
        }
        let mut edits = Edits::default();
        if let Some(name) = &chosen.findings_header {
            // Ours alone: nobody else says what was found.
            edits.remove_header(name.clone());
        }
        if head.complete || (chosen.request.is_empty() && !chosen.restores) {
            self.body = Body::None;
            return edits.into();
        }
        match self.body {
            Body::Upload => self.unjudged(
                cx,
                chosen.uploads,
                403,
                "upload_refused",
                "uploads cannot be checked here and are refused",
            ),
            Body::Unknown => self.unjudged(
                cx,
                chosen.unreadable,
                415,
                "unknown_media_type",
                "bodies of this media type cannot be checked; send JSON or text",
            ),
            _ => {
                edits.next = Next::Whole { edit: true };
                edits.into()
            }
        }
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        if self.waits {
            match self.choose_by_body(cx, body) {
                Ok(chosen) => self.policy = Some(chosen),
                Err(step) => return step,
            }
        }
        let Some(policy) = self.policy.clone() else { return Step::pass() };
        if body.is_empty() || self.body == Body::None {
            return Step::pass();
        }
        if policy.places {
            self.placeholders = Placeholders::new(body);
        }
        let edited = self.edit(body, self.body, &policy, false);
        self.tell(cx, &policy, "request");
        if let Some(recognizer) = self.tally.blocked {
            return self.blocked(recognizer, policy.block_status);
        }
        let Ok(edited) = edited else {
            return self.unjudged(
                cx,
                policy.unreadable,
                400,
                "not_json",
                "the request's body is not JSON and cannot be checked",
            );
        };
        let mut edits = Edits { body: edited.map(String::into_bytes), ..Edits::default() };
        if !self.tally.counts.is_empty() {
            let found = summary(&self.tally, |recognizer| self.config.detector.entity(recognizer));
            if let Some(name) = &policy.findings_header {
                edits.set_header(name.clone(), found.clone());
            }
            edits.set_state(STATE, found);
        } else if let Some(name) = policy.findings_header.as_ref().filter(|_| self.waits) {
            edits.remove_header(name.clone());
        }
        if policy.audit_bytes > 0 {
            let masked = edits.body.as_deref().unwrap_or(body);
            let kept = masked.get(..policy.audit_bytes.min(masked.len())).unwrap_or_default().to_vec();
            edits.set_state(MASKED_REQUEST, kept);
        }
        edits.into()
    }

    fn on_response(&mut self, _: &mut Cx<'_>, head: &ResponseHead) -> Step {
        self.tally = Tally::default();
        let Some(policy) = self.policy.clone() else { return Step::pass() };
        if !matches!(head.origin, Origin::Upstream | Origin::CacheHit) {
            return Step::pass();
        }
        let mut edits = Edits { next: self.watch(&policy, head), ..Edits::default() };
        if let Some(name) = &policy.findings_header {
            // Ours alone here too, where nothing is found and where nothing is looked for.
            edits.remove_header(name.clone());
        }
        edits.into()
    }

    fn on_response_chunk(&mut self, cx: &mut Cx<'_>, chunk: &[u8], last: bool) -> Chunk {
        let Some(policy) = self.policy.clone() else { return Chunk::Keep };
        match std::mem::replace(&mut self.response, Response::Pass) {
            Response::Events(mut stream) => {
                let mut guard = Guard {
                    config: &self.config,
                    direction: &policy.response,
                    placeholders: &mut self.placeholders,
                    tally: &mut self.tally,
                    places: None,
                    restores: true,
                };
                let out = stream.push(&mut guard, chunk, last);
                if last || !matches!(out, Out::Go(_)) {
                    self.tell(cx, &policy, "response");
                }
                let chunk = match out {
                    Out::Go(bytes) => Chunk::Replace(bytes),
                    Out::Blocked(bytes) => Chunk::Last([bytes, self.end_event("pii_blocked", &stream)].concat()),
                    Out::Unreadable(bytes) => {
                        Chunk::Last([bytes, self.end_event("response_not_readable", &stream)].concat())
                    }
                };
                self.response = Response::Events(stream);
                chunk
            }
            Response::Collected(kind, mut held) => {
                held.extend_from_slice(chunk);
                if held.len() > self.config.settings.bodies.max_body_bytes {
                    cx.emit(&Unjudged { reason: "response_too_large", passed: policy.unreadable == Verdict::Allow });
                    return if policy.unreadable == Verdict::Allow { Chunk::Replace(held) } else { Chunk::Cut };
                }
                if !last {
                    self.response = Response::Collected(kind, held);
                    return Chunk::Replace(Vec::new());
                }
                match self.on_whole_response(cx, &held, kind) {
                    Ok(edited) => Chunk::Replace(edited.map_or(held, String::into_bytes)),
                    Err(_) => Chunk::Cut,
                }
            }
            other => {
                self.response = other;
                Chunk::Keep
            }
        }
    }

    fn on_response_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let Response::Whole(kind) = self.response else { return Step::pass() };
        match self.on_whole_response(cx, body, kind) {
            Ok(edited) => {
                let mut edits = Edits { body: edited.map(String::into_bytes), ..Edits::default() };
                let name = self.policy.as_ref().and_then(|policy| policy.findings_header.clone());
                if let Some(name) = name.filter(|_| !self.tally.counts.is_empty()) {
                    edits.set_header(name, summary(&self.tally, |recognizer| self.config.detector.entity(recognizer)));
                }
                edits.into()
            }
            Err(step) => step,
        }
    }
}

impl Course {
    /// What is to be seen of a response.
    fn watch(&mut self, policy: &Policy, head: &ResponseHead) -> Next {
        let idle = policy.response.is_empty() && self.placeholders.is_empty();
        if idle || head.complete {
            return Next::Pass;
        }
        let media_type = head.headers.text("content-type");
        let kind = Body::of(media_type, Api::Other);
        let array = (self.streams_array && kind == Body::Json).then_some(Framing::Array);
        if let Some(framing) = media_type.and_then(Framing::of).or(array) {
            self.response = Response::Events(Stream::new(self.api, framing, &policy.pointers));
            return Next::Chunks { edit: true };
        }
        if !matches!(kind, Body::Json | Body::Text | Body::Untyped) {
            return Next::Pass;
        }
        // A held response must not grow past Envoy's limit: it is only held where it can be refused.
        if policy.response.can_block() {
            self.response = Response::Whole(kind);
            return Next::Whole { edit: true };
        }
        self.response = Response::Collected(kind, Vec::new());
        Next::Chunks { edit: true }
    }

    /// The event, the line or the element that ends a stream which may not go on.
    fn end_event(&self, code: &'static str, stream: &Stream) -> Vec<u8> {
        let message = "the policy of this gateway ended the response";
        let error = ApiError::new(403, ErrorKind::Permission, message).with_code(code);
        match stream.framing() {
            Framing::Events => error.event(self.family).into_bytes(),
            Framing::Sequence => format!("\u{1e}{}\n", error.body(self.family)).into_bytes(),
            Framing::Lengths => Message::error(code, message),
            Framing::Array => stream.closed_by(&error.body(self.family)),
            _ => (error.body(self.family) + "\n").into_bytes(),
        }
    }
}
