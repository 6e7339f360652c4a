//! Which API a request speaks, by method and path. Not a router: it never says where a request goes.

use std::borrow::Cow;
use std::ops::Range;

use crate::path::{self, is_word};
use crate::{Api, Family};

/// What a request's method and path say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// The API.
    pub api: Api,
    /// The error shape of that API, also for its paths that are [`Api::Other`] (`/v2/models/m/ready` is KServe's).
    pub family: Family,
    /// The model that the path names: KServe's, TensorFlow's and Gemini's model, an Azure deployment whatever is asked of it, an
    /// endpoint of Vertex AI, Bedrock, SageMaker or Databricks, the `id` of `/v1/models/{id}`.
    pub model: Option<Cow<'a, str>>,
    /// The model version that the path names (`versions/{v}`).
    pub model_version: Option<Cow<'a, str>>,
    /// The API's version: the path's `v1`, `v2`, `v1beta`; else Azure's query parameter `api-version`.
    pub api_version: Option<Cow<'a, str>>,
    /// The call counts the tokens of its body and generates nothing (`…/count_tokens`, `…/responses/input_tokens`,
    /// `…:countTokens`).
    pub counts_tokens: bool,
    /// The segments that hold `model`; what they hold behind it is its version or what is asked of it (`m:predict`).
    pub(crate) model_at: Range<usize>,
    /// Those are segments of a path whose encoded slashes are separators.
    pub(crate) is_resplit: bool,
}

/// Which API the request `method path` speaks. `path` is the `:path` header, with or without a query.
///
/// Any prefix is tolerated before the version (`/openai/v1/…`, `/tenant-a/v1/…`). What follows a version that is not one
/// is free too: `v1`, `v4` and `v1beta` are alike, and `openai` and the bare root count as one, as LiteLLM, Azure and
/// Gemini serve them. Tricks with slashes, dots, case and percent-encoding are read as the most tolerant upstream would
/// (see `path.rs`): it is better to judge a call that the upstream refuses than to miss one that it serves. An encoded
/// slash is part of a model's name first (`/v1/models/org%2Fname`), and a separator only where the path means nothing
/// otherwise (`/v1%2Fchat%2Fcompletions`). Names in the path are decoded once.
pub fn endpoint<'a>(method: &str, path: &'a str) -> Endpoint<'a> {
    let segments = path::segments(path);
    let mut endpoint = read(method, &segments);
    if endpoint.api == Api::Other && segments.iter().any(|segment| segment.contains(['/', '\\'])) {
        let split = read(method, &path::resplit(&segments));
        if split.api != Api::Other || endpoint.model.is_none() {
            endpoint = Endpoint { is_resplit: true, ..split };
        }
    }
    endpoint.api_version = endpoint.api_version.or_else(|| path::query(path, "api-version"));
    endpoint
}

/// Whether the path of `path` ends with these segments, read as tolerantly as [`endpoint`] reads: for the paths of calls that
/// it does not know (`/v1/moderations`).
pub fn path_ends(path: &str, tail: &[&str]) -> bool {
    let ends = |segments: &[Cow<'_, str>]| {
        let rest = segments.len().checked_sub(tail.len()).and_then(|at| segments.get(at..));
        rest.is_some_and(|rest| rest.iter().zip(tail).all(|(word, expected)| is_word(word, expected)))
    };
    let segments = path::segments(path);
    ends(&segments) || ends(&path::resplit(&segments))
}

/// The path's meaning, from its end: what is before the API's own part is a prefix.
fn read<'a>(method: &str, segments: &[Cow<'a, str>]) -> Endpoint<'a> {
    let mut endpoint = Endpoint {
        api: Api::Other,
        family: Family::OpenAi,
        model: None,
        model_version: None,
        api_version: None,
        counts_tokens: false,
        model_at: 0..0,
        is_resplit: false,
    };
    let words: Vec<&str> = segments.iter().map(|segment| segment.as_ref()).collect();
    if let Some((api, base)) = generation(&words, &mut endpoint.counts_tokens) {
        endpoint.api = if method == "POST" { api } else { Api::Other };
        endpoint.family = api.family();
        endpoint.name(segments, deployment(&words, base));
        endpoint.api_version = base.checked_sub(1).and_then(|at| segments.get(at)).filter(|v| is_version(v)).cloned();
    } else if let Some(at) = last_pair(&words, |version| is_word(version, "v2"), "models") {
        infer(method, segments, at, &mut endpoint);
    } else if let Some(at) = named_by_google(&words) {
        models(method, segments, at, &mut endpoint);
    } else if last_pair(&words, is_base, "messages").is_some() {
        endpoint.family = Family::Anthropic;
    } else if let Some(at) = last_pair(&words, |version| is_word(version, "v2"), "repository") {
        endpoint.family = Family::KServe;
        // Triton's `v2/repository/models/{model}/load`.
        if words.get(at + 2).is_some_and(|models| is_word(models, "models")) {
            endpoint.name(segments, at + 3..segments.len().saturating_sub(1));
        }
    } else if words.len() == 1 && words.first().is_some_and(|word| is_word(word, "models")) {
        models(method, segments, 0, &mut endpoint);
    }
    if endpoint.model.is_none() {
        endpoint.name(segments, any_deployment(&words));
    }
    endpoint.counts_tokens &= method == "POST";
    endpoint
}

impl<'a> Endpoint<'a> {
    /// Takes these segments for the model's name; none if there are none.
    fn name(&mut self, segments: &[Cow<'a, str>], at: Range<usize>) {
        self.model = joined(segments.get(at.clone()).unwrap_or_default());
        self.model_at = at;
    }
}

/// The API whose path `words` end with, and how many words are before it.
fn generation(words: &[&str], counts_tokens: &mut bool) -> Option<(Api, usize)> {
    let ends = |tail: &[&str]| {
        let base = words.len().checked_sub(tail.len())?;
        let same = words.get(base..)?.iter().zip(tail).all(|(word, expected)| is_word(word, expected));
        same.then_some(base)
    };
    // Two words are unmistakable behind any prefix; one word needs a version or a deployment before it.
    if let Some(base) = ends(&["chat", "completions"]) {
        return Some((Api::ChatCompletions, base));
    }
    let based =
        |tail: &[&str]| ends(tail).filter(|base| *base == 0 || is_prefix(words.get(..*base).unwrap_or_default()));
    for (tail, api) in [(["messages", "count_tokens"], Api::Messages), (["responses", "input_tokens"], Api::Responses)]
    {
        if let Some(base) = based(&tail) {
            *counts_tokens = true;
            return Some((api, base));
        }
    }
    for (tail, api) in [
        ("completions", Api::Completions),
        ("embeddings", Api::Embeddings),
        ("responses", Api::Responses),
        ("messages", Api::Messages),
    ] {
        if let Some(base) = based(&[tail]) {
            return Some((api, base));
        }
    }
    None
}

/// Whether `words` end as the base of an API does: a version, or a deployment.
fn is_prefix(words: &[&str]) -> bool {
    match words {
        [.., last] if is_base(last) => true,
        [.., kind, _] => is_deployments(kind),
        _ => false,
    }
}

/// Azure's `deployments`, and OpenAI's old `engines`.
fn is_deployments(word: &str) -> bool {
    is_one(word, &["deployments", "engines"])
}

/// Whether it is one of these words.
fn is_one(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| is_word(word, known))
}

/// `v1`, `v4`, `v1beta`, or `openai` in its place.
fn is_base(word: &str) -> bool {
    is_version(word) || is_word(word, "openai")
}

fn is_version(word: &str) -> bool {
    let mut bytes = word.bytes();
    matches!(bytes.next(), Some(b'v' | b'V')) && bytes.next().is_some_and(|byte| byte.is_ascii_digit())
}

/// Where the deployment stands that is named right before the API's part, which starts at `base`.
fn deployment(words: &[&str], base: usize) -> Range<usize> {
    let kind = base.checked_sub(2).and_then(|at| words.get(at));
    if kind.is_some_and(|kind| is_deployments(kind)) { base - 1..base } else { 0..0 }
}

/// Where the deployment of any other call stands: Azure's `openai/deployments/{name}/images/generations`, Bedrock's
/// `model/{name}/converse`, `endpoints/{name}/invocations` of SageMaker and `serving-endpoints/…` of Databricks.
fn any_deployment(words: &[&str]) -> Range<usize> {
    if let [before @ .., kind, _, action] = words
        && is_one(kind, &["model", "endpoints", "serving-endpoints"])
        && is_one(action, &INVOKED)
    {
        return before.len() + 1..before.len() + 2;
    }
    let Some(kind) = words.iter().rposition(|word| is_deployments(word)) else { return 0..0 };
    let based = kind.checked_sub(1).and_then(|before| words.get(before)).is_none_or(|before| is_base(before));
    if based && kind + 1 < words.len() { kind + 1..kind + 2 } else { 0..0 }
}

/// What is asked of a model by the name of its endpoint.
const INVOKED: [&str; 6] =
    ["converse", "converse-stream", "count-tokens", "invocations", "invoke", "invoke-with-response-stream"];

/// Where the last pair of a word that is `first` and the word `second` starts.
fn last_pair(words: &[&str], first: impl Fn(&str) -> bool, second: &str) -> Option<usize> {
    words.windows(2).rposition(|pair| matches!(pair, [one, two] if first(one) && is_word(two, second)))
}

/// Where the word before `models` stands, or before what Google names beside them: `tunedModels/{model}`, and on Vertex AI
/// `publishers/{publisher}/models/{model}` and `locations/{location}/endpoints/{endpoint}`.
fn named_by_google(words: &[&str]) -> Option<usize> {
    words.windows(2).enumerate().rposition(|(at, pair)| {
        let [before, kind] = pair else { return false };
        let group = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        is_base(before) && is_one(kind, &["models", "tunedModels"])
            || is_word(group, "publishers") && is_word(kind, "models")
            || is_word(group, "locations") && is_word(kind, "endpoints")
    })
}

/// `v2/models/{model}[/versions/{v}][/action]` at `at`.
fn infer<'a>(method: &str, segments: &[Cow<'a, str>], at: usize, endpoint: &mut Endpoint<'a>) {
    let rest = segments.get(at + 2..).unwrap_or_default();
    endpoint.family = Family::KServe;
    endpoint.api_version = segments.get(at).cloned();
    let (name, action) = match rest {
        [name @ .., action] if !name.is_empty() => (name, Some(action)),
        other => (other, None),
    };
    let name = match name {
        [model @ .., versions, version] if !model.is_empty() && is_word(versions, "versions") => {
            endpoint.model_version = Some(version.clone());
            model
        }
        // `…/versions/3` without an action describes that version.
        [model @ .., versions] if !model.is_empty() && is_word(versions, "versions") => {
            endpoint.model_version = action.cloned();
            model
        }
        other => other,
    };
    endpoint.name(segments, at + 2..at + 2 + name.len());
    if method == "POST" && action.is_some_and(|action| is_word(action, "infer")) {
        endpoint.api = Api::InferV2;
    }
}

/// `[v1/]models[/{id}[/versions/{v}|/labels/{l}][:verb]]`, where `models` comes after index `at`, or is at 0 itself.
fn models<'a>(method: &str, segments: &[Cow<'a, str>], at: usize, endpoint: &mut Endpoint<'a>) {
    endpoint.api_version = segments.get(at).filter(|version| is_version(version)).cloned();
    endpoint.name(segments, at + 2..segments.len());
    if matches!(method, "GET" | "HEAD") {
        // TensorFlow's `…/models/m/versions/3` and `…/metadata` are answered as an id that no list holds.
        endpoint.api = Api::Models;
        return;
    }
    let Some((name, verb)) = endpoint.model.as_deref().and_then(|model| model.rsplit_once(':')) else { return };
    let served = is_one(verb, &["predict", "explain", "classify", "regress"]);
    if method != "POST" || !(served || is_one(verb, &GEMINI)) {
        return;
    }
    if served {
        endpoint.family = Family::KServe;
        endpoint.api = if is_word(verb, "predict") { Api::PredictV1 } else { Api::Other };
    }
    endpoint.counts_tokens = is_one(verb, &["countTokens", "computeTokens"]);
    let part = ["/versions/", "/labels/"].iter().find_map(|part| name.rsplit_once(part));
    let (model, version) = part.map_or((name, None), |(model, version)| (model, Some(version.to_owned().into())));
    endpoint.model_version = version;
    endpoint.model = Some(Cow::Owned(model.to_owned()));
}

/// What Google's APIs ask of a model (Gemini API and Vertex AI, methods of `models`), besides `predict`.
const GEMINI: [&str; 12] = [
    "generateContent",
    "streamGenerateContent",
    "generateAnswer",
    "countTokens",
    "computeTokens",
    "embedContent",
    "batchEmbedContents",
    "asyncBatchEmbedContent",
    "batchGenerateContent",
    "predictLongRunning",
    "rawPredict",
    "streamRawPredict",
];

/// A name of one segment as it is, of several (`org/name` with a bare slash) with slashes again.
fn joined<'a>(segments: &[Cow<'a, str>]) -> Option<Cow<'a, str>> {
    match segments {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(Cow::Owned(many.join("/"))),
    }
}
