//! Which call a request is: what its method and path say, and what its body is said to be.

use chat::{Api, Family};
use plugin::Headers;
use serde::Deserialize;
use std::borrow::Cow;

/// The calls that have built-in schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// OpenAI chat completions.
    Chat,
    /// OpenAI completions (legacy).
    Completions,
    /// OpenAI embeddings.
    Embeddings,
    /// OpenAI responses.
    Responses,
    /// OpenAI moderations.
    Moderations,
    /// OpenAI image generations.
    Images,
    /// Anthropic messages.
    Messages,
    /// KServe v2 infer.
    Infer,
    /// KServe v1 predict.
    Predict,
    /// MLflow invocations.
    Invocations,
    /// Anything else.
    Other,
}

/// What a request's head says of it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which call.
    pub kind: Kind,
    /// The error shape of its callers.
    pub family: Family,
    /// The model that the path names.
    pub model: Option<String>,
    /// It only counts tokens.
    pub counts_only: bool,
}

impl Call {
    /// Reads method and path (with or without a query).
    pub fn new(method: &str, path: &str) -> Self {
        let endpoint = chat::endpoint(method, path);
        let ends = |tail: &[&str]| method == "POST" && chat::path_ends(path, tail);
        let (mut kind, mut family) = (kind(endpoint.api), endpoint.family);
        if kind == Kind::Other {
            // Mistral's `chat/moderations` takes conversations.
            if ends(&["moderations"]) && !ends(&["chat", "moderations"]) {
                kind = Kind::Moderations;
            } else if ends(&["images", "generations"]) {
                kind = Kind::Images;
            } else if ends(&["invocations"]) {
                (kind, family) = (Kind::Invocations, Family::KServe);
            }
        }
        // Gemini's count has no schema here.
        let counts_only = endpoint.counts_tokens && kind != Kind::Other;
        Self { kind, family, model: endpoint.model.map(Cow::into_owned), counts_only }
    }
}

fn kind(api: Api) -> Kind {
    match api {
        Api::ChatCompletions => Kind::Chat,
        Api::Completions => Kind::Completions,
        Api::Embeddings => Kind::Embeddings,
        Api::Responses => Kind::Responses,
        Api::Messages => Kind::Messages,
        Api::InferV2 => Kind::Infer,
        Api::PredictV1 => Kind::Predict,
        _ => Kind::Other,
    }
}

impl Kind {
    /// Whether the call's reference knows this media type beside JSON: there is no schema for such a body.
    pub fn takes(self, media_type: &str) -> bool {
        self == Self::Invocations && media_type == "text/csv"
    }
}

/// The media type of a message, in lower case and without parameters. Empty where there is none.
pub fn media_type(headers: &Headers) -> String {
    let value = headers.text("content-type").unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Says how many bytes of a KServe body are JSON; tensors in binary follow (KServe and Triton, "Binary Data Extension").
pub const JSON_LENGTH: &str = "inference-header-content-length";

/// Where the JSON of such a request ends. What is no length ends behind every body; a tensor alone (0) has no JSON.
pub fn json_end(kind: Kind, headers: &Headers) -> Option<usize> {
    let length = headers.text(JSON_LENGTH).filter(|_| kind == Kind::Infer)?;
    Some(length.parse().unwrap_or(usize::MAX)).filter(|length| *length > 0)
}

/// Whether a body of this type is JSON as a whole: `application/json`, `text/json`, `…+json`, or unsaid, and no tensors in
/// binary behind it.
pub fn is_json(media_type: &str, headers: &Headers) -> bool {
    let json = matches!(media_type, "" | "application/json" | "text/json") || media_type.ends_with("+json");
    json && !headers.has(JSON_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_known_by_their_paths() {
        for (path, expected) in [
            ("/v1/chat/completions", Kind::Chat),
            ("/openai/deployments/d/chat/completions?api-version=1", Kind::Chat),
            ("/v1/moderations", Kind::Moderations),
            ("//V1/%6doderations/", Kind::Moderations),
            ("/v1/chat/moderations", Kind::Other),
            ("/v1/images/generations", Kind::Images),
            ("/v1/images/edits", Kind::Other),
            ("/invocations", Kind::Invocations),
            ("/v2/models/m/infer", Kind::Infer),
            ("/v1/models/m:predict", Kind::Predict),
            ("/v1/messages/count_tokens", Kind::Messages),
            ("/v1/audio/transcriptions", Kind::Other),
        ] {
            assert_eq!(Call::new("POST", path).kind, expected, "{path}");
            assert_eq!(Call::new("GET", path).kind, Kind::Other, "{path}");
        }
        assert!(Call::new("POST", "/v1/messages/count_tokens").counts_only);
        assert!(!Call::new("POST", "/v1beta/models/gemini-3:countTokens").counts_only);
    }

    #[test]
    fn json_is_known_by_its_media_type() {
        let is = |value: &str| {
            let headers: Headers = [("content-type", value)].into_iter().collect();
            is_json(&media_type(&headers), &headers)
        };
        assert!(is("application/json; charset=utf-8") && is("Application/Vnd.Api+JSON") && is(""));
        assert!(
            !is("multipart/form-data; boundary=x") && !is("application/x-www-form-urlencoded") && !is("text/plain")
        );
        let binary: Headers = [("inference-header-content-length", "7")].into_iter().collect();
        assert!(!is_json("application/json", &binary));
        assert_eq!((json_end(Kind::Infer, &binary), json_end(Kind::Chat, &binary)), (Some(7), None));
    }
}
