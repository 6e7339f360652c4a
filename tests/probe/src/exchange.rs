//! Does what the configuration says.

use crate::Config;
use crate::config::{Edit, Message, Want};
use plugin::{
    Answer, Background, Call, Chunk, Cx, Dependency, Edits, End, Exchange, Facts, FailureMode, Faults, GrpcCall,
    HttpCall, Next, Park, Plugin, Reply, RequestHead, ResponseHead, RootCx, Settings, SharedError, Step, Tag,
};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The configured probe.
pub struct Probe {
    config: Config,
    settings: Settings,
    fetch: Cell<Fetch>,
}

/// Where the one background call is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fetch {
    ToDo,
    UnderWay,
    Done,
}

impl Plugin for Probe {
    const NAME: &'static str = "probe";
    type Exchange = Course;

    fn configure(raw: &[u8]) -> Result<Self, Faults> {
        let config: Config = policy::load(raw)?;
        let settings = Settings {
            attachment: config.attachment,
            bodies: config.bodies,
            reads_responses: config.reads_responses,
            ignores_responses: config.ignores_responses,
            vouched_state: config.vouched_state.clone(),
        };
        Ok(Self { config, settings, fetch: Cell::new(Fetch::ToDo) })
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn open(self: &Rc<Self>) -> Course {
        Course { probe: self.clone(), at_body: false, response: false, open: 0, held: Vec::new() }
    }

    fn on_background_answer(&self, cx: &mut RootCx<'_>, _: Tag, answer: Answer) -> Background {
        cx.emit(&Seen("fetches"));
        self.fetch.set(if matches!(answer, Answer::Message(_)) { Fetch::Done } else { Fetch::ToDo });
        Background { wake: true, ..Background::default() }
    }
}

/// One exchange of the probe.
pub struct Course {
    probe: Rc<Probe>,
    at_body: bool,
    response: bool,
    open: u32,
    held: Vec<u8>,
}

const ASK: Tag = 1;
const ASK_AT_BODY: Tag = 2;
const PARKED: Tag = 3;

impl Course {
    fn message(&self) -> &Message {
        if self.response { &self.probe.config.response } else { &self.probe.config.request }
    }

    fn on_head(&mut self, cx: &mut Cx<'_>) -> Step {
        let message = self.message();
        if let Some(status) = message.refuse {
            return refusal(cx, status, "probe_refuses");
        }
        if let Some(text) = &message.hit {
            return Step::Reply(Reply::cache_hit(
                200,
                vec![("content-type".into(), b"text/plain".to_vec())],
                text.as_bytes(),
            ));
        }
        let calls = asks(message);
        if calls.is_empty() {
            return self.head_goes(cx);
        }
        self.open = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        Step::Wait(calls)
    }

    fn head_goes(&mut self, cx: &mut Cx<'_>) -> Step {
        let message = self.message();
        if let Some(key) = &message.policy_from {
            let policy = read(cx, key);
            if policy == "strict" {
                return refusal(cx, 403, "probe_strict");
            }
        }
        let edit = message.edit.is_some();
        let mut edits = Edits {
            next: match message.body {
                Want::Pass => Next::Pass,
                Want::Whole => Next::Whole { edit },
                Want::Chunks => Next::Chunks { edit },
            },
            ..Edits::default()
        };
        for name in &message.remove {
            edits.remove_header(name.as_str());
        }
        for (name, value) in &message.set {
            edits.set_header(name.as_str(), value.as_bytes());
        }
        for (key, value) in &message.state {
            edits.set_state(key.as_str(), value.as_bytes());
        }
        show(cx, &message.show, &mut edits);
        edits.into()
    }

    fn on_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        self.at_body = true;
        let message = self.message();
        if message.parse && std::hint::black_box(serde_json::from_slice::<serde_json::Value>(body)).is_err() {
            cx.emit(&Seen("unparsed"));
        }
        if let Some(word) = &message.refuse_body_with
            && body.windows(word.len().max(1)).any(|window| window == word.as_bytes())
        {
            return refusal(cx, 403, "probe_word");
        }
        if message.verify_signature {
            return verify_signature(cx, body);
        }
        match &message.ask_at_body {
            Some(dependency) => {
                let call = ask(ASK_AT_BODY, dependency);
                self.held = body.to_vec();
                self.open = 1;
                Step::Wait(vec![call])
            }
            None => self.body_goes(cx, body),
        }
    }

    fn body_goes(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let message = self.message();
        let mut edits = Edits { body: message.edit.as_ref().map(|edit| edit.apply(body)), ..Edits::default() };
        for (name, value) in &message.set_at_body {
            edits.set_header(name.as_str(), value.as_bytes());
        }
        show(cx, &message.show_at_body, &mut edits);
        edits.into()
    }
}

impl Exchange for Course {
    fn on_request(&mut self, cx: &mut Cx<'_>, _: &RequestHead) -> Step {
        cx.emit(&Seen("requests"));
        if let Some(key) = &self.probe.config.count {
            count(cx, key);
        }
        let Some(dependency) = self.probe.config.fetch.as_ref().filter(|_| self.probe.fetch.get() != Fetch::Done)
        else {
            return self.on_head(cx);
        };
        if self.probe.fetch.replace(Fetch::UnderWay) == Fetch::ToDo {
            cx.call_in_background(&grpc(0, "Fetch", dependency, b"ok".to_vec()));
        }
        Step::Wait(vec![Call::Park(Park { tag: PARKED, timeout: dependency.timeout() })])
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        self.on_body(cx, body)
    }

    fn on_response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead) -> Step {
        self.response = true;
        self.at_body = false;
        cx.emit(&Seen(match head.origin {
            plugin::Origin::Upstream => "responses_upstream",
            plugin::Origin::CacheHit => "responses_cache_hit",
            plugin::Origin::Refusal => "responses_refusal",
            plugin::Origin::Proxy => "responses_proxy",
        }));
        self.on_head(cx)
    }

    fn on_response_chunk(&mut self, _: &mut Cx<'_>, chunk: &[u8], last: bool) -> Chunk {
        match &self.probe.config.response.edit {
            None => Chunk::Keep,
            Some(Edit::HoldBack) => {
                self.held.extend_from_slice(chunk);
                Chunk::Replace(if last { std::mem::take(&mut self.held) } else { Vec::new() })
            }
            Some(Edit::Last(text)) => Chunk::Last(text.clone().into_bytes()),
            Some(Edit::Append(_)) if !last => Chunk::Keep,
            Some(edit) if last || !matches!(edit, Edit::Append(_)) => Chunk::Replace(edit.apply(chunk)),
            Some(_) => Chunk::Keep,
        }
    }

    fn on_response_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        self.on_body(cx, body)
    }

    fn on_answer(&mut self, cx: &mut Cx<'_>, tag: Tag, answer: Answer) -> Step {
        if tag == PARKED {
            let fetched = answer == Answer::Woken && self.probe.fetch.get() == Fetch::Done;
            return if fetched { self.on_head(cx) } else { refusal(cx, 503, "probe_parked") };
        }
        let message = self.message();
        let dependency = if tag == ASK_AT_BODY { &message.ask_at_body } else { &message.ask };
        let dependency = dependency.as_ref().or(message.ask_http.as_ref());
        let understood = matches!(&answer, Answer::Message(text) if text == b"ok")
            || matches!(answer, Answer::Http { status: 200, .. });
        if !understood && dependency.is_some_and(|dependency| dependency.failure_mode == FailureMode::Deny) {
            return refusal(cx, 503, "probe_dependency");
        }
        self.open = self.open.saturating_sub(1);
        if self.open > 0 {
            return Step::Wait(Vec::new());
        }
        if self.at_body {
            let body = std::mem::take(&mut self.held);
            self.body_goes(cx, &body)
        } else {
            self.head_goes(cx)
        }
    }

    fn on_end(&mut self, cx: &mut Cx<'_>, end: &End) -> Vec<Call> {
        cx.emit(&Seen(if end.is_redirect(cx) {
            "ends_redirected"
        } else if end.response_complete {
            "ends_complete"
        } else {
            "ends_torn"
        }));
        let Some(dependency) = &self.probe.config.tell_end else { return Vec::new() };
        vec![grpc(0, "End", dependency, format!("{} {}", end.status, end.response_complete).into_bytes())]
    }
}

fn asks(message: &Message) -> Vec<Call> {
    if let Some(dependency) = &message.ask {
        return (0..message.ask_times.max(1)).map(|_| ask(ASK, dependency)).collect();
    }
    let Some(dependency) = &message.ask_http else { return Vec::new() };
    vec![Call::Http(HttpCall {
        tag: ASK,
        target: dependency.cluster.clone(),
        headers: [(":method", "GET"), (":path", "/ask"), (":authority", "probe")]
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .to_vec(),
        body: Vec::new(),
        timeout: dependency.timeout(),
    })]
}

fn ask(tag: Tag, dependency: &Dependency) -> Call {
    grpc(tag, "Ask", dependency, b"ok".to_vec())
}

fn grpc(tag: Tag, method: &'static str, dependency: &Dependency, message: Vec<u8>) -> Call {
    Call::Grpc(GrpcCall {
        tag,
        target: dependency.cluster.clone(),
        service: "probe.Probe",
        method,
        message,
        timeout: dependency.timeout(),
    })
}

/// Asks the host about a signature. A body that is written otherwise is answered with 400.
fn verify_signature(cx: &Cx<'_>, body: &[u8]) -> Step {
    let Ok(text) = std::str::from_utf8(body) else { return refusal(cx, 400, "probe_verify") };
    let mut lines = text.split('\n');
    let hash = lines.next().unwrap_or_default();
    let parts: Option<Vec<Vec<u8>>> = lines.map(from_hex).collect();
    let Some([key, signature, signed]) = parts.as_deref() else { return refusal(cx, 400, "probe_verify") };
    let said = match cx.verify_signature(hash, key, signature, signed) {
        Some(true) => "true",
        Some(false) => "false",
        None => "none",
    };
    Step::Reply(Reply::answer(200, "text/plain", said))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// Adds one to a counter that all workers share.
fn count(cx: &mut Cx<'_>, key: &str) {
    loop {
        let (value, version) = cx.shared_get(key).unwrap_or_default();
        let count = value.try_into().map_or(0, u64::from_le_bytes) + 1;
        match cx.shared_set(key, &count.to_le_bytes(), Some(version)) {
            Err(SharedError::Changed) => {}
            Err(SharedError::Failed) => return cx.emit(&Seen("counts_failed")),
            Ok(()) => return cx.emit(&Seen(if count == COUNTED { "counted_all" } else { "counted" })),
        }
    }
}

/// The count at which a test knows that none was lost.
const COUNTED: u64 = 500;

fn read(cx: &Cx<'_>, path: &str) -> String {
    let path: Vec<&str> = path.split('|').collect();
    cx.attribute(&path).map_or_else(|| "absent".into(), |value| String::from_utf8_lossy(&value).into_owned())
}

fn show(cx: &Cx<'_>, show: &BTreeMap<String, String>, edits: &mut Edits) {
    for (name, path) in show {
        edits.set_header(name.as_str(), read(cx, path));
    }
}

fn refusal(cx: &Cx<'_>, status: u16, code: &'static str) -> Step {
    let error = chat::ApiError::new(status, chat::ErrorKind::Permission, "the probe refuses").with_code(code);
    Step::Reply(Reply::refusal(cx.request().family(), &error))
}

struct Seen(&'static str);

impl plugin::Event for Seen {
    fn line(&self) -> Cow<'static, str> {
        self.0.into()
    }

    fn metric(&self) -> plugin::Metric {
        plugin::Metric { name: "modelgate_probe", labels: vec![("reason", self.0.into())] }
    }
}
