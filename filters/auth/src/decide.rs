//! What the filter would decide, without Envoy: for `modelgate verify`, by the very code that runs inside Envoy.

use crate::Auth;
use crate::config::Config;
use crate::jwt::algorithm::Algorithm;
use crate::jwt::json::Json;
use crate::jwt::key_set;
pub use crate::jwt::signature::HostVerify;
use crate::jwt::token::{Headers, Jws, Parts};
use plugin::{Cx, Exchange, Next, Offline, Plugin, RequestHead, Step};
use policy::{Faults, filter_state};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::rc::Rc;

/// A configured filter outside Envoy. Key sets from the network and introspection are not asked: such tokens get a 503.
#[derive(Debug)]
pub struct Desk {
    auth: Rc<Auth>,
}

/// A request, as a client would send it: one line of JSON. Further members are the asker's own.
#[derive(Debug, Deserialize)]
struct Question {
    /// The header fields: text, or a list of texts for a field that comes more than once.
    headers: Fields,
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
    /// The address that it comes from.
    #[serde(default)]
    source: Option<String>,
    /// The name of its route.
    #[serde(default)]
    route: Option<String>,
}

/// Header fields in the order in which they are written. A name that stands twice is a field that comes twice.
#[derive(Debug)]
struct Fields(Vec<(String, Values)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of header fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

/// The values of one name.
#[derive(Debug, Deserialize)]
#[serde(try_from = "serde_json::Value")]
struct Values(Vec<String>);

impl TryFrom<serde_json::Value> for Values {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, &'static str> {
        let wrong = "the value of a header is a text, or a list of texts";
        let list = match value {
            serde_json::Value::Array(list) => list,
            one => vec![one],
        };
        let texts = list.into_iter().map(|item| item.as_str().map(str::to_owned).ok_or(wrong));
        texts.collect::<Result<_, _>>().map(Self)
    }
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
pub enum LineError {
    /// Not what is expected, and where. What was written is not repeated: it may be a token.
    #[error("not a line of JSON with the expected members: {0}")]
    Json(String),
    /// Later than the host's clock can show.
    #[error("`now` is beyond the year 2554, where the clock of nanoseconds ends")]
    Late,
}

impl From<serde_json::Error> for LineError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        // `invalid type: string "…", expected …`
        let expected = text.rfind("expected ").filter(|_| text.starts_with("invalid")).and_then(|at| text.get(at..));
        Self::Json(expected.unwrap_or(&text).to_owned())
    }
}

impl Desk {
    /// Reads a configuration. `environment` reads a variable (`pepper_env`, `client_secret_env`).
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn new(config: &[u8], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let config: Config = policy::load(config)?;
        Auth::compile(config, environment).map(|auth| Self { auth: Rc::new(auth) })
    }

    /// Decides about the request of one line: `{"headers": {…}, "path": "…", "now": seconds}`, with `"body": "…"` where a model
    /// in it is to be judged, and `"source": "192.0.2.1"` and `"route": "…"` where policies look at them.
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
        let complete = question.body.is_none();
        let headers = pseudo.into_iter().chain(fields(question.headers)).collect();
        let head = RequestHead { headers, complete };
        let nanos = question.now.checked_mul(1_000_000_000).ok_or(LineError::Late)?;
        let told =
            [(["source", "address"].as_slice(), question.source), (["xds", "route_name"].as_slice(), question.route)];
        let attributes = told.into_iter().filter_map(|(path, text)| Some((path, text?.into_bytes()))).collect();
        let mut host = Offline { nanos, attributes, ..Offline::default() };
        let mut course = self.auth.open();
        let step = course.on_request(&mut Cx::new(&mut host, &head), &head);
        if !matches!(&step, Step::Go(edits) if edits.next != Next::Pass) {
            return Ok(decision(step));
        }
        let body = question.body.as_deref().unwrap_or_default();
        let bodies = &self.auth.settings().bodies;
        if bodies.refuses(&head) || body.len() > bodies.max_body_bytes {
            return Ok(unseen(&head));
        }
        let is_seen = !complete && !head.is_upgrade() && !head.is_encoded();
        match course.on_request_body(&mut Cx::new(&mut host, &head), body.as_bytes()) {
            Step::Reply(reply) if is_seen => Ok(decision(Step::Reply(reply))),
            _ => Ok(decision(step)),
        }
    }
}

/// The fields as Envoy shows them: names in lower case, and `Host` (HTTP/1.1) as `:authority`.
fn fields(Fields(headers): Fields) -> impl Iterator<Item = (String, String)> {
    headers.into_iter().flat_map(|(name, Values(values))| {
        let lower = name.to_ascii_lowercase();
        let shown = if lower == "host" { ":authority".to_owned() } else { lower };
        values.into_iter().map(move |value| (shown.clone(), value))
    })
}

/// What the seam says of a body that it does not show.
fn unseen(head: &RequestHead) -> Decision {
    let (status, code) = match (head.is_upgrade(), head.is_encoded()) {
        (true, _) => (403, "upgrade_refused"),
        (false, true) => (415, "unsupported_content_encoding"),
        (false, false) => (413, "request_body_too_large"),
    };
    Decision { status, code: Some(code.to_owned()), ..Decision::default() }
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

/// A line of the raw mode. Further members are the asker's own.
#[derive(Debug, Deserialize)]
struct Signed {
    /// The token in compact serialization; its payload may be anything. What is no text is no such token.
    jws: serde_json::Value,
    /// A JWK, or a JWK Set.
    jwk: serde_json::Value,
}

/// Whether the signature of one line, `{"jws", "jwk"}`, is right: the signature alone, and the form of the header.
///
/// # Errors
/// A line that is no such question.
pub fn is_signed(line: &str) -> Result<bool, LineError> {
    let Signed { jws, jwk } = serde_json::from_str(line)?;
    let parts = jws.as_str().map(str::as_bytes).and_then(Parts::of);
    let token = parts.and_then(|parts| Jws::read(parts, &Headers::default()).ok());
    let Some(token) = token else { return Ok(false) };
    let set = if jwk.get("keys").is_some() { jwk } else { serde_json::json!({ "keys": [jwk] }) };
    // A single key is meant whatever the names say.
    let single = set.get("keys").and_then(serde_json::Value::as_array).is_some_and(|keys| keys.len() == 1);
    let allowed: Vec<Algorithm> = vec![token.header.algorithm];
    let text = set.to_string();
    let valid = match Json::parse(text.as_bytes()) {
        Some(set) if single => set.get("keys").and_then(Json::list).and_then(|keys| keys.first()).is_some_and(|key| {
            key_set::Key::parse(key, &allowed).is_ok_and(|key| key.verify(&token, &|_, _, _, _| None))
        }),
        Some(_) => key_set::KeySet::parse(text.as_bytes(), key_set::Origin::Mixed, &allowed)
            .is_ok_and(|set| set.verify(&token, &|_, _, _, _| None) == key_set::Verdict::Valid),
        None => false,
    };
    Ok(valid)
}

/// Whether a signature is right: algorithm by its name, JWK, text, signature. `host` checks it where it can, pure Rust where it
/// cannot. For tests against other sets of signatures.
#[must_use]
pub fn verifies(algorithm: &str, jwk: &serde_json::Value, text: &[u8], signature: &[u8], host: HostVerify<'_>) -> bool {
    let jwk = jwk.to_string();
    let material = Json::parse(jwk.as_bytes()).and_then(|jwk| key_set::material(&jwk).ok());
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
