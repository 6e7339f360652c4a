//! A request as the cache sees it: what makes it different from others, what it asks, and in which form it wants the
//! answer. Or the reason why the cache is not asked at all.

mod directives;
mod json;
mod placeholder;
mod turns;

pub use directives::{Directives, Fresh};
pub use json::Json;
pub use placeholder::Placeholders;

use crate::config::Bypass;
use chat::Api;
use json::feed_text;
use plugin::RequestHead;
use sha2::{Digest, Sha256};

/// Why a request goes to the model without the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nobody knows who calls, or of which tenant.
    NoIdentity,
    /// No model is named.
    NoModel,
    /// The body is compressed, or the call an upgrade.
    Unseen,
    /// The body is larger than the filter reads.
    TooLarge,
    /// The body is none that two readers take alike.
    Unreadable,
    /// `cache-control: no-store`.
    NoStore,
    /// The conversation is long.
    History,
    /// The temperature is high.
    Temperature,
    /// Several answers are asked for.
    Choices,
    /// Images, audio, files, tokens.
    NonText,
    /// Tool calls or their results.
    ToolCalls,
    /// The provider keeps, or kept, something for it.
    Stateful,
    /// The provider runs tools.
    ProviderTools,
    /// `x-cache-threshold` is no number from 0 to 1.
    Threshold,
    /// The service failed a moment ago and is not asked.
    Resting,
    /// The service gave no usable answer.
    Service,
}

impl Reason {
    /// The name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoIdentity => "no_identity",
            Self::NoModel => "no_model",
            Self::Unseen => "unseen",
            Self::TooLarge => "too_large",
            Self::Unreadable => "unreadable",
            Self::NoStore => "no_store",
            Self::History => "history",
            Self::Temperature => "temperature",
            Self::Choices => "choices",
            Self::NonText => "non_text",
            Self::ToolCalls => "tool_calls",
            Self::Stateful => "stateful",
            Self::ProviderTools => "provider_tools",
            Self::Threshold => "threshold",
            Self::Resting => "service_resting",
            Self::Service => "service_failed",
        }
    }
}

/// The form in which an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// As a stream of events.
    pub stream: bool,
    /// With the usage as the stream's last event (OpenAI's chat and completions).
    pub include_usage: bool,
}

/// A request that the cache may be asked about.
#[derive(Debug, Clone)]
pub struct Question {
    /// SHA-256 of all but the last user text.
    pub context: [u8; 32],
    /// SHA-256 of all.
    pub request: [u8; 32],
    /// The last user text, empty where it is not the last thing said.
    pub text: String,
    /// The model that the body names.
    pub model: Option<String>,
    /// The form of the answer.
    pub form: Form,
    /// The placeholders in the request.
    pub placeholders: Placeholders,
}

/// Request headers that change what an API's call means.
pub const API_HEADERS: [&str; 5] =
    ["anthropic-beta", "anthropic-version", "openai-beta", "openai-organization", "openai-project"];

/// What is no part of a question: the form of the answer. `stream_options` is also what our own filters inject.
const FORM: [&str; 2] = ["stream", "stream_options"];

/// What of a policy decides about questions.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What is not asked about.
    pub bypass: Bypass,
    /// Further headers that count, in lower case.
    pub vary_headers: Vec<String>,
    /// Members that do not count.
    pub ignore_members: Vec<String>,
}

impl Question {
    /// Reads a request of one of the APIs that generate.
    ///
    /// # Errors
    /// The [`Reason`] why it goes without the cache.
    pub fn read(api: Api, head: &RequestHead, body: &[u8], reading: &Reading) -> Result<Self, Reason> {
        let mut tree = Json::parse(body).map_err(|_| Reason::Unreadable)?;
        let form = form(&tree)?;
        let model = tree.given("model").map(|model| model.text().map(str::to_owned).ok_or(Reason::Unreadable));
        turns::judge(api, &tree, &reading.bypass)?;
        let mut placeholders = Placeholders::default();
        tree.visit_texts(&mut |text| placeholders.see(text));
        tree.without(&FORM);
        tree.without(&reading.ignore_members);
        let text = turns::take_last_user_text(api, &mut tree);
        let context = context(head, &tree, &reading.vary_headers);
        let request = request(&context, text.as_deref());
        let text = text.unwrap_or_default().into_owned();
        Ok(Self { context, request, text, model: model.transpose()?, form, placeholders })
    }
}

/// The form that is wanted. Another spelling of these names is read by some servers and not by others.
fn form(tree: &Json<'_>) -> Result<Form, Reason> {
    let Json::Object(members) = tree else { return Err(Reason::Unreadable) };
    let odd =
        |name: &str| FORM.iter().chain(&["model"]).any(|known| name != *known && name.eq_ignore_ascii_case(known));
    if members.iter().any(|(name, _)| odd(name)) {
        return Err(Reason::Unreadable);
    }
    let flag = |value: Option<&Json<'_>>| match value {
        None => Ok(false),
        Some(Json::Bool(value)) => Ok(*value),
        Some(_) => Err(Reason::Unreadable),
    };
    let options = tree.given("stream_options");
    let include_usage = options.and_then(|options| options.given("include_usage"));
    Ok(Form { stream: flag(tree.given("stream"))?, include_usage: flag(include_usage)? })
}

/// SHA-256 of all but the last user text: host, path, the headers that count, and the body with a hole.
fn context(head: &RequestHead, tree: &Json<'_>, vary: &[String]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"modelgate semantic_cache context 1\n");
    for name in [":authority", ":path"].into_iter().chain(API_HEADERS).chain(vary.iter().map(String::as_str)) {
        let values: Vec<&[u8]> = head.headers.get_all(name).collect();
        feed_text(&mut hash, name);
        hash.update((values.len() as u64).to_le_bytes());
        values.into_iter().for_each(|value| feed_text(&mut hash, value));
    }
    tree.feed(&mut hash);
    hash.finalize().into()
}

/// SHA-256 of all: of the rest and the text that was taken out of it.
fn request(context: &[u8; 32], text: Option<&str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"modelgate semantic_cache request 1\n");
    hash.update(context);
    if let Some(text) = text {
        feed_text(&mut hash, text);
    }
    hash.finalize().into()
}
