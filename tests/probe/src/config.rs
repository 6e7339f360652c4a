//! What the probe is told to do.

use plugin::{Attachment, Bodies, Dependency};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The probe's configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How the filter is attached.
    pub attachment: Attachment,
    /// How bodies are treated.
    pub bodies: Bodies,
    /// Asks the upstream for uncompressed responses.
    pub reads_responses: bool,
    /// Looks at no response.
    pub ignores_responses: bool,
    /// Filter state to declare read-only.
    pub vouched_state: Vec<String>,
    /// What is done with the request.
    pub request: Message,
    /// What is done with the response.
    pub response: Message,
    /// A gRPC service, `probe.Probe/Fetch`, that is asked once in the background; until it answered, all requests are parked.
    pub fetch: Option<Dependency>,
    /// A key of the shared data that counts requests.
    pub count: Option<String>,
    /// The gRPC service that is told when a stream ends: `probe.Probe/End`.
    pub tell_end: Option<Dependency>,
}

/// What is done with one message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Message {
    /// What is wanted of the body.
    pub body: Want,
    /// The body is parsed as JSON, and the value dropped: what parsing costs, for the benches.
    pub parse: bool,
    /// What is written in place of the body.
    pub edit: Option<Edit>,
    /// Header fields set on the head.
    pub set: BTreeMap<String, String>,
    /// Header fields removed from the head.
    pub remove: Vec<String>,
    /// Header fields set when the body was seen.
    pub set_at_body: BTreeMap<String, String>,
    /// Filter state written with the head.
    pub state: BTreeMap<String, String>,
    /// Attributes copied into header fields with the head: field to path, parted by `|`.
    pub show: BTreeMap<String, String>,
    /// The same when the body was seen.
    pub show_at_body: BTreeMap<String, String>,
    /// A gRPC call to `probe.Probe/Ask` before the head goes on.
    pub ask: Option<Dependency>,
    /// The same before the body goes on.
    pub ask_at_body: Option<Dependency>,
    /// An HTTP call `GET /ask` before the head goes on.
    pub ask_http: Option<Dependency>,
    /// Calls that are made at once for `ask`.
    pub ask_times: u32,
    /// A refusal in place of the head.
    pub refuse: Option<u16>,
    /// A refusal when the body was seen and holds this text.
    pub refuse_body_with: Option<String>,
    /// An answer with what the host says of the signature in the body, `true`, `false` or `none`: four lines, the hash's name
    /// and, in hexadecimal, key, signature and text.
    pub verify_signature: bool,
    /// A cache hit with this text in place of the head.
    pub hit: Option<String>,
    /// Filter state whose value becomes the policy: `strict` refuses with 403, all else passes.
    pub policy_from: Option<String>,
}

/// What is wanted of a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// Nothing.
    #[default]
    Pass,
    /// All of it.
    Whole,
    /// Its pieces.
    Chunks,
}

/// What is written in place of a body, or of each piece.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// The body and this text behind it.
    Append(String),
    /// This text.
    Replace(String),
    /// The first bytes of the body.
    Truncate(usize),
    /// The body grown to this many bytes.
    Grow(usize),
    /// The body in upper-case ASCII.
    Upper,
    /// Pieces: everything is held back until the last piece.
    HoldBack,
    /// Pieces: this is the last text that the client gets.
    Last(String),
}

impl Edit {
    /// The body in its new form.
    pub fn apply(&self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Append(text) | Self::Last(text) => [body, text.as_bytes()].concat(),
            Self::Replace(text) => text.clone().into_bytes(),
            Self::Truncate(size) => body.iter().take(*size).copied().collect(),
            Self::Grow(size) => {
                let mut out = body.to_vec();
                out.resize((*size).max(body.len()), b'x');
                out
            }
            Self::Upper => body.to_ascii_uppercase(),
            Self::HoldBack => body.to_vec(),
        }
    }
}
