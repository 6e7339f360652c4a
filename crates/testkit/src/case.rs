//! The format of a case file.

use plugin::Attachment;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A file of cases that share a configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The filter's configuration, without `attachment`: each case runs under every attachment of `attachments`.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// The attachments under which the cases hold.
    #[serde(default = "both")]
    pub attachments: Vec<String>,
    /// HTTP services that the filter may call, by the name of their cluster, and what each answers: the first answer that
    /// fits counts. Calls to other clusters fail.
    #[serde(default)]
    pub services: BTreeMap<String, Vec<ServiceAnswer>>,
    /// Members of Envoy's HTTP connection manager in place of the usual ones. They mean nothing natively.
    #[serde(default)]
    pub manager: BTreeMap<String, Value>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// What a service answers to a call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAnswer {
    /// A text that the call's body holds. Without it: any call.
    #[serde(default)]
    pub when: String,
    /// The status code.
    #[serde(default = "ok")]
    pub status: u16,
    /// The body.
    pub body: Option<Body>,
}

impl ServiceAnswer {
    /// Status and body of the first answer that fits a call with this body; a bare 404 where none does.
    pub fn to(answers: &[Self], body: &[u8]) -> (u16, Vec<u8>) {
        let text = String::from_utf8_lossy(body);
        let fit = answers.iter().find(|answer| text.contains(&answer.when));
        fit.map_or((404, Vec::new()), |answer| {
            (answer.status, answer.body.as_ref().map(|body| body.chunks().concat()).unwrap_or_default())
        })
    }
}

/// One exchange, and what must come of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// Keys in place of those of the file's configuration; null takes one out.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// The attachments under which this case holds, where they are not the file's.
    pub attachments: Option<Vec<String>>,
    /// Filter state that an earlier filter wrote.
    #[serde(default)]
    pub state: BTreeMap<String, String>,
    /// The route that the request takes.
    #[serde(default)]
    pub route: RouteSpec,
    /// What the client sends.
    #[serde(default)]
    pub request: RequestSpec,
    /// What the upstream answers, where it is reached.
    #[serde(default)]
    pub response: ResponseSpec,
    /// The same must come out wherever the response's body is split (natively at every byte, in Envoy in single bytes).
    #[serde(default)]
    pub any_split: bool,
    /// What must come of it.
    pub expect: Expect,
}

/// A route.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RouteSpec {
    /// Its name.
    pub name: String,
    /// Its metadata: namespace, key, value.
    pub metadata: BTreeMap<String, BTreeMap<String, String>>,
}

/// A request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestSpec {
    /// 1 or 2.
    pub http: u8,
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The authority.
    pub host: String,
    /// Header fields; values are percent-decoded, so that `%ff` is a byte.
    pub headers: BTreeMap<String, String>,
    /// Header fields that come more than once.
    pub more_headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Body>,
    /// Trailers.
    pub trailers: BTreeMap<String, String>,
}

impl Default for RequestSpec {
    fn default() -> Self {
        Self {
            http: 1,
            method: "POST".into(),
            path: "/v1/chat/completions".into(),
            host: "gateway.test".into(),
            headers: BTreeMap::new(),
            more_headers: Vec::new(),
            body: None,
            trailers: BTreeMap::new(),
        }
    }
}

/// A response.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseSpec {
    /// The status code.
    pub status: u16,
    /// Header fields; values are percent-decoded.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Option<Body>,
    /// Trailers.
    pub trailers: BTreeMap<String, String>,
    /// The connection breaks after the body's last piece.
    pub abort: bool,
}

impl Default for ResponseSpec {
    fn default() -> Self {
        Self { status: 200, headers: BTreeMap::new(), body: None, trailers: BTreeMap::new(), abort: false }
    }
}

/// A body, in exactly one form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Body {
    /// Text, in one piece.
    Text(String),
    /// JSON, in one piece.
    Json(Value),
    /// Percent-decoded bytes, in one piece.
    Bytes(String),
    /// Text in pieces.
    Chunks(Vec<String>),
    /// Text, so many times, in one piece.
    Repeat(String, usize),
}

impl Body {
    /// The pieces as they are sent.
    pub fn chunks(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Text(text) => vec![text.clone().into_bytes()],
            Self::Json(value) => vec![value.to_string().into_bytes()],
            Self::Bytes(text) => vec![percent_decode(text)],
            Self::Chunks(chunks) => chunks.iter().map(|chunk| chunk.clone().into_bytes()).collect(),
            Self::Repeat(text, times) => vec![text.repeat(*times).into_bytes()],
        }
    }

    /// Whether it is sent in pieces, without a length in front.
    pub fn is_chunked(&self) -> bool {
        matches!(self, Self::Chunks(_))
    }
}

/// What must come out. What is not named does not matter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The status code.
    pub status: Option<u16>,
    /// Header fields of the response; null must be absent.
    pub headers: BTreeMap<String, Option<String>>,
    /// The body of the response.
    pub body: Option<Text>,
    /// Trailers of the response.
    pub trailers: BTreeMap<String, Option<String>>,
    /// The response breaks off.
    pub cut: bool,
    /// What reached the upstream.
    pub upstream: Option<ArrivedSpec>,
    /// Whether the upstream was reached at all.
    pub reached: Option<bool>,
    /// Filter state at the end, as access logs show it; null must be absent.
    pub state: BTreeMap<String, Option<String>>,
    /// The reply details.
    pub details: Option<String>,
}

/// What must have reached the upstream.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArrivedSpec {
    /// The path.
    pub path: Option<String>,
    /// Header fields; null must be absent.
    pub headers: BTreeMap<String, Option<String>>,
    /// The body.
    pub body: Option<Text>,
    /// Trailers.
    pub trailers: BTreeMap<String, Option<String>>,
}

/// What a body must be. All that is named must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Text {
    /// These very bytes.
    pub text: Option<String>,
    /// JSON of this value.
    pub json: Option<Value>,
    /// JSON that holds at least this.
    pub has: Option<Value>,
    /// It contains these.
    pub contains: Vec<String>,
    /// It contains none of these.
    pub lacks: Vec<String>,
    /// Its length in bytes.
    pub length: Option<usize>,
}

fn ok() -> u16 {
    200
}

fn both() -> Vec<String> {
    vec!["full".into(), "plain".into()]
}

impl CaseFile {
    /// Reads a file of cases.
    ///
    /// # Panics
    /// With the file and the place, where it cannot be read.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // By way of JSON, in which an enum is a map of one key and not a YAML tag.
        let value: Value = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_path_to_error::deserialize(value).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Every case under every attachment, with its whole configuration.
    pub fn runs(&self) -> Vec<(Attachment, Value, &Case)> {
        let mut runs = Vec::new();
        for case in &self.cases {
            for attachment in case.attachments.as_ref().unwrap_or(&self.attachments) {
                let mut config = self.config.clone();
                for (key, value) in &case.config {
                    if value.is_null() {
                        config.remove(key)
                    } else {
                        config.insert(key.clone(), value.clone())
                    };
                }
                config.insert("attachment".into(), attachment.as_str().into());
                let attachment = match attachment.as_str() {
                    "full" => Attachment::Full,
                    "plain" => Attachment::Plain,
                    other => panic!("{}: attachment {other} is neither full nor plain", case.name),
                };
                runs.push((attachment, Value::Object(config), case));
            }
        }
        runs
    }
}

/// Bytes of a text in which `%` and two hexadecimal digits are a byte.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match hex {
            Some(decoded) if byte == b'%' => {
                out.push(decoded);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}
