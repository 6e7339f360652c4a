//! What the filter would decide, without Envoy: for `modelgate verify`, by the very code that runs inside Envoy.

use crate::Auth;
use crate::config::Config;
use crate::jwt::algorithm::Algorithm;
use crate::jwt::json::Json;
use crate::jwt::key_set;
pub use crate::jwt::signature::HostVerify;
use crate::jwt::token::Jws;
use plugin::{
    Call, CallId, Cx, Event, Exchange, Headers, Host, HostError, Next, Plugin, Reply, RequestHead, SharedError, Side,
    Step, Surroundings,
};
use policy::{Faults, filter_state};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A configured filter outside Envoy. Key sets from the network and introspection are not asked: such tokens get a 503.
#[derive(Debug)]
pub struct Desk {
    auth: Rc<Auth>,
}

/// A request, as a client would send it: one line of JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The header fields.
    headers: BTreeMap<String, String>,
    /// The path with its query.
    #[serde(default = "path")]
    path: String,
    /// The method.
    #[serde(default = "method")]
    method: String,
    /// The time, in Unix seconds.
    now: u64,
    /// The body, where a model in it is to be judged. Without it the head alone is.
    #[serde(default)]
    body: Option<String>,
}

/// The decision: one line of JSON.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The status code; 200 where the request would go on.
    pub status: u16,
    /// `WWW-Authenticate`, where it is refused.
    pub www_authenticate: Option<String>,
    /// The machine-readable code of a refusal.
    pub code: Option<String>,
    /// Who calls, where that is known.
    pub consumer: Option<String>,
}

/// A line that is no question.
#[derive(Debug, thiserror::Error)]
#[error("not a line of JSON with the expected members: {0}")]
pub struct LineError(#[from] serde_json::Error);

impl Desk {
    /// Reads a configuration. `environment` reads a variable (`pepper_env`, `client_secret_env`).
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn new(config: &[u8], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let config: Config = policy::load(config)?;
        Auth::compile(config, environment).map(|auth| Self { auth: Rc::new(auth) })
    }

    /// Decides about the request of one line: `{"headers": {…}, "path": "…", "now": seconds}`, and `"body": "…"` where a
    /// model in it is to be judged.
    ///
    /// # Errors
    /// A line that is no question.
    pub fn decide(&self, line: &str) -> Result<Decision, LineError> {
        let question: Question = serde_json::from_str(line)?;
        let pseudo = [
            (":method".to_owned(), question.method),
            (":path".to_owned(), question.path),
            (":scheme".to_owned(), "https".to_owned()),
        ];
        let named = question.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let complete = question.body.is_none();
        let head = RequestHead { headers: pseudo.into_iter().chain(named).collect(), complete };
        let mut host = Bare { nanos: question.now.saturating_mul(1_000_000_000) };
        let mut course = self.auth.open();
        let step = course.on_request(&mut Cx::new(&mut host, &head), &head);
        if let (Step::Go(edits), Some(body)) = (&step, &question.body)
            && edits.next != Next::Pass
            && let Step::Reply(reply) = course.on_request_body(&mut Cx::new(&mut host, &head), body.as_bytes())
        {
            return Ok(decision(Step::Reply(reply)));
        }
        Ok(decision(step))
    }
}

fn decision(step: Step) -> Decision {
    match step {
        Step::Go(edits) => {
            let named = edits.state.into_iter().find(|(key, _)| key == filter_state::CONSUMER);
            let consumer = named.map(|(_, value)| String::from_utf8_lossy(&value).into_owned());
            Decision { status: 200, consumer, ..Decision::default() }
        }
        Step::Reply(reply) => {
            let challenge = reply.headers.iter().find(|(name, _)| name == "www-authenticate");
            Decision {
                status: reply.status,
                www_authenticate: challenge.map(|(_, value)| String::from_utf8_lossy(value).into_owned()),
                code: reply.details().strip_prefix(plugin::REFUSAL).map(str::to_owned),
                consumer: None,
            }
        }
        Step::Wait(_) | Step::Cut => {
            Decision { status: 503, code: Some("needs_network".to_owned()), ..Decision::default() }
        }
    }
}

/// A line of the raw mode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    /// The token in compact serialization; its payload may be anything.
    jws: String,
    /// A JWK, or a JWK Set.
    jwk: serde_json::Value,
}

/// Whether the signature of one line, `{"jws", "jwk"}`, is right: the signature alone, and the form of the header.
///
/// # Errors
/// A line that is no such question.
pub fn is_signed(line: &str) -> Result<bool, LineError> {
    let Signed { jws, jwk } = serde_json::from_str(line)?;
    let Ok(token) = Jws::parse(&jws) else { return Ok(false) };
    let text = if jwk.get("keys").is_some() { jwk } else { serde_json::json!({ "keys": [jwk] }) };
    // A single key is meant whatever the names say.
    let single = text.get("keys").and_then(serde_json::Value::as_array).is_some_and(|keys| keys.len() == 1);
    let allowed: Vec<Algorithm> = vec![token.algorithm];
    let valid = match Json::parse(text.to_string().as_bytes()) {
        Some(set) if single => set.get("keys").and_then(Json::list).and_then(|keys| keys.first()).is_some_and(|key| {
            key_set::Key::parse(key, &allowed).is_ok_and(|key| key.verify(&token, &|_, _, _, _| None))
        }),
        Some(_) => key_set::KeySet::parse(text.to_string().as_bytes(), key_set::Origin::Mixed, &allowed)
            .is_ok_and(|set| set.verify(&token, &|_, _, _, _| None) == key_set::Verdict::Valid),
        None => false,
    };
    Ok(valid)
}

/// Whether a signature is right: algorithm by its name, JWK, text, signature. `host` checks it where it can, pure Rust where it
/// cannot. For tests against other sets of signatures.
#[must_use]
pub fn verifies(algorithm: &str, jwk: &serde_json::Value, text: &[u8], signature: &[u8], host: HostVerify<'_>) -> bool {
    let material = Json::parse(jwk.to_string().as_bytes()).and_then(|jwk| key_set::material(&jwk).ok());
    match (Algorithm::from_name(algorithm), material) {
        (Some(algorithm), Some(material)) => material.verify(algorithm, text, signature, host),
        _ => false,
    }
}

fn path() -> String {
    "/v1/chat/completions".to_owned()
}

fn method() -> String {
    "POST".to_owned()
}

/// A host that has a clock and nothing else.
struct Bare {
    nanos: u64,
}

const NONE: HostError = HostError { call: "none outside Envoy", status: 12 };

impl Surroundings for Bare {
    fn unix_nanos(&self) -> u64 {
        self.nanos
    }
    fn random(&mut self) -> u64 {
        0
    }
    fn emit(&mut self, _: &dyn Event) {}
    fn shared_get(&self, _: &str) -> Option<(Vec<u8>, u32)> {
        None
    }
    fn shared_set(&mut self, _: &str, _: &[u8], _: Option<u32>) -> Result<(), SharedError> {
        Err(SharedError::Failed)
    }
    fn verify_signature(&self, _: &str, _: &[u8], _: &[u8], _: &[u8]) -> Option<bool> {
        None
    }
    fn call_in_background(&mut self, _: &Call) {}
}

impl Host for Bare {
    fn headers(&self, _: Side) -> Headers {
        Headers::default()
    }
    fn set_header(&mut self, _: Side, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(NONE)
    }
    fn remove_header(&mut self, _: Side, _: &str) -> Result<(), HostError> {
        Err(NONE)
    }
    fn body_size(&self, _: Side) -> usize {
        0
    }
    fn body(&self, _: Side, _: usize) -> Vec<u8> {
        Vec::new()
    }
    fn set_body(&mut self, _: Side, _: &[u8]) -> Result<(), HostError> {
        Err(NONE)
    }
    fn reply(&mut self, _: &Reply) -> Result<(), HostError> {
        Err(NONE)
    }
    fn resume(&mut self, _: Side) -> Result<(), HostError> {
        Err(NONE)
    }
    fn reset(&mut self, _: Side) -> Result<(), HostError> {
        Err(NONE)
    }
    fn call(&mut self, _: &Call) -> Result<CallId, HostError> {
        Err(NONE)
    }
    fn call_and_forget(&mut self, _: &Call) {}
    fn attribute(&self, _: &[&str]) -> Option<Vec<u8>> {
        None
    }
    fn set_state(&mut self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(NONE)
    }
    fn is_gone(&self) -> bool {
        false
    }
}
