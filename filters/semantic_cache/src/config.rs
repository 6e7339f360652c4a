//! The configuration as it is written. What it means is checked and compiled in `cache`; the reference in the README is
//! made from the comments here.

use plugin::{Attachment, Bodies, FailureMode, Target};
use policy::{IdentityConfig, Named, PolicyName, RawRule, RouteMetadata};
use serde::Deserialize;

/// The configuration of the filter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the filter is attached: `plain`, or `full` where Envoy's plugin configuration says
    /// `allow_on_headers_stop_iteration: true`. Both answer from the cache; with `plain` the upstream has the head by then,
    /// and its stream is reset. Default `plain`.
    #[serde(default)]
    pub attachment: Attachment,
    /// How bodies are read: `max_body_bytes`, `watchdog_secs`. What is compressed, upgraded or larger by its
    /// `content-length` passes without the cache.
    #[serde(default)]
    pub bodies: Bodies,
    /// The cache service.
    pub service: Service,
    /// Where the caller's identity is read: `filter_state` (what `auth` writes), `metadata`, `attribute` or `header`.
    /// Default `filter_state`.
    #[serde(default)]
    pub identity: IdentityConfig,
    /// The policies by name.
    pub policies: Named<Policy>,
    /// The policy of requests that no rule matches; `off` lets them pass without the cache.
    pub default_policy: PolicyName,
    /// Which requests get which policy: `{match: {route, host, path, model, consumer, tier, header}, policy}`. The first
    /// that matches wins.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// How a route's metadata overrides the rules: `namespace`, `allow_route_off`.
    #[serde(default)]
    pub route_metadata: RouteMetadata,
}

/// The key `service`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The Envoy cluster of `modelgate-cache`, spoken to in HTTP/2.
    pub cluster: Target,
    /// How long a lookup may take, in milliseconds, beside what the policy lets it wait for a leader. Default 200.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u32,
    /// What becomes of a request where the service gives no usable answer: `allow` lets it pass to the model, `deny`
    /// refuses it with 503. Default `allow`.
    #[serde(default = "allow")]
    pub failure_mode: FailureMode,
}

/// One policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Who shares answers: all callers of a `tenant`, each `consumer` of a tenant alone, or everybody who gets this policy
    /// (`public`, which needs no identity). Callers without what it needs bypass the cache. Default `tenant`.
    #[serde(default)]
    pub scope: Share,
    /// Whether questions that are alike are answered, beside those that are equal. Default `true`.
    #[serde(default = "yes")]
    pub semantic: bool,
    /// The least cosine similarity of a semantic hit, above 0 and at most 1. Without it the service takes what is known to
    /// be right for its embedder.
    pub threshold: Option<f32>,
    /// The share of wrong answers among semantic hits that is bearable, such as 0.01. The service then learns the threshold
    /// from samples, and answers equal questions alone until it has evidence. Without it a fixed threshold decides.
    pub max_wrong_hits: Option<f64>,
    /// How long an answer may be used, in seconds; the response's own `max-age` can shorten it. Default 86400.
    #[serde(default = "default_ttl_secs")]
    pub ttl_secs: u64,
    /// How long a request waits for an equal one that is on its way to the model, in milliseconds. Default 0: not at all.
    #[serde(default)]
    pub coalesce_wait_ms: u32,
    /// The largest answer that is stored, in bytes. Default 262144.
    #[serde(default = "default_max_answer_bytes")]
    pub max_answer_bytes: usize,
    /// The longest last user text that is compared by meaning, in bytes: embedders read the start of a text alone. What is
    /// longer is answered where it is equal. Default 1024.
    #[serde(default = "default_max_text_bytes")]
    pub max_text_bytes: usize,
    /// Answers are used and none is stored. Default `false`.
    #[serde(default)]
    pub read_only: bool,
    /// What goes to the model without the cache.
    #[serde(default)]
    pub bypass: Bypass,
    /// Further request headers that make two requests different, beside those of the APIs (`anthropic-version`,
    /// `anthropic-beta`, `openai-organization`, `openai-project`, `openai-beta`).
    #[serde(default)]
    pub vary_headers: Vec<String>,
    /// Members of the request's body that make no two requests different, such as `user` or `metadata`. Default none.
    #[serde(default)]
    pub ignore_members: Vec<String>,
    /// Tags of what is stored, by which it can be purged.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Who shares answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// The callers of a tenant.
    #[default]
    Tenant,
    /// One caller.
    Consumer,
    /// Everybody who gets this policy.
    Public,
}

/// The key `bypass`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bypass {
    /// The most turns of a conversation, system prompts apart. Longer ones bypass. Default 8.
    pub max_messages: usize,
    /// The highest temperature; none said is 1. Default 1.
    pub max_temperature: f64,
    /// The most answers to one request (`n`, `best_of`, prompts). Default 1.
    pub max_choices: u64,
    /// Requests with images, audio, files or token arrays bypass. Default `true`.
    pub non_text: bool,
    /// Requests with tool calls or their results bypass, and answers that call a tool are not stored. Default `true`.
    pub tool_calls: bool,
    /// Requests that need or leave something at the provider bypass: `previous_response_id`, `conversation`, `background`,
    /// `store: true`, prompt templates, containers. Default `true`.
    pub stateful: bool,
    /// Requests with tools that the provider runs (web search, file search, MCP, code) bypass. Default `true`.
    pub provider_tools: bool,
}

impl Default for Bypass {
    fn default() -> Self {
        Self {
            max_messages: 8,
            max_temperature: 1.0,
            max_choices: 1,
            non_text: true,
            tool_calls: true,
            stateful: true,
            provider_tools: true,
        }
    }
}

fn default_timeout_ms() -> u32 {
    200
}

fn allow() -> FailureMode {
    FailureMode::Allow
}

fn yes() -> bool {
    true
}

fn default_ttl_secs() -> u64 {
    86_400
}

fn default_max_answer_bytes() -> usize {
    256 << 10
}

fn default_max_text_bytes() -> usize {
    1024
}
