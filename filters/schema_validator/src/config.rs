//! The configuration as it is written.

use crate::exchange::call::Kind;
use crate::json::Limits;
use crate::shape::{Reading, Unknown};
use crate::validator::tensors::Tensors;
use plugin::{Attachment, Bodies};
use policy::{IdentityConfig, Named, Patterns, PolicyName, RawRule, RouteMetadata};
use serde::Deserialize;

/// The filter's configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the filter is attached.
    #[serde(default)]
    pub attachment: Attachment,
    /// How bodies are treated.
    #[serde(default)]
    pub bodies: Bodies,
    /// The policies by name. `off` is always there.
    pub policies: Named<RawPolicy>,
    /// The policy of requests that no rule matches.
    pub default_policy: PolicyName,
    /// Which requests get which policy; the first rule that matches wins.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// How a route names its policy itself.
    #[serde(default)]
    pub route_metadata: RouteMetadata,
    /// Where the caller's identity is read, for rules that look at it.
    #[serde(default)]
    pub identity: IdentityConfig,
    /// Schemas of the operator's own, by name. Only the module `schema_validator_custom` has them.
    #[serde(default)]
    pub schemas: Named<RawSchema>,
}

/// What becomes of a body that breaks its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It is refused.
    #[default]
    Enforce,
    /// It passes, is counted, and the response says so (`x-modelgate-schema`).
    Report,
    /// It is not looked at.
    Off,
}

/// How strictly the built-in schemas are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Vendors' members, `null` for what may be missing, and unknown kinds of parts pass.
    #[default]
    Compatible,
    /// As the API's reference says.
    Strict,
}

impl Profile {
    /// How documents are read.
    pub fn reading(self) -> Reading {
        match self {
            Self::Compatible => Reading::Compatible,
            Self::Strict => Reading::Strict,
        }
    }
}

/// A body that is no JSON, of a call that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherContent {
    /// 415.
    #[default]
    Refuse,
    /// It passes unseen.
    Pass,
}

/// One policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawPolicy {
    /// What becomes of a request that breaks its schema.
    pub mode: Mode,
    /// How strictly the built-in schemas are read.
    pub profile: Profile,
    /// Members that the schema does not name. Without it: `allow` in the profile `compatible`, `refuse` in `strict`.
    pub unknown_members: Option<Unknown>,
    /// What a body may be at most, whatever its schema.
    pub limits: RawLimits,
    /// Which calls have which schema, before the built-in ones; the first that matches wins.
    pub schemas: Vec<RawBinding>,
    /// Names that callers use, and the model whose schema they mean. Nothing is rewritten.
    pub aliases: Named<String>,
    /// Members of the body's root that are put in where they are missing, by name, each as JSON.
    pub defaults: Named<serde_json::Value>,
    /// Whether the `default`s of the schema are put in where a member is missing.
    pub schema_defaults: bool,
    /// Checks of KServe tensors beyond the schema.
    pub tensors: Tensors,
    /// A body that is no JSON, of a call that has a schema. Other calls pass with whatever body.
    pub other_content: OtherContent,
    /// What becomes of a JSON answer, or an event of a streamed one, that breaks its schema: `enforce` answers 502, or
    /// ends the stream with an error event.
    pub answers: Mode,
}

impl Default for RawPolicy {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            profile: Profile::default(),
            unknown_members: None,
            limits: RawLimits::default(),
            schemas: Vec::new(),
            aliases: Named::default(),
            defaults: Named::default(),
            schema_defaults: false,
            tensors: Tensors::default(),
            other_content: OtherContent::default(),
            answers: Mode::Off,
        }
    }
}

/// What a body may be at most.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawLimits {
    /// Bytes of the body; `bodies.max_body_bytes` where it is less. More is a 413.
    pub max_body_bytes: Option<usize>,
    /// How deep arrays and objects may nest, at most 128.
    pub max_depth: usize,
    /// Members of one object.
    pub max_members: usize,
    /// Elements of one array.
    pub max_items: usize,
    /// Values in all, names among them. Each takes 16 bytes of memory while the body is judged.
    pub max_values: usize,
    /// Bytes of one string as written. Pictures and sound come as strings.
    pub max_string_bytes: usize,
    /// Digits of one number.
    pub max_number_digits: usize,
}

impl Default for RawLimits {
    fn default() -> Self {
        Self {
            max_body_bytes: None,
            max_depth: 64,
            max_members: 4096,
            max_items: 1 << 20,
            max_values: 1 << 20,
            max_string_bytes: 16 << 20,
            max_number_digits: 64,
        }
    }
}

impl RawLimits {
    /// The limits of the scan.
    pub fn limits(&self) -> Limits {
        Limits {
            depth: self.max_depth,
            members: self.max_members,
            items: self.max_items,
            values: self.max_values,
            string_bytes: self.max_string_bytes,
            number_digits: self.max_number_digits,
        }
    }
}

/// Which calls have which schema.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawBinding {
    /// Which calls. `{}` means all of them.
    #[serde(rename = "match", default)]
    pub matches: RawCalls,
    /// The schema of the request: one of `schemas`, `builtin` (the default), or `none`.
    #[serde(default = "builtin")]
    pub request: String,
    /// The schema of a JSON answer.
    #[serde(default = "builtin")]
    pub answer: String,
    /// The schema of one event of a streamed answer.
    #[serde(default = "builtin")]
    pub event: String,
}

fn builtin() -> String {
    "builtin".into()
}

/// What a call must look like; every key that is given must match.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawCalls {
    /// The APIs.
    pub api: Option<Vec<Kind>>,
    /// The path without its query.
    pub path: Option<Patterns>,
    /// The model, after `aliases`.
    pub model: Option<Patterns>,
    /// The media type of the request, in lower case and without parameters. A schema that is bound to one makes it JSON.
    pub content_type: Option<Patterns>,
}

/// Whether `format` is a rule or a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formats {
    /// A string must be of its format.
    #[default]
    Assert,
    /// A format says something to people alone.
    Annotate,
}

/// A schema of the operator's own: either `json_schema` or `openapi`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawSchema {
    /// A JSON Schema, as an object or as JSON text (safer: Envoy's own YAML reader makes strings of fractions).
    pub json_schema: Option<serde_json::Value>,
    /// An OpenAPI 3.0 or 3.1 document, as an object or as JSON text.
    pub openapi: Option<serde_json::Value>,
    /// Where in the OpenAPI document the schema is: `/components/schemas/Order`.
    pub pointer: Option<String>,
    /// Whether `format` is a rule or a remark.
    pub formats: Formats,
}
