//! The filter on the seam's machine, with a cache service in memory that keeps equal questions alone.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use cache_api::cache::{
    AbandonRequest, Answer as Stored, Hit, LookupRequest, LookupResponse, Miss, Step, StoreRequest,
    lookup_response::Outcome,
};
use cache_api::{CACHE, Message};
use plugin::stream::Place;
use plugin::{Answer, Attachment, Call, Plugin, Stream};
use semantic_cache::SemanticCache;
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use testkit::Memory;

/// What the service answers to a lookup that finds nothing equal.
pub enum Near {
    Nothing,
    /// Any entry at all, with this similarity.
    Any(f32),
    /// This status in place of an answer.
    Down,
    /// These bytes.
    Garbage(Vec<u8>),
}

pub struct Desk {
    pub plugin: Rc<SemanticCache>,
    pub entries: BTreeMap<(Vec<u8>, Vec<u8>), Stored>,
    pub near: Near,
    pub lookups: Vec<LookupRequest>,
    pub stores: Vec<StoreRequest>,
    pub abandoned: Vec<Vec<u8>>,
    pub leader: bool,
    pub now: u64,
    pub metrics: BTreeMap<String, u64>,
    pub lines: Vec<String>,
}

#[derive(Clone)]
pub struct Ask {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub state: Vec<(String, String)>,
}

/// What an upstream answers.
#[derive(Clone)]
pub struct Answers {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub chunks: Vec<Vec<u8>>,
    /// It breaks off after the chunks.
    pub breaks: bool,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub status: u16,
    pub cache: Option<String>,
    pub similarity: Option<String>,
    pub age: Option<String>,
    pub content_type: String,
    pub body: Vec<u8>,
    pub reached: bool,
    pub details: String,
    pub state: String,
}

impl Seen {
    pub fn hit(&self) -> bool {
        self.cache.as_deref() == Some("hit")
    }
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub fn chat(text: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": text}]})
}

pub fn ask(body: &Value) -> Ask {
    Ask {
        path: "/v1/chat/completions".into(),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
        state: [("modelgate.tenant", "acme"), ("modelgate.consumer", "alice")]
            .map(|(key, value)| (key.into(), value.into()))
            .to_vec(),
    }
}

impl Ask {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
    pub fn state(mut self, key: &str, value: &str) -> Self {
        self.state.retain(|(known, _)| known != key);
        self.state.push((key.into(), value.into()));
        self
    }
    pub fn path(mut self, path: &str) -> Self {
        self.path = path.into();
        self
    }
}

pub fn says(text: &str) -> Answers {
    let body = json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}});
    answers("application/json", &body.to_string())
}

pub fn answers(content_type: &str, body: &str) -> Answers {
    Answers {
        status: 200,
        headers: vec![("content-type".into(), content_type.into())],
        chunks: vec![body.as_bytes().to_vec()],
        breaks: false,
    }
}

pub fn desk(policy: Value) -> Desk {
    with_config(
        json!({"attachment": "full", "service": {"cluster": "modelgate-cache"}, "policies": {"default": policy},
        "default_policy": "default"}),
    )
}

pub fn with_config(config: Value) -> Desk {
    let plugin = SemanticCache::configure(config.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
    Desk {
        plugin: Rc::new(plugin),
        entries: BTreeMap::new(),
        near: Near::Nothing,
        lookups: Vec::new(),
        stores: Vec::new(),
        abandoned: Vec::new(),
        leader: true,
        now: 1,
        metrics: BTreeMap::new(),
        lines: Vec::new(),
    }
}

fn key(scope: &Option<cache_api::cache::Scope>, request: &[u8]) -> (Vec<u8>, Vec<u8>) {
    (scope.as_ref().unwrap().encode_to_vec(), request.to_vec())
}

impl Desk {
    /// One exchange, from the first byte to the log callback.
    pub fn run(&mut self, ask: &Ask, upstream: &Answers) -> Seen {
        let settings = Rc::new(self.plugin.settings().clone());
        let full = settings.attachment == Attachment::Full;
        let place = Place { filter: SemanticCache::NAME, settings, proven: Rc::new(Cell::new(!full)) };
        let mut stream = Stream::new(self.plugin.open(), place);
        let mut host = Memory { now: self.now, ..Memory::default() };
        host.heads[0] = [(":method", "POST"), (":path", ask.path.as_str()), (":authority", "gateway.test")]
            .into_iter()
            .chain(ask.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
            .collect();
        host.state = ask.state.iter().map(|(key, value)| (key.clone(), value.clone().into_bytes())).collect();
        stream.on_request_headers(&mut host, false);
        host.bodies[0] = ask.body.clone();
        if host.reply.is_none() {
            stream.on_request_body(&mut host, ask.body.len(), true);
        }
        let mut answered = 0;
        while answered < host.calls.len() && host.reply.is_none() {
            let call = host.calls[answered].clone();
            answered += 1;
            let answer = self.answer(&call);
            stream.on_answer(&mut host, u32::try_from(answered).unwrap(), answer);
        }
        let mut seen = Seen::default();
        if let Some(reply) = host.reply.clone() {
            let field = |name: &str| {
                let found = reply.headers.iter().find(|(field, _)| field == name);
                found.map(|(_, value)| String::from_utf8(value.clone()).unwrap())
            };
            seen = Seen {
                status: reply.status,
                cache: field("x-cache-status"),
                similarity: field("x-cache-similarity"),
                age: field("age"),
                content_type: field("content-type").unwrap_or_default(),
                body: reply.body.clone(),
                details: reply.details().into(),
                ..seen
            };
        } else {
            seen.reached = true;
            self.respond(&mut stream, &mut host, upstream, &mut seen);
        }
        stream.on_end(&mut host);
        seen.state =
            host.state.get("modelgate.cache").map(|state| String::from_utf8_lossy(state).into()).unwrap_or_default();
        for call in host.background.iter().chain(&host.forgotten) {
            self.answer(call);
        }
        for (name, count) in host.metrics {
            *self.metrics.entry(name).or_default() += count;
        }
        self.lines.extend(host.lines);
        seen
    }

    fn respond(
        &self,
        stream: &mut Stream<<SemanticCache as Plugin>::Exchange>,
        host: &mut Memory,
        upstream: &Answers,
        seen: &mut Seen,
    ) {
        host.heads[1] = vec![(":status".into(), upstream.status.to_string().into_bytes())];
        host.heads[1].extend(upstream.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())));
        host.attributes.insert("response|code_details".into(), b"via_upstream".to_vec());
        stream.on_response_headers(host, false);
        for (at, chunk) in upstream.chunks.iter().enumerate() {
            host.bodies[1] = chunk.clone();
            let last = at + 1 == upstream.chunks.len() && !upstream.breaks;
            stream.on_response_body(host, chunk.len(), last);
            assert_eq!(&host.bodies[1], chunk, "what flows by is not changed");
            seen.body.extend_from_slice(chunk);
        }
        let field = |name: &str| {
            let found = host.heads[1].iter().find(|(field, _)| field == name);
            found.map(|(_, value)| String::from_utf8(value.clone()).unwrap())
        };
        seen.status = upstream.status;
        seen.cache = field("x-cache-status");
        seen.similarity = field("x-cache-similarity");
        seen.content_type = field("content-type").unwrap_or_default();
    }

    fn answer(&mut self, call: &Call) -> Answer {
        let Call::Grpc(call) = call else { panic!("{call:?}") };
        assert_eq!(call.service, CACHE);
        assert!(!call.timeout.is_zero());
        match call.method {
            "Lookup" => self.lookup(&call.message),
            "Store" => {
                let store = StoreRequest::decode(call.message.as_slice()).unwrap();
                assert_eq!(store.ticket, b"ticket");
                self.entries.insert(key(&store.scope, &store.request), store.answer.clone().unwrap());
                self.stores.push(store);
                Answer::Message(Vec::new())
            }
            "Abandon" => {
                self.abandoned.push(AbandonRequest::decode(call.message.as_slice()).unwrap().ticket);
                Answer::Message(Vec::new())
            }
            other => panic!("{other}"),
        }
    }

    fn lookup(&mut self, message: &[u8]) -> Answer {
        match &self.near {
            Near::Down => return Answer::Failed(Some(14)),
            Near::Garbage(bytes) => return Answer::Message(bytes.clone()),
            _ => {}
        }
        let asked = LookupRequest::decode(message).unwrap();
        let rules = asked.rules.unwrap();
        let equal = self.entries.get(&key(&asked.scope, &asked.request));
        let near = match self.near {
            Near::Any(similarity) => self.entries.values().next().map(|entry| (entry, Step::Similarity, similarity)),
            _ => None,
        };
        let found = equal.map(|entry| (entry, Step::Exact, 1.0)).or(near).filter(|_| !rules.refresh);
        let outcome = match found {
            Some((entry, step, similarity)) => Outcome::Hit(Hit {
                answer: Some(entry.clone()),
                step: step.into(),
                similarity,
                age_ms: 2_500,
                entry: "e".into(),
            }),
            None => Outcome::Miss(Miss {
                step: Step::Similarity.into(),
                similarity: 0.0,
                ticket: if rules.read_only { Vec::new() } else { b"ticket".to_vec() },
                leader: self.leader && !rules.read_only,
            }),
        };
        self.lookups.push(asked);
        Answer::Message(LookupResponse { outcome: Some(outcome) }.encode_to_vec())
    }
}
