//! The configuration as it is written.

use super::Verdict;
use plugin::{Attachment, Bodies};
use policy::{IdentityConfig, Named, PolicyName, RawRule, RouteMetadata};
use serde::Deserialize;

/// The configuration as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    /// How the filter is attached to Envoy.
    #[serde(default)]
    pub attachment: Attachment,
    /// How bodies are treated.
    #[serde(default)]
    pub bodies: Bodies,
    /// The policies by name.
    pub policies: Named<RawPolicy>,
    /// The policy of requests that no rule matches.
    pub default_policy: PolicyName,
    /// Which requests get which policy; the first rule that matches wins.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// How a route names its policy itself.
    #[serde(default)]
    pub route_metadata: RouteMetadata,
    /// Where the caller's identity is read from, for rules about it.
    #[serde(default)]
    pub identity: IdentityConfig,
    /// Recognizers of one's own.
    #[serde(default)]
    pub recognizers: Vec<RawRecognizer>,
    /// The key of the action `hash`, at least 16 bytes. Never reuse another secret.
    #[serde(default)]
    pub hash_key: Option<String>,
    /// Values that are never findings, compared without case.
    #[serde(default)]
    pub allow: Vec<String>,
}

/// A recognizer of one's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRecognizer {
    /// The entity's name, in capitals.
    pub entity: String,
    /// Its group.
    #[serde(default = "custom_group")]
    pub group: String,
    /// What it looks like: a regular expression of the `regex` crate, over bytes.
    pub pattern: Option<String>,
    /// Words that are found as they are, without case.
    #[serde(default)]
    pub words: Vec<String>,
    /// A check of the value without separators: `luhn`, `mod11_10`, `mod97`, `verhoeff`, `icao731`.
    pub validator: Option<String>,
    /// Words beside it, which raise its score by 0.35.
    #[serde(default)]
    pub context: Vec<String>,
    /// The score without a word beside it, 0 to 1.
    #[serde(default = "custom_score")]
    pub score: f32,
}

fn custom_group() -> String {
    "custom".to_owned()
}

fn custom_score() -> f32 {
    0.6
}

/// A policy as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPolicy {
    /// What becomes of findings in requests; the first rule that names an entity counts.
    #[serde(default)]
    pub request: Vec<RawAction>,
    /// What becomes of findings in responses.
    #[serde(default)]
    pub response: Vec<RawAction>,
    /// The score from which something is a finding.
    #[serde(default = "threshold")]
    pub threshold: f32,
    /// What becomes of a body that cannot be read: no JSON where it should be, unknown media types.
    #[serde(default)]
    pub unreadable: Verdict,
    /// What becomes of uploads: multipart bodies, audio, images.
    #[serde(default)]
    pub uploads: Verdict,
    /// JSON Pointers (RFC 6901; `*` is any member or element) to the only texts of bodies that no model API defines. Without
    /// any, all their strings are read.
    #[serde(default)]
    pub pointers: Vec<String>,
    /// The status of a refusal: 400 or 403.
    #[serde(default = "refusal_status")]
    pub block_status: u16,
    /// How many bytes of the masked request go to filter state `modelgate.pii_request` for the audit log; 0 for none.
    #[serde(default)]
    pub audit_bytes: usize,
    /// A header that tells the model's side what was found in the request: `EMAIL_ADDRESS:2,CREDIT_CARD:1`. It is removed from
    /// requests in which nothing is found. Answers carry it too, where the policy can block them. Needs `attachment: full`.
    pub findings_header: Option<String>,
}

fn threshold() -> f32 {
    0.4
}

fn refusal_status() -> u16 {
    403
}

/// What becomes of some entities.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAction {
    /// Names of entities, groups, or `*`.
    pub entities: Vec<String>,
    /// What becomes of them.
    pub action: RawKind,
    /// The score from which this holds, where it is not the policy's.
    pub threshold: Option<f32>,
    /// `mask`: the character.
    #[serde(default = "star")]
    pub character: char,
    /// `mask`: so many characters at the end stay.
    #[serde(default)]
    pub keep_last: usize,
}

fn star() -> char {
    '*'
}

/// The name of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawKind {
    /// Nothing: the entity passes. For exceptions before a wider rule.
    Allow,
    /// It is counted and passes.
    Flag,
    /// Its characters become another.
    Mask,
    /// `<EMAIL_1>`.
    Replace,
    /// It is taken out.
    Redact,
    /// A keyed hash of it.
    Hash,
    /// `<EMAIL_1>` on the way in; the original again on the way out. Requests only.
    Restore,
    /// The request or the response is refused.
    Block,
}
