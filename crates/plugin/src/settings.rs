//! What the seam itself must know of a filter's configuration, and the parts of a configuration that all filters share.

use crate::{RequestHead, Target};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// How the filter is attached to Envoy. The host does not tell, so the configuration says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attachment {
    /// Without `allow_on_headers_stop_iteration`, as a plain Istio `WasmPlugin`: heads go on before their bodies are seen.
    #[default]
    Plain,
    /// With `allow_on_headers_stop_iteration: true` (Envoy 1.35 or newer): heads are held until their bodies are seen.
    Full,
}

/// What becomes of a body that is compressed, so that the filter cannot read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoded {
    /// 415 for a request, 502 for a response.
    #[default]
    Refuse,
    /// It passes unseen.
    Pass,
}

/// What becomes of a response whose body is larger than `max_body_bytes`, where it was to be seen whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oversize {
    /// 502, or a reset where the head is gone.
    #[default]
    Refuse,
    /// It passes unseen.
    Pass,
}

/// What becomes of an upgrade (WebSocket), whose frames no filter reads. It is never held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    /// 403, where the filter would have read a body.
    #[default]
    Refuse,
    /// It passes both ways.
    Pass,
}

/// How bodies are treated (key `bodies` of every filter).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bodies {
    /// The largest body that is read whole, in bytes. Envoy's own buffer limit must be at least this.
    #[serde(deserialize_with = "above_zero")]
    pub max_body_bytes: usize,
    /// A compressed body.
    pub encoded: Encoded,
    /// A response over the limit.
    pub oversize_response: Oversize,
    /// An upgrade.
    pub upgrade: Upgrade,
    /// How long a stream may wait for a body callback that never comes, in seconds, before it is answered with a 503 that
    /// names the missing flag. Only `attachment: full`; a request is judged by the bytes that arrived, not by the time.
    pub watchdog_secs: u64,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            max_body_bytes: 16 << 20,
            encoded: Encoded::default(),
            oversize_response: Oversize::default(),
            upgrade: Upgrade::default(),
            watchdog_secs: 10,
        }
    }
}

/// Elsewhere 0 often stands for no limit; here no body could pass.
fn above_zero<'de, D: Deserializer<'de>>(raw: D) -> Result<usize, D::Error> {
    match usize::deserialize(raw)? {
        0 => Err(D::Error::custom("must be above 0")),
        size => Ok(size),
    }
}

impl Bodies {
    /// Whether the head alone shows that the seam would refuse this request if its body were asked for.
    pub fn refuses(&self, head: &RequestHead) -> bool {
        if head.is_upgrade() {
            self.upgrade == Upgrade::Refuse
        } else if head.is_encoded() && !head.complete {
            self.encoded == Encoded::Refuse
        } else {
            let length = head.headers.text("content-length").and_then(|length| length.parse::<usize>().ok());
            length.is_some_and(|length| length > self.max_body_bytes)
        }
    }
}

/// What is done where a dependency gives no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureMode {
    /// The request is refused with 503.
    Deny,
    /// The request goes on as if the filter were not there.
    Allow,
}

/// A service that a filter calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// The Envoy cluster of the service.
    pub cluster: Target,
    /// How long an answer is waited for, in milliseconds.
    pub timeout_ms: u32,
    /// What is done without an answer.
    pub failure_mode: FailureMode,
}

impl Dependency {
    /// How long an answer is waited for. Never zero: Envoy would take that for a deadline that has passed.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms.max(1)))
    }
}

/// What the seam itself must know of a filter's configuration.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How the filter is attached.
    pub attachment: Attachment,
    /// How bodies are treated.
    pub bodies: Bodies,
    /// The filter reads response bodies, so the upstream is asked not to compress them.
    pub reads_responses: bool,
    /// The filter looks at no response: its head is not read, [`Exchange::on_response`](crate::Exchange::on_response) is not
    /// called, and the [`End`](crate::End) knows neither origin nor status of an upstream's response. Spares two host calls
    /// per response.
    pub ignores_responses: bool,
    /// Filter state that this filter vouches for: declared read-only, and written once per stream.
    pub vouched_state: Vec<String>,
}
